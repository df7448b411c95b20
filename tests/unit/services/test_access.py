import pytest

from graph_service.domain.access import EVERYTHING, NOTHING, Right
from graph_service.domain.errors import AccessDenied, BadName
from tests.building import document, part
from tests.unit.services.conftest import World


def with_owner(world: World) -> int:
    parts = [
        part("DSO", "Organisation", {"IdentifiedObject.name": "Town Grid"}),
        part("O1", "AssetOwner", links={"OrganisationRole.Organisation": "DSO"}),
        part(
            "A1",
            "Asset",
            links={"Asset.PowerSystemResources": "L1", "Asset.OrganisationRoles": "O1"},
        ),
        part("L1", "ACLineSegment"),
        part("L2", "ACLineSegment"),
    ]
    with world.graph.transaction(author="test", message="owners") as change:
        change.put_document(document(), parts)
    return world.network.element("DSO", EVERYTHING).number


def test_caller__is_recognised_by_the_token_and_by_nothing_else(world: World) -> None:
    token = world.access.create("planner", None, [Right.READ])
    caller = world.access.caller(token)
    assert (caller.name, caller.scope, caller.rights) == ("planner", EVERYTHING, {Right.READ})
    with pytest.raises(AccessDenied, match="not known"):
        world.access.caller(token + "x")


@pytest.mark.parametrize("owner", ["Town Grid", "DSO", "town/DSO"])
def test_scope__an_owner_is_named_by_name_mrid_or_key(world: World, owner: str) -> None:
    number = with_owner(world)
    scope = world.access.caller(world.access.create("dso", [owner], [Right.READ])).scope
    assert scope.owners == {number}
    assert world.graph.by_mrid(["L1"], scope)[0]
    assert not world.graph.by_mrid(["L2"], scope)[0]


def test_scope__an_owner_nobody_knows_sees_nothing_until_it_is_imported(world: World) -> None:
    token = world.access.create("dso", ["Town Grid"], [Right.READ])
    assert world.access.caller(token).scope == NOTHING
    with_owner(world)
    assert world.access.caller(token).scope != NOTHING


def test_create__keeps_no_secret(world: World) -> None:
    token = world.access.create("planner", None, [Right.READ])
    world.records.close()
    kept = b"".join(file.read_bytes() for file in world.folder.glob("records.sqlite*"))
    assert b"planner" in kept
    assert token.encode() not in kept


@pytest.mark.parametrize("name", ["planner", "", "a b", "x" * 101])
def test_create__a_name_that_cannot_be_one_is_refused(world: World, name: str) -> None:
    world.access.create("planner", None, [Right.READ])
    with pytest.raises(BadName):
        world.access.create(name, None, [Right.READ])


def test_revoke__the_token_stops_working_at_once(world: World) -> None:
    token = world.access.create("planner", None, [Right.READ])
    assert world.access.revoke("planner")
    with pytest.raises(AccessDenied):
        world.access.caller(token)
    assert not world.access.revoke("planner")
