"""Containers: which links say that an element lies in another one.

`ConnectivityNode -> VoltageLevel -> Substation -> SubGeographicalRegion -> GeographicalRegion`:
what lies in a container lies in the containers of that container, too.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from graph_service.domain import tables

CONTAINMENT: Final = frozenset(
    {
        "Equipment.EquipmentContainer",
        "Equipment.AdditionalEquipmentContainer",
        "Equipment.MemberOf_EquipmentContainer",
        "ConnectivityNode.ConnectivityNodeContainer",
        "TopologicalNode.ConnectivityNodeContainer",
        "VoltageLevel.Substation",
        "VoltageLevel.MemberOf_Substation",
        "Bay.VoltageLevel",
        "Bay.Substation",
        "Substation.Region",
        "SubGeographicalRegion.Region",
        "Line.Region",
        "Feeder.NormalEnergizingSubstation",
        "DCLine.Region",
        "DCConverterUnit.Substation",
        "DCNode.DCEquipmentContainer",
        "DCTopologicalNode.DCEquipmentContainer",
    }
)
"""Links written from what is contained to its container."""


@cache
def inverse_containment() -> frozenset[str]:
    """The same associations, written from the container to what it contains."""
    rows = (tables.link_row(name) for name in CONTAINMENT)
    return frozenset(row.inverse for row in rows if row and row.inverse)
