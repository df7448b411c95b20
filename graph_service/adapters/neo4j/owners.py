"""Owners in Neo4j: derived again for a model set where links that decide about them change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graph_service.adapters.neo4j.cypher import reading
from graph_service.adapters.neo4j.linking import LinkChanges, Work
from graph_service.adapters.neo4j.queries import Queries
from graph_service.adapters.neo4j.subjects import Subjects
from graph_service.domain import tables
from graph_service.domain.ownership import Link, derive_owners, relevant_links

_TO_ORGANISATIONS = frozenset({"OrganisationRole.Organisation", "Organisation.Roles"})

Owners = dict[int, tuple[int, ...]]


def changed_owners(
    queries: Queries,
    subjects: Subjects,
    touched: Work,
    links: LinkChanges,
    *,
    everything: bool = False,
) -> Owners:
    """number → owners, for elements that have others than before; `everything` looks at all."""
    changed: Owners = {}
    sets = set(links.sets.values()) if everything else _sets_to_derive(touched, links)
    for model_set in sorted(sets):
        exists = subjects.exists(model_set)
        before = _owned(queries, model_set) if exists else {}
        after = _derived(queries, model_set, touched, links, exists)
        for number in before.keys() | after.keys():
            if before.get(number, ()) != after.get(number, ()):
                changed[number] = after.get(number, ())
    return changed


def _sets_to_derive(touched: Work, links: LinkChanges) -> set[str]:
    names = relevant_links()
    both: Iterable[Link] = (*links.created, *links.deleted)
    found = {links.sets[source] for source, name, _ in both if name in names}
    for subject, merged in touched:
        if merged is not None and subject.kind is not None and subject.kind != merged.kind:
            found.add(subject.key.model_set)
    return found


def _owned(queries: Queries, model_set: str) -> Owners:
    rows = queries.rows(reading.OWNED, modelSet=model_set)
    return {number: tuple(owners) for owners, numbers in rows for number in numbers}


def _derived(
    queries: Queries, model_set: str, touched: Work, links: LinkChanges, exists: bool
) -> Owners:
    created = [
        link
        for link in links.created
        if link[1] in relevant_links() and links.sets[link[0]] == model_set
    ]
    stored: list[Link] = []
    leads = any(name in _TO_ORGANISATIONS for _, name, _ in created)
    if not leads and not (
        exists and queries.rows(reading.LEADS_TO_ORGANISATIONS, modelSet=model_set)
    ):
        return {}
    if exists:
        stored = _stored_links(queries, model_set, links.deleted)
    kinds = _kinds(queries, model_set, touched, exists)
    derived = derive_owners(kinds, [*stored, *created])
    return {number: tuple(sorted(owners)) for number, owners in derived.items()}


def _stored_links(queries: Queries, model_set: str, deleted: Sequence[Link]) -> list[Link]:
    gone = set(deleted)
    return [
        link
        for name, sources, targets in queries.rows(reading.OWNERSHIP_LINKS, modelSet=model_set)
        for source, target in zip(sources, targets, strict=True)
        if (link := (source, name, target)) not in gone
    ]


def _kinds(queries: Queries, model_set: str, touched: Work, exists: bool) -> dict[int, str]:
    """The kinds of owners and organisations."""
    kinds = tables.subclasses("OrganisationRole") | tables.subclasses("Organisation")
    found: dict[int, str] = {}
    if exists:
        rows = queries.rows(reading.KINDS_OF_OWNERS, modelSet=model_set, kinds=sorted(kinds))
        found.update((number, kind) for number, kind in rows)
    for subject, merged in touched:
        found.pop(subject.number, None)
        if merged is not None and merged.kind in kinds:
            found[subject.number] = merged.kind
    return found
