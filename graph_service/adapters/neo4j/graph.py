"""The layered graph in a Neo4j database: what it answers, always of one revision at a time.

`Neo4jGraph` implements `ports.graph_store.GraphStore`; see there for what it promises,
`driver.py` for how answers stay on one revision and `cypher/schema.py` for what is kept. How
a write comes about is in `write.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from graph_service.adapters.neo4j import history
from graph_service.adapters.neo4j.collector import collection_paused
from graph_service.adapters.neo4j.cypher import filters, reading, schema, state
from graph_service.adapters.neo4j.drift import drift
from graph_service.adapters.neo4j.driver import (
    PATIENCE_S,
    Neo4jAddress,
    Neo4jConnection,
    require_layout,
)
from graph_service.adapters.neo4j.elements import element
from graph_service.adapters.neo4j.filters import Where, order, owner_sets, position
from graph_service.adapters.neo4j.labels import LAYER_LABELS, types_of
from graph_service.adapters.neo4j.packs import Shelf
from graph_service.adapters.neo4j.part_stream import OpenPack, open_packs, parts_in_order
from graph_service.adapters.neo4j.queries import Gate, Queries
from graph_service.adapters.neo4j.resync import resync
from graph_service.adapters.neo4j.scan import scan
from graph_service.adapters.neo4j.words import Vocabulary
from graph_service.adapters.neo4j.write import Neo4jGraphTransaction
from graph_service.adapters.part_encoding import decode_document, decode_part
from graph_service.adapters.revisions import WritesRevisions, revision_of
from graph_service.domain.access import Scope
from graph_service.domain.columns import GraphColumns
from graph_service.domain.drift import Drift, Repair
from graph_service.domain.elements import (
    Element,
    ElementKey,
    ModelSet,
    Neighbour,
    Revision,
)
from graph_service.domain.errors import UnknownRevision
from graph_service.domain.filters import ElementFilter, ElementPage, PageRequest
from graph_service.domain.history import RevisionLog
from graph_service.domain.layers import Layer
from graph_service.domain.statements import Document, Part

_NEVER = 2**62


class Neo4jGraph(WritesRevisions[Neo4jGraphTransaction]):
    """The graph in a database of a Neo4j server.

    Args:
        address: Where the server is and who we are there.
        read_only: Answer only; nothing is created or written.
        patience_s: How long a write waits for another one before StoreBusy.

    Raises:
        StoreError: the server does not answer, refuses us or is too old.
        StoreTooNew: its graph was written by a newer version.
    """

    def __init__(
        self, address: Neo4jAddress, *, read_only: bool = False, patience_s: float = PATIENCE_S
    ):
        self._connection = Neo4jConnection(address, read_only=read_only, patience_s=patience_s)
        self._vocabulary = Vocabulary()
        self._writing = Vocabulary()
        try:
            require_layout(self._connection)
            self._connection.prepare(schema.GRAPH)
            if not read_only:
                self._connection.do(schema.BEGIN, layout=schema.LAYOUT)
        except BaseException:
            self._connection.close()
            raise

    # --- revisions and writing -------------------------------------------------------------

    def revision(self) -> int:
        """The number of the newest revision; 0 for an empty store."""
        return self._connection.revision()

    def revisions(self, first: int, before: int | None = None) -> list[Revision]:
        """Revisions, newest first, older than `before`."""
        rows = self._connection.ask(
            state.REVISIONS, first=first, before=_NEVER if before is None else before
        )
        return [revision_of(row) for row in rows]

    @contextmanager
    def _landing(self) -> Iterator[Neo4jGraphTransaction]:
        """A write that is kept where it has landed at the end of the block."""
        with self._connection.writing() as writing, collection_paused():
            transaction = Neo4jGraphTransaction(writing, self._writing)
            try:
                yield transaction
            finally:
                if transaction.landed is None:
                    transaction.forget()

    def log(self, revision: int) -> RevisionLog:
        """What a revision changed, word for word."""

        def ask(queries: Queries, gate: Gate) -> tuple[Revision, history.Changed, list[str]]:
            rows = queries.rows(state.REVISION, number=revision)
            if not rows:
                raise UnknownRevision(revision, gate.revision)
            words = self._vocabulary.refresh(queries, gate)
            return revision_of(rows[0]), history.changed_by(queries, revision), words

        found, changed, words = self._connection.answer(ask)
        closed, opened = (
            history.stated(self._connection, rows, changed.names, words)
            for rows in (changed.closed, changed.opened)
        )
        return RevisionLog(found, changed.documents, closed, opened)

    def drift(self, *, thorough: bool = False) -> Drift:
        """What was kept with the newest revision beside what is there."""
        return self._connection.answer(
            lambda queries, gate: drift(queries, gate.revision, thorough=thorough)
        )

    def resync(self, *, author: str) -> Repair:
        """Make elements and links again what the documents say, as a revision of its own."""
        with self._connection.writing() as writing, collection_paused():
            known = len(self._writing.words)
            try:
                return resync(writing, self._writing, author)
            except BaseException:
                self._writing.forget(known)
                raise

    # --- documents and parts ---------------------------------------------------------------

    def model_sets(self) -> list[ModelSet]:
        """The model sets, by name."""

        def ask(queries: Queries, _: Gate) -> list[ModelSet]:
            return [
                ModelSet(name, documents, elements, links, sum(_pending(queries, name).values()))
                for name, documents, elements, links, _ in queries.rows(reading.MODEL_SETS)
                if documents
            ]

        return self._connection.answer(ask)

    def documents(self, model_set: str) -> list[Document]:
        """The documents of a model set, by name; empty where the model set is unknown."""
        rows = self._connection.answer(
            lambda queries, _: queries.rows(reading.DOCUMENTS, modelSet=model_set)
        )
        return [
            replace(
                decode_document(model_set, name, body),
                fingerprint=fingerprint,
                statement_count=statements,
                part_count=parts,
            )
            for name, body, fingerprint, statements, parts in rows
        ]

    def parts(self, model_set: str, document: str) -> Iterator[Part]:
        """The parts of a document, ordered by first class URI, section and mRID; a stream."""

        def ask(queries: Queries, gate: Gate) -> tuple[list[str], list[OpenPack]]:
            words = self._vocabulary.refresh(queries, gate)
            return words, open_packs(queries, model_set, document)

        words, packs = self._connection.answer(ask)
        return parts_in_order(self._connection, packs, words)

    def parts_of(self, key: ElementKey) -> list[tuple[str, Part]]:
        """What each document states about one element: (document name, part)."""

        def ask(queries: Queries, gate: Gate) -> list[tuple[str, int, int, Part]]:
            words = self._vocabulary.refresh(queries, gate)
            ((packs,),) = queries.rows(
                reading.PACKS_OF_ID, modelSet=key.model_set, mrid=key.mrid
            ) or [[[]]]
            shelf = Shelf(queries)
            found = [
                (pack.document, place, row)
                for pack in shelf.packs(packs)
                for place, row in shelf.open_of(pack, key.mrid)
            ]
            numbers = sorted({document for document, _, _ in found})
            rows = queries.rows(reading.DOCUMENT_NAMES, numbers=numbers)
            names = {number: name for number, name in rows}  # noqa: C416 -- typed
            return [
                (
                    names[document],
                    place.section,
                    place.ordinal,
                    decode_part(row.payload, key.mrid, words[place.section], row.line, words),
                )
                for document, place, row in found
            ]

        return [(one[0], one[3]) for one in sorted(self._connection.answer(ask), key=_by_place)]

    # --- elements --------------------------------------------------------------------------

    def elements(self, numbers: Sequence[int], scope: Scope) -> list[Element | None]:
        """Elements by number, in the order asked; None where there is none."""
        asked = list(dict.fromkeys(numbers))

        def ask(queries: Queries, _: Gate) -> list[list[Any]]:
            if scope.everything:
                return queries.rows(reading.BY_NUMBER, numbers=asked)
            seen = owner_sets(queries, scope)
            return queries.rows(reading.BY_NUMBER_IN_SCOPE, numbers=asked, seen=seen)

        found = {node["number"]: element(node) for (node,) in self._connection.answer(ask)}
        return [found.get(number) for number in numbers]

    def keys(self, numbers: Sequence[int]) -> list[ElementKey]:
        """The keys of existing elements by number, in the order asked."""
        asked = list(dict.fromkeys(numbers))
        rows = self._connection.answer(lambda q, _: q.rows(reading.KEYS, numbers=asked))
        found = {number: ElementKey(model_set, mrid) for number, model_set, mrid in rows}
        return [found[number] for number in numbers]

    def by_mrid(
        self, mrids: Sequence[str], scope: Scope, model_set: str | None = None
    ) -> list[list[Element]]:
        """Elements by mRID, in the order asked, one list each (several model sets may use it)."""
        asked = list(dict.fromkeys(mrids))

        def ask(queries: Queries, _: Gate) -> list[list[Any]]:
            sets = [name for _, name in queries.rows(reading.MODEL_SET_CODES)]
            return queries.rows(
                reading.BY_MRID,
                mrids=asked,
                modelSets=[name for name in sets if model_set in (None, name)],
                everything=scope.everything,
                seen=owner_sets(queries, scope),
            )

        found: dict[str, list[Element]] = {}
        for (node,) in self._connection.answer(ask):
            found.setdefault(node["mRID"], []).append(element(node))
        for elements in found.values():
            elements.sort(key=lambda one: one.key)
        return [list(found.get(mrid, ())) for mrid in mrids]

    def find(self, wanted: ElementFilter, page: PageRequest, scope: Scope) -> ElementPage:
        """A page of the elements a filter chooses."""

        def ask(queries: Queries, _: Gate) -> list[list[Any]]:
            where = Where(queries)
            text = where.of(wanted, scope, page)
            query = filters.FIND.format(where=text, order=order(page))
            return queries.rows(query, first=page.first + 1, **where.values)

        nodes = [node for (node,) in self._connection.answer(ask)]
        shown = nodes[: page.first]
        last = shown[-1] if shown else None
        return ElementPage(
            tuple(element(node) for node in shown),
            (position(last, page.order), last["number"]) if last else None,
            len(nodes) > page.first,
        )

    def count(self, wanted: ElementFilter, scope: Scope) -> int:
        """How many elements a filter chooses."""

        def ask(queries: Queries, _: Gate) -> int:
            where = Where(queries)
            query = filters.COUNT.format(where=where.of(wanted, scope))
            ((count,),) = queries.rows(query, **where.values)
            return int(count)

        return self._connection.answer(ask)

    def count_by_kind(self, wanted: ElementFilter, scope: Scope) -> dict[str, int]:
        """How many of each kind a filter chooses."""

        def ask(queries: Queries, _: Gate) -> dict[str, int]:
            where = Where(queries)
            query = filters.COUNT_BY_KIND.format(where=where.of(wanted, scope))
            return {kind: count for kind, count in queries.rows(query, **where.values)}  # noqa: C416 -- typed

        return dict(sorted(self._connection.answer(ask).items()))

    # --- links and owners ------------------------------------------------------------------

    def neighbours(
        self,
        numbers: Sequence[int],
        scope: Scope,
        *,
        links: frozenset[str] | None = None,
        layer: Layer | None = None,
    ) -> list[list[Neighbour]]:
        """The elements linked with each of these, ordered by link name, direction and number."""
        asked = list(dict.fromkeys(numbers))

        def ask(queries: Queries, _: Gate) -> list[list[Any]]:
            return queries.rows(
                reading.NEIGHBOURS,
                numbers=asked,
                everything=scope.everything,
                seen=owner_sets(queries, scope),
                types=None if links is None else types_of(links),
                links=None if links is None else sorted(links),
                layer=LAYER_LABELS[layer] if layer else None,
            )

        found: dict[int, list[Neighbour]] = {}
        for number, link, outgoing, node in self._connection.answer(ask):
            found.setdefault(number, []).append(Neighbour(link, outgoing, element(node)))
        for neighbours in found.values():
            neighbours.sort(key=lambda one: (one.link, not one.outgoing, one.element.number))
        return [list(found.get(number, ())) for number in numbers]

    def owners_of(self, numbers: Sequence[int]) -> list[tuple[int, ...]]:
        """The numbers of the organisations that own each of these, stated or inherited."""
        asked = list(dict.fromkeys(numbers))
        rows = self._connection.answer(lambda q, _: q.rows(reading.OWNERS, numbers=asked))
        found = {number: tuple(owners) for number, owners in rows}
        return [found.get(number, ()) for number in numbers]

    def pending(self, model_set: str | None = None) -> Mapping[str, int]:
        """References that wait for their element, counted by link name."""
        return self._connection.answer(lambda queries, _: _pending(queries, model_set))

    def scan(self) -> GraphColumns:
        """The whole graph as columns of one revision, for the projection."""

        def ask(queries: Queries, gate: Gate) -> GraphColumns:
            return scan(queries, gate.revision, self._vocabulary.refresh(queries, gate))

        return self._connection.answer(ask)

    def close(self) -> None:
        """Let go of connections."""
        self._connection.close()


def _pending(queries: Queries, model_set: str | None) -> dict[str, int]:
    rows = queries.rows(reading.PENDING, modelSet=model_set)
    return {name: count for name, count in rows}  # noqa: C416 -- typed


def _by_place(one: tuple[str, int, int, Part]) -> tuple[str, int, int]:
    return one[:3]
