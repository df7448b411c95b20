"""How likely elements fail within the next 30 days, as the installed predictor says.

A risk is made of what is known of the whole network: ages, customers, faults of other elements. So
a caller with bounds is told only where every cable, transformer, switch and usage point of the
model set may be seen. Nothing is kept; the answer of a moment can be had again with `asOf`.

Limits: one model set at a time; what lies in several gets an answer for each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from graph_service.domain.access import Scope
from graph_service.domain.errors import GridStrataError, InvalidCall
from graph_service.domain.readings import to_us
from graph_service.domain.scopes import ScopeQuestion
from graph_service.ports.failure_predictor import (
    FAILURE,
    KINDS,
    FailurePredictor,
    FailureQuestion,
    FailureRisk,
)
from graph_service.services.network import Network
from graph_service.services.opened import Opened
from graph_service.services.scopes import Scopes
from graph_service.services.traces import kind_mask
from graph_service.topology.csr import Ints
from graph_service.topology.projection import Projection
from graph_service.topology.visibility import visible_mask

MOST_RISKS: Final = 500
NOT_ALL_SEEN: Final = (
    "the risk is made of the whole network and its faults, and not all of that may be seen by who "
    "asks"
)
_MADE_OF: Final = frozenset({*KINDS, "UsagePoint"})


@dataclass(frozen=True, slots=True)
class RiskQuestion:
    """What is asked.

    Attributes:
        about: Which elements; None for all that may be seen.
        at: The time it is asked from.
        known_at: What was known then; None for `at`.
        first: So many at most, the riskiest first.
    """

    about: ScopeQuestion | None
    at: datetime
    known_at: datetime | None = None
    first: int = 50


@dataclass(frozen=True, slots=True)
class RiskAnswer:
    """What is said of the elements of a scope.

    Attributes:
        risks: The riskiest first.
        judged: How many elements have a risk.
        expected: How many faults of them are to be expected within the 30 days.
        reason: Why nothing is told; empty where something is.
    """

    risks: tuple[FailureRisk, ...]
    judged: int
    expected: float
    reason: str = ""


class FailureRisks:
    """Asks the predictor of failures.

    Args:
        find: opens the predictor, or says with an error why there is none.
        network: what is there.
        scopes: which elements are meant.
    """

    def __init__(
        self, find: Callable[[], FailurePredictor], network: Network, scopes: Scopes
    ) -> None:
        self._network = network
        self._scopes = scopes
        self.predictor = Opened(FAILURE, find)

    def risks(self, asked: RiskQuestion, scope: Scope) -> RiskAnswer:
        """The risks of the cables, transformers and switches of a scope.

        Raises:
            UnknownElement, AmbiguousElement: an id means none, or several.
            InvalidCall: more are asked for than may be.
            StoreError: the stores cannot be read.
        """
        if not 0 <= asked.first <= MOST_RISKS:
            raise InvalidCall(
                f"{asked.first} risks were asked",
                subject="first",
                hint=f"ask for 0 to {MOST_RISKS}",
            )
        projection = self._network.projection()
        positions = self._positions(asked, scope, projection)
        if not len(positions):
            return RiskAnswer((), 0, 0.0, "no cable, transformer or switch is in this scope")
        told = positions[_told(projection, scope)[projection.model_sets[positions]]]
        if not len(told):
            return RiskAnswer((), 0, 0.0, NOT_ALL_SEEN)
        try:
            said = self._said(projection, told, asked)
        except InvalidCall as error:
            return RiskAnswer((), 0, 0.0, error.message)
        return _answer(said, asked.first)

    def _positions(self, asked: RiskQuestion, scope: Scope, projection: Projection) -> Ints:
        if asked.about is None:
            visible = visible_mask(projection, scope)
            chosen = np.ones(len(projection), dtype=bool) if visible is None else visible
            positions = np.flatnonzero(chosen).astype(np.int32)
        else:
            positions = projection.index_of(self._scopes.members(asked.about, scope).numbers)
            positions = np.unique(positions[positions >= 0])
        return positions[kind_mask(projection, frozenset(KINDS))[projection.kinds[positions]]]

    def _said(
        self, projection: Projection, positions: Ints, asked: RiskQuestion
    ) -> list[FailureRisk]:
        predictor = self._predictor()
        by_set: dict[str, list[str]] = defaultdict(list)
        for key in self._network.keys(projection.numbers[positions].tolist()):
            by_set[key.model_set].append(str(key))
        known_us = None if asked.known_at is None else to_us(asked.known_at)
        return [
            risk
            for keys in by_set.values()
            for risk in predictor.risks(FailureQuestion(tuple(keys), to_us(asked.at), known_us))
        ]

    def _predictor(self) -> FailurePredictor:
        try:
            return self.predictor.get()
        except InvalidCall:
            raise
        except GridStrataError as error:
            raise InvalidCall(error.message, hint=error.hint) from error


def _told(projection: Projection, scope: Scope) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Of which model sets who asks may see all that risks are made of, bool[sets]."""
    sets = len(projection.model_set_names)
    visible = visible_mask(projection, scope)
    if visible is None:
        return np.ones(sets, dtype=bool)
    made_of = kind_mask(projection, _MADE_OF)[projection.kinds]
    hidden = np.bincount(projection.model_sets[made_of & ~visible], minlength=sets)
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = hidden == 0
    return found


def _answer(said: list[FailureRisk], first: int) -> RiskAnswer:
    there = [risk for risk in said if risk.probability is not None]
    there.sort(key=lambda risk: (-(risk.probability or 0.0), risk.element))
    expected = sum(risk.probability or 0.0 for risk in there)
    reasons = sorted({risk.reason for risk in said if risk.probability is None})
    reason = "" if there else reasons[0]
    return RiskAnswer(tuple(there[:first]), len(there), expected, reason)
