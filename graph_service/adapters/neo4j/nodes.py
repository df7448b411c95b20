"""Nodes of a write in Neo4j: packs and elements as rows, new ones sent while others are merged.

What is new follows from the drafts alone, so it can be sent before links and owners are known, and
taken back where a transaction changes its mind after somebody asked what it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple, TypeVar

from graph_service.adapters.neo4j.checks import check_of
from graph_service.adapters.neo4j.cypher import reading, writing
from graph_service.adapters.neo4j.derive import Merging
from graph_service.adapters.neo4j.drafts import Draft
from graph_service.adapters.neo4j.elements import code_of, node, tombstone
from graph_service.adapters.neo4j.labels import labels_of
from graph_service.adapters.neo4j.packs import Place, Row, cut, order, packed
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


class _NewPack(NamedTuple):
    """A pack to be sent; `first` is what it is ordered by."""

    number: int
    document: int
    first: list[str]
    parts: Sequence[tuple[Place, Row]]


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
        self._packs: list[_NewPack] = []

    def begin(self, drafts: Sequence[Draft]) -> None:
        """Make nodes of these drafts; what was sent ahead before is taken back."""
        self._take_back()
        self._packs = [pack for draft in drafts for pack in self._numbered(draft)]
        self.some_wait = self._queries.rows(reading.COUNT_PENDING)[0][0] > 0
        rows = self._queries.rows(reading.MODEL_SET_CODES)
        self.sets = {name: code for code, name in rows}
        for name in sorted({draft.model_set for draft in drafts}):
            self.sets.setdefault(name, len(self.sets) + 1)

    def sent_ahead(self, merging: Merging) -> Merging:
        """Send new elements as they are merged, without owners; hands all on."""
        new: dict[str, list[dict[str, Any]]] = {}
        for one in merging:
            subject, said, merged = one
            if subject.is_new and merged is not None:
                new.setdefault(merged.kind, []).append(self._counted(subject, merged, said, ()))
                self.ahead.add(subject.number)
                if len(self.ahead) % BATCH == 0:
                    self._send_elements(new)
                    new = {}
            yield one
        self._send_elements(new)

    def send_packs(self) -> None:
        """Send new parts."""
        for batch in batches(map(_row, self._packs), _PACKS_PER_BATCH):
            self._queries.later(writing.CREATE_PACKS, rows=batch, revision=self._state.revision + 1)

    def labelled(
        self, subject: Subject, merged: Merged, said: Sequence[Said], owners: Iterable[int]
    ) -> list[Any]:
        """The labels and properties of an element that is written."""
        return [labels_of(merged.kind), self._counted(subject, merged, said, owners)]

    def element(
        self, subject: Subject, merged: Merged, said: Sequence[Said], owners: Iterable[int]
    ) -> dict[str, Any]:
        """The properties of an element."""
        code = code_of(
            merged, self._vocabulary.codes[merged.kind], self.sets[subject.key.model_set]
        )
        found = node(subject.key, subject.number, merged, code, _packs_of(said), owners)
        found["check"] = check_of(merged.kind, found)
        return found

    def tombstone(self, subject: Subject, said: Sequence[Said]) -> dict[str, Any]:
        """The properties of what is left of an element."""
        self.checksum -= subject.check
        return tombstone(subject.key, subject.number, _packs_of(said))

    def _counted(
        self, subject: Subject, merged: Merged, said: Sequence[Said], owners: Iterable[int]
    ) -> dict[str, Any]:
        written = self.element(subject, merged, said, owners)
        self.checksum += written["check"] - subject.check
        return written

    def _send_elements(self, new: Mapping[str, list[dict[str, Any]]]) -> None:
        """Send elements by kind."""
        if new:
            rows = [[labels_of(kind), elements] for kind, elements in new.items()]
            self._queries.later(writing.CREATE_ELEMENTS, rows=rows)

    def _take_back(self) -> None:
        for batch in batches(sorted(self.ahead), BATCH):
            self._queries.later(writing.TAKE_BACK_ELEMENTS, rows=batch)
        self.ahead, self.last_pack, self.checksum = set(), self._state.last_pack, 0

    def _numbered(self, draft: Draft) -> Iterator[_NewPack]:
        """The packs of new parts of a document; the parts learn where they go."""
        words = self._vocabulary.words
        for pack in cut(draft.opened(), words):
            self.last_pack += 1
            for _, row in pack:
                row.new_pack = self.last_pack
            first = list(order(*pack[0], words)[:3])
            yield _NewPack(self.last_pack, draft.number, first, pack)


def _row(pack: _NewPack) -> list[Any]:
    lines = [row.line for _, row in pack.parts]
    return [pack.number, pack.document, pack.first, lines, packed(pack.parts)]


def _packs_of(said: Sequence[Said]) -> list[int]:
    """The packs with what documents say of a subject."""
    return sorted({row.pack if row.pack >= 0 else row.new_pack for _, _, row in said})


def batches(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """Rows in lists of so many."""
    waiting = iter(rows)
    while batch := list(islice(waiting, size)):
        yield batch
