"""The ownership side of a town: who owns which feeder, and shares that add up."""

from collections import defaultdict

from cim_import.generating.ownership import DATA_COMPANY, ESTATE, NETWORK_COMPANY, TRANSMISSION
from graph_service.domain.ownership import derive_owners, relevant_links
from tests.deliveries import Delivery


def owners_by_name(town: Delivery) -> dict[str, set[str]]:
    """mRID → names of the owning organisations, by the rules of the domain."""
    number = {mrid: index for index, mrid in enumerate(town.things)}
    mrids = list(town.things)
    kinds = {number[m]: t.kind.partition(":")[2] for m, t in town.things.items()}
    links = [
        (number[m], name.partition(":")[2], number[target])
        for m, thing in town.things.items()
        for name, target in thing.references
        if name.partition(":")[2] in relevant_links()
    ]
    found = derive_owners(kinds, links)
    return {
        mrids[n]: {town.things[mrids[o]].value("cim:IdentifiedObject.name") for o in orgs}
        for n, orgs in found.items()
    }


def test_ownership__shares_of_an_asset_add_up_to_the_whole(town: Delivery):
    shares: dict[str, int] = defaultdict(int)
    for ownership in town.of("cim:Ownership"):
        (asset,) = ownership.to("cim:Ownership.Asset")
        shares[asset] += int(ownership.value("cim:Ownership.share"))
        assert set(ownership.to("cim:Ownership.AssetOwner")) <= set(
            town.things[asset].to("cim:Asset.OrganisationRoles")
        )
    assert set(shares.values()) == {100}


def test_ownership__estate_owns_its_feeder_with_all_below_and_nothing_else(town: Delivery):
    owners = owners_by_name(town)
    (feeder,) = [t for t in town.of("cim:Feeder") if "cim:IdentifiedObject.description" in t.values]
    meters = {m.mrid for m in town.of("cim:Meter") if owners[m.mrid] == {ESTATE}}
    feeders = {f.mrid for f in town.of("cim:Feeder") if owners[f.mrid] == {ESTATE}}
    assert feeders == {feeder.mrid}
    assert len(meters) == 5  # one in eighty of 420
    assert all(ESTATE not in owners[s.mrid] for s in town.of("cim:EnergySource"))


def test_ownership__everything_but_catalogue_and_roles_has_an_owner(town: Delivery):
    owners = owners_by_name(town)
    without = {thing.kind for mrid, thing in town.things.items() if mrid not in owners}
    assert without == {
        "cim:BaseVoltage",
        "cim:CoordinateSystem",
        "cim:GeographicalRegion",
        "cim:OperationalLimitType",
        "cim:ServiceCategory",
        "cim:SubGeographicalRegion",
        "gs:DataPlan",
    }


def test_ownership__transformers_of_the_substation_are_owned_in_common(town: Delivery):
    owners = owners_by_name(town)
    common = [t for t in town.of("cim:PowerTransformer") if len(owners[t.mrid]) > 1]
    assert len(common) == 2
    assert all(owners[t.mrid] == {NETWORK_COMPANY, TRANSMISSION} for t in common)


def test_ownership__gateways_and_cards_belong_to_the_data_company_stations_do_not(town: Delivery):
    owners = owners_by_name(town)
    assert {frozenset(owners[t.mrid]) for t in town.of("gs:Gateway", "gs:SimCard", "gs:Cell")} == {
        frozenset({DATA_COMPANY})
    }
    assert not any(DATA_COMPANY in owners[t.mrid] for t in town.of("cim:Substation"))
