"""What follows from the drafts of a transaction: elements, links, owners, counts; nothing written.

All is worked out in memory against the state of the store, which nobody else changes while we hold
the lock. So a dry run writes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from graph_service.adapters.neo4j.drafts import Desk, Draft
from graph_service.adapters.neo4j.linking import LinkChanges, Linking
from graph_service.adapters.neo4j.owners import Owners, changed_owners
from graph_service.adapters.neo4j.packs import Shelf
from graph_service.adapters.neo4j.queries import Queries
from graph_service.adapters.neo4j.subjects import Merger, Said, Subject, Subjects
from graph_service.domain.elements import Changes, ElementKey
from graph_service.domain.findings import Finding, finding
from graph_service.domain.merging import Merged

Merging = Iterable[tuple[Subject, list[Said], Merged | None]]
"""Subjects with what is said about them and what that comes to."""


@dataclass(slots=True)
class Derived:
    """What a transaction comes to: subjects with what they are; `said` goes with them."""

    work: list[tuple[Subject, Merged | None]]
    said: list[list[Said]]
    links: LinkChanges
    owners: Owners
    last_number: int
    changes: Changes
    findings: list[Finding] = field(default_factory=list)


def derive(
    queries: Queries,
    shelf: Shelf,
    desk: Desk,
    words: list[str],
    last_number: int,
    revision: int,
    given: Mapping[ElementKey, int],
    *,
    watch: Callable[[Merging], Merging] = iter,
    everything: bool = False,
) -> Derived:
    """Merge, link and count what the drafts change.

    Args:
        queries: Of the transaction that holds the lock.
        shelf: The packs it read.
        desk: The drafts.
        words: The vocabulary, by code.
        last_number: The number that was given last.
        revision: The revision in the making.
        given: The numbers that new elements must get; the others get the next ones.
        watch: Sees what is merged while the rest is still being merged, and hands it on.
        everything: The drafts hold all documents whole; what the store says follows from them is
            not believed.
    """
    drafts = list(desk.drafts.values())
    finder = Subjects(queries, last_number, given)
    stated = {ElementKey(d.model_set, mrid) for d in drafts for mrid in d.mrids()}
    touched = {ElementKey(d.model_set, mrid) for d in drafts for mrid in d.touched} | stated
    known = finder.of(touched, last_number)
    if everything:
        for subject in known.values():
            subject.packs = []
    subjects = sorted(known.values(), key=lambda subject: subject.number)
    merger = Merger(queries, shelf, drafts, words)
    said = merger.said(subjects)
    merging = ((*one, merger.merge(*one)) for one in zip(subjects, said, strict=True))
    merged = [one for _, _, one in watch(merging)]
    work = list(zip(subjects, merged, strict=True))
    linking = Linking(queries, finder, work)
    affected = linking.affected()
    referring = [
        (subject, merger.merge(subject, told))
        for subject, told in zip(affected, merger.said(affected), strict=True)
    ]
    links = linking.link(referring)
    owners = changed_owners(queries, finder, work, links, everything=everything)
    changes = _changes(work, stated, links)
    derived = Derived(work, said, links, owners, finder.last_number, changes)
    derived.findings = [*_merging(merged), *_linking(derived, merger, revision)]
    return derived


def changed_drafts(desk: Desk) -> list[Draft]:
    """The documents that will not be as they were."""
    return [
        draft
        for draft in desk.drafts.values()
        if draft.body != draft.body_before
        or next(draft.opened(), None)
        or next(draft.closed(), None)
    ]


def _changes(
    work: Sequence[tuple[Subject, Merged | None]], stated: set[ElementKey], links: LinkChanges
) -> Changes:
    counts: dict[str, list[int]] = {}
    for subject, merged in work:
        before, after = subject.kind, merged.kind if merged else None
        if before is not None and after is not None and subject.key not in stated:
            continue
        if (kind := after or before) is not None:
            which = 0 if before is None else 2 if after is None else 1
            counts.setdefault(kind, [0, 0, 0])[which] += 1
    added, changed, removed = (sum(count[at] for count in counts.values()) for at in range(3))
    by_kind = {kind: (count[0], count[1], count[2]) for kind, count in sorted(counts.items())}
    return Changes(added, changed, removed, len(links.created), len(links.deleted), by_kind)


# --- findings ----------------------------------------------------------------------------------


def _merging(merged: Sequence[Merged | None]) -> Iterator[Finding]:
    for one in merged:
        if one is not None:
            yield from one.findings


def _linking(derived: Derived, merger: Merger, revision: int) -> Iterator[Finding]:
    """Dangling references and those that met in another case, one a property; id chains."""
    if not derived.links.waiting and not derived.links.chains:
        return
    places = {s.number: (s, said) for (s, _), said in zip(derived.work, derived.said, strict=True)}
    for name, met, count, source, target in _by_property(derived, places.keys()):
        subject, said = places[source]
        file, line = merger.place(said, revision)
        code = "CASE_DIFFERS" if met else "DANGLING_REFERENCE"
        what = "met in another case" if met else "met no element"
        message = f"{count} {name} {what}, first {subject.key.mrid} → {target}"
        yield finding(code, message, subject=name, file=file, line=line)
    for (source, name, _), count in sorted(derived.links.chains.items()):
        if source in places:
            subject, said = places[source]
            file, line = merger.place(said, revision)
            mrid = subject.key.mrid
            message = f"{name} of {mrid} names {count} elements at once"
            yield finding("CONCATENATED_REFERENCE", message, subject=mrid, file=file, line=line)


def _by_property(derived: Derived, touched: object) -> Iterator[tuple[str, bool, int, int, str]]:
    """(link name, whether met, how many, first source, its target)."""
    counts: Counter[tuple[str, bool]] = Counter()
    first: dict[tuple[str, bool], tuple[int, str]] = {}
    seen = {
        (waiting.reference.name, waiting.met is not None, waiting.reference.source,
         waiting.reference.target, waiting.met)
        for waiting in derived.links.waiting
        if waiting.reference.source in touched  # type: ignore[operator]
    }  # fmt: skip
    for name, met, source, target, _ in seen:
        counts[name, met] += 1
        first[name, met] = min(first.get((name, met), (source, target)), (source, target))
    for (name, met), count in sorted(counts.items()):
        yield name, met, count, *first[name, met]
