"""The answer to a trace: steps in a stable order, counted, paged, and ready for the next trace.

An answer holds numbers only; elements are fetched for the page that is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from graph_service.domain import tables
from graph_service.domain.access import Scope
from graph_service.domain.layers import Layer
from graph_service.domain.switching import State
from graph_service.domain.traces import StopReason, TraceKind
from graph_service.topology.csr import Csr
from graph_service.topology.projection import Projection
from graph_service.topology.tracing import TraceResult

MOST_STEPS = 5_000_000
MOST_MS = 10_000


@dataclass(frozen=True, slots=True)
class TraceQuestion:
    """How to trace: which way, in which switching state, over which layers, how far at most.

    `kinds` lists only steps of these kinds (subclasses included); the walk itself is the same.
    """

    kind: TraceKind
    state: State = State.PRESENT
    layers: tuple[Layer, ...] = (Layer.PHYSICAL,)
    target: int | None = None
    kinds: frozenset[str] | None = None
    max_steps: int = MOST_STEPS
    max_ms: int = MOST_MS


@dataclass(frozen=True, slots=True)
class Step:
    """One element met: `depth` hops from the start, and why the walk ended there, if it did."""

    number: int
    depth: int
    stop_reason: StopReason


@dataclass(frozen=True, slots=True)
class Trace:
    """All steps of a trace, ordered by depth, then number.

    `result` holds the steps that are listed, `walked` all that were made.
    """

    projection: Projection
    question: TraceQuestion
    scope: Scope
    result: TraceResult
    walked: TraceResult

    @property
    def revision(self) -> int:
        """The revision of the graph that was walked."""
        return self.projection.revision

    @property
    def truncated(self) -> bool:
        """True where a budget ended the walk early."""
        return self.result.truncated

    @property
    def total(self) -> int:
        """How many steps there are."""
        return len(self.result.numbers)

    def count_by_kind(self) -> list[tuple[str, int]]:
        """How many steps of each kind, by kind."""
        counts = np.bincount(self._kind_codes(), minlength=len(self.projection.kind_names))
        found = [(self.projection.kind_names[i], int(counts[i])) for i in np.flatnonzero(counts)]
        return sorted(found)

    def page(self, first: int, after: tuple[int, int] | None = None) -> tuple[list[Step], bool]:
        """The `first` steps beyond (depth, number), and whether more follow."""
        begin = 0 if after is None else self._position_after(*after)
        numbers = self.result.numbers[begin : begin + first].tolist()
        depths = self.result.depths[begin : begin + first].tolist()
        stops = self.result.stop_reasons[begin : begin + first].tolist()
        steps = [
            Step(number, depth, StopReason(stop))
            for number, depth, stop in zip(numbers, depths, stops, strict=True)
        ]
        return steps, begin + first < self.total

    def numbers_of(self, kind: str) -> NDArray[np.int32]:
        """Numbers of this kind or a subclass among all that was walked, ascending."""
        return np.sort(listing_only(self.walked, self.projection, frozenset({kind})).numbers)

    def owners(self) -> list[int]:
        """Numbers of the organisations that own something met, ascending."""
        owned = Csr(self.projection.owner_indptr, self.projection.owners)
        _, owners = owned.next_to(self.projection.index_of(self.result.numbers))
        found: list[int] = np.unique(owners).tolist()
        return found

    def _kind_codes(self) -> NDArray[np.int32]:
        positions = self.projection.index_of(self.result.numbers)
        codes: NDArray[np.int32] = self.projection.kinds[positions]
        return codes

    def _position_after(self, depth: int, number: int) -> int:
        low = int(np.searchsorted(self.result.depths, depth, side="left"))
        high = int(np.searchsorted(self.result.depths, depth, side="right"))
        within = np.searchsorted(self.result.numbers[low:high], number, side="right")
        return low + int(within)


def listing_only(result: TraceResult, projection: Projection, kinds: frozenset[str]) -> TraceResult:
    """Keep the steps of these kinds, subclasses included."""
    codes = projection.kinds[projection.index_of(result.numbers)]
    keep = kind_mask(projection, kinds)[codes]
    return replace(
        result,
        numbers=result.numbers[keep],
        depths=result.depths[keep],
        stop_reasons=result.stop_reasons[keep],
    )


def kind_mask(projection: Projection, kinds: frozenset[str]) -> NDArray[np.bool_]:
    """Which kind codes of a projection are one of these kinds or a subclass."""
    wanted = frozenset().union(*(tables.subclasses(kind) for kind in kinds))
    return np.array([name in wanted for name in projection.kind_names], dtype=bool)
