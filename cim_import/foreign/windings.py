"""What CIM says of the winding of a transformer, from what its test sheet says.

    z = vk / 100 * U^2 / S,  r = vkr / 100 * U^2 / S,  x = sqrt(z^2 - r^2)
    g = P_fe / U^2,  y = i0 / 100 * S / U^2,  b = -sqrt(y^2 - g^2)

all seen from the high-voltage side, as in pandapower's documentation of its transformer model; the
other winding has none of it.
"""

from __future__ import annotations

from math import sqrt
from typing import Any


def winding_values(row: Any, number: int) -> dict[str, float]:
    """Properties of `PowerTransformerEnd` by name, in MVA, kV, ohm, S; end 1 is the high side."""
    parallel = float(row.parallel)
    rated = {
        "ratedS": float(row.sn_mva) * parallel,
        "ratedU": float(row.vn_hv_kv if number == 1 else row.vn_lv_kv),
    }
    if number != 1:
        clock = round(float(row.shift_degree) / 30) % 12
        return rated | {"r": 0.0, "x": 0.0, "g": 0.0, "b": 0.0, "phaseAngleClock": clock}
    ohm = float(row.vn_hv_kv) ** 2 / rated["ratedS"]
    r, z = (float(percent) / 100 * ohm for percent in (row.vkr_percent, row.vk_percent))
    g = float(row.pfe_kw) * parallel / 1000 / float(row.vn_hv_kv) ** 2
    y = float(row.i0_percent) / 100 / ohm
    return rated | {
        "r": r,
        "x": sqrt(max(z**2 - r**2, 0.0)),
        "g": g,
        "b": -sqrt(max(y**2 - g**2, 0.0)),
        "phaseAngleClock": 0,
    }
