"""Subjects in Neo4j: who is spoken of in a transaction, with numbers, and what they merge to.

Elements that were touched are merged again by `domain.merging` out of all their open parts: those
in the drafts of the transaction and those in packs of other documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, TypeVar

from graph_service.adapters.neo4j.cypher import reading
from graph_service.adapters.neo4j.drafts import Draft
from graph_service.adapters.neo4j.packs import Place, Row, Shelf, joined
from graph_service.adapters.neo4j.queries import Queries
from graph_service.adapters.part_encoding import decode_document, decode_part
from graph_service.domain.elements import ElementKey
from graph_service.domain.merging import Merged, merge, ranked
from graph_service.domain.statements import Part

BATCH: Final = 5000

T = TypeVar("T")


@dataclass(slots=True)
class Subject:
    """An id with its number, and what the store has of it at the beginning of the transaction.

    `kind` is None where it is no element, `is_new` where there is no node of it at all; `check` is
    what it adds to the checksum (`checks.py`).
    """

    key: ElementKey
    number: int
    is_new: bool = False
    kind: str | None = None
    packs: list[int] = field(default_factory=list)
    owners: tuple[int, ...] = ()
    check: int = 0


Said = tuple[int, Place, Row]
"""(number of the document, place, part)"""


class Subjects:
    """Finds subjects in the store, and gives numbers to new ones: `given` ones, or the next."""

    def __init__(self, queries: Queries, last_number: int, given: Mapping[ElementKey, int]):
        self.last_number = last_number
        self._given = given
        self._queries = queries
        self._known: dict[str, bool] = {}

    def exists(self, model_set: str) -> bool:
        """Whether the store has had anything under this name."""
        if model_set not in self._known:
            rows = self._queries.rows(reading.HAS_SET, modelSet=model_set)
            self._known[model_set] = rows[0][0] is not None
        return self._known[model_set]

    def of(self, keys: Iterable[ElementKey], last_number: int) -> dict[ElementKey, Subject]:
        """The subjects of keys; new ones are numbered in order of model set and mRID."""
        self.last_number = last_number
        found: dict[ElementKey, Subject] = {}
        by_set: dict[str, list[str]] = {}
        for key in keys:
            by_set.setdefault(key.model_set, []).append(key.mrid)
        for model_set in sorted(by_set):
            mrids = sorted(by_set[model_set])
            if self.exists(model_set):
                self._find(model_set, mrids, found)
            for mrid in mrids:
                key = ElementKey(model_set, mrid)
                if key not in found:
                    number = self._given.get(key, self.last_number + 1)
                    self.last_number = max(self.last_number, number)
                    found[key] = Subject(key, number, is_new=True)
        return found

    def by_number(self, numbers: Iterable[int]) -> list[Subject]:
        """Elements of the store by number."""
        rows = (
            row
            for batch in batches(sorted(numbers))
            for row in self._queries.rows(reading.SUBJECTS_BY_NUMBER, numbers=batch)
        )
        return [
            Subject(
                ElementKey(model_set, mrid), number, False, kind, packs, tuple(owners or ()), check
            )
            for model_set, mrid, number, kind, packs, owners, check in rows
        ]

    def _find(self, model_set: str, mrids: Sequence[str], found: dict[ElementKey, Subject]) -> None:
        for batch in batches(mrids):
            alive = self._queries.rows(reading.SUBJECTS, modelSet=model_set, mrids=batch)
            for mrid, number, kind, packs, owners, check in alive:
                key = ElementKey(model_set, mrid)
                owned = tuple(owners or ())
                found[key] = Subject(key, number, False, kind, packs, owned, check)
            left = [mrid for mrid in batch if ElementKey(model_set, mrid) not in found]
            buried = self._queries.rows(reading.BURIED, modelSet=model_set, mrids=left)
            for mrid, number, packs in buried:
                key = ElementKey(model_set, mrid)
                found[key] = Subject(key, number, False, None, packs)


class Merger:
    """Merges subjects out of what is said about them."""

    def __init__(self, queries: Queries, shelf: Shelf, drafts: Sequence[Draft], words: list[str]):
        self._queries = queries
        self._shelf = shelf
        self._drafts = {draft.number: draft for draft in drafts}
        self._words = words
        self._names = {draft.number: draft.name for draft in drafts}
        self._ranks: dict[int, int] = {}

    def said(self, subjects: Sequence[Subject]) -> list[list[Said]]:
        """All open parts of each subject, as they will be; least precedence first."""
        drafted = self._drafted(subjects)
        self._shelf.packs(sorted({pack for subject in subjects for pack in subject.packs}))
        all_said = [
            [*drafted.get(subject.key, ()), *self._kept(subject)] if subject.packs
            else drafted.get(subject.key, [])
            for subject in subjects
        ]  # fmt: skip
        self._learn_documents(subjects, all_said)
        for said in all_said:
            if len(said) > 1:
                said.sort(key=self._weight)
        return all_said

    def merge(self, subject: Subject, said: Sequence[Said]) -> Merged | None:
        """What the subject is."""
        stated: list[tuple[str, Part]] = []
        for document, place, row in said:
            part = decode_part(
                row.payload, place.mrid, self._words[place.section], row.line, self._words
            )
            if place.ordinal and stated:
                part = joined(stated.pop()[1], part)
            stated.append((self._names[document], part))
        return merge(subject.key.mrid, stated)

    def place(self, said: Sequence[Said], newest: int) -> tuple[str, int]:
        """The file and line where a subject was stated last."""
        if not said:
            return "", 0
        document, _, row = max(
            said,
            key=lambda one: (newest if one[2].revision < 0 else one[2].revision, one[0], *one[1]),
        )
        return self._names[document], row.line

    def _drafted(self, subjects: Sequence[Subject]) -> dict[ElementKey, list[Said]]:
        found: dict[ElementKey, list[Said]] = {subject.key: [] for subject in subjects}
        for draft in self._drafts.values():
            for place, row in draft.now.items():
                said = found.get(ElementKey(draft.model_set, place.mrid))
                if said is not None:
                    said.append((draft.number, place, row))
        return found

    def _kept(self, subject: Subject) -> Iterable[Said]:
        """What documents say that are not in the making, or not in what concerns this subject."""
        mrid = subject.key.mrid
        for pack in self._shelf.packs(subject.packs):
            draft = self._drafts.get(pack.document)
            if draft is None or not (draft.whole or mrid in draft.known):
                for place, row in self._shelf.open_of(pack, mrid):
                    yield pack.document, place, row

    def _learn_documents(
        self, subjects: Sequence[Subject], all_said: Sequence[Sequence[Said]]
    ) -> None:
        """Names and precedence of the documents, where more than one says something."""
        spoken = {document for said in all_said for document, _, _ in said}
        if spoken <= self._ranks.keys() or (len(spoken) == 1 and spoken <= self._names.keys()):
            self._ranks.update(dict.fromkeys(spoken - self._ranks.keys(), 0))
            return
        sets = sorted({subject.key.model_set for subject in subjects})
        standing = {
            (model_set, name): (number, body)
            for number, model_set, name, body in self._queries.rows(
                reading.STANDING_DOCUMENTS, modelSets=sets
            )
        }
        for draft in self._drafts.values():
            if draft.body is None:
                standing.pop((draft.model_set, draft.name), None)
            else:
                standing[draft.model_set, draft.name] = (draft.number, draft.body)
        self._names.update((number, key[1]) for key, (number, _) in standing.items())
        documents = ranked(decode_document(*key, body) for key, (_, body) in standing.items())
        self._ranks = {
            standing[one.model_set, one.name][0]: rank for rank, one in enumerate(documents)
        }

    def _weight(self, one: Said) -> tuple[int, str, int]:
        document, place, _ = one
        return self._ranks[document], self._words[place.section], place.ordinal


def batches(rows: Sequence[T], size: int = BATCH) -> Iterable[list[T]]:
    """Rows cut to lists of so many."""
    return (list(rows[start : start + size]) for start in range(0, len(rows), size))


def numbers_of(packs: Iterable[Iterable[int]]) -> list[int]:
    """Numbers without repetitions, ascending."""
    return sorted(set(chain.from_iterable(packs)))
