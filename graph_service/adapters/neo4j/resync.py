"""Resync in Neo4j: elements and links made again from all documents, whatever others wrote.

All parts are read, merged and linked as an import would, and what is in the database is brought to
that. What differs is written, everything else stays as it is. Limits: the parts of all documents
are held in memory, packed; an element that others deleted comes back under a new number.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import UTC, datetime

from graph_service.adapters.neo4j.checks import check_of_found
from graph_service.adapters.neo4j.cypher import checking, reading, state, writing
from graph_service.adapters.neo4j.derive import Derived, derive
from graph_service.adapters.neo4j.drafts import Desk, Draft
from graph_service.adapters.neo4j.drift import contents, drift, tally
from graph_service.adapters.neo4j.driver import Writing
from graph_service.adapters.neo4j.landing import Landing
from graph_service.adapters.neo4j.nodes import Nodes, State
from graph_service.adapters.neo4j.packs import Shelf
from graph_service.adapters.neo4j.queries import Queries
from graph_service.adapters.neo4j.words import Vocabulary
from graph_service.domain.drift import RESYNC, LostParts, Repair
from graph_service.domain.elements import Changes, ElementKey, Revision


def resync(write: Writing, vocabulary: Vocabulary, author: str) -> Repair:
    """Put right what differs, as a revision of its own; none where nothing does."""
    return _Resync(write, vocabulary).run(author)


class _Resync:
    def __init__(self, write: Writing, vocabulary: Vocabulary):
        self._write = write
        self._queries = write.queries
        vocabulary.refresh(self._queries, self._queries.gate())
        self._vocabulary = vocabulary
        self._state = State(*self._queries.rows(state.STATE)[0])
        self._shelf = Shelf(self._queries)
        self._desk = Desk(self._queries, self._shelf, vocabulary, self._state.last_document)

    def run(self, author: str) -> Repair:
        words_before = len(self._vocabulary.words)
        differed = not drift(self._queries, self._state.revision, thorough=True).is_none
        lost = self._load_documents()
        removed = self._remove_strangers()
        self._queries.do(checking.DELETE_ALL_PENDING)
        links_removed = sum(
            self._queries.rows(query)[0][0]
            for query in (checking.DELETE_STRANGE_LINKS, checking.DELETE_DOUBLE_LINKS)
        )
        derived = self._derive()
        nodes = Nodes(self._queries, self._state, self._vocabulary)
        nodes.begin([])
        self._keep_what_differs(derived, nodes)
        repair = _told(derived, self._state.revision + 1, removed, links_removed, lost)
        if not (differed or _amount(repair)):
            return Repair(None)
        revision = Revision(
            self._state.revision + 1, datetime.now(UTC), author, RESYNC, derived.changes
        )
        landing = Landing(self._queries, self._state, self._vocabulary, self._shelf, nodes, derived)
        landing.write([], revision, self._write.token, words_before)
        self._count(derived.last_number)
        self._write.land(revision.number)
        return repair

    # --- the truth -------------------------------------------------------------------------

    def _load_documents(self) -> tuple[LostParts, ...]:
        """Load all parts that are there; tell which documents lack some."""
        sets = [name for _, name in self._queries.rows(reading.MODEL_SET_CODES)]
        rows = self._queries.rows(reading.STANDING_DOCUMENTS, modelSets=sets)
        drafts = [self._desk.draft(model_set, name) for _, model_set, name, _ in sorted(rows)]
        lacking = []
        for draft in drafts:
            self._put_broken_aside(draft)
            self._desk.load_whole(draft)
            draft.touched.update(place.mrid for place in draft.now)
            if len(draft.now) != draft.parts:
                lacking.append(draft)
        found = [
            [one.number, len(one.now), sum(row.size for row in one.now.values())] for one in lacking
        ]
        self._queries.do(checking.SET_FOUND, rows=found)
        return tuple(
            LostParts(one.model_set, one.name, one.parts - len(one.now)) for one in lacking
        )

    def _put_broken_aside(self, draft: Draft) -> None:
        """Let nobody read packs of which others made something else."""
        broken = []
        for number, _ in self._queries.rows(reading.OPEN_PACKS, document=draft.number):
            try:
                self._shelf.packs([number])
            except (zlib.error, ValueError, TypeError, KeyError):
                broken.append(number)
        self._queries.do(writing.SHUT_PACKS, numbers=broken)

    def _remove_strangers(self) -> int:
        """Delete elements that no document states, or under a number that was never given."""
        stated = {
            ElementKey(draft.model_set, mrid)
            for draft in self._desk.drafts.values()
            for mrid in draft.touched
        }
        strangers = [
            node
            for node, number, *key in self._queries.rows(checking.KEYS)
            if not isinstance(number, int)
            or not 0 < number <= self._state.last_number
            or not all(isinstance(one, str) for one in key)
            or ElementKey(*key) not in stated
        ]
        self._queries.do(checking.DELETE_STRANGERS, ids=strangers)
        return len(strangers)

    def _derive(self) -> Derived:
        derived = derive(
            self._queries,
            self._shelf,
            self._desk,
            self._vocabulary.words,
            self._state.last_number,
            self._state.revision + 1,
            {},
            everything=True,
        )
        derived.changes = Changes()
        return derived

    # --- what is there ---------------------------------------------------------------------

    def _keep_what_differs(self, derived: Derived, nodes: Nodes) -> None:
        """Take out of the work what is in the database as it should be."""
        found = _checks(self._queries, self._state.last_number)
        rows = [
            merged and nodes.element(subject, merged, said, ())["check"]
            for (subject, merged), said in zip(derived.work, derived.said, strict=True)
        ]
        differs = [
            at
            for at, (subject, merged) in enumerate(derived.work)
            if (merged is not None or subject.kind is not None)
            and found.get(subject.number) != (rows[at], rows[at])
        ]
        for at in differs:
            subject = derived.work[at][0]
            subject.kind = None if subject.kind is None else ""  # labels are written, too
        derived.said = [derived.said[at] for at in differs]
        derived.work = [derived.work[at] for at in differs]

    def _count(self, last_number: int) -> None:
        """Keep what is there now, counted anew."""
        self._queries.do(checking.PUT_ALL_OWNER_SETS)
        self._queries.do(checking.RECOUNT_SETS)
        there = tally(self._queries, last_number)
        self._queries.do(
            checking.SET_TALLY,
            elements=there.elements,
            links=there.links,
            packs=there.packs,
            checksum=there.checksum,
        )


def _checks(queries: Queries, last: int) -> dict[int, tuple[int, int | None]]:
    """number → the check of what an element says, and the check that stands in it."""
    return {
        node["number"]: (check_of_found(labels, node), node.get("check"))
        for labels, node in contents(queries, last)
    }


def _told(
    derived: Derived, revision: int, removed: int, links_removed: int, lost: Sequence[LostParts]
) -> Repair:
    written = {subject.number for subject, _ in derived.work}
    return Repair(
        revision,
        added=sum(s.kind is None and merged is not None for s, merged in derived.work),
        changed=sum(s.kind is not None and merged is not None for s, merged in derived.work)
        + len(derived.owners.keys() - written),
        removed=removed + sum(merged is None for _, merged in derived.work),
        links_added=len(derived.links.created),
        links_removed=links_removed + len(derived.links.deleted),
        lost=tuple(lost),
    )


def _amount(repair: Repair) -> int:
    return (
        repair.added
        + repair.changed
        + repair.removed
        + repair.links_added
        + repair.links_removed
        + len(repair.lost)
    )
