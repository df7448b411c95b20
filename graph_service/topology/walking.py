"""Walking a graph level by level, within a budget, only through what may be seen.

Guarantees: breadth first, so the depth of a step is the least number of hops; each step's
predecessor is the one with the smallest number; the same question gives the same answer.
Wide levels are taken in array operations, narrow ones (a long feeder) vertex by vertex.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import Final

import numpy as np

from graph_service.topology.csr import Csr, Ints, Mask

_WIDE: Final = 24
"""From this many vertices on, array operations are faster than a loop (measured)."""


@dataclass(frozen=True, slots=True, eq=False)
class Budget:
    """When a walk has to stop: after so many steps, or at this `time.monotonic()`."""

    steps: int
    deadline: float

    def spent(self, steps: int) -> bool:
        """Tell whether no further level may be walked."""
        return steps > self.steps or monotonic() > self.deadline


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """What was reached, level by level.

    Attributes:
        vertices: Reached vertices, int32[r].
        depths: Hops from the nearest seed, int32[r].
        before: Index in `vertices` of the predecessor, int32[r]; -1 for seeds.
        goes_on: Whether a deeper vertex follows on each, bool[r].
        finished: False where the budget ended the walk.
    """

    vertices: Ints
    depths: Ints
    before: Ints
    goes_on: Mask
    finished: bool


def walk(
    arcs: Csr, seeds: Ints, hidden: Mask | None, budget: Budget, goals: Mask | None = None
) -> Walk:
    """Walk from seeds as far as arcs lead.

    Args:
        arcs: Where each vertex leads.
        seeds: Vertices to begin at, distinct, none of them hidden.
        hidden: Vertices that are neither reported nor passed, bool; None where there are none.
        budget: When to stop.
        goals: Vertices after whose level the walk ends, bool; None where there are none.
    """
    seen = np.zeros(len(arcs), dtype=bool) if hidden is None else hidden.copy()
    steps = _Steps(arcs, seen, goals)
    steps.begin(np.sort(seeds))
    while steps.front_size and not steps.arrived:
        if budget.spent(steps.count):
            return steps.result(finished=False)
        steps.wide() if steps.front_size >= _WIDE else steps.narrow()
    return steps.result(finished=not budget.steps < steps.count)


def once_each(elements: Ints, depths: Ints, goes_on: Mask) -> tuple[Ints, Ints, Mask]:
    """Join the steps of one element: its least depth counts, and it goes on if one of them does."""
    order = np.lexsort((depths, elements))
    elements, depths, goes_on = elements[order], depths[order], goes_on[order]
    first = np.ones(len(elements), dtype=bool)
    np.not_equal(elements[1:], elements[:-1], out=first[1:])
    if first.all():
        return elements, depths, goes_on
    onward = np.logical_or.reduceat(goes_on, np.flatnonzero(first))
    return elements[first], depths[first], onward


class _Steps:
    """A walk in the making; the level reached last is its front."""

    def __init__(self, arcs: Csr, seen: Mask, goals: Mask | None):
        self.arcs, self.seen, self.goals = arcs, seen, goals
        self.starts, self.targets = arcs.indptr.data, arcs.indices.data
        self.taken = seen.data
        self.vertices: list[Ints] = []
        self.before: list[Ints] = []
        self.goes_on: list[Mask] = []
        self.count, self.arrived = 0, False

    def begin(self, seeds: Ints) -> None:
        self._reach(seeds, np.full(len(seeds), -1, dtype=np.int32))

    @property
    def front_size(self) -> int:
        return len(self.vertices[-1])

    def wide(self) -> None:
        front, first = self.vertices[-1], self.count - self.front_size
        owners, reached = self.arcs.next_to(front)
        fresh = ~self.seen[reached]
        keys = (reached[fresh].astype(np.int64) << 32) | owners[fresh]
        keys.sort()
        vertices, owners = (keys >> 32).astype(np.int32), keys.astype(np.int32)
        new = np.ones(len(keys), dtype=bool)
        np.not_equal(vertices[1:], vertices[:-1], out=new[1:])
        self._leave(owners)
        self._reach(vertices[new], owners[new] + first)

    def narrow(self) -> None:
        first, found = self.count - self.front_size, dict[int, int]()
        leaving = []
        for index, vertex in enumerate(self.vertices[-1].tolist()):
            for target in self.targets[self.starts[vertex] : self.starts[vertex + 1]]:
                if not self.taken[target]:
                    found.setdefault(target, first + index)
                    leaving.append(index)
        self._leave(leaving)
        vertices = sorted(found)
        before = np.array([found[vertex] for vertex in vertices], dtype=np.int32)
        self._reach(np.array(vertices, dtype=np.int32), before)

    def result(self, *, finished: bool) -> Walk:
        if not finished:
            self.goes_on[-1][:] = True
        sizes = [len(level) for level in self.vertices]
        return Walk(
            np.concatenate(self.vertices),
            np.repeat(np.arange(len(sizes), dtype=np.int32), sizes),
            np.concatenate(self.before),
            np.concatenate(self.goes_on),
            finished,
        )

    def _leave(self, indices: list[int] | Ints) -> None:
        self.goes_on[-1][indices] = True

    def _reach(self, vertices: Ints, before: Ints) -> None:
        self.seen[vertices] = True
        self.vertices.append(vertices)
        self.before.append(before)
        self.goes_on.append(np.zeros(len(vertices), dtype=bool))
        self.count += len(vertices)
        self.arrived = self.goals is not None and bool(self.goals[vertices].any())
