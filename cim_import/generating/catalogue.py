"""Cables, transformers and voltages of the town: what its data sheets say.

Values are those usual for IEC cables laid in earth and for oil transformers to EN 50588; they are
printed in docs/reference/generator.md. Units of the files are those of CGMES: kV, MVA, MW, km.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final

HIGH_KV: Final = 110
MEDIUM_KV: Final = 20
LOW_KV: Final = 0.4


@dataclass(frozen=True, slots=True)
class CableType:
    """Electrical values per kilometre and the current it carries for ever."""

    name: str
    r_ohm_per_km: float
    x_ohm_per_km: float
    c_nf_per_km: float
    rated_a: int


@dataclass(frozen=True, slots=True)
class TransformerType:
    """A two-winding transformer; voltages between phases, losses at rated values."""

    name: str
    rated_va: int
    high_kv: float
    low_kv: float
    short_circuit_percent: float
    load_loss_w: int
    no_load_loss_w: int
    no_load_current_percent: float
    high_connection: str
    low_connection: str
    clock: int

    def impedance_ohm(self) -> tuple[float, float]:
        """Series r and x, seen from the high side."""
        base = (self.high_kv * 1000) ** 2 / self.rated_va
        z = self.short_circuit_percent / 100 * base
        r = self.load_loss_w / self.rated_va * base
        return r, sqrt(z * z - r * r)

    def admittance_s(self) -> tuple[float, float]:
        """Shunt g and b, seen from the high side; b is negative, as CIM counts it."""
        base = self.rated_va / (self.high_kv * 1000) ** 2
        y = self.no_load_current_percent / 100 * base
        g = self.no_load_loss_w / (self.high_kv * 1000) ** 2
        return g, -sqrt(max(y * y - g * g, 0.0))


RING_CABLE: Final = CableType("NA2XS2Y 3x1x240", 0.122, 0.112, 304.0, 416)
BRANCH_CABLE: Final = CableType("NA2XS2Y 3x1x150", 0.206, 0.116, 273.0, 319)
STREET_CABLE: Final = CableType("NAYY 4x150", 0.208, 0.080, 261.0, 270)
SERVICE_CABLE: Final = CableType("NAYY 4x35", 0.868, 0.086, 190.0, 123)
THICK_SERVICE_CABLE: Final = CableType("NAYY 4x95", 0.320, 0.082, 240.0, 215)
CABLES: Final = (RING_CABLE, BRANCH_CABLE, STREET_CABLE, SERVICE_CABLE, THICK_SERVICE_CABLE)

PRIMARY: Final = (
    TransformerType(
        "25 MVA 110/20 kV", 25_000_000, 110, 20, 12.0, 102_500, 14_000, 0.07, "Yn", "D", 5
    ),
    TransformerType(
        "40 MVA 110/20 kV", 40_000_000, 110, 20, 16.2, 136_000, 18_000, 0.05, "Yn", "D", 5
    ),
)
SECONDARY: Final = (
    TransformerType("160 kVA 20/0.4 kV", 160_000, 20, 0.4, 4.0, 2_350, 300, 0.30, "D", "Yn", 5),
    TransformerType("250 kVA 20/0.4 kV", 250_000, 20, 0.4, 4.0, 3_250, 425, 0.28, "D", "Yn", 5),
    TransformerType("400 kVA 20/0.4 kV", 400_000, 20, 0.4, 4.0, 4_600, 610, 0.25, "D", "Yn", 5),
    TransformerType("630 kVA 20/0.4 kV", 630_000, 20, 0.4, 4.0, 6_500, 860, 0.22, "D", "Yn", 5),
    TransformerType(
        "1000 kVA 20/0.4 kV", 1_000_000, 20, 0.4, 6.0, 10_500, 1_100, 0.20, "D", "Yn", 5
    ),
)


def transformer_for(expected_va: float, types: tuple[TransformerType, ...]) -> TransformerType:
    """The smallest of these that the expected load fills to no more than two thirds."""
    fitting = (kind for kind in types if expected_va <= kind.rated_va * 2 / 3)
    return next(fitting, types[-1])
