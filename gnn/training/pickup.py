"""One run of L3: outages of simulated houses, every model learned on some and judged on others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gnn.baselines.boosting import BINNED, SETTINGS, lightgbm_for
from gnn.baselines.trees import Trees, trees_of
from gnn.pickup.columns import columns
from gnn.pickup.houses import STEP_MIN, Curves, Houses, draw_houses, run
from gnn.pickup.models import MODELS, QUANTILES, Pickup, fit_table, shifts_of
from gnn.pickup.table import LEVELS, SPLITS, Row

Array = NDArray[np.float32]
Floats = NDArray[np.float64]
Tell = Callable[[str], None]

WANTED: Final = "training of peaks after outages"
TRANSFORMERS: Final = 48
OUTAGES: Final = {"train": 50, "calibrate": 16, "test": 16}
_OF_A_FEEDER: Final = 10
_FORECAST_NOISE: Final = 0.07
_SLOPE_NOISE: Final = 0.2
_KNOWN: Final = 0.5
"""Share of places whose slope is known while learning."""
_ROUNDS: Final = 150
_SETTINGS: Final[dict[str, Any]] = SETTINGS | {
    "objective": "quantile",
    "min_data_in_leaf": 30,
    "learning_rate": 0.06,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
}


@dataclass(frozen=True, slots=True, eq=False)
class Outages:
    """Places after outages: columns, and by place forecast and peak in kW, hours until as usual.

    `levels` are indexes of `table.LEVELS`.
    """

    columns: Array
    forecast: Floats
    peak: Floats
    hours: Floats
    levels: NDArray[np.int64]

    @classmethod
    def of(cls, parts: Sequence[Outages]) -> Outages:
        """Several below each other."""
        return cls(
            np.concatenate([part.columns for part in parts]),
            np.concatenate([part.forecast for part in parts]),
            np.concatenate([part.peak for part in parts]),
            np.concatenate([part.hours for part in parts]),
            np.concatenate([part.levels for part in parts]),
        )

    @property
    def logs(self) -> Floats:
        """Logarithm of peak over forecast."""
        found: Floats = np.log(self.peak / self.forecast)
        return found


def run_pickup(
    seeds: Sequence[int],
    tell: Tell,
    transformers: int = TRANSFORMERS,
    outages: dict[str, int] = OUTAGES,
) -> tuple[dict[int, Pickup], list[Row]]:
    """Learn and judge with each seed: the models, and all rows of the table.

    Raises:
        MissingExtra: lightgbm is not installed.
    """
    learned, rows = {}, []
    for seed in seeds:
        chance = np.random.default_rng(seed)
        mine, others = (draw_houses(transformers, chance) for _ in range(2))
        made = {part: outages_of(mine, count, _KNOWN, chance) for part, count in outages.items()}
        learned[seed] = fit_pickup(made["train"], made["calibrate"], seed)
        tell(f"seed {seed}: learned from {len(made['train'].peak):,} peaks")
        asked = (
            made["test"],
            outages_of(others, outages["test"], 0.0, chance),
            outages_of(others, outages["test"], 1.0, chance),
        )
        for split, test in zip(SPLITS, asked, strict=True):
            rows += _judged(learned[seed], test, split, seed)
    return learned, rows


def outages_of(houses: Houses, count: int, known: float, chance: np.random.Generator) -> Outages:
    """Outages of drawn durations, temperatures and hours, at every transformer and feeder."""
    parts = []
    for _ in range(count):
        minutes = float(np.exp(chance.uniform(np.log(10), np.log(720))))
        outdoor, hour = float(chance.uniform(-12, 20)), float(chance.uniform(0, 24))
        curves = run(houses, minutes, outdoor, hour, chance)
        for level in range(len(LEVELS)):
            parts.append(_asked(houses, curves, (minutes, outdoor, hour), level, known, chance))
    return Outages.of(parts)


def _asked(
    houses: Houses,
    curves: Curves,
    outage: tuple[float, float, float],
    level: int,
    known: float,
    chance: np.random.Generator,
) -> Outages:
    every = houses.per_transformer(np.ones(len(houses)))
    group = np.arange(len(every)) // (_OF_A_FEEDER if level else 1)

    def summed(values: Floats) -> Floats:
        return np.bincount(group, values).astype(np.float64)

    joined = Curves(
        np.stack([summed(step) for step in curves.after]),
        np.stack([summed(step) for step in curves.usual]),
    )
    hour = joined.usual[: round(60 / STEP_MIN)].mean(axis=0)
    size = len(hour)
    forecast = hour * np.exp(_FORECAST_NOISE * chance.standard_normal(size))
    ua = houses.per_transformer(houses.heats * houses.ua_kw / houses.cop)
    slope = summed(ua) * np.exp(_SLOPE_NOISE * chance.standard_normal(size))
    mean = summed(houses.per_transformer(houses.base_kw)) + 0.2 * summed(every)
    three = summed(houses.per_transformer((houses.heats | (houses.car_kw > 0)).astype(float)))
    shown = columns(
        *outage,
        customers=summed(every),
        forecast_kw=forecast,
        mean_kw=mean,
        three_phase=three / summed(every),
        slope_kw=np.where(chance.random(size) < known, slope, np.nan),
    )
    levels = np.full(size, level)
    return Outages(shown, forecast, joined.peaks(), joined.hours_to_settle(), levels)


def fit_pickup(train: Outages, days: Outages, seed: int) -> Pickup:
    """Learn the table, the trees, and the shifts of their quantiles.

    Raises:
        MissingExtra: lightgbm is not installed.
    """
    ratios, settling = train.peak / train.forecast, np.log1p(train.hours)
    table = {
        "peak": fit_table(train.columns, ratios),
        "hours": fit_table(train.columns, train.hours),
    }
    peak, hours = (_trees(train.columns, each, seed) for each in (train.logs, settling))
    shifts = {
        "peak": shifts_of(peak.predict(days.columns).astype(np.float64), days.logs),
        "hours": shifts_of(hours.predict(days.columns).astype(np.float64), np.log1p(days.hours)),
    }
    return Pickup(table, peak, hours, shifts)


def _trees(shown: Array, target: Floats, seed: int) -> Trees:
    lightgbm = lightgbm_for(WANTED)
    data = lightgbm.Dataset(shown, target, params=BINNED)
    made = [
        lightgbm.train(_SETTINGS | {"alpha": share, "seed": seed}, data, _ROUNDS)
        for share in QUANTILES
    ]
    return trees_of([booster.dump_model()["tree_info"] for booster in made])


def _judged(learned: Pickup, test: Outages, split: str, seed: int) -> list[Row]:
    rows = []
    for name in MODELS:
        said = learned.ratios(name, test.columns) * test.forecast[:, None]
        settling = learned.settling(name, test.columns)
        for code, level in enumerate(LEVELS):
            mine = test.levels == code
            came, mean = test.peak[mine], float(test.peak[mine].mean())
            missed = came[:, None] - said[mine]
            shares = np.array(QUANTILES)
            inside = (came >= said[mine, 0]) & (came <= said[mine, -1])
            rows.append(
                Row(
                    level,
                    split,
                    name,
                    seed,
                    len(came),
                    float(np.abs(missed[:, 1]).mean()) / mean,
                    float(np.maximum(shares * missed, (shares - 1) * missed).mean()) / mean,
                    float(inside.mean()),
                    float(np.abs(settling[mine, 1] - test.hours[mine]).mean()),
                )
            )
    return rows
