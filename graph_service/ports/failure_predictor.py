"""What we ask of a predictor of failures: how likely an element fails within the next 30 days.

It is found like a predictor of loads (`ports.predictor`), in the same entry point group under the
name `failure`:

    [project.entry-points."gridstrata.predictors"]
    failure = "gnn.predict.failures:open_predictor"

Every one owes: nothing enters an answer that began after `issued_us` or was known after `known_us`;
the same question on the same data gives the same numbers; one answer an element, in the order
asked; it never raises for missing data but says so; it writes nothing; it may be asked from several
threads. It knows no scopes: who may ask for which element is decided before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from graph_service.ports.graph_store import GraphStore
from graph_service.ports.predictor import Rung
from graph_service.ports.timeline_store import TimelineStore

FAILURE: Final = "failure"
"""The name of a failure predictor in the group `ports.predictor.GROUP`."""

DAYS: Final = 30
"""Risks are of so many days from the issue on."""

KINDS: Final = ("ACLineSegment", "PowerTransformer", "Switch")
"""Classes of which risks are said, with what is more special."""


@dataclass(frozen=True, slots=True)
class FailureQuestion:
    """Which risks are asked for.

    Attributes:
        elements: `model_set/mRID`, all of one model set.
        issued_us: The time it is asked from, microseconds since 1970; nothing later is looked at.
        known_us: Look only at what was known then; None for `issued_us`.
    """

    elements: tuple[str, ...]
    issued_us: int
    known_us: int | None = None


@dataclass(frozen=True, slots=True)
class RiskFactor:
    """What makes a risk higher or lower.

    Attributes:
        name: What it is about (`age`, `neighbours`).
        value: What the element has, in `unit`; None where that is several numbers.
        unit: Of the value.
        times: The risk over what it would be with what is usual in this network.
    """

    name: str
    value: float | None
    unit: str
    times: float


@dataclass(frozen=True, slots=True)
class RiskModel:
    """Who answers and how well it did in its own evaluation.

    Attributes:
        name: Of the model or baseline.
        version: Of the bundle it comes from.
        trained_on: What data, in words, with the hash of the data.
        average_precision: On networks it had not seen.
        baseline: The best other one in the same evaluation.
        baseline_precision: The same figure of that one.
    """

    name: str
    version: str
    trained_on: str
    average_precision: float
    baseline: str
    baseline_precision: float


@dataclass(frozen=True, slots=True)
class FailureRisk:
    """What is said of one element.

    Attributes:
        element: As it was asked.
        probability: Of a fault within `DAYS` days; None on the rung NOTHING.
        rung: Which step of the ladder this is (`ports.predictor.Rung`).
        model: Who answers; None on the rung NOTHING.
        factors: What makes it high or low, the strongest first.
        missing: Inputs that were not there, in words.
        reason: Why it is not the rung MODEL; empty where it is.
    """

    element: str
    probability: float | None
    rung: Rung
    model: RiskModel | None
    factors: tuple[RiskFactor, ...] = ()
    missing: tuple[str, ...] = ()
    reason: str = ""


class FailurePredictor(Protocol):
    """Risks of elements in one graph, from its structure and its events."""

    def risks(self, question: FailureQuestion) -> list[FailureRisk]:
        """Answer a question, one risk an element.

        Raises:
            StoreError: the stores cannot be read.
        """
        ...


FailurePredictorFactory = Callable[[GraphStore, TimelineStore], FailurePredictor]
"""Makes a predictor over two stores; cheap, what takes time is done when first asked.

Raises a GridStrataError where its bundle is damaged or foreign.
"""
