"""The tables of our profiles agree with themselves and with the tables of kinds."""

import pytest

from cim_import.profiles import PROFILES, profile_rows, properties_of
from graph_service.domain import tables


@pytest.fixture(params=PROFILES)
def profile(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_profile__every_property_follows_a_row_of_its_class(profile: str):
    classes: set[str] = set()
    for row in profile_rows(profile):
        if row.property:
            assert row.kind in classes
            assert row.multiplicity in {"1", "0..1", "0..*"}
        else:
            classes.add(row.kind)
        assert row.meaning


def test_profile__superclasses_are_those_of_the_class_table(profile: str):
    for row in profile_rows(profile):
        kind, parent = row.kind.partition(":")[2], row.range.partition(":")[2]
        if not row.property and not row.meaning.startswith("Enumeration"):
            assert tables.known_kind(kind)
            assert not parent or parent in tables.superclasses(kind)


def test_profile__references_lead_to_known_kinds_by_known_links(profile: str):
    for row in profile_rows(profile):
        target = row.range.partition(":")[2]
        if row.property and tables.known_kind(target):
            assert tables.link_row(row.property.partition(":")[2]) is not None


def test_profile__class_has_the_properties_of_its_superclasses(profile: str):
    for row in profile_rows(profile):
        if not row.property and row.range:
            assert properties_of(profile, row.range) <= properties_of(profile, row.kind)
