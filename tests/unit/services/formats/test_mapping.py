"""The mapping file: what it says holds, what cannot be is an error before the first line."""

import pytest

from graph_service.domain.errors import BadMapping, UnreadableInput
from graph_service.services.formats.addressed import BadLine, Lookup
from graph_service.services.formats.mapping import DEFAULT, mapping_of, read_mapping

FILE = """
into = "town"
source = "telegraf"
ignore = ["cpu"]

[buckets]
"grid/autogen" = "south"

[[rule]]
measurement = "power"
where = { site = "north" }
source = { tag = "host", default = "rtu" }
quality = "status"
unit_tag = "u"
arrival_time = true
fields.active = { quantity = "P", unit = "kW" }
fields.energy = "ENERGY_IN"
[rule.element]
tag = "serial"
by = "property"
property = "Asset.serialNumber"
kind = "Meter"
follow = "EndDevice.UsagePoint"

[[rule]]
measurement = "oil*"
element = { mrid = "t1" }
fields.celsius = "TEMP_TOP_OIL"

[[rule]]
measurement = "generic"
element = "id"
fields.value = { quantity = { tag = "what" }, unit = "kW" }
"""


@pytest.fixture
def mapping(tmp_path):
    path = tmp_path / "mapping.toml"
    path.write_text(FILE)
    return read_mapping(path)


def target(mapping, measurement, tags, field):
    return mapping.rule(measurement, tags).target("town", tags, field)


def test_rule__element_by_a_property_across_a_link(mapping):
    tags = {"site": "north", "serial": "_4711", "host": "gw1", "u": "MW"}
    found, (factor, _) = target(mapping, "power", tags, "active")
    lookup = Lookup("property", "Meter", "Asset.serialNumber", "EndDevice.UsagePoint")
    assert (found.address.value, found.address.lookup) == ("_4711", lookup)
    assert (found.quantity, found.source, factor) == ("P", "gw1", 1e6)


def test_rule__source_without_its_tag_is_the_default(mapping):
    tags = {"site": "north", "serial": "1"}
    assert target(mapping, "power", tags, "energy")[0].source == "rtu"


def test_rule__one_element_for_all_lines_of_a_pattern(mapping):
    found, _ = target(mapping, "oil_temp", {}, "celsius")
    assert (found.address.value, found.quantity, found.source) == ("t1", "TEMP_TOP_OIL", "telegraf")


def test_rule__quantity_from_a_tag(mapping):
    found, (factor, _) = target(mapping, "generic", {"id": "a", "what": "P"}, "value")
    assert (found.quantity, factor) == ("P", 1000)


def test_rule__quantity_from_a_tag_must_fit_the_unit(mapping):
    with pytest.raises(BadLine, match="does not fit"):
        target(mapping, "generic", {"id": "a", "what": "U"}, "value")


def test_rule__line_with_other_tags_is_not_meant(mapping):
    with pytest.raises(BadLine, match="'power'"):
        mapping.rule("power", {"site": "south"})


def test_rule__ours_is_tried_last_with_the_files_source(mapping):
    found, _ = target(mapping, "readings", {"element": "t1"}, "P")
    assert found.source == "telegraf"


def test_model_set__is_that_of_the_bucket_else_that_of_the_file(mapping):
    assert mapping.model_set("grid/autogen") == "south"
    assert mapping.model_set("anything") == "town"
    assert DEFAULT.model_set("anything") == ""


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"rules": []}, "'rules'"),
        ({"rule": [{"measurment": "m"}]}, "'measurment'"),
        ({"rule": [{"element": "id"}]}, "'measurement' is missing"),
        ({"rule": [{"measurement": "m", "fields": {"p": "POWER"}}]}, "'POWER'"),
        (
            {"rule": [{"measurement": "m", "fields": {"p": {"quantity": "P", "unit": "kWh"}}}]},
            "does not fit P",
        ),
        ({"rule": [{"measurement": "m", "element": {"by": "colour"}}]}, "'colour'"),
        ({"rule": [{"measurement": "m", "element": {"by": "property"}}]}, "property"),
        ({"rule": [{"measurement": "m", "element": {"kind": "Metre"}}]}, "'Metre'"),
        ({"rule": [{"measurement": "m", "arrival_time": "yes"}]}, "arrival_time"),
        ({"rule": {"measurement": "m"}}, "rule ="),
        ({"rule": ["m"]}, "table"),
        ({"into": 5}, "into"),
    ],
)
def test_mapping__that_cannot_be_is_an_error_that_says_where(members, said):
    with pytest.raises(BadMapping, match=said) as error:
        mapping_of(members, "my.toml")
    assert "my.toml" in error.value.message


@pytest.mark.parametrize("content", [None, "rule = [", b"\xff"])
def test_read_mapping__of_no_toml_is_an_error(tmp_path, content):
    path = tmp_path / "mapping.toml"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UnreadableInput, match="mapping"):
        read_mapping(path)
