"""Documents in the making: what each states at the beginning of a transaction, and what it will.

A draft holds both sides of a document, whole or for the ids that were touched, so that what a
transaction changes is the difference, however often it changed its mind. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from graph_service.adapters.neo4j.cypher import reading
from graph_service.adapters.neo4j.packs import Place, Row, Shelf
from graph_service.adapters.neo4j.queries import Queries
from graph_service.adapters.part_encoding import Words, encode_part
from graph_service.domain.statements import Part

Rows = dict[Place, Row]


@dataclass(slots=True)
class Draft:
    """One document; `base` and `body_before` as it stands in the store, `now` and `body` to be.

    Where not `whole`, only the ids of `known` were loaded. `since` is the revision that opened the
    body. `parts` and `statements` count what is open in the store.
    """

    model_set: str
    name: str
    number: int
    is_new: bool = False
    body_before: str | None = None
    since: int = 0
    fingerprint_before: str = ""
    parts: int = 0
    statements: int = 0
    body: str | None = None
    fingerprint: str = ""
    base: Rows = field(default_factory=dict)
    now: Rows = field(default_factory=dict)
    whole: bool = False
    known: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    """Ids to be merged again though their parts stay: the document counts more or less now."""
    moved: set[int] = field(default_factory=set)
    """Packs with parts that say the same in another line."""

    def __post_init__(self) -> None:
        self.body, self.fingerprint = self.body_before, self.fingerprint_before

    def opened(self) -> Iterator[tuple[Place, Row]]:
        """Parts that are not in the store yet."""
        return ((place, row) for place, row in self.now.items() if row.pack < 0)

    def closed(self) -> Iterator[tuple[Place, Row]]:
        """Parts of the store that will be open no more."""
        return ((place, row) for place, row in self.base.items() if self.now.get(place) is not row)

    def mrids(self) -> set[str]:
        """The ids of parts that change."""
        return {place.mrid for place, _ in self.opened()} | {p.mrid for p, _ in self.closed()}

    @property
    def open_parts(self) -> int:
        """How many parts the document will have."""
        return self.parts + len(self.now) - len(self.base)

    @property
    def open_statements(self) -> int:
        """How many statements and classes they will have."""
        before, after = (sum(row.size for row in one.values()) for one in (self.base, self.now))
        return self.statements + after - before

    def replace(self, rows: Rows) -> bool:
        """Let the document state these parts and no others; tell whether that is a change."""
        kept = _kept(self.now, rows)
        if kept == len(rows) == len(self.now):
            return False
        self.now = {place: self._same(place, row) for place, row in rows.items()}
        return True

    def replace_some(self, rows: Rows, groups: set[tuple[str, int]]) -> bool:
        """Replace the parts of some (mRID, section); tell whether that is a change."""
        before = {place: row for place, row in self.now.items() if place[:2] in groups}
        if _kept(before, rows) == len(rows) == len(before):
            return False
        for place in before:
            del self.now[place]
        self.now.update((place, self._same(place, row)) for place, row in rows.items())
        return True

    def _same(self, place: Place, row: Row) -> Row:
        """The part of the store where it says the same, with the line it has now."""
        before = self.base.get(place)
        if before is None or before.payload != row.payload:
            return row
        if before.line != row.line:
            before.line = row.line
            self.moved.add(before.pack)
        return before


class Desk:
    """The drafts of a transaction."""

    def __init__(self, queries: Queries, shelf: Shelf, words: Words, last_document: int):
        self.drafts: dict[tuple[str, str], Draft] = {}
        self.last_document = last_document
        self._queries = queries
        self._shelf = shelf
        self._words = words

    def draft(self, model_set: str, name: str) -> Draft:
        """The draft of a document, without its parts."""
        found = self.drafts.get((model_set, name))
        if found is None:
            rows = self._queries.rows(reading.DOCUMENT, modelSet=model_set, name=name)
            if rows:
                found = Draft(model_set, name, rows[0][0], False, *rows[0][1:])
            else:
                self.last_document += 1
                found = Draft(model_set, name, self.last_document, True)
            self.drafts[model_set, name] = found
        return found

    def by_number(self, numbers: Iterable[int]) -> dict[int, Draft]:
        """The drafts of documents that are in the store."""
        rows = self._queries.rows(reading.DOCUMENTS_BY_NUMBER, numbers=sorted(set(numbers)))
        found = {}
        for number, model_set, name, *rest in rows:
            key = (model_set, name)
            if key not in self.drafts:
                self.drafts[key] = Draft(model_set, name, number, False, *rest)
            found[number] = self.drafts[key]
        return found

    def load_whole(self, draft: Draft) -> None:
        """Load all parts of a document."""
        if draft.whole:
            return
        draft.whole = True
        if draft.is_new or not draft.parts:
            return
        for pack in self._shelf.of_document(draft.number):
            self._take(draft, (one for one in pack.open_rows() if one[0].mrid not in draft.known))

    def load(self, draft: Draft, mrids: Iterable[str]) -> None:
        """Load the parts of some ids."""
        missing = sorted({mrid for mrid in mrids if mrid not in draft.known})
        if draft.whole or not missing:
            return
        draft.known.update(missing)
        if draft.is_new or not draft.parts:
            return
        for mrid, packs in packs_of(self._queries, draft.model_set, missing).items():
            for pack in self._shelf.packs(packs):
                if pack.document == draft.number:
                    self._take(draft, self._shelf.open_of(pack, mrid))

    def rows(self, parts: Iterable[Part]) -> tuple[Rows, set[tuple[str, int]]]:
        """Parts by place, those that say nothing left out; and all (mRID, section) there were."""
        codes = self._words.codes
        rows: Rows = {}
        groups: dict[tuple[str, int], int] = {}
        for part in parts:
            types, section = part.types, codes[part.section]
            ordinal = groups.get((part.mrid, section), 0)
            groups[part.mrid, section] = ordinal + 1
            size = len(types) + len(part.statements)
            if size:
                code = codes[types[0]] if types else 0
                row = Row(encode_part(part, codes), code, size, part.line)
                rows[Place(part.mrid, section, ordinal)] = row
        return rows, set(groups)

    @staticmethod
    def _take(draft: Draft, rows: Iterable[tuple[Place, Row]]) -> None:
        for place, row in rows:
            draft.base[place] = row
            draft.now[place] = row


def packs_of(queries: Queries, model_set: str, mrids: list[str]) -> dict[str, list[int]]:
    """mRID → the packs with its open parts, for elements and for ids that are none."""
    found: dict[str, list[int]] = {}
    alive: list[list[Any]] = queries.rows(reading.SUBJECTS, modelSet=model_set, mrids=mrids)
    for mrid, _, _, packs, *_ in alive:
        found[mrid] = packs
    if len(found) < len(mrids):
        left = [mrid for mrid in mrids if mrid not in found]
        for mrid, _, packs in queries.rows(reading.BURIED, modelSet=model_set, mrids=left):
            found[mrid] = packs
    return found


def _kept(before: Rows, after: Rows) -> int:
    """How many parts say the same on both sides."""
    return sum(
        1
        for place, row in after.items()
        if place in before and before[place].payload == row.payload
    )
