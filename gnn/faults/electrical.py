"""Electrical values of lines, transformers and sources as a delivery states them, in ohm and V.

Files of the exchange between operators state kV, MVA and km; models of distribution feeders state
V, VA and m. Which of the two a model set uses is told by its highest nominal voltage. What is not
stated is assumed, and said so: see `Assumed`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.faults.linked import ends_of, sources_of, targets_of
from graph_service.domain.access import EVERYTHING
from graph_service.domain.elements import Element
from graph_service.ports.graph_store import GraphStore
from graph_service.topology.csr import Ints
from graph_service.topology.projection import Projection

Matrix = NDArray[np.complex128]

_IN_KILOVOLTS_BELOW: Final = 1_000.0
_LINE_OHM_PER_M: Final = complex(0.2e-3, 0.12e-3)
_ZERO_OVER_POSITIVE: Final = 4.0
_NEUTRAL_A: Final = 1_000.0
_SHORT_CIRCUIT_VA: Final = 2e9
_TRANSFORMER_SHARE: Final = 0.1
_PHASES: Final = 3
_SWITCH_OHM: Final = 1e-5
REGULATOR_OHM: Final = _SWITCH_OHM
"""Impedance of a regulator in the line, and of whatever else joins two buses of one voltage."""
_TURN: Final = complex(-0.5, np.sqrt(0.75))
TO_PHASES: Final[Matrix] = np.array(
    [[1, 1, 1], [1, _TURN**2, _TURN], [1, _TURN, _TURN**2]], dtype=np.complex128
)
"""From zero, positive and negative sequence to phases A, B, C (Fortescue, 1918)."""


def of_sequences(zero: complex, positive: complex) -> Matrix:
    """A 3 x 3 matrix from its zero and positive sequence values."""
    own, mutual = (zero + 2 * positive) / 3, (zero - positive) / 3
    found: Matrix = np.full((3, 3), mutual, dtype=np.complex128)
    np.fill_diagonal(found, own)
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """A line: series impedance in ohm and shunt admittance in S, 3 x 3; metres; phases there."""

    series: Matrix
    shunt: Matrix
    length_m: float
    phases: tuple[bool, bool, bool]


@dataclass(slots=True)
class Assumed:
    """What was not stated: how often, by what was assumed instead."""

    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def note(self, words: str) -> None:
        """Count one more."""
        self.counts[words] += 1

    def words(self) -> tuple[str, ...]:
        """One sentence each."""
        return tuple(f"{count} x {words}" for words, count in sorted(self.counts.items()))


class Values:
    """Reads electrical values of a projection, each element once.

    Args:
        graph: Where properties are read.
        projection: The network.
        assumed: Told what was not stated.
    """

    def __init__(self, graph: GraphStore, projection: Projection, assumed: Assumed):
        self._graph, self._projection = graph, projection
        self.assumed = assumed
        self._kept: dict[int, Element] = {}
        self._scale = self._scales()
        self._nominal = targets_of(projection, "ConductingEquipment.BaseVoltage")
        self._levels = targets_of(projection, "Equipment.EquipmentContainer")
        self._of_level = targets_of(projection, "VoltageLevel.BaseVoltage")
        self._types = targets_of(projection, "ACLineSegment.PerLengthImpedance")
        self._cells = sources_of(projection, "PhaseImpedanceData.PhaseImpedance")
        self._wires = sources_of(projection, "ACLineSegmentPhase.ACLineSegment")
        self._ends = ends_of(projection)
        self._meshes = sources_of(projection, "TransformerMeshImpedance.FromTransformerEnd")
        self._terminal = targets_of(projection, "TransformerEnd.Terminal")

    def read(self, positions: Iterable[int]) -> None:
        """Fetch elements together."""
        wanted = sorted({int(p) for p in positions} - self._kept.keys())
        numbers = self._projection.numbers[np.array(wanted, dtype=np.int64)].tolist()
        found = self._graph.elements(numbers, EVERYTHING) if wanted else []
        self._kept |= {p: e for p, e in zip(wanted, found, strict=True) if e is not None}

    def key(self, position: int) -> str:
        """`model_set/mRID` of an element that was read."""
        return str(self._kept[position].key)

    def volts(self, position: int) -> float:
        """Nominal voltage between phases of equipment, V; NaN where it is not stated."""
        base = self._nominal.get(position)
        if base is None:
            base = self._of_level.get(self._levels.get(position, -1), -1)
        stated = self._number(base, "BaseVoltage.nominalVoltage") if base >= 0 else np.nan
        if np.isnan(stated):
            stated = self._number(position, "EnergySource.nominalVoltage")
        return stated * self._scale_of(position)

    def line(self, position: int, volts: float) -> Line:
        """A line segment."""
        length = self._number(position, "Conductor.length")
        length_m = 0.0 if np.isnan(length) else length * self._scale_of(position)
        kind = self._types.get(position, -1)
        if kind in self._cells:
            return self._by_phases(position, kind, length, length_m)
        where, times = (position, 1.0) if kind < 0 else (kind, length)
        prefix = "ACLineSegment" if kind < 0 else "PerLengthSequenceImpedance"
        r, x, r0, x0, b, b0 = (
            self._number(where, f"{prefix}.{name}") * times
            for name in ("r", "x", "r0", "x0", "bch", "b0ch")
        )
        positive = complex(r, x)
        if np.isnan(r) or np.isnan(x) or not abs(positive):
            self.assumed.note(f"impedance of a line: {_LINE_OHM_PER_M * 1e3:.2f} ohm/km")
            positive = _LINE_OHM_PER_M * max(length_m, 1.0)
        zero = complex(r0, x0)
        if np.isnan(r0) or np.isnan(x0):
            self.assumed.note(f"zero sequence of a line: {_ZERO_OVER_POSITIVE:g} times positive")
            zero = _ZERO_OVER_POSITIVE * positive
        b = 0.0 if np.isnan(b) else b
        shunt = of_sequences(1j * (b if np.isnan(b0) else b0), 1j * b)
        return Line(of_sequences(zero, positive), shunt, length_m, (True, True, True))

    def source(self, position: int, volts: float) -> tuple[complex, complex]:
        """(positive, zero) sequence impedance of what feeds, ohm at its own voltage."""
        r, x, r0, x0 = (self._number(position, f"EnergySource.{n}") for n in ("r", "x", "r0", "x0"))
        if np.isnan(r) or np.isnan(x):
            self.assumed.note(f"short-circuit power of a source: {_SHORT_CIRCUIT_VA / 1e9:g} GVA")
            r, x = 0.1 * volts**2 / _SHORT_CIRCUIT_VA, volts**2 / _SHORT_CIRCUIT_VA
        positive = complex(r, x) or complex(0, 1e-4)
        return positive, positive if np.isnan(r0) or np.isnan(x0) else complex(r0, x0)

    def end_volts(self, transformer: int) -> dict[int, float]:
        """Rated voltage by terminal of a transformer, V between phases."""
        found = {}
        for end in self._ends.get(transformer, ()):
            rated = self._number(end, "PowerTransformerEnd.ratedU")
            if end in self._terminal:
                found[self._terminal[end]] = rated * self._scale_of(end)
        return found

    def transformer(self, transformer: int, volts: float) -> tuple[complex, complex | None]:
        """(series impedance, of its neutral to ground), ohm at `volts`.

        The neutral is None where no winding of that voltage is stated to be grounded.
        """
        series, neutral = 0j, None
        ends = self._ends.get(transformer, [])
        rated_va = 0.0
        for end in ends:
            rated = self._number(end, "PowerTransformerEnd.ratedU") * self._scale_of(end)
            if not rated > 0:
                continue
            power = self._number(end, "PowerTransformerEnd.ratedS")
            power *= 1e6 if self._scale_of(end) > 1 else 1.0
            rated_va = max(rated_va, 0.0 if np.isnan(power) else power)
            own = [self._impedance(end, "PowerTransformerEnd")]
            own += [
                self._impedance(m, "TransformerMeshImpedance") for m in self._meshes.get(end, ())
            ]
            series += sum(own) * (volts / rated) ** 2
            if (
                abs(rated / volts - 1) < 0.2
                and self._text(end, "TransformerEnd.grounded") == "true"
            ):
                neutral = self._impedance(end, "TransformerEnd", ("rground", "xground"))
        if not abs(series):
            self.assumed.note(f"impedance of a transformer: {_TRANSFORMER_SHARE:.0%} of its rating")
            series = 1j * _TRANSFORMER_SHARE * volts**2 / (rated_va or 25e6)
        return series, neutral

    def neutral(self, volts: float) -> complex:
        """What the neutral is taken to be earthed through where nothing is stated, ohm."""
        self.assumed.note(f"earthing of a neutral: a resistor that lets {_NEUTRAL_A:,.0f} A flow")
        return complex(volts / np.sqrt(3) / _NEUTRAL_A)

    def wanted(self, lines: Ints, transformers: Ints, sources: Ints) -> set[int]:
        """Positions of all that these draw on."""
        found = {int(p) for p in np.concatenate([lines, transformers, sources])}
        for p in list(found):
            found |= {*self._wires.get(p, ()), *self._ends.get(p, ())}
            for end in self._ends.get(p, ()):
                found |= set(self._meshes.get(end, ()))
            base = self._nominal.get(p, self._of_level.get(self._levels.get(p, -1), -1))
            kind = self._types.get(p, -1)
            found |= {q for q in (base, kind, *self._cells.get(kind, ())) if q >= 0}
        return found

    def _by_phases(self, position: int, kind: int, length: float, length_m: float) -> Line:
        """From a matrix of the line type, its rows being the phases of the segment in order."""
        letters = self._phases_of(position)
        series = np.zeros((_PHASES, _PHASES), dtype=np.complex128)
        shunt = np.zeros_like(series)
        for cell in self._cells[kind]:
            row, column = (
                int(self._number(cell, f"PhaseImpedanceData.{n}")) - 1 for n in ("row", "column")
            )
            if max(row, column) >= len(letters):
                continue
            r, x, b = (self._number(cell, f"PhaseImpedanceData.{n}") for n in ("r", "x", "b"))
            for one, other in {(letters[row], letters[column]), (letters[column], letters[row])}:
                series[one, other] = complex(r, x) * length
                shunt[one, other] = 1j * (0.0 if np.isnan(b) else b) * length
        there = tuple(phase in letters for phase in range(_PHASES))
        return Line(series, shunt, length_m, (there[0], there[1], there[2]))

    def _phases_of(self, line: int) -> list[int]:
        """Phases of a segment in the order of its sequence numbers, otherwise of the alphabet."""
        named = []
        for wire in self._wires.get(line, ()):
            letter = (self._text(wire, "ACLineSegmentPhase.phase") or "").rpartition(".")[2]
            order = self._number(wire, "ACLineSegmentPhase.sequenceNumber")
            if letter in ("A", "B", "C"):
                named.append((0.0 if np.isnan(order) else order, "ABC".index(letter)))
        return [phase for _, phase in sorted(named)] or [0, 1, 2]

    def _impedance(
        self, position: int, prefix: str, names: tuple[str, str] = ("r", "x")
    ) -> complex:
        r, x = (self._number(position, f"{prefix}.{name}") for name in names)
        return complex(0.0 if np.isnan(r) else r, 0.0 if np.isnan(x) else x)

    def _number(self, position: int, name: str) -> float:
        text = self._text(position, name)
        try:
            return float(text) if text else float("nan")
        except ValueError:
            return float("nan")

    def _text(self, position: int, name: str) -> str | None:
        element = self._kept.get(position)
        return element.text(name) if element else None

    def _scale_of(self, position: int) -> float:
        return self._scale.get(int(self._projection.model_sets[position]), 1.0)

    def _scales(self) -> dict[int, float]:
        """1000 for model sets in kV, 1 for those in V, by code."""
        names = np.array([n == "BaseVoltage" for n in self._projection.kind_names], dtype=bool)
        bases = np.flatnonzero(names[self._projection.kinds])
        self.read(bases.tolist())
        highest: dict[int, float] = defaultdict(float)
        for base in bases.tolist():
            stated = self._number(base, "BaseVoltage.nominalVoltage")
            code = int(self._projection.model_sets[base])
            highest[code] = max(highest[code], 0.0 if np.isnan(stated) else stated)
        return {c: 1e3 if v < _IN_KILOVOLTS_BELOW else 1.0 for c, v in highest.items()}
