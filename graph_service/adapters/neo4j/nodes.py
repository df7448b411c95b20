"""Nodes of a write in Neo4j: packs and elements as rows, new ones sent while others are merged.

What is new follows from the drafts alone, so it can be sent before links and owners are known, and
taken back where a transaction changes its mind after somebody asked what it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple, TypeVar

from graph_service.adapters.neo4j.checks import check_of
from graph_service.adapters.neo4j.cypher import reading, writing
from graph_service.adapters.neo4j.derive import Merging
from graph_service.adapters.neo4j.drafts import Draft
from graph_service.adapters.neo4j.elements import code_of, node, tombstone
from graph_service.adapters.neo4j.labels import labels_of
from graph_service.adapters.neo4j.packs import Place, cut, order, packed
from graph_service.adapters.neo4j.queries import WriteQueries
from graph_service.adapters.neo4j.subjects import Said, Subject
from graph_service.adapters.neo4j.words import Vocabulary
from graph_service.domain.merging import Merged

BATCH: Final = 5000
_PACKS_PER_BATCH: Final = 50

T = TypeVar("T")


class State(NamedTuple):
    """The store's own counts at the beginning of a transaction."""

    revision: int
    words: int
    elements: int
    links: int
    last_number: int
    last_pack: int
    last_document: int


class Nodes:
    """Makes nodes, and keeps what they add to the counts of the store.

    `sets` are the codes of model sets, `ahead` the numbers of elements that were sent ahead,
    `some_wait` tells whether references wait in the store.
    """

    def __init__(self, queries: WriteQueries, state: State, vocabulary: Vocabulary):
        self.last_pack = state.last_pack
        self.checksum = 0
        self.sets: dict[str, int] = {}
        self.ahead: set[int] = set()
        self.some_wait = True
        self._queries = queries
        self._state = state
        self._vocabulary = vocabulary
        self._drafts: Sequence[Draft] = ()
        self._packs: dict[tuple[int, Place], int] = {}
        """(document, place) → the pack that a new part went to"""

    def begin(self, drafts: Sequence[Draft]) -> None:
        """Make nodes of these drafts; what was sent ahead before is taken back."""
        self._take_back()
        self._drafts = drafts
        self.some_wait = self._queries.rows(reading.COUNT_PENDING)[0][0] > 0
        rows = self._queries.rows(reading.MODEL_SET_CODES)
        self.sets = {name: code for code, name in rows}
        for name in sorted({draft.model_set for draft in drafts}):
            self.sets.setdefault(name, len(self.sets) + 1)

    def sent_ahead(self, merging: Merging) -> Merging:
        """Send new parts, then new elements as they are merged, without owners; hands all on."""
        rows = (row for draft in self._drafts for row in self._cut(draft))
        for batch in batches(rows, _PACKS_PER_BATCH):
            self._queries.later(writing.CREATE_PACKS, rows=batch, revision=self._revision)
        new: list[list[Any]] = []
        for one in merging:
            subject, said, merged = one
            if subject.is_new and merged is not None:
                new.append(self.labelled(subject, merged, said, ()))
                self.ahead.add(subject.number)
            if len(new) == BATCH:
                self._queries.later(writing.CREATE_ELEMENTS, rows=new)
                new = []
            yield one
        if new:
            self._queries.later(writing.CREATE_ELEMENTS, rows=new)

    def labelled(
        self, subject: Subject, merged: Merged, said: Sequence[Said], owners: Iterable[int]
    ) -> list[Any]:
        """The labels and properties of an element that is written."""
        written = self.element(subject, merged, said, owners)
        self.checksum += written["check"] - subject.check
        return [labels_of(merged.kind), written]

    def element(
        self, subject: Subject, merged: Merged, said: Sequence[Said], owners: Iterable[int]
    ) -> dict[str, Any]:
        """The properties of an element."""
        code = code_of(
            merged, self._vocabulary.codes[merged.kind], self.sets[subject.key.model_set]
        )
        found = node(subject.key, subject.number, merged, code, self._packs_of(said), owners)
        found["check"] = check_of(merged.kind, found)
        return found

    def tombstone(self, subject: Subject, said: Sequence[Said]) -> dict[str, Any]:
        """The properties of what is left of an element."""
        self.checksum -= subject.check
        return tombstone(subject.key, subject.number, self._packs_of(said))

    def _take_back(self) -> None:
        for batch in batches(sorted(self.ahead), BATCH):
            self._queries.later(writing.TAKE_BACK_ELEMENTS, rows=batch)
        if self._packs:
            self._queries.later(writing.TAKE_BACK_PACKS, revision=self._revision)
        self.ahead, self._packs = set(), {}
        self.last_pack, self.checksum = self._state.last_pack, 0

    @property
    def _revision(self) -> int:
        return self._state.revision + 1

    def _cut(self, draft: Draft) -> Iterator[list[Any]]:
        words = self._vocabulary.words
        for pack in cut(draft.opened(), words):
            self.last_pack += 1
            for place, _ in pack:
                self._packs[draft.number, place] = self.last_pack
            first = list(order(*pack[0], words)[:3])
            lines = [row.line for _, row in pack]
            yield [self.last_pack, draft.number, first, lines, packed(pack)]

    def _packs_of(self, said: Sequence[Said]) -> list[int]:
        """The packs with what documents say of a subject."""
        return sorted(
            {
                row.pack if row.pack >= 0 else self._packs[document, place]
                for document, place, row in said
            }
        )


def batches(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """Rows in lists of so many."""
    waiting = iter(rows)
    while batch := list(islice(waiting, size)):
        yield batch
