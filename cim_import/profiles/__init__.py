"""The application profiles of our own: what Communication/1 and Ownership/1 may say, as tables.

No published profile carries communication, metering, owners and customers in RDF/XML, so these
two do. They use CIM17 classes where CIM has them and the namespace `gs` where it does not. The
tables lie beside this module (`communication_1.csv`, `ownership_1.csv`), one row a class or
property, and are printed in docs/reference/profiles.md. They say what GridStrata writes itself;
the importer takes any class and property.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

CIM: Final = "http://iec.ch/TC57/CIM100#"
GS: Final = "https://gridstrata.org/ns/1#"
NAMESPACES: Final = {"cim": CIM, "gs": GS}
COMMUNICATION: Final = "https://gridstrata.org/profile/Communication/1"
OWNERSHIP: Final = "https://gridstrata.org/profile/Ownership/1"
PROFILES: Final = {COMMUNICATION: "communication_1.csv", OWNERSHIP: "ownership_1.csv"}
"""profile URI → its table"""


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """One class, or one property of it.

    Names carry their prefix (`cim:Asset`, `gs:SimCard.Cell`). For a class, `property` and
    `multiplicity` are empty and `range` is its superclass in the profile, or empty. For a
    property, `range` is the class it refers to, an enumeration, or a CIM data type.
    """

    kind: str
    property: str
    range: str
    multiplicity: str
    meaning: str


@cache
def profile_rows(profile: str) -> tuple[ProfileRow, ...]:
    """The rows of a profile by its URI, in the order of the table: a class, then its properties."""
    text = files(__package__).joinpath(PROFILES[profile]).read_text(encoding="utf-8")
    return tuple(
        ProfileRow(row["class"], row["property"], row["range"], row["multiplicity"], row["meaning"])
        for row in csv.DictReader(text.splitlines())
    )


def properties_of(profile: str, kind: str) -> frozenset[str]:
    """The properties a class has in a profile, with those of its superclasses there."""
    rows = profile_rows(profile)
    own = frozenset(row.property for row in rows if row.kind == kind and row.property)
    parents = [row.range for row in rows if row.kind == kind and not row.property and row.range]
    return own.union(*(properties_of(profile, parent) for parent in parents))
