"""One run of F2: a truth drawn for each seed, every model learned from it and judged on it.

Months are parted in three: those only looked back on, those learned from, and, after a gap, those
judged. Networks are parted in those learned from and those that are not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gnn.baselines.boosting import BINNED, SETTINGS, lightgbm_for
from gnn.baselines.trees import Trees, trees_of
from gnn.errors import NothingToLearn
from gnn.failures.assets import Assets
from gnn.failures.columns import LOOKED_BACK, TABULAR, Sight
from gnn.failures.hazard import Truth, draw_truth
from gnn.failures.log import MONTH_US
from gnn.failures.models import MODELS, Risks, fit_constant, fit_logistic
from gnn.failures.scores import score
from gnn.failures.table import HAZARD, SPLITS, Row

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


def seen_in(truth: Truth, first: int, stop: int) -> Seen:
    """A network at the begin of each month of a stretch."""
    sight, size = Sight(truth.assets, truth.log), len(truth.assets)
    parts = []
    for month in range(first, stop):
        begin = truth.start_us + month * MONTH_US
        failed = truth.log.failed(size, begin, begin + MONTH_US)
        parts.append(Seen(sight.columns(begin), failed, truth.hazard[month]))
    return Seen.of(parts)


def run_failures(
    learned: Sequence[Assets], unseen: Sequence[Assets], seeds: Sequence[int], tell: Tell
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
    risks, rows = {}, []
    stop = LOOKED_BACK + TRAIN_MONTHS
    for seed in seeds:
        truths = [_truth(network, seed, at) for at, network in enumerate([*learned, *unseen])]
        mine, others = truths[: len(learned)], truths[len(learned) :]
        train = Seen.of([seen_in(truth, LOOKED_BACK, stop) for truth in mine])
        risks[seed] = fit_risks(train, seed)
        tell(f"seed {seed}: {len(train.failed):,} rows, {int(train.failed.sum()):,} faults")
        for split, those in zip(SPLITS, (mine, others), strict=True):
            test = Seen.of([seen_in(t, stop + GAP_MONTHS, MONTHS) for t in those])
            rows += _judged(risks[seed], test, split, seed)
    return risks, rows


def fit_risks(train: Seen, seed: int) -> Risks:
    """Learn all models from the same rows.

    Raises:
        MissingExtra: lightgbm is not installed.
    """
    return Risks(
        fit_constant(train.columns, train.failed),
        fit_logistic(train.columns, train.failed),
        _trees(train.columns[:, :TABULAR], train.failed, seed),
        _trees(train.columns, train.failed, seed),
    )


def _trees(columns: Array, failed: NDArray[np.bool_], seed: int) -> Trees:
    lightgbm = lightgbm_for(WANTED)
    data = lightgbm.Dataset(columns, failed.astype(float), params=BINNED)
    booster = lightgbm.train(_SETTINGS | {"seed": seed}, data, _ROUNDS)
    return trees_of([booster.dump_model()["tree_info"]])


def _truth(network: Assets, seed: int, number: int) -> Truth:
    return draw_truth(network, MONTHS, START_US, 10_000 * seed + number)


def _judged(risks: Risks, test: Seen, split: str, seed: int) -> list[Row]:
    said = {name: risks.said(name, test.columns) for name in MODELS} | {HAZARD: test.hazard}
    rows = []
    for name, each in said.items():
        found = score(each, test.failed)
        if found is not None:
            rows.append(Row(split=split, model=name, seed=seed, **asdict(found)))
    return rows
