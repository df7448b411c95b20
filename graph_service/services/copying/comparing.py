"""Two sides compared, thing by thing: how many each has, and how many of them are equal.

Everything is read from both: parts of all revisions, elements with their properties, readings with
all versions. Sums of hours that stayed may differ in their last digits, as sums of levels may.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from graph_service.ports.exchange import Progress
from graph_service.services.copying.comparing_graphs import graph_counts
from graph_service.services.copying.comparing_timelines import timeline_counts
from graph_service.services.copying.counting import Counts
from graph_service.services.copying.records import collections, pages
from graph_service.services.copying.sides import Side


@dataclass(frozen=True, slots=True)
class Compared:
    """How many things of a sort the source and the target have, and how many are equal."""

    what: str
    source: int
    target: int
    equal: int

    @property
    def is_same(self) -> bool:
        """Whether all are equal and there are no others."""
        return self.source == self.target == self.equal


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that was compared."""

    rows: tuple[Compared, ...]

    @property
    def is_same(self) -> bool:
        """Whether both sides hold the same."""
        return all(row.is_same for row in self.rows)

    @property
    def differing(self) -> tuple[str, ...]:
        """What is not the same."""
        return tuple(row.what for row in self.rows if not row.is_same)


def compare(source: Side, target: Side, tell: Progress) -> Comparison:
    """Compare all that both sides hold."""
    parts: tuple[Callable[[], Iterator[tuple[str, Counts]]], ...] = (
        lambda: graph_counts(source.graph, target.graph, tell),
        lambda: _record_counts(source, target),
        lambda: timeline_counts(source.timeline, target.timeline, tell),
    )
    return Comparison(
        tuple(
            Compared(what, counts.source, counts.target, counts.equal)
            for part in parts
            for what, counts in part()
        )
    )


def _record_counts(source: Side, target: Side) -> Iterator[tuple[str, Counts]]:
    counts = Counts()
    for name in collections(source.records, target.records):
        counts.target += target.records.count(name)
        for page in pages(source.records, name):
            counts.source += len(page)
            there = target.records.get(name, [key for key, _ in page])
            counts.equal += sum(
                record == other for (_, record), other in zip(page, there, strict=True)
            )
    yield "records", counts
