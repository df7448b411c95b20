"""The tables of kinds, links and quantities agree with each other and with CIM."""

import csv
from collections import Counter
from importlib.resources import files

import pytest

from graph_service.domain import tables
from graph_service.domain.layers import Layer

ELEMENT_ROLES = {
    "",
    "catalogue",
    "container",
    "customer",
    "device",
    "equipment",
    "gateway",
    "head_end",
    "layout",
    "limit",
    "measurement",
    "node",
    "organisation",
    "state",
    "switch",
    "terminal",
    "usage_point",
}
LENGTH_UNITS = {"m", "ohm/m", "S/m"}
UNITS = {"", "1", "%", "A", "S", "V", "VA", "W", "Wh", "deg", "degC", "ohm", "rad", "s", "var"}
LINK_ROLES = {"", "conducts"} | {
    f"{how}:{end}" for how in ("serves", "towards") for end in ("source", "target")
}


def read(table: str) -> list[dict[str, str]]:
    text = files("graph_service.domain").joinpath(table).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


# --- classes ---


def test_classes__are_listed_once_and_in_order():
    kinds = [row["kind"] for row in read("classes.csv")]
    assert kinds == sorted(set(kinds))


def test_classes__every_parent_is_a_class():
    kinds = {row["kind"] for row in read("classes.csv")}
    assert {row["parent"] for row in read("classes.csv")} - kinds == {""}


def test_classes__no_class_is_its_own_ancestor():
    parents = {row["kind"]: row["parent"] for row in read("classes.csv")}
    for kind in parents:
        line = [kind]
        while parents[line[-1]]:
            line.append(parents[line[-1]])
            assert len(line) < 20, f"{kind} has no root: {line}"


def test_classes__every_class_names_the_versions_that_have_it():
    known = {"CIM14", "CIM16", "CIM17", "CIM18", "NC", "gs"}
    for row in read("classes.csv"):
        assert set(row["versions"].split(";")) <= known, row["kind"]


# --- what kinds are ---


def test_superclasses__of_a_breaker_reach_conducting_equipment():
    assert tables.superclasses("Breaker") == (
        "ProtectedSwitch",
        "Switch",
        "ConductingEquipment",
        "Equipment",
        "PowerSystemResource",
        "IdentifiedObject",
    )


def test_superclasses__of_an_unknown_kind_are_none():
    assert tables.superclasses("FluxCapacitor") == ()


def test_subclasses__of_switch_include_itself_and_the_breaker():
    assert {"Switch", "Breaker", "Fuse", "Recloser"} <= tables.subclasses("Switch")


def test_subclasses__of_an_unknown_kind_are_itself_alone():
    assert tables.subclasses("FluxCapacitor") == {"FluxCapacitor"}


@pytest.mark.parametrize(
    ("kind", "ancestor"),
    [
        ("Breaker", "ConductingEquipment"),
        ("Breaker", "Breaker"),
        ("Meter", "Asset"),
        ("Gateway", "ComModule"),
        ("ComFunction", "EndDeviceFunction"),
        ("RemoteSource", "RemotePoint"),
        ("EnergyConsumer", "EnergyConnection"),
        ("AssetOwner", "OrganisationRole"),
        ("FluxCapacitor", "FluxCapacitor"),
    ],
)
def test_is_a__follows_the_class_table(kind, ancestor):
    assert tables.is_a(kind, ancestor)


def test_is_a__does_not_hold_downwards():
    assert not tables.is_a("ConductingEquipment", "Breaker")


def test_most_specific__drops_the_superclass_that_a_state_file_wrote():
    assert tables.most_specific(["Equipment", "BusbarSection"]) == "BusbarSection"


def test_most_specific__of_unrelated_kinds_is_the_first_by_alphabet():
    kinds = ["WindGeneratingUnit", "PowerElectronicsWindUnit"]
    assert tables.most_specific(kinds) == "PowerElectronicsWindUnit"


def test_most_specific__keeps_an_unknown_kind():
    assert tables.most_specific(["FluxCapacitor"]) == "FluxCapacitor"


def test_known_kind__tells_cim_from_the_rest():
    assert tables.known_kind("ACLineSegment")
    assert not tables.known_kind("FluxCapacitor")
    assert "ACLineSegment" in tables.kind_names()


def test_versions_of__mark_our_own_kinds():
    assert tables.versions_of("SimCard") == ("gs",)
    assert {"CIM16", "CIM17"} <= set(tables.versions_of("Breaker"))
    assert tables.versions_of("FluxCapacitor") == ()


# --- what kinds are for ---


def test_kind_rows__are_about_known_kinds_once_each():
    names = [row["name"] for row in read("kinds.csv") if row["family"] == "element"]
    assert [name for name, times in Counter(names).items() if times > 1] == []
    assert [name for name in names if not tables.known_kind(name)] == []


def test_kind_rows__have_valid_layers_roles_and_ranks():
    for row in tables.kind_rows():
        assert row.layer in {"", *(layer.value for layer in Layer)}, row
        assert row.role in ELEMENT_ROLES, row
        assert row.source_rank in (None, 1, 2, 3), row


@pytest.mark.parametrize("family", ["element", "link", "quantity", "event", "property"])
def test_rows__say_what_they_mean(family):
    rows = [row for row in read("kinds.csv") if row["family"] == family]
    assert rows
    assert [row["name"] for row in rows if not row["meaning"]] == []


def test_rows__are_of_known_families():
    families = {row["family"] for row in read("kinds.csv")}
    assert families == {"element", "link", "quantity", "event", "property"}


@pytest.mark.parametrize(
    ("kind", "layer"),
    [
        ("Breaker", Layer.PHYSICAL),
        ("Meter", Layer.PHYSICAL),
        ("CurrentLimit", Layer.PHYSICAL),
        ("PositionPoint", Layer.PHYSICAL),
        ("Asset", Layer.OWNERSHIP),
        ("Customer", Layer.OWNERSHIP),
        ("AssetOwner", Layer.OWNERSHIP),
        ("ComModule", Layer.COMMUNICATION),
        ("Gateway", Layer.COMMUNICATION),
        ("SimCard", Layer.COMMUNICATION),
        ("RemoteSource", Layer.COMMUNICATION),
        ("CommunicationLink", Layer.COMMUNICATION),
        ("ComFunction", Layer.COMMUNICATION),
        ("WorkTask", None),
        ("FluxCapacitor", None),
    ],
)
def test_layer_of__comes_from_the_nearest_class_that_has_one(kind, layer):
    assert tables.layer_of(kind) is layer


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        ("ACLineSegment", "equipment"),
        ("PowerTransformer", "equipment"),
        ("Recloser", "switch"),
        ("Terminal", "terminal"),
        ("ConnectivityNode", "node"),
        ("Feeder", "container"),
        ("Meter", "device"),
        ("UsagePoint", "usage_point"),
        ("SvVoltage", "state"),
        ("ApparentPowerLimit", "limit"),
        ("AnalogValue", "measurement"),
        ("OverheadWireInfo", "catalogue"),
        ("HeadEnd", "head_end"),
        ("Organisation", "organisation"),
        ("TapChanger", ""),
        ("FluxCapacitor", ""),
    ],
)
def test_role_of__comes_from_the_nearest_class_that_has_one(kind, role):
    assert tables.role_of(kind) == role


@pytest.mark.parametrize(
    ("kind", "rank"),
    [
        ("EnergySource", 1),
        ("ExternalNetworkInjection", 1),
        ("SynchronousMachine", 2),
        ("AsynchronousMachine", 2),
        ("EquivalentInjection", 3),
        ("HeadEnd", 1),
        ("Organisation", 1),
        ("EnergyConsumer", 0),
        ("FluxCapacitor", 0),
    ],
)
def test_source_rank__orders_what_feeds_a_layer(kind, rank):
    assert tables.source_rank(kind) == rank


def test_conducting_equipment__has_a_role_that_a_walk_understands():
    roles = {tables.role_of(kind) for kind in tables.subclasses("ConductingEquipment")}
    assert roles == {"equipment", "switch"}


def test_switches__are_those_that_are_kinds_of_switch():
    for kind in tables.subclasses("Switch") | tables.subclasses("DCSwitch"):
        assert tables.role_of(kind) == "switch", kind


# --- links ---


def test_link_rows__are_listed_once_in_one_direction():
    names = [row["name"] for row in read("kinds.csv") if row["family"] == "link"]
    names += [row.inverse for row in tables.link_rows() if row.inverse]
    assert [name for name, times in Counter(names).items() if times > 1] == []


def test_link_rows__begin_at_a_known_kind():
    kinds = {row.name.partition(".")[0] for row in tables.link_rows()}
    assert [kind for kind in kinds if not tables.known_kind(kind)] == []


def test_link_rows__have_valid_roles_and_heirs():
    for row in tables.link_rows():
        assert row.role in LINK_ROLES, row
        assert row.inherits in {"", "source", "target"}, row


def test_link_rows__are_walked_in_the_layer_that_fits_their_role():
    layers = {
        "": {None},
        "conducts": {Layer.PHYSICAL},
        "serves": {Layer.PHYSICAL},
        "towards": {Layer.COMMUNICATION, Layer.OWNERSHIP},
    }
    for row in tables.link_rows():
        assert row.layer in layers[row.how], row


def test_link_row__knows_the_inverse_and_turns_its_ends():
    row = tables.link_row("UsagePoint.Equipments")
    inverse = tables.link_row("Equipment.UsagePoints")
    assert row is not None
    assert inverse is not None
    assert (row.role, row.inherits) == ("serves:target", "target")
    assert (inverse.role, inverse.inherits) == ("serves:source", "source")
    assert inverse.layer is row.layer
    assert inverse.inverse == row.name


def test_link_row__of_a_conducting_link_has_no_upstream_end():
    row = tables.link_row("Terminal.ConductingEquipment")
    assert row is not None
    assert (row.how, row.upstream_end, row.inherits) == ("conducts", "", "target")


def test_link_row__of_an_unknown_name_is_none():
    assert tables.link_row("FluxCapacitor.Flux") is None


def test_link_names__include_the_inverse_ones():
    names = tables.link_names()
    assert "Terminal.ConductingEquipment" in names
    assert "ConductingEquipment.Terminals" in names


@pytest.mark.parametrize(
    "way",
    [
        "Asset.AssetContainer< SimCard.ComModule< SimCard.Cell> Cell.HeadEnd>",
        "Asset.AssetContainer< ComModule.Gateway> Gateway.HeadEnd>",
        "EndDeviceFunction.EndDevice< ComFunction.ComModule> ComModule.Gateway>",
        "Measurement.PowerSystemResource< AnalogValue.Analog< RemoteSource.MeasurementValue< "
        "RemotePoint.RemoteUnit> CommunicationLink.RemoteUnits< CommunicationLink.toEnd>",
        "Asset.PowerSystemResources< Asset.OrganisationRoles> OrganisationRole.Organisation>",
        "Ownership.Asset< Ownership.AssetOwner> OrganisationRole.Organisation>",
        "UsagePoint.CustomerAgreement> CustomerAgreement.Customer> OrganisationRole.Organisation>",
    ],
)
def test_upstream_end__leads_from_the_network_to_head_end_and_owner(way):
    ends = {">": "target", "<": "source"}
    for step in way.split():
        row = tables.link_row(step[:-1])
        assert row is not None, step
        assert (row.how, row.upstream_end) == ("towards", ends[step[-1]]), step


# --- quantities and properties ---


def test_quantity__of_energy_is_in_watt_hours():
    row = tables.quantity("ENERGY_IN")
    assert row is not None
    assert (row.unit, row.role) == ("Wh", "energy")


def test_quantity__of_an_unknown_name_is_none():
    assert tables.quantity("FLUX") is None


def test_quantities__are_the_vocabulary_of_the_api():
    names = "P Q S U I PF THD ENERGY_IN ENERGY_OUT ENERGY_IN_REGISTER ENERGY_OUT_REGISTER"
    more = "TEMP_TOP_OIL TEMP_HOT_SPOT TEMP_OUTDOOR DATA_USED"
    assert [row.name for row in tables.quantities()] == f"{names} {more}".split()
    assert {row.role for row in tables.quantities()} == {"energy", "power", "level", "counter"}


def test_properties__have_si_units_without_kilo_and_mega():
    for row in tables.properties():
        assert row.unit in UNITS | LENGTH_UNITS, row
        assert tables.known_kind(row.name.partition(".")[0]), row


def test_property_row__of_a_length_is_in_metres():
    row = tables.property_row("Conductor.length")
    assert row is not None
    assert row.unit == "m"
