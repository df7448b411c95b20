"""What places carry for ever, as the network model says it: apparent power in VA.

A transformer carries its rated power (`PowerTransformerEnd.ratedS`, the largest of its ends) and no
more than its permanent `ApparentPowerLimit`s; a line, a switch or a feeder's head its permanent
`CurrentLimit`s and `Switch.ratedCurrent`, times its nominal voltage; the least of all counts:

    S = sqrt(3) U I with three phases or none stated, U I / sqrt(3) a phase with one or two

Limits: what holds for some time only (TATL) is passed over; where files of a model set give
voltages above 1,200 they are in V and VA, otherwise in kV and MVA, as CGMES has it; what is no
positive number is no limit. Who may be told of equipment may be told what it carries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, sqrt
from typing import Final

import numpy as np

from graph_service.domain.access import EVERYTHING
from graph_service.domain.elements import Element
from graph_service.services.advice import Limit
from graph_service.services.network import Network
from graph_service.topology.conduction import conduction, links_to
from graph_service.topology.containment import holders
from graph_service.topology.csr import Csr, Ints
from graph_service.topology.projection import Projection

_MOST_KILOVOLTS: Final = 1200.0
_THREE: Final = 3
_PHASES: Final = (1, 2, 4)
_RATED: Final = "PowerTransformerEnd.ratedS"


@dataclass(frozen=True, slots=True)
class _Units:
    """How many V and VA a number in the files is."""

    volt: float
    va: float


class Limits:
    """Looks up limits.

    Args:
        network: where the elements are.
    """

    def __init__(self, network: Network) -> None:
        self._network = network

    def of(self, projection: Projection, positions: Sequence[int]) -> dict[int, Limit]:
        """The least limit of each of some equipment, by position; those without are left out.

        What was found is kept as long as the network stays the same.
        """
        kept: dict[int, Limit | None] = projection.once("least limits", dict)
        others = sorted({int(position) for position in positions} - kept.keys())
        if others:
            found = self._found(projection, np.array(others, dtype=np.int32))
            kept.update((position, found.get(position)) for position in others)
        known = {int(position): kept[int(position)] for position in positions}
        return {position: limit for position, limit in known.items() if limit is not None}

    def _found(self, projection: Projection, chosen: Ints) -> dict[int, Limit]:
        links = _Links(projection)
        about = links.about(chosen)
        elements = self._elements(projection, np.concatenate([chosen, *about.values()]))
        units = self._units(projection, links)
        found = {}
        for position in chosen.tolist():
            set_of = int(projection.model_sets[position])
            limits = list(_stated(position, links, elements, units[set_of], projection))
            if limits:
                found[position] = min(limits, key=lambda limit: limit.va)
        return found

    def _elements(self, projection: Projection, positions: Ints) -> Mapping[int, Element]:
        distinct = np.unique(positions)
        shown = self._network.elements(projection.numbers[distinct].tolist(), EVERYTHING)
        return {p: e for p, e in zip(distinct.tolist(), shown, strict=True) if e is not None}

    def _units(self, projection: Projection, links: _Links) -> Mapping[int, _Units]:
        """By model set; told by its largest nominal voltage."""
        largest: dict[int, float] = defaultdict(float)
        for position, element in self._elements(projection, links.voltages).items():
            volts = _number(element, "BaseVoltage.nominalVoltage") or 0.0
            code = int(projection.model_sets[position])
            largest[code] = max(largest[code], volts)
        in_volts = {code: most > _MOST_KILOVOLTS for code, most in largest.items()}
        kilo, plain = _Units(1e3, 1e6), _Units(1.0, 1.0)
        return defaultdict(lambda: kilo, {c: plain if v else kilo for c, v in in_volts.items()})


class _Links:
    """The links along which limits are found, as rows by position."""

    def __init__(self, projection: Projection):
        size = len(projection)

        def rows(name: str, *, turned: bool = False) -> Csr:
            sources, targets = links_to(projection, name)
            return Csr.of_pairs(size, *((targets, sources) if turned else (sources, targets)))

        def of(name: str, *, turned: bool = False) -> Csr:
            return projection.once(("limit links", name), lambda: rows(name, turned=turned))

        equipment = conduction(projection).equipment_of
        terminals = np.flatnonzero(equipment >= 0).astype(np.int32)
        self.terminals = projection.once(
            "terminals", lambda: Csr.of_pairs(size, equipment[terminals], terminals)
        )
        self.at_equipment = of("OperationalLimitSet.Equipment", turned=True)
        self.at_terminal = of("OperationalLimitSet.Terminal", turned=True)
        self.limits = of("OperationalLimit.OperationalLimitSet", turned=True)
        self.types = of("OperationalLimit.OperationalLimitType")
        self.ends = of("PowerTransformerEnd.PowerTransformer", turned=True)
        self.voltage = of("ConductingEquipment.BaseVoltage")
        self.level_voltage = of("VoltageLevel.BaseVoltage")
        self.holders = holders(projection)
        self.voltages = np.union1d(self.voltage.indices, self.level_voltage.indices)

    def about(self, equipment: Ints) -> dict[str, Ints]:
        """All that may say something about the limits of some equipment."""
        sets = np.concatenate(
            [
                self.at_equipment.next_to(equipment)[1],
                self.at_terminal.next_to(self.terminals.next_to(equipment)[1])[1],
            ]
        )
        limits = self.limits.next_to(sets)[1]
        return {
            "ends": self.ends.next_to(equipment)[1],
            "limits": limits,
            "types": self.types.next_to(limits)[1],
            "voltages": self.voltages,
        }

    def limits_of(self, position: int) -> list[int]:
        """The operational limits of one piece of equipment."""
        found = self.about(np.array([position], dtype=np.int32))["limits"]
        return [int(one) for one in found]

    def phases_of(self, position: int, projection: Projection) -> int:
        """The phases of its terminals, as bits of `domain.phases`; 0 where they say nothing."""
        terminals = self.terminals.next_to(np.array([position], dtype=np.int32))[1]
        return int(np.bitwise_or.reduce(projection.phases[terminals], initial=0))

    def voltage_of(self, position: int) -> list[int]:
        """Its base voltage, or those of the voltage levels it lies in."""
        at = np.array([position], dtype=np.int32)
        own = self.voltage.next_to(at)[1]
        if not len(own):
            own = self.level_voltage.next_to(self.holders.next_to(at)[1])[1]
        return [int(one) for one in own]


def _stated(
    position: int,
    links: _Links,
    elements: Mapping[int, Element],
    units: _Units,
    projection: Projection,
) -> Iterator[Limit]:
    """Every limit that the model states of one piece of equipment."""
    ends = links.ends.next_to(np.array([position], dtype=np.int32))[1]
    rated = [_number(elements.get(int(end)), _RATED) or 0.0 for end in ends]
    if max(rated, default=0.0) > 0:
        va = max(rated) * units.va
        yield Limit(va, f"rated power {va / 1e3:,.0f} kVA")
    volts = _first(elements, links.voltage_of(position), "BaseVoltage.nominalVoltage")
    per_ampere = _va_per_ampere((volts or 0.0) * units.volt, links.phases_of(position, projection))
    element, limits = elements.get(position), links.limits_of(position)
    for amperes, word in _currents(element, limits, links, elements):
        if per_ampere:
            at = f"{volts * units.volt / 1e3:g} kV" if volts else ""
            yield Limit(amperes * per_ampere, f"{word} {amperes:g} A at {at}")
    for at_limit in _lasting(limits, links, elements):
        value = _value(elements.get(at_limit), "ApparentPowerLimit")
        if value:
            va = value * units.va
            yield Limit(va, f"limit of {va / 1e3:,.0f} kVA")


def _currents(
    element: Element | None,
    limits: Iterable[int],
    links: _Links,
    elements: Mapping[int, Element],
) -> Iterator[tuple[float, str]]:
    rated = _number(element, "Switch.ratedCurrent")
    if rated:
        yield rated, "rated current"
    for at in _lasting(limits, links, elements):
        value = _value(elements.get(at), "CurrentLimit")
        if value:
            yield value, "limit of"


def _lasting(
    limits: Iterable[int], links: _Links, elements: Mapping[int, Element]
) -> Iterator[int]:
    """Those that hold for ever: their type says so, or says nothing."""
    for at in limits:
        types = links.types.next_to(np.array([at], dtype=np.int32))[1]
        kind = elements.get(int(types[0])) if len(types) else None
        if kind is None or _is_lasting(kind):
            yield at


def _is_lasting(kind: Element) -> bool:
    forever = (kind.text("OperationalLimitType.isInfiniteDuration") or "").lower()
    named = " ".join(
        kind.text(f"OperationalLimitType.{name}") or "" for name in ("kind", "limitType")
    ).lower()
    if forever:
        return forever in ("true", "1")
    lasting = not named.strip() or "patl" in named
    return lasting and not _number(kind, "OperationalLimitType.acceptableDuration")


def _value(element: Element | None, kind: str) -> float | None:
    return _number(element, f"{kind}.value") or _number(element, f"{kind}.normalValue")


def _first(elements: Mapping[int, Element], at: Sequence[int], name: str) -> float | None:
    return next((n for p in at if (n := _number(elements.get(p), name))), None)


def _va_per_ampere(volts: float, phases: int) -> float:
    wires = sum(bool(phases & bit) for bit in _PHASES) or _THREE
    return sqrt(3) * volts if wires == _THREE else wires * volts / sqrt(3)


def _number(element: Element | None, name: str) -> float | None:
    """A positive number; None where it is none, whatever was written."""
    text = element.text(name) if element else None
    try:
        value = float(text) if text else 0.0
    except ValueError:
        return None
    return value if isfinite(value) and value > 0 else None
