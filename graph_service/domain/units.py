"""Units: what a value written in one unit is in the unit of its quantity.

A unit is a base unit with or without a prefix: `kWh`, `MW`, `mA`, `kvar`, `GB`; besides `degC`,
`°C`, `degF`, `K`, `%`, `1`, and joules for energy. Capital and small letters matter, as in SI:
`mW` and `MW` are not the same. A unit of another quantity does not fit and has no conversion.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple


class Conversion(NamedTuple):
    """value in the quantity's unit = value x factor + offset."""

    factor: float
    offset: float = 0.0


SAME: Final = Conversion(1.0)
_PREFIXES: Final = {
    "": 1.0,
    "n": 1e-9,
    "u": 1e-6,
    "µ": 1e-6,
    "m": 1e-3,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
}
_UNUSUAL: Final = "nuµT"
_PREFIXED: Final = ("W", "VA", "var", "VAr", "V", "A", "Wh", "J", "B")
_BASE: Final[Mapping[str, Conversion]] = {
    "VAr": SAME,
    "J": Conversion(1 / 3600),
}
_KIND: Final[Mapping[str, str]] = {"VAr": "var", "J": "Wh"}
_OTHERS: Final[Mapping[str, tuple[str, Conversion]]] = {
    "degC": ("degC", SAME),
    "°C": ("degC", SAME),
    "K": ("degC", Conversion(1.0, -273.15)),
    "degF": ("degC", Conversion(5 / 9, -160 / 9)),
    "°F": ("degC", Conversion(5 / 9, -160 / 9)),
    "1": ("1", SAME),
    "%": ("%", SAME),
    "KiB": ("B", Conversion(1024.0)),
    "MiB": ("B", Conversion(1024.0**2)),
    "GiB": ("B", Conversion(1024.0**3)),
}
_SHARES: Final[Mapping[tuple[str, str], Conversion]] = {
    ("%", "1"): Conversion(0.01),
    ("1", "%"): Conversion(100.0),
}


def conversion(unit: str, into: str) -> Conversion | None:
    """How values in `unit` become values in `into`, a unit of the table; None: it does not fit."""
    kind, found = _units().get(unit, ("", SAME))
    if kind == into:
        return found
    return _SHARES.get((unit, into))


def units_for(into: str) -> list[str]:
    """The usual units that fit a unit of the table, for a hint."""
    fitting = (unit for unit in _units() if conversion(unit, into) is not None)
    return sorted(unit for unit in fitting if unit[0] not in _UNUSUAL and "VAr" not in unit)


@cache
def _units() -> Mapping[str, tuple[str, Conversion]]:
    prefixed = {
        prefix + base: (
            _KIND.get(base, base),
            Conversion(factor * _BASE.get(base, SAME).factor),
        )
        for base in _PREFIXED
        for prefix, factor in _PREFIXES.items()
    }
    return {**prefixed, **_OTHERS}
