"""Landing in Neo4j: a derived transaction written down, in batches, within one transaction.

Parts become packs, what is no longer said becomes closings, elements become nodes with labels,
references become relationships. The order matters where something is unique or deleted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, LiteralString

import orjson

from graph_service.adapters.neo4j.checks import check_of_link
from graph_service.adapters.neo4j.cypher import writing
from graph_service.adapters.neo4j.derive import Derived
from graph_service.adapters.neo4j.drafts import Draft
from graph_service.adapters.neo4j.elements import SORT_LENGTH
from graph_service.adapters.neo4j.labels import OTHER_LINK, labels_of, type_of
from graph_service.adapters.neo4j.linking import Waiting
from graph_service.adapters.neo4j.nodes import BATCH, Nodes, State, batches
from graph_service.adapters.neo4j.packs import Shelf
from graph_service.adapters.neo4j.queries import WriteQueries
from graph_service.adapters.neo4j.subjects import Subject
from graph_service.adapters.neo4j.words import Vocabulary
from graph_service.domain.elements import Revision
from graph_service.domain.merging import Merged

_Alive = tuple[int, Subject, Merged]
"""(place in the work, subject, what it is)"""


class Landing:
    """Writes what was derived."""

    def __init__(
        self,
        queries: WriteQueries,
        state: State,
        vocabulary: Vocabulary,
        shelf: Shelf,
        nodes: Nodes,
        derived: Derived,
    ):
        self._queries = queries
        self._state = state
        self._vocabulary = vocabulary
        self._shelf = shelf
        self._nodes = nodes
        self._derived = derived
        self._checksum = 0
        """What links add to the checksum of the store."""

    def write(
        self, drafts: Sequence[Draft], revision: Revision, token: str, words_before: int
    ) -> None:
        """Write everything that was not sent ahead; the caller commits."""
        last_document = self._write_documents(drafts, revision.number)
        self._close_parts(drafts, revision.number)
        links = self._derived.links
        self._do_all(writing.DELETE_LINKS, map(list, links.deleted))
        self._write_elements()
        self._write_links()
        self._nodes.send_packs()  # packing them takes us time, making links the server
        self._write_pending()
        self._write_owners()
        self._count_sets(links.created, links.deleted)
        self._vocabulary.keep(self._queries, words_before)
        self._write_revision(revision, token)
        self._queries.later(
            writing.SET_STATE,
            revision=revision.number,
            words=len(self._vocabulary.words),
            elements=self._derived.changes.added - self._derived.changes.removed,
            links=len(links.created) - len(links.deleted),
            checksum=self._checksum + self._nodes.checksum,
            packs=self._nodes.last_pack - self._state.last_pack,
            lastNumber=self._derived.last_number,
            lastPack=self._nodes.last_pack,
            lastDocument=last_document,
        )

    # --- documents and parts ---------------------------------------------------------------

    def _write_documents(self, drafts: Sequence[Draft], revision: int) -> int:
        """Write the documents as they are now, and the versions that end; the last number."""
        rows, versions = [], []
        for draft in drafts:
            since = draft.since
            if draft.body != draft.body_before:
                if draft.body_before is not None:
                    versions.append([draft.number, draft.since, revision, draft.body_before])
                since = revision
            rows.append(
                [draft.model_set, draft.name, draft.number, draft.body, since, draft.fingerprint,
                 draft.open_parts, draft.open_statements]
            )  # fmt: skip
        self._do_all(writing.PUT_DOCUMENTS, rows)
        self._do_all(writing.CREATE_VERSIONS, versions)
        return max([self._state.last_document, *(draft.number for draft in drafts)])

    def _close_parts(self, drafts: Sequence[Draft], revision: int) -> None:
        closed: dict[int, list[int]] = {}
        for draft in drafts:
            for _, row in draft.closed():
                closed.setdefault(row.pack, []).append(row.index)
        if not closed and not any(draft.moved for draft in drafts):
            return
        for batch in batches(([pack, sorted(at)] for pack, at in sorted(closed.items())), BATCH):
            self._queries.later(writing.CREATE_CLOSINGS, rows=batch, revision=revision)
        shut = [
            pack.number
            for pack in self._shelf.packs(sorted(closed))
            if len(pack.closed) + len(closed[pack.number]) == len(pack.rows)
        ]
        self._queries.later(writing.SHUT_PACKS, numbers=shut)
        moved = sorted({number for draft in drafts for number in draft.moved})
        lines = [[p.number, [row.line for row in p.rows]] for p in self._shelf.packs(moved)]
        self._do_all(writing.SET_LINES, lines, 500)

    # --- elements --------------------------------------------------------------------------

    def _write_elements(self) -> None:
        """Elements in the order of their numbers, each in the way it has to be written."""
        for query, rows in self._ways().items():
            self._do_all(query, rows)

    def _ways(self) -> dict[LiteralString, Iterator[Any]]:
        work = list(enumerate(self._derived.work))
        alive: list[_Alive] = [(at, s, merged) for at, (s, merged) in work if merged is not None]
        gone = [(at, s) for at, (s, merged) in work if merged is None]
        known = [one for one in alive if one[1].kind is not None]
        return {
            writing.BURY: map(self._tombstone, (o for o in gone if o[1].kind is not None)),
            writing.CHANGE_TOMBSTONES: map(self._tombstone, (o for o in gone if _is_buried(o[1]))),
            writing.CREATE_TOMBSTONES: map(self._tombstone, (o for o in gone if o[1].is_new)),
            writing.RAISE: map(self._labelled, (o for o in alive if _is_buried(o[1]))),
            writing.CHANGE_KINDS: (
                [s.number, labels_of(merged.kind)]
                for _, s, merged in known
                if merged.kind != s.kind
            ),
            writing.CHANGE_ELEMENTS: (self._labelled(one)[1] for one in known),
            writing.CREATE_ELEMENTS: (
                [labels, [properties]]
                for labels, properties in map(
                    self._labelled, (o for o in alive if self._is_to_create(o[1]))
                )
            ),
        }

    def _is_to_create(self, subject: Subject) -> bool:
        return subject.is_new and subject.number not in self._nodes.ahead

    def _labelled(self, one: _Alive) -> list[Any]:
        at, subject, merged = one
        owners = self._derived.owners.get(subject.number, subject.owners)
        return self._nodes.labelled(subject, merged, self._derived.said[at], owners)

    def _tombstone(self, one: tuple[int, Subject]) -> dict[str, Any]:
        at, subject = one
        return self._nodes.tombstone(subject, self._derived.said[at])

    # --- links and owners ------------------------------------------------------------------

    def _write_links(self) -> None:
        created = sorted(self._derived.links.created)
        self._checksum += sum(check_of_link(*link) for link in created)
        self._checksum -= sum(check_of_link(*link) for link in self._derived.links.deleted)
        other = [list(link) for link in created if type_of(link[1]) == OTHER_LINK]
        named = (link for link in created if type_of(link[1]) != OTHER_LINK)
        rows = (
            [source, [[name, target] for _, name, target in links]]
            for source, links in groupby(named, itemgetter(0))
        )
        self._do_all(writing.CREATE_LINKS, rows)
        self._do_all(writing.CREATE_OTHER_LINKS, other)

    def _write_pending(self) -> None:
        links = self._derived.links
        if self._nodes.some_wait:
            for batch in batches(links.sources, BATCH):
                self._queries.later(writing.DELETE_PENDING, sources=batch)
        self._do_all(writing.CREATE_PENDING, map(_pending, links.waiting))

    def _write_owners(self) -> None:
        owners = self._derived.owners
        if not owners:
            return
        sets = sorted({owned for owned in owners.values() if owned})
        if sets:
            self._queries.later(writing.PUT_OWNER_SETS, sets=list(map(list, sets)))
        written = {s.number for s, merged in self._derived.work if merged is not None}
        written -= self._nodes.ahead  # these were sent before it was known who owns them
        gone = {s.number for s, merged in self._derived.work if merged is None}
        left: dict[tuple[int, ...], list[int]] = {}
        for number in sorted(owners.keys() - written - gone):
            left.setdefault(owners[number], []).append(number)
        rows = (
            [list(owned) or None, batch]
            for owned, numbers in left.items()
            for batch in batches(numbers, BATCH)
        )
        self._do_all(writing.SET_OWNERS, rows, 1)

    def _count_sets(
        self, created: Iterable[tuple[int, str, int]], deleted: Iterable[tuple[int, str, int]]
    ) -> None:
        links: Counter[str] = Counter(self._derived.links.sets[link[0]] for link in created)
        links.subtract(self._derived.links.sets[link[0]] for link in deleted)
        elements: Counter[str] = Counter()
        for subject, merged in self._derived.work:
            elements[subject.key.model_set] += (merged is not None) - (subject.kind is not None)
        rows = [
            [name, code, elements[name], links[name]] for name, code in self._nodes.sets.items()
        ]
        self._queries.later(writing.PUT_MODEL_SETS, rows=rows)

    # --- the revision ----------------------------------------------------------------------

    def _write_revision(self, revision: Revision, token: str) -> None:
        self._queries.later(
            writing.CREATE_REVISION,
            number=revision.number,
            token=token,
            at=revision.at.isoformat(),
            author=revision.author,
            message=revision.message,
            changes=orjson.dumps(revision.changes).decode(),
            undoes=revision.undoes,
        )

    def _do_all(self, query: LiteralString, rows: Iterable[Any], size: int = BATCH) -> None:
        for batch in batches(rows, size):
            self._queries.later(query, rows=batch)


def _is_buried(subject: Subject) -> bool:
    return subject.kind is None and not subject.is_new


def _pending(waiting: Waiting) -> list[Any]:
    source, model_set, name, target, piece = waiting.reference
    return [source, model_set, name, target, piece, piece.casefold()[:SORT_LENGTH], waiting.met]
