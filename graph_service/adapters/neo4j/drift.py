"""What is in Neo4j beside what was kept there with the newest revision.

Counts come from the counters that Neo4j keeps of labels. For the checksum all elements and links
are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from graph_service.adapters.neo4j.checks import check_of_found, check_of_link
from graph_service.adapters.neo4j.cypher import checking, reading
from graph_service.adapters.neo4j.queries import Queries
from graph_service.domain.drift import Drift, Tally

_AT_ONCE: Final = 5_000

Content = tuple[list[str], dict[str, Any]]
"""Labels and properties of a node."""


def drift(queries: Queries, revision: int, *, thorough: bool) -> Drift:
    """Compare what is kept with what is there."""
    elements, links, packs, checksum, last = queries.rows(checking.KEPT)[0]
    kept = Tally(elements, links, packs, checksum if thorough else None)
    return Drift(revision, kept, tally(queries, last if thorough else None))


def tally(queries: Queries, last: int | None) -> Tally:
    """What is there; with a checksum where the number is said that was given last."""
    elements, links, packs = (
        queries.rows(query)[0][0]
        for query in (checking.COUNT_ELEMENTS, checking.COUNT_LINKS, checking.COUNT_PACKS)
    )
    checksum = None if last is None else _checksum(queries, last)
    return Tally(elements, links, packs, checksum)


def contents(queries: Queries, last: int) -> Iterator[Content]:
    """Labels and properties of all elements that have a number which was given."""
    for after in range(0, last, _AT_ONCE):
        upto = min(after + _AT_ONCE, last)
        ((found,),) = queries.rows(checking.CONTENTS, after=after, upto=upto)
        yield from found


def _checksum(queries: Queries, last: int) -> int:
    elements = sum(check_of_found(labels, node) for labels, node in contents(queries, last))
    links = 0
    for after in range(0, last, _AT_ONCE):
        upto = min(after + _AT_ONCE, last)
        for name, sources, targets in queries.stream(reading.SCAN_LINKS, after=after, upto=upto):
            links += sum(
                check_of_link(source, name, target)
                for source, target in zip(sources, targets, strict=True)
            )
    return elements + links
