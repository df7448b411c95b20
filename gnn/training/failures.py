"""One run of F2: a truth drawn for each seed, every model learned from it and judged on it.

Months are parted in three: those only looked back on, those learned from, and, after a gap, those
judged. Networks are parted in those learned from and those that are not. Each network has several
truths a seed, so that what is judged hangs less on which faults were drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gnn.baselines.boosting import BINNED, SETTINGS, lightgbm_for
from gnn.baselines.trees import Trees, trees_of
from gnn.errors import NothingToLearn
from gnn.failures.assets import Assets
from gnn.failures.columns import LOOKED_BACK, TABULAR, Sight
from gnn.failures.field import Past, fit_field
from gnn.failures.hazard import Truth, draw_truth
from gnn.failures.log import MONTH_US
from gnn.failures.models import MODELS, Risks, completed, fit_constant, fit_logistic
from gnn.failures.scores import score
from gnn.failures.table import HAZARD, SPLITS, Row
from gnn.training.seeds import with_each

Array = NDArray[np.float32]
Floats = NDArray[np.float64]
Tell = Callable[[str], None]

WANTED: Final = "training of risks"
TRAIN_MONTHS: Final = 18
GAP_MONTHS: Final = 1
TEST_MONTHS: Final = 12
MONTHS: Final = LOOKED_BACK + TRAIN_MONTHS + GAP_MONTHS + TEST_MONTHS
START_US: Final = 1_577_836_800_000_000
"""2020-01-01, where the first month begins."""
DRAWS: Final = {"learned": 2, "unseen": 4}
"""Truths of each network a seed."""
_APART: Final = 1000
"""Between the numbers of one draw and the next."""
_ROUNDS: Final = 150
_SETTINGS: Final[dict[str, Any]] = SETTINGS | {
    "objective": "binary",
    "min_data_in_leaf": 200,
    "learning_rate": 0.05,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.7,
    "lambda_l2": 5.0,
}


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Elements at issues: columns, whether they failed within 30 days, and the true chance."""

    columns: Array
    failed: NDArray[np.bool_]
    hazard: Floats

    @classmethod
    def of(cls, parts: Sequence[Seen]) -> Seen:
        """Several below each other."""
        return cls(
            np.concatenate([part.columns for part in parts]),
            np.concatenate([part.failed for part in parts]),
            np.concatenate([part.hazard for part in parts]),
        )


def seen_in(truth: Truth, first: int, stop: int, risks: Risks | None = None) -> Seen:
    """A network at the begin of each month of a stretch, with the frailties that risks make."""
    sight, size = Sight(truth.assets, truth.log), len(truth.assets)
    parts = []
    for month in range(first, stop):
        begin = truth.start_us + month * MONTH_US
        columns = sight.columns(begin)
        if risks is not None:
            columns = completed(columns, sight.past(begin), [risks])
        failed = truth.log.failed(size, begin, begin + MONTH_US)
        parts.append(Seen(columns, failed, truth.hazard[month]))
    return Seen.of(parts)


def past_of(truth: Truth, stop: int) -> Past:
    """The months of a network before one."""
    return Sight(truth.assets, truth.log).past(truth.start_us + stop * MONTH_US)


def run_failures(
    learned: Sequence[Assets],
    unseen: Sequence[Assets],
    seeds: Sequence[int],
    tell: Tell,
    workers: int = 1,
) -> tuple[dict[int, Risks], list[Row]]:
    """Learn and judge with each seed: the models, and all rows of the table.

    Raises:
        NothingToLearn: there is no network, or nothing in it can fail.
        MissingExtra: lightgbm is not installed.
    """
    if not sum(map(len, learned)) or not sum(map(len, unseen)):
        raise NothingToLearn(
            "there are no networks with cables, transformers or switches to learn from",
            hint="give --towns N and --unseen N, one at least",
        )
    runs = with_each(seeds, partial(_run, learned, unseen), workers)
    rows = [row for _, mine in runs for row in mine]
    tell(f"learned with {len(seeds)} seeds, judged on {sum(r.count for r in rows):,} risks")
    return {seed: risks for seed, (risks, _) in zip(seeds, runs, strict=True)}, rows


def _run(learned: Sequence[Assets], unseen: Sequence[Assets], seed: int) -> tuple[Risks, list[Row]]:
    mine = _truths(learned, seed, 0, DRAWS["learned"])
    others = _truths(unseen, seed, len(learned), DRAWS["unseen"])
    stop, rows = LOOKED_BACK + TRAIN_MONTHS, []
    train = Seen.of([seen_in(truth, LOOKED_BACK, stop) for truth in mine])
    risks = fit_risks(train, [past_of(truth, stop) for truth in mine], seed)
    for split, those in zip(SPLITS, (mine, others), strict=True):
        test = Seen.of([seen_in(t, stop + GAP_MONTHS, MONTHS, risks) for t in those])
        rows += _judged(risks, test, split, seed)
    return risks, rows


def fit_risks(train: Seen, pasts: Sequence[Past], seed: int) -> Risks:
    """Learn all models: tables from rows, processes from the months of networks.

    Raises:
        MissingExtra: lightgbm is not installed.
    """
    return Risks(
        fit_constant(train.columns, train.failed),
        fit_logistic(train.columns, train.failed),
        _trees(train.columns[:, :TABULAR], train.failed, seed),
        fit_field(pasts, seed, alone=True),
        fit_field(pasts, seed),
    )


def _trees(columns: Array, failed: NDArray[np.bool_], seed: int) -> Trees:
    lightgbm = lightgbm_for(WANTED)
    data = lightgbm.Dataset(columns, failed.astype(float), params=BINNED)
    booster = lightgbm.train(_SETTINGS | {"seed": seed}, data, _ROUNDS)
    return trees_of([booster.dump_model()["tree_info"]])


def _truths(networks: Sequence[Assets], seed: int, first: int, draws: int) -> list[Truth]:
    return [
        draw_truth(network, MONTHS, START_US, 10_000 * seed + _APART * draw + first + at)
        for draw in range(draws)
        for at, network in enumerate(networks)
    ]


def _judged(risks: Risks, test: Seen, split: str, seed: int) -> list[Row]:
    said = {name: risks.said(name, test.columns) for name in MODELS} | {HAZARD: test.hazard}
    rows = []
    for name, each in said.items():
        found = score(each, test.failed)
        if found is not None:
            rows.append(Row(split=split, model=name, seed=seed, **asdict(found)))
    return rows
