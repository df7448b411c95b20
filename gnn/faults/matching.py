"""Matching: which simulated fault shows what was observed.

For every section, places along it, kind and resistance of the fault are tried; each has a
likelihood, the mean of two: that the network is what its model says, and that it is somewhat off,
fed by what its relays showed. A section is as likely as the sum over all of them, times its length
and what protection and meters say. Large networks are matched in two rounds: all sections with the
sensors that tell most, then the best of them with many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from gnn.faults.evidence import of_meters, of_protection
from gnn.faults.grid import MvGrid
from gnn.faults.seen import Seen
from gnn.faults.sensing import Sensors
from gnn.faults.short import KINDS
from gnn.faults.solver import Solved, solve
from gnn.faults.telling import fed_as_seen, loads_before, telling
from gnn.faults.trying import OHMS, each, tried
from gnn.faults.watching import watch
from graph_service.topology.csr import Ints

Floats = NDArray[np.float64]

SHARES: Final = (0.1, 0.3, 0.5, 0.7, 0.9)
MIDDLE: Final = (0.5,)
_LOOKS: Final = 3
_KINDS_KEPT: Final = 2
_KINDS_WITHIN: Final = 8.0
_MANY_SECTIONS: Final = 400
_KEPT_SECTIONS: Final = 40
_ALL_KEPT: Final = 150
"""So many sections are all looked at closely."""
_KEPT_BLOCKS: Final = 35
_NOT_LOOKED_AT: Final = 5.0
"""What a section loses that only another one of its block was looked at for."""
_FIRST_SENSORS: Final = 16
_MOST_SENSORS: Final = 40
_MOST_WHERE_MANY: Final = 20
_SAMPLE: Final = 40


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """How well each section explains what was seen; k sections.

    Attributes:
        solved: The network, with the loads before the fault.
        sensors: Those that were compared.
        seen: What they showed.
        buses: Bus at the end of each section, int32[k].
        likelihood: Logarithm, sensors that lie and a model that is off allowed for, float64[k].
        trusting, doubting: Its parts: were the model right, and were it off, float64[k].
        least: Least sum of squared deviations, float64[k].
        of_volts, of_amperes: Its parts, float64[k].
        ohm: Resistance at which it is least, float64[k].
        kinds: Code of the kind there, int64[k].
        evidence: Logarithm of the odds by protection and meters, float64[k].
    """

    solved: Solved
    sensors: Sensors
    seen: Seen
    buses: Ints
    likelihood: Floats
    trusting: Floats
    doubting: Floats
    least: Floats
    of_volts: Floats
    of_amperes: Floats
    ohm: Floats
    kinds: NDArray[np.int64]
    evidence: Floats

    @property
    def grid(self) -> MvGrid:
        """The network."""
        return self.solved.grid

    @property
    def prior(self) -> Floats:
        """Logarithm of the odds before any measurement: by metres and evidence, float64[k]."""
        length = np.maximum(self.grid.lengths_m[self.buses], 1.0)
        found: Floats = np.log(length / length.sum()) + self.evidence
        return found

    def odds(self) -> Floats:
        """Probability of each section by the likelihood, float64[k]."""
        return _shares(self.likelihood + self.prior)

    def least_squares(self) -> Floats:
        """Probability by the least squares alone, float64[k]."""
        return _shares(-0.5 * self.least + self.evidence)


def match(grid: MvGrid, seen: Seen) -> Match:
    """Match what was seen against simulated faults on every section."""
    every = np.flatnonzero(grid.is_section).astype(np.int32)
    evidence = of_protection(grid, seen.tripped) + of_meters(grid, seen.silent)
    solved = solve(grid, loads_before(grid, seen))
    return _Matching(solved, fed_as_seen(solved, seen), seen, every, evidence).made()


class _Matching:
    def __init__(
        self, solved: Solved, fed: Solved | None, seen: Seen, buses: Ints, evidence: Floats
    ):
        self.solved, self.fed, self.buses, self.evidence = solved, fed, buses, evidence
        most = _MOST_SENSORS if len(buses) <= _MANY_SECTIONS else _MOST_WHERE_MANY
        self.everybody = watch(solved, seen.chosen(telling(solved, seen, most)))
        self.few = self.everybody.first(_FIRST_SENSORS)

    def made(self) -> Match:
        """Match all sections roughly, then the best of them closely."""
        kinds = self.kinds()
        found = self.roughly(kinds)
        order = found["likelihood"] + self.evidence[self.buses]
        kept = len(order) if len(order) <= _ALL_KEPT else _KEPT_SECTIONS
        best = np.argsort(-order, kind="stable")[:kept]
        closely = self.closely(best, kinds)
        _left_behind(found, closely, best)
        for name, values in closely.items():
            found[name][best] = values
        return Match(
            solved=self.solved,
            sensors=self.everybody.sensors,
            seen=self.everybody.seen,
            buses=self.buses,
            kinds=found.pop("kind").astype(np.int64),
            evidence=self.evidence[self.buses],
            **found,
        )

    def closely(self, those: NDArray[np.int64], kinds: Sequence[int]) -> dict[str, Floats]:
        """Some sections at several places each, were the model right and were it off."""
        found = tried(self.buses[those], kinds, SHARES, self.everybody, _LOOKS)
        doubting = self.everybody.doubting(self.fed)
        doubted = tried(self.buses[those], kinds, SHARES, doubting, _LOOKS)
        found |= {"trusting": found["likelihood"], "doubting": doubted["likelihood"]}
        found["likelihood"] = np.logaddexp(found["trusting"], found["doubting"])
        return found

    def roughly(self, kinds: Sequence[int]) -> dict[str, Floats]:
        """All sections, in the middle; of very many, all in the blocks that look best.

        A block is a stretch of sections in depth-first order; one of them stands for it at first.
        """
        every = np.arange(len(self.buses))
        if len(every) <= _MANY_SECTIONS:
            return tried(self.buses, kinds, MIDDLE, self.everybody, 2)
        size = -(-len(every) // _MANY_SECTIONS)
        ahead = every[size // 2 :: size]
        blocks = every // size
        some = tried(self.buses[ahead], kinds, MIDDLE, self.few, _LOOKS, OHMS[::2])
        order = some["likelihood"] + self.evidence[self.buses[ahead]]
        best = blocks[ahead[np.argsort(-order, kind="stable")[:_KEPT_BLOCKS]]]
        stand = np.searchsorted(ahead, np.minimum(every, ahead[-1]))
        found = {name: values[stand] for name, values in some.items()}
        found["likelihood"] = found["likelihood"] - _NOT_LOOKED_AT
        inner = np.flatnonzero(np.isin(blocks, best))
        closer = tried(self.buses[inner], kinds, MIDDLE, self.few, _LOOKS, OHMS[::2])
        for name, values in closer.items():
            found[name][inner] = values
        return found

    def kinds(self) -> list[int]:
        """Codes of the kinds that come nearest to what was seen, by a sample of the sections."""
        step = max(1, len(self.buses) // _SAMPLE)
        found = each(self.buses[::step], range(len(KINDS)), MIDDLE, OHMS[::2], self.few, _LOOKS)
        near = np.array([f["near"][np.isfinite(f["least"])].min(initial=np.inf) for f in found])
        order = np.argsort(near, kind="stable")[:_KINDS_KEPT]
        return [int(code) for code in order if near[code] <= near.min() + _KINDS_WITHIN]


def _left_behind(
    found: dict[str, Floats], closely: Mapping[str, Floats], best: NDArray[np.int64]
) -> None:
    """Sections that were looked at roughly stay behind those that were looked at closely."""
    rest = np.ones(len(found["likelihood"]), dtype=bool)
    rest[best] = False
    if rest.any():
        lowest, worst = closely["likelihood"].min(), closely["least"].max()
        found["likelihood"] += lowest - found["likelihood"][rest].max()
        found["least"] += worst - found["least"][rest].min()
    for name in ("trusting", "doubting"):  # of the rest only the sum is known
        shift = closely[name].min() - closely["likelihood"].min()
        found[name] = found["likelihood"] + min(shift, 0.0)


def _shares(logarithms: Floats) -> Floats:
    found: Floats = np.exp(logarithms - logsumexp(logarithms))
    return found
