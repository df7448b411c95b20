"""Who says a risk: a constant rate of the kind, a logistic regression, boosted trees, or a point
process, by itself and as a field on the graph.

All are plain arrays and answer with numpy and scipy. Trees give the logarithm of the odds, and so
does the regression, on columns less their mean over their spread; a process gives faults a month:

    risk = 1 / (1 + exp(-(b + x w))),   risk = 1 - exp(-r exp(z))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from gnn.baselines.trees import Trees
from gnn.failures.columns import FRAILTY, TABULAR, WATCHED_AT
from gnn.failures.field import Field, Past
from graph_service.ports.failure_predictor import KINDS

Array = NDArray[np.float32]
Floats = NDArray[np.float64]

CONSTANT, LOGISTIC, BOOSTED, PROCESS, GRAPH = (
    "rate of the kind",
    "logistic regression",
    "boosted",
    "point process",
    "field on the graph",
)
MODELS: Final = (CONSTANT, LOGISTIC, BOOSTED, PROCESS, GRAPH)
"""All by name; the last one is the graph model."""
_PULL: Final = 1.0
_ROUNDS: Final = 200
_LEAST_SPREAD: Final = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Risks:
    """What was learned with one seed.

    Attributes:
        constant: `rates`, float64[kinds].
        logistic: `mean`, `spread`, `weights` float64[columns], `bias` float64[1].
        boosted: Trees on the columns of a table with neighbours.
        process: A point process without frailties, from itself and its neighbours.
        graph: The same with frailties, and neighbours of neighbours.
    """

    constant: Mapping[str, Floats]
    logistic: Mapping[str, Floats]
    boosted: Trees
    process: Field
    graph: Field

    def said(self, name: str, columns: Array) -> Floats:
        """Risks by one of the models, float64[k] from float32[k, columns], completed for the graph
        model."""
        if name == CONSTANT:
            kinds = columns[:, : len(KINDS)].argmax(axis=1)
            found: Floats = self.constant["rates"][kinds]
            return found
        if name == LOGISTIC:
            scaled = (columns[:, :TABULAR] - self.logistic["mean"]) / self.logistic["spread"]
            odds: Floats = scaled @ self.logistic["weights"] + self.logistic["bias"]
            return np.asarray(expit(odds))
        if name == BOOSTED:
            said = self.boosted.predict(columns[:, :TABULAR])[:, 0]
            return np.asarray(expit(said.astype(np.float64)))
        field, z = (self.process, 0.0) if name == PROCESS else (self.graph, columns[:, FRAILTY])
        return np.asarray(-np.expm1(-field.rates(columns[:, WATCHED_AT]) * np.exp(z)))


def completed(columns: Array, past: Past, risks: Sequence[Risks]) -> Array:
    """Columns with the frailties that graph models make of the months before; their mean."""
    found = columns.copy()
    found[:, FRAILTY] = np.mean([one.graph.frailty(past) for one in risks], axis=0)
    return found


def fit_constant(columns: Array, failed: NDArray[np.bool_]) -> dict[str, Floats]:
    """Share of each kind that failed, one pseudo-month of the mean of all beside it."""
    kinds = columns[:, : len(KINDS)].argmax(axis=1)
    overall = float(failed.mean())
    bad = np.bincount(kinds, failed, len(KINDS)) + overall
    return {"rates": bad / (np.bincount(kinds, minlength=len(KINDS)) + 1.0)}


def fit_logistic(columns: Array, failed: NDArray[np.bool_]) -> dict[str, Floats]:
    """Maximum likelihood with a pull of the weights towards 0, by L-BFGS."""
    shown = columns[:, :TABULAR].astype(np.float64)
    mean, spread = shown.mean(axis=0), shown.std(axis=0)
    spread = np.where(spread > _LEAST_SPREAD, spread, 1.0)
    x, came = (shown - mean) / spread, failed.astype(np.float64)
    share = float(np.clip(failed.mean(), 1e-6, 1 - 1e-6))

    def loss(w: Floats) -> tuple[float, Floats]:
        odds = x @ w[:-1] + w[-1]
        missed = expit(odds) - came
        value = float(np.mean(np.logaddexp(0, odds) - came * odds))
        pull = _PULL / len(x)
        slope = np.append(x.T @ missed / len(x) + pull * w[:-1], missed.mean())
        return value + pull / 2 * float(w[:-1] @ w[:-1]), slope

    begin = np.append(np.zeros(TABULAR), np.log(share / (1 - share)))
    w = minimize(loss, begin, jac=True, method="L-BFGS-B", options={"maxiter": _ROUNDS}).x
    return {"mean": mean, "spread": spread, "weights": w[:-1], "bias": w[-1:]}
