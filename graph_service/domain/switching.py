"""Switching states: what is open and what is in service, as designed (normal) and now (present).

A state is a small set of bits, derived from the properties of an element:

| bit | set when |
|---|---|
| NORMALLY_OPEN | `Switch.normalOpen` is true |
| OPEN | `Switch.open` is true, or not given and normally open; on an SvSwitch, `SvSwitch.open` |
| PRESENT_GIVEN | `Switch.open` is given, so that no SvSwitch counts |
| NORMALLY_OUT_OF_SERVICE | `Equipment.normallyInService` is false |
| OUT_OF_SERVICE | `Equipment.inService` is false, or absent and normally out; `SvStatus` |
| DISCONNECTED | `ACDCTerminal.connected` is false |
| BOUNDARY | a node marked as boundary point of the model |
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, IntFlag
from typing import Final

OPERATIONS_DOCUMENT: Final = "gridstrata/operations.xml"
"""The document that holds what operators switched; it outranks every delivered one."""

_TRUE: Final = frozenset({"true", "1"})
_FALSE: Final = frozenset({"false", "0"})


class State(Enum):
    """Which of the two readings of one network: as designed, or as it is now."""

    NORMAL = "normal"
    PRESENT = "present"


class StateBits(IntFlag):
    """The bits of the table above."""

    NORMALLY_OPEN = 1
    OPEN = 2
    NORMALLY_OUT_OF_SERVICE = 4
    OUT_OF_SERVICE = 8
    PRESENT_GIVEN = 16
    DISCONNECTED = 32
    BOUNDARY = 64


def boolean(text: str | None) -> bool | None:
    """Read a CIM boolean, in any case; None where it is absent or no boolean."""
    if text is None:
        return None
    lowered = text.strip().lower()
    if lowered in _TRUE:
        return True
    return False if lowered in _FALSE else None


def state_bits(properties: Mapping[str, str | tuple[str, ...]]) -> int:
    """Derive the state bits of an element from its properties (local name → text)."""
    if not properties.keys() & _NAMES:
        return 0
    bits = _switch_bits(properties) | _service_bits(properties)
    if _read(properties, "ACDCTerminal.connected") is False:
        bits |= StateBits.DISCONNECTED
    if _read(properties, "ConnectivityNode.boundaryPoint") or _read(
        properties, "TopologicalNode.boundaryPoint"
    ):
        bits |= StateBits.BOUNDARY
    return int(bits)


def _switch_bits(properties: Mapping[str, str | tuple[str, ...]]) -> int:
    normal, present = _read(properties, "Switch.normalOpen"), _read(properties, "Switch.open")
    bits = StateBits.NORMALLY_OPEN if normal else 0
    if present is not None:
        bits |= StateBits.PRESENT_GIVEN
    if normal if present is None else present:
        bits |= StateBits.OPEN
    if _read(properties, "SvSwitch.open"):
        bits |= StateBits.OPEN
    return bits


def _service_bits(properties: Mapping[str, str | tuple[str, ...]]) -> int:
    normal = _read(properties, "Equipment.normallyInService")
    present = _read(properties, "Equipment.inService")
    bits = StateBits.NORMALLY_OUT_OF_SERVICE if normal is False else 0
    if (normal if present is None else present) is False:
        bits |= StateBits.OUT_OF_SERVICE
    if _read(properties, "SvStatus.inService") is False:
        bits |= StateBits.OUT_OF_SERVICE
    return bits


def _read(properties: Mapping[str, str | tuple[str, ...]], name: str) -> bool | None:
    value = properties.get(name)
    return boolean(value[0] if isinstance(value, tuple) else value)


_NAMES: Final = frozenset(
    {
        "Switch.normalOpen",
        "Switch.open",
        "SvSwitch.open",
        "Equipment.normallyInService",
        "Equipment.inService",
        "SvStatus.inService",
        "ACDCTerminal.connected",
        "ConnectivityNode.boundaryPoint",
        "TopologicalNode.boundaryPoint",
    }
)
