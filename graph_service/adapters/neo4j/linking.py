"""Links in Neo4j: references of touched elements looked up at once, and what to do with the rest.

A reference meets the element of its model set with exactly this mRID. Where there is none, a UUID
may meet the one element whose mRID differs in case only. Ids written one after another in one
reference are linked where every one is known. All else waits under each id it names, so that an
element that comes finds who waits for it; what met in another case waits there, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from graph_service.adapters.neo4j.cypher import reading
from graph_service.adapters.neo4j.elements import SORT_LENGTH
from graph_service.adapters.neo4j.queries import Queries
from graph_service.adapters.neo4j.subjects import BATCH, Subject, Subjects, batches
from graph_service.domain.elements import ElementKey
from graph_service.domain.merging import Merged, targets

Link = tuple[int, str, int]
"""(source, name, target)"""

_UUID_LENGTH: Final = 36
_UUID_DASHES: Final = (8, 13, 18, 23)


class Reference(NamedTuple):
    """One id that a reference of an element names; `target` is the whole text of it."""

    source: int
    model_set: str
    name: str
    target: str
    piece: str


class Waiting(NamedTuple):
    """A reference that waits; `met` is the element it met in another case meanwhile."""

    reference: Reference
    met: int | None


@dataclass(slots=True)
class LinkChanges:
    """What a transaction does to links.

    `sources` are the elements whose waiting references are replaced by `waiting`; `chains` counts
    the elements that one reference names at once.
    """

    created: list[Link] = field(default_factory=list)
    deleted: list[Link] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    chains: Counter[tuple[int, str, str]] = field(default_factory=Counter)
    sets: dict[int, str] = field(default_factory=dict)
    """source → model set"""


Work = Sequence[tuple[Subject, Merged | None]]


class Linking:
    """Looks up what elements refer to."""

    def __init__(self, queries: Queries, subjects: Subjects, touched: Work):
        self._queries = queries
        self._subjects = subjects
        self._touched = touched
        self._now = {subject.key: subject.number if merged else None for subject, merged in touched}
        self._folded: dict[tuple[str, str], list[int]] | None = None

    def affected(self) -> list[Subject]:
        """Elements that refer to what came or went, beside the touched ones."""
        came_or_went = [s for s, merged in self._touched if (s.kind is None) != (merged is None)]
        found = set(self._referring([s.number for s in came_or_went if s.kind is not None]))
        found.update(self._waiting_for(came_or_went))
        found.difference_update(subject.number for subject, _ in self._touched)
        return self._subjects.by_number(found)

    def link(self, affected: Work) -> LinkChanges:
        """Compare the links that elements have with those they should have."""
        work = [*self._touched, *affected]
        references = list(self._references(work))
        met = self._meet(references)
        changes = LinkChanges(sets={s.number: s.key.model_set for s, _ in work})
        broken = self._broken_chains(references, met)
        links: dict[Link, None] = {}
        for reference in references:
            number, folded = met[reference.model_set, reference.piece]
            if number is None or (broken and reference[:4] in broken):
                changes.waiting.append(Waiting(reference, None))
                continue
            links[reference.source, reference.name, number] = None
            if folded:
                changes.waiting.append(Waiting(reference, number))
            if reference.target != reference.piece:
                changes.chains[reference.source, reference.name, reference.target] += 1
        changes.sources = [s.number for s, _ in work if s.kind is not None]
        self._compare(links, changes)
        return changes

    # --- who is affected -------------------------------------------------------------------

    def _referring(self, numbers: list[int]) -> Iterator[int]:
        for batch in batches(numbers):
            for (number,) in self._queries.rows(reading.REFERRING, numbers=batch):
                yield number

    def _waiting_for(self, subjects: Sequence[Subject]) -> Iterator[int]:
        by_set: dict[str, list[str]] = {}
        for subject in subjects:
            if self._subjects.exists(subject.key.model_set):
                by_set.setdefault(subject.key.model_set, []).append(folded(subject.key.mrid))
        if not by_set or self._queries.rows(reading.COUNT_PENDING)[0][0] == 0:
            return
        for model_set, ids in by_set.items():
            for batch in batches(ids):
                rows = self._queries.rows(reading.WAITING, modelSet=model_set, folded=batch)
                yield from (number for (number,) in rows)

    # --- looking up ------------------------------------------------------------------------

    @staticmethod
    def _references(work: Work) -> Iterator[Reference]:
        for subject, merged in work:
            if merged is None:
                continue
            number, model_set = subject.number, subject.key.model_set
            for name, target in merged.links:
                if "#" not in target:
                    yield Reference(number, model_set, name, target, target)
                    continue
                for piece in dict.fromkeys(targets("&", target)):
                    yield Reference(number, model_set, name, target, piece)

    def _meet(
        self, references: Iterable[Reference]
    ) -> dict[tuple[str, str], tuple[int | None, bool]]:
        """(model set, id) → the element it meets, and whether only in another case."""
        met: dict[tuple[str, str], tuple[int | None, bool]] = {}
        unknown: dict[str, list[str]] = {}
        for reference in references:
            asked = (reference.model_set, reference.piece)
            if asked in met:
                continue
            number = self._now.get(ElementKey(*asked), -1)
            met[asked] = (None if number == -1 else number, False)
            if number == -1 and self._subjects.exists(asked[0]):
                unknown.setdefault(asked[0], []).append(asked[1])
        for model_set, pieces in unknown.items():
            for piece, number in self._stored(model_set, pieces):
                met[model_set, piece] = (number, False)
        for asked, (number, _) in met.items():
            if number is None and _is_uuid(asked[1]):
                met[asked] = (self._in_any_case(*asked), True)
        return met

    def _stored(self, model_set: str, mrids: Sequence[str]) -> Iterator[tuple[str, int]]:
        for batch in batches(mrids):
            rows = self._queries.rows(reading.MET, modelSet=model_set, pieces=batch)
            yield from ((mrid, number) for mrid, number in rows)

    def _in_any_case(self, model_set: str, mrid: str) -> int | None:
        """The one element with this mRID in any case."""
        if self._folded is None:
            self._folded = {}
            for key, number in self._now.items():
                if number is not None:
                    place = (key.model_set, folded(key.mrid))
                    self._folded.setdefault(place, []).append(number)
        found = set(self._folded.get((model_set, folded(mrid)), ()))
        if self._subjects.exists(model_set):
            lower = folded(mrid)
            rows = list(self._stored(model_set, sorted({lower, lower.upper()})))
            rows += [
                (other, number)
                for other, number in self._queries.rows(
                    reading.FOLDED, modelSet=model_set, pieces=[lower]
                )
            ]
            found.update(
                number for other, number in rows if ElementKey(model_set, other) not in self._now
            )
        return found.pop() if len(found) == 1 else None

    @staticmethod
    def _broken_chains(
        references: Iterable[Reference], met: dict[tuple[str, str], tuple[int | None, bool]]
    ) -> set[tuple[int, str, str, str]]:
        """References of several ids of which one is not known."""
        return {
            reference[:4]
            for reference in references
            if reference.target != reference.piece
            and met[reference.model_set, reference.piece][0] is None
        }

    def _compare(self, links: dict[Link, None], changes: LinkChanges) -> None:
        before: dict[Link, None] = {}
        for batch in batches(changes.sources, BATCH):
            rows = self._queries.rows(reading.LINKS_OF, numbers=batch)
            before.update(((source, name, target), None) for source, name, target in rows)
        changes.created = [link for link in links if link not in before]
        changes.deleted = [link for link in before if link not in links]


def folded(mrid: str) -> str:
    """An id without regard to case, as it is indexed."""
    return mrid.casefold()[:SORT_LENGTH]


def _is_uuid(mrid: str) -> bool:
    return len(mrid) == _UUID_LENGTH and all(mrid[at] == "-" for at in _UUID_DASHES)
