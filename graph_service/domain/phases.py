"""Phases as bits, read off CIM's PhaseCode and SinglePhaseKind; 0 means not said.

A 1   B 2   C 4   N 8   s1 16   s2 32
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_LETTERS: Final = {"A": 1, "B": 2, "C": 4, "N": 8}
_PROPERTIES: Final = (
    "Terminal.phases",
    "UsagePoint.phaseCode",
    "ACLineSegmentPhase.phase",
    "EnergyConsumerPhase.phase",
    "SwitchPhase.phaseSide1",
    "PowerElectronicsConnectionPhase.phase",
    "TransformerTankEnd.phases",
)


def phase_bits(code: str) -> int:
    """Read a phase code such as `PhaseCode.ABCN`, `SinglePhaseKind.s1` or `ABN`; 0 for unknown."""
    name = code.rpartition(".")[2]
    bits = 16 * ("s1" in name) | 32 * ("s2" in name)
    if name.startswith("s12"):
        bits |= 48
    for letter in name.replace("s12", "").replace("s1", "").replace("s2", ""):
        if letter not in _LETTERS:
            return bits
        bits |= _LETTERS[letter]
    return bits


def phases_of(properties: Mapping[str, str | tuple[str, ...]]) -> int:
    """The phases an element states about itself, as bits; 0 where it says nothing."""
    for name in _PROPERTIES:
        value = properties.get(name)
        if value is not None:
            return phase_bits(value[0] if isinstance(value, tuple) else value)
    return 0
