"""Random operations for graph stores: few ids, so that they meet, collide, dangle and chain."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import strategies as st

from graph_service.domain.errors import Conflict
from graph_service.domain.statements import Document, Part
from graph_service.ports.graph_store import GraphStore
from tests.building import document, part
from tests.contracts.graph_model import GraphModel

UUID = "2b1f1c5a-0000-4000-8000-00000000abcd"
MRIDS = ["A", "B", "C", "R", "O", UUID, UUID.upper()]
KINDS = ["Breaker", "Equipment", "Feeder", "AssetOwner", "Organisation", "Asset", ""]
LINKS = [
    "Equipment.EquipmentContainer",
    "Asset.PowerSystemResources",
    "Asset.OrganisationRoles",
    "OrganisationRole.Organisation",
]
PROPERTIES = ["IdentifiedObject.name", "Switch.open"]


class Operation(NamedTuple):
    """`what` is put, edit, drop or undo."""

    what: str
    document: Document
    parts: list[Part]
    revision: int


parts = st.builds(
    part,
    st.sampled_from(MRIDS),
    st.sampled_from(KINDS),
    st.dictionaries(st.sampled_from(PROPERTIES), st.sampled_from(["true", "false"]), max_size=2),
    links=st.dictionaries(
        st.sampled_from(LINKS), st.sampled_from([*MRIDS, "A#_B", "gone"]), max_size=3
    ),
    section=st.sampled_from(["", "", "", "forwardDifferences"]),
)
documents = st.sampled_from(
    [document("a.xml"), document("b.xml", scenario_time="2026"), document("a.xml", "village")]
)
operations = st.builds(
    Operation,
    st.sampled_from(["put", "put", "put", "edit", "edit", "drop", "undo"]),
    documents,
    st.lists(parts, max_size=6, unique_by=lambda one: one.mrid),
    st.integers(1, 8),
)


def apply(operation: Operation, store: GraphStore, model: GraphModel) -> None:
    """Do the same to both."""
    what, said, given, revision = operation
    if what == "undo":
        _undo(store, model, 1 + revision % (len(model.log) + 1))
        return
    with store.transaction(author="chance", message=what) as transaction:
        if what == "put":
            transaction.put_document(said, given)
        elif what == "edit":
            transaction.put_parts(said.model_set, said.name, given)
        else:
            transaction.drop_document(said.model_set, said.name)
    if what == "drop":
        model.drop(said)
    elif what == "edit":
        model.edit(said, given)
    else:
        model.put(said, given)


def _undo(store: GraphStore, model: GraphModel, revision: int) -> None:
    if revision > len(model.log):
        return
    try:
        store.undo(revision, author="chance")
    except Conflict:
        assert not model.undo(revision)
    else:
        assert model.undo(revision)
