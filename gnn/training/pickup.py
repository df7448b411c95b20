"""One run of L3: outages of simulated houses, every model learned on some and judged on others.

Each seed draws houses for three kinds of places: some to learn from, others to calibrate with,
others to be judged on. Every feeder has outages of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gnn.baselines.boosting import BINNED, SETTINGS, lightgbm_for
from gnn.baselines.trees import Trees, trees_of
from gnn.pickup.calibrating import QUANTILES, shifts_of
from gnn.pickup.columns import columns
from gnn.pickup.houses import STEP_MIN, Curves, Houses, draw_houses, run
from gnn.pickup.models import BOOSTED, MEAN, MODELS, Pickup, fit_table, mean_of
from gnn.pickup.table import LEVELS, SPLITS, Row
from gnn.training.seeds import with_each

Array = NDArray[np.float32]
Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Tell = Callable[[str], None]

WANTED: Final = "training of peaks after outages"
TRANSFORMERS: Final = 960
"""Of each kind of places, in feeders of `_OF_A_FEEDER`."""
ROUNDS: Final = {"train": 8, "calibrate": 8, "test": 8}
"""Outages of each feeder."""
_OF_A_FEEDER: Final = 10
_APART: Final = 1_000_000
"""Between the numbers of outages of one seed and the next."""
_SHORTEST_MIN, _LONGEST_MIN = 10.0, 720.0
_COLDEST_C, _WARMEST_C = -12.0, 20.0
_FORECAST_NOISE: Final = 0.07
_SLOPE_NOISE: Final = 0.2
_SOME, _NONE, _ALL = 0.5, 0.0, 1.0
"""Share of places whose slope is known: while learning, and in the splits."""
_TREES: Final = 150
_SETTINGS: Final[dict[str, Any]] = SETTINGS | {
    "objective": "quantile",
    "min_data_in_leaf": 30,
    "learning_rate": 0.06,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
}


@dataclass(frozen=True, slots=True, eq=False)
class Outages:
    """Places after outages, one row each.

    Attributes:
        columns: See `pickup.columns`.
        forecast, peak: kW.
        hours: Until the load is as usual.
        levels: Indexes of `table.LEVELS`.
        outages: Which outage it was.
    """

    columns: Array
    forecast: Floats
    peak: Floats
    hours: Floats
    levels: Codes
    outages: Codes

    @classmethod
    def of(cls, parts: Sequence[Outages]) -> Outages:
        """Several below each other."""
        return cls(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(cls)))

    @property
    def logs(self) -> Floats:
        """Logarithm of peak over forecast."""
        found: Floats = np.log(self.peak / self.forecast)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """One seed: what was learned, what calibrates, and the outages it is judged on, by split."""

    seed: int
    learned: Pickup
    days: Outages
    tests: tuple[Outages, ...]


def run_pickup(
    seeds: Sequence[int],
    tell: Tell,
    transformers: int = TRANSFORMERS,
    rounds: dict[str, int] = ROUNDS,
    workers: int = 1,
) -> tuple[Pickup, list[Row]]:
    """Learn and judge with each seed: the mean of what was learned, and all rows of the table.

    Raises:
        MissingExtra: lightgbm is not installed.
    """
    runs = with_each(seeds, partial(_run, transformers, rounds), workers)
    tell(f"learned with {len(seeds)} seeds from {transformers:,} transformers each")
    mean = _mean(runs)
    return mean, [row for each in runs for row in _judged(each, mean)]


def _mean(runs: Sequence[_Run]) -> Pickup:
    """The mean of all seeds, calibrated where none of them has learned."""
    unmoved = mean_of([each.learned for each in runs], {})
    days = Outages.of([replace(each.days, outages=each.days.outages + at * _APART)
                       for at, each in enumerate(runs)])  # fmt: skip
    return replace(unmoved, shifts=_shifts(unmoved.peak, unmoved.hours, days))


def _run(transformers: int, rounds: dict[str, int], seed: int) -> _Run:
    chance = np.random.default_rng(seed)
    mine, calibrating, others = (draw_houses(transformers, chance) for _ in range(3))
    [train] = outages_of(mine, rounds["train"], [_SOME], chance)
    days = Outages.of(outages_of(calibrating, rounds["calibrate"], [_NONE, _ALL], chance))
    later = outages_of(mine, rounds["test"], [_SOME], chance)
    unseen = outages_of(others, rounds["test"], [_NONE, _ALL], chance)
    return _Run(seed, fit_pickup(train, days, seed), days, (*later, *unseen))


def outages_of(
    houses: Houses, rounds: int, shares: Sequence[float], chance: np.random.Generator
) -> list[Outages]:
    """In every round each feeder has an outage of its own, longer ones from round to round.

    Args:
        houses: Whose.
        rounds: The range of durations is parted in so many, alike by the logarithm.
        shares: The same outages are asked for once for each, with that share of the places saying
            how much more they use for a kelvin less.
        chance: Of durations, temperatures, hours, and of what is known.
    """
    feeders = np.arange(houses.owner[-1] + 1) // _OF_A_FEEDER
    found: list[list[Outages]] = [[] for _ in shares]
    for number in range(rounds):
        drawn = _drawn(number / rounds, (number + 1) / rounds, int(feeders[-1]) + 1, chance)
        minutes, degrees, hour = drawn[:, feeders[houses.owner]]
        curves = run(houses, minutes, degrees, hour, chance)
        for asked, known in zip(found, shares, strict=True):
            for level in range(len(LEVELS)):
                one = _asked(houses, curves, feeders, drawn, level, known, chance)
                asked.append(replace(one, outages=one.outages + number * len(drawn[0])))
    return [Outages.of(parts) for parts in found]


def _drawn(low: float, high: float, count: int, chance: np.random.Generator) -> Floats:
    """Minutes, temperatures and hours of some outages, float64[3, count]."""
    longer = np.log(_LONGEST_MIN / _SHORTEST_MIN)
    minutes = _SHORTEST_MIN * np.exp(chance.uniform(low, high, count) * longer)
    degrees = chance.uniform(_COLDEST_C, _WARMEST_C, count)
    return np.stack([minutes, degrees, chance.uniform(0, 24, count)])


def _asked(
    houses: Houses,
    curves: Curves,
    feeders: Codes,
    drawn: Floats,
    level: int,
    known: float,
    chance: np.random.Generator,
) -> Outages:
    """All places of a level after the outages drawn, one a feeder."""
    every = houses.per_transformer(np.ones(len(houses)))
    group = feeders if level else np.arange(len(every))
    outages = np.unique(feeders) if level else feeders

    def summed(values: Floats) -> Floats:
        return np.bincount(group, values).astype(np.float64)

    after, usual = (np.stack([summed(s) for s in each]) for each in (curves.after, curves.usual))
    joined = Curves(after, usual)
    hour = usual[: round(60 / STEP_MIN)].mean(axis=0)
    size = len(hour)
    forecast = hour * np.exp(_FORECAST_NOISE * chance.standard_normal(size))
    ua = houses.per_transformer(houses.heats * houses.ua_kw / houses.cop)
    slope = summed(ua) * np.exp(_SLOPE_NOISE * chance.standard_normal(size))
    mean = summed(houses.per_transformer(houses.base_kw)) + 0.2 * summed(every)
    three = summed(houses.per_transformer((houses.heats | (houses.car_kw > 0)).astype(float)))
    minutes, degrees, at_hour = drawn[:, outages]
    shown = columns(
        minutes,
        degrees,
        at_hour,
        customers=summed(every),
        forecast_kw=forecast,
        mean_kw=mean,
        three_phase=three / summed(every),
        slope_kw=np.where(chance.random(size) < known, slope, np.nan),
    )
    settled, levels = joined.hours_to_settle(), np.full(size, level)
    return Outages(shown, forecast, joined.peaks(), settled, levels, outages)


def fit_pickup(train: Outages, days: Outages, seed: int) -> Pickup:
    """Learn the table and the trees from some outages, and the shifts of quantiles from others.

    Raises:
        MissingExtra: lightgbm is not installed.
    """
    table = {
        "peak": fit_table(train.columns, train.peak / train.forecast),
        "hours": fit_table(train.columns, train.hours),
    }
    peak, hours = (_trees(train.columns, x, seed) for x in (train.logs, np.log1p(train.hours)))
    return Pickup(table, peak, hours, _shifts(peak, hours, days))


def _shifts(peak: Trees, hours: Trees, days: Outages) -> dict[str, Floats]:
    found = {}
    for name, trees, came in (("peak", peak, days.logs), ("hours", hours, np.log1p(days.hours))):
        missed = came[:, None] - trees.predict(days.columns).astype(np.float64)
        found[name] = shifts_of(missed, days.columns, days.levels, days.outages, len(LEVELS))
    return found


def _trees(shown: Array, target: Floats, seed: int) -> Trees:
    lightgbm = lightgbm_for(WANTED)
    data = lightgbm.Dataset(shown, target, params=BINNED)
    made = [
        lightgbm.train(_SETTINGS | {"alpha": share, "seed": seed}, data, _TREES)
        for share in QUANTILES
    ]
    return trees_of([booster.dump_model()["tree_info"] for booster in made])


def _judged(one: _Run, mean: Pickup) -> list[Row]:
    """Rows of one seed; the mean of all is judged only where none of them has learned."""
    rows = []
    for split, test in zip(SPLITS, one.tests, strict=True):
        for name in MODELS:
            rows += _scored(split, name, one.seed, test, one.learned, name)
        if split != SPLITS[0]:
            rows += _scored(split, MEAN, one.seed, test, mean, BOOSTED)
    return rows


def _scored(
    split: str, shown: str, seed: int, test: Outages, learned: Pickup, name: str
) -> list[Row]:
    said = learned.ratios(name, test.columns, test.levels) * test.forecast[:, None]
    settling = learned.settling(name, test.columns, test.levels)
    shares, rows = np.array(QUANTILES), []
    for code, level in enumerate(LEVELS):
        mine = test.levels == code
        came, mean = test.peak[mine], float(test.peak[mine].mean())
        missed = came[:, None] - said[mine]
        inside = (came >= said[mine, 0]) & (came <= said[mine, -1])
        rows.append(
            Row(
                level,
                split,
                shown,
                seed,
                len(came),
                float(np.abs(missed[:, 1]).mean()) / mean,
                float(np.maximum(shares * missed, (shares - 1) * missed).mean()) / mean,
                float(inside.mean()),
                float(np.abs(settling[mine, 1] - test.hours[mine]).mean()),
            )
        )
    return rows
