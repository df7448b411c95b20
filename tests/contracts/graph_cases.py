"""Small networks and questions that the contract of graph stores is told with."""

from __future__ import annotations

from graph_service.domain.access import EVERYTHING, Scope
from graph_service.domain.filters import (
    ElementFilter,
    PageRequest,
)
from graph_service.domain.statements import Document, Part
from graph_service.domain.switching import OPERATIONS_DOCUMENT
from graph_service.ports.graph_store import GraphStore
from tests.building import named, part

CONTAINER = "Equipment.EquipmentContainer"
UUID = "2b1f1c5a-0000-4000-8000-00000000abcd"


def land(store: GraphStore, said: Document, *parts: Part) -> None:
    """Put one document in a transaction of its own."""
    with store.transaction(author="anna", message="delivery") as transaction:
        transaction.put_document(said, parts)


def switch(store: GraphStore, mrid: str, is_open: str) -> None:
    """Set a present state the way an operator does."""
    with store.transaction(author="olaf", message="switching") as transaction:
        transaction.put_parts(
            "town", OPERATIONS_DOCUMENT, [part(mrid, properties={"Switch.open": is_open})]
        )


def feeder() -> tuple[Part, ...]:
    """A feeder F1 with a breaker S1 and a load L1."""
    return (
        named("F1", "Feeder", "North"),
        part("S1", "Breaker", {"Switch.normalOpen": "false"}, links={CONTAINER: "F1"}),
        part("L1", "EnergyConsumer", {"EnergyConsumer.p": "12.5"}, links={CONTAINER: "F1"}),
    )


def owned() -> tuple[Part, ...]:
    """Two organisations, A owning feeder F1 and what is on it, B owning S9."""
    return (
        *feeder(),
        named("S9", "Breaker", "Other"),
        named("A", "Organisation", "Grid A"),
        named("B", "Organisation", "Grid B"),
        part("RA", "AssetOwner", links={"OrganisationRole.Organisation": "A"}),
        part("RB", "AssetOwner", links={"OrganisationRole.Organisation": "B"}),
        asset("PA", "F1", "RA"),
        asset("PB", "S9", "RB"),
    )


def asset(mrid: str, resource: str, role: str) -> Part:
    links = {"Asset.PowerSystemResources": resource, "Asset.OrganisationRoles": role}
    return part(mrid, "Asset", links=links)


def number(store: GraphStore, mrid: str) -> int:
    """The number of the only element with this mRID."""
    ((element,),) = store.by_mrid([mrid], EVERYTHING)
    return element.number


def scope_of(store: GraphStore, *mrids: str) -> Scope:
    """The scope of a caller who may see what these organisations own."""
    return Scope(frozenset(number(store, mrid) for mrid in mrids))


def chosen(store: GraphStore, scope: Scope = EVERYTHING, **wanted: object) -> list[str]:
    """The mRIDs a filter chooses, in order of number; checked against the counts."""
    asked = ElementFilter(**wanted)  # type: ignore[arg-type]
    found = store.find(asked, PageRequest(500), scope).elements
    assert store.count(asked, scope) == len(found)
    assert sum(store.count_by_kind(asked, scope).values()) == len(found)
    return [element.mrid for element in found]


def links_of(store: GraphStore) -> set[tuple[int, str, int]]:
    """All links, as the scan gives them."""
    columns = store.scan()
    names = (columns.link_names[name] for name in columns.names)
    return set(zip(columns.sources, names, columns.targets, strict=True))
