"""Scores of risks: does the list begin with what failed, and is a risk of 2 % two in a hundred.

AUROC: the chance that what failed was said to be riskier than what did not. Average precision:
mean share of failed ones in the list down to each of them. Brier: mean squared error. Calibration:
failed over said, of all (`observed`), and of the riskiest tenth (`observed_top`). Lift: share
failed among the riskiest 5 %, over the share of all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Floats = NDArray[np.float64]
_TOP, _TENTH = 0.05, 0.1


@dataclass(frozen=True, slots=True)
class Score:
    """How well risks did over `count` elements and months, of which `failed` failed."""

    count: int
    failed: int
    auroc: float
    average_precision: float
    brier: float
    observed: float
    observed_top: float
    lift: float


def score(risks: Floats, failed: NDArray[np.bool_]) -> Score | None:
    """Score risks; None where nothing failed, or everything did."""
    bad = int(failed.sum())
    good = len(failed) - bad
    if not bad or not good:
        return None
    ranks = rankdata(risks)
    order = np.argsort(-risks, kind="stable")
    hits = failed[order]
    found = np.cumsum(hits)
    precision = found / np.arange(1, len(hits) + 1)
    top, tenth = max(int(_TOP * len(hits)), 1), max(int(_TENTH * len(hits)), 1)
    return Score(
        count=len(failed),
        failed=bad,
        auroc=float((ranks[failed].sum() - bad * (bad + 1) / 2) / (bad * good)),
        average_precision=float(precision[hits].mean()),
        brier=float(np.mean((risks - failed) ** 2)),
        observed=float(bad / max(risks.sum(), 1e-12)),
        observed_top=float(found[tenth - 1] / max(risks[order[:tenth]].sum(), 1e-12)),
        lift=float(found[top - 1] / top / (bad / len(failed))),
    )
