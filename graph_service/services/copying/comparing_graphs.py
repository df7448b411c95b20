"""Two graphs compared: documents, parts of all revisions, elements, links, revisions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph_service.domain.access import EVERYTHING
from graph_service.domain.columns import GraphColumns
from graph_service.domain.elements import Element
from graph_service.domain.filters import ElementFilter, PageRequest
from graph_service.domain.history import RevisionLog
from graph_service.domain.statements import Document
from graph_service.ports.exchange import Progress
from graph_service.ports.graph_store import GraphStore
from graph_service.services.copying.counting import Counts

_ELEMENTS_AT_ONCE: Final = 2_000


def graph_counts(
    source: GraphStore, target: GraphStore, tell: Progress
) -> Iterator[tuple[str, Counts]]:
    """What both graphs have, by sort of thing."""
    yield "documents", _documents(source, target)
    revisions, parts = _history(source, target, tell)
    yield "revisions", revisions
    yield "parts", parts
    yield "elements", _elements(source, target, tell)
    yield "links", _links(source.scan(), target.scan())


def _documents(source: GraphStore, target: GraphStore) -> Counts:
    ours, theirs = _all_documents(source), _all_documents(target)
    equal = sum(theirs.get(name) == document for name, document in ours.items())
    return Counts(len(ours), len(theirs), equal)


def _all_documents(graph: GraphStore) -> dict[tuple[str, str], Document]:
    return {
        (model_set.name, document.name): document
        for model_set in graph.model_sets()
        for document in graph.documents(model_set.name)
    }


def _history(source: GraphStore, target: GraphStore, tell: Progress) -> tuple[Counts, Counts]:
    """Revisions with all they closed, and the parts that they opened."""
    newest = source.revision(), target.revision()
    revisions, parts = Counts(*newest), Counts()
    for number in range(1, min(newest) + 1):
        ours, theirs = source.log(number), target.log(number)
        closed = Counts()
        closed.of(ours.closed, theirs.closed)
        same = closed.source == closed.target == closed.equal
        revisions.equal += same and _said(ours) == _said(theirs)
        parts.of(ours.opened, theirs.opened)
        tell("comparing revisions", number, max(newest))
    for graph, first in ((source, newest[1]), (target, newest[0])):
        for number in range(first + 1, graph.revision() + 1):
            alone = sum(1 for _ in graph.log(number).opened)
            parts.add(*((alone, 0, 0) if graph is source else (0, alone, 0)))
    return revisions, parts


def _said(log: RevisionLog) -> tuple[object, ...]:
    return log.revision, log.documents


def _elements(source: GraphStore, target: GraphStore, tell: Progress) -> Counts:
    counts = Counts(target=target.count(ElementFilter(), EVERYTHING))
    total = source.count(ElementFilter(), EVERYTHING)
    for page in _pages(source):
        there = target.elements([element.number for element in page], EVERYTHING)
        counts.source += len(page)
        counts.equal += sum(map(_is_equal, page, there))
        tell("comparing elements", counts.source, max(total, counts.source))
    return counts


def _is_equal(one: Element, other: Element | None) -> bool:
    return one == other


def _pages(graph: GraphStore) -> Iterator[tuple[Element, ...]]:
    after = None
    while True:
        page = graph.find(ElementFilter(), PageRequest(_ELEMENTS_AT_ONCE, after), EVERYTHING)
        yield page.elements
        if not page.has_next:
            return
        after = page.end


def _links(ours: GraphColumns, theirs: GraphColumns) -> Counts:
    names = {name: at for at, name in enumerate({*ours.link_names, *theirs.link_names})}
    one, other = _rows(ours, names), _rows(theirs, names)
    equal = np.intersect1d(one, other, assume_unique=True)
    return Counts(len(one), len(other), len(equal))


def _rows(columns: GraphColumns, names: dict[str, int]) -> NDArray[np.void]:
    """Links as one value each: source, name, target."""
    codes = np.array([names[name] for name in columns.link_names], np.int32)
    link = codes[np.frombuffer(columns.names, np.int32)] if len(columns.names) else codes[:0]
    rows = np.stack(
        (np.frombuffer(columns.sources, np.int32), link, np.frombuffer(columns.targets, np.int32)),
        axis=1,
    )
    packed = np.ascontiguousarray(rows).view([("source", "i4"), ("name", "i4"), ("target", "i4")])
    return packed.ravel()
