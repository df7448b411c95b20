"""One write to the graph in Neo4j: documents put, dropped, undone, and the revision that lands.

What is put goes into drafts (`drafts.py`), what follows from it is derived in memory
(`derive.py`). New nodes are sent while the rest is still being merged (`nodes.py`), the rest when
the transaction lands (`landing.py`); one that was abandoned before it was derived sends nothing.
Limit: a transaction holds its documents in memory, packed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from graph_service.adapters.neo4j.cypher import state
from graph_service.adapters.neo4j.derive import Derived, changed_drafts, derive
from graph_service.adapters.neo4j.drafts import Desk, Draft
from graph_service.adapters.neo4j.driver import Writing
from graph_service.adapters.neo4j.history import reenact
from graph_service.adapters.neo4j.landing import Landing
from graph_service.adapters.neo4j.nodes import Nodes, State
from graph_service.adapters.neo4j.packs import Shelf
from graph_service.adapters.neo4j.undo import standing, swap
from graph_service.adapters.neo4j.words import Vocabulary
from graph_service.adapters.part_encoding import (
    decode_document,
    encode_document,
    without_lines,
)
from graph_service.domain.elements import Changes, ElementKey, Revision, check_name
from graph_service.domain.errors import UnknownRevision
from graph_service.domain.findings import Finding
from graph_service.domain.history import RevisionLog, does_not_follow
from graph_service.domain.statements import Document, Part


class Neo4jGraphTransaction:
    """The write in the making; see `ports.graph_store.GraphTransaction`."""

    def __init__(self, writing: Writing, vocabulary: Vocabulary):
        self._writing = writing
        self._queries = writing.queries
        self._vocabulary = vocabulary
        vocabulary.refresh(self._queries, self._queries.gate())
        self._words_before = len(vocabulary.words)
        self._state = State(*self._queries.rows(state.STATE)[0])
        self._shelf = Shelf(self._queries)
        self._desk = Desk(self._queries, self._shelf, vocabulary, self._state.last_document)
        self._derived: Derived | None = None
        self._nodes = Nodes(self._queries, self._state, vocabulary)
        self._given: dict[ElementKey, int] = {}
        self._undoes: int | None = None
        self._abandoned = False
        self.landed: Revision | None = None

    # --- what the port offers --------------------------------------------------------------

    def put_document(self, document: Document, parts: Iterable[Part]) -> bool:
        """Keep a document, replacing what stood under the same model set and name."""
        draft = self._draft(document.model_set, document.name)
        same = draft.fingerprint == document.fingerprint != ""
        if draft.body is not None and same:
            return False
        self._desk.load_whole(draft)
        rows, _ = self._desk.rows(parts)
        changed = draft.replace(rows)
        if self._says_another(document, draft):
            self._replace_body(draft, document)
            changed = True
        if changed:
            draft.fingerprint = document.fingerprint
            self._derived = None
        return changed

    def put_parts(self, model_set: str, document: str, parts: Iterable[Part]) -> None:
        """Replace single parts of a document, leaving its other parts as they are."""
        draft = self._draft(model_set, document)
        rows, groups = self._desk.rows(parts)
        self._desk.load(draft, {mrid for mrid, _ in groups})
        if draft.replace_some(rows, groups):
            draft.fingerprint = ""
            if draft.body is None:
                draft.body = encode_document(Document(model_set, document))
            self._derived = None

    def drop_document(self, model_set: str, document: str) -> None:
        """Take a document and all it states out of the graph; nothing where there is none."""
        draft = self._draft(model_set, document)
        self._desk.load_whole(draft)
        draft.replace({})
        draft.body, draft.fingerprint = None, ""
        self._derived = None

    def changes(self) -> Changes:
        """Merge what was touched and count what the transaction does so far."""
        return self._now().changes

    def findings(self) -> list[Finding]:
        """What merging found."""
        return self._now().findings

    def abandon(self) -> None:
        """Leave the store as it was when the block ends."""
        self._abandoned = True

    # --- what the store asks ---------------------------------------------------------------

    def undo(self, revision: int) -> None:
        """Close what a revision opened, open again what it closed.

        Raises:
            UnknownRevision: there is no such revision.
            Conflict: a later revision changed the same.
        """
        if not 1 <= revision <= self._state.revision:
            raise UnknownRevision(revision, self._state.revision)
        self._undoes = revision
        swap(self._queries, self._shelf, self._desk, revision)
        self._derived = None

    def replay(self, log: RevisionLog) -> None:
        """Do what a revision of another store did, and land it as it is there.

        Raises:
            Conflict: it does not follow what is here.
        """
        if log.revision.number != self._state.revision + 1:
            raise does_not_follow(log.revision.number)
        self._given = reenact(self._desk, self._vocabulary, log)
        self._derived = None
        if any(
            self._given.get(subject.key, subject.number) != subject.number
            for subject, _ in self._now().work
        ):
            raise does_not_follow(log.revision.number)
        self._keep(changed_drafts(self._desk), log.revision)

    def land(self, author: str, message: str) -> None:
        """Write the revision, `landed`; none where nothing changed or nothing is to be kept."""
        drafts = changed_drafts(self._desk)
        if self._abandoned or not drafts:
            return
        number, at = self._state.revision + 1, datetime.now(UTC)
        changes = self._now().changes
        self._keep(drafts, Revision(number, at, author, message, changes, self._undoes))

    def _keep(self, drafts: Sequence[Draft], revision: Revision) -> None:
        landing = Landing(
            self._queries, self._state, self._vocabulary, self._shelf, self._nodes, self._now()
        )
        landing.write(drafts, revision, self._writing.token, self._words_before)
        self._writing.land(revision.number)
        self.landed = revision

    def forget(self) -> None:
        """Drop what was learned in memory: the transaction did not land."""
        self._vocabulary.forget(self._words_before)

    # --- documents -------------------------------------------------------------------------

    def _draft(self, model_set: str, name: str) -> Draft:
        check_name(model_set)
        return self._desk.draft(model_set, name)

    def _now(self) -> Derived:
        if self._derived is None:
            self._nodes.begin(changed_drafts(self._desk))
            self._derived = derive(
                self._queries,
                self._shelf,
                self._desk,
                self._vocabulary.words,
                self._state.last_number,
                self._state.revision + 1,
                self._given,
                watch=iter if self._abandoned else self._nodes.sent_ahead,
            )
        return self._derived

    @staticmethod
    def _says_another(document: Document, draft: Draft) -> bool:
        if draft.body is None:
            return True
        before = decode_document(document.model_set, document.name, draft.body)
        return encode_document(without_lines(before)) != encode_document(without_lines(document))

    @staticmethod
    def _replace_body(draft: Draft, document: Document) -> None:
        if draft.body is not None:
            before = decode_document(document.model_set, document.name, draft.body)
            if standing(before) != standing(document):
                draft.touched.update(place.mrid for place in draft.now)
        draft.body = encode_document(document)
