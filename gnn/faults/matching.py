"""Matching: which simulated fault shows what was observed.

For every section, places along it, kind and resistance of the fault are tried; each has a
likelihood, the mean of two: that the network is what its model says, and that it is somewhat off. A
section is as likely as the sum over all of them, times its length and what protection and meters
say. Large networks are matched in two rounds: all sections with the sensors that tell most, then
the best of them with many.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from gnn.faults.evidence import of_meters, of_protection
from gnn.faults.grid import MvGrid
from gnn.faults.places import places
from gnn.faults.seen import DOUBTED, Misfit, Seen, Weights, likelihood, misfit, weights
from gnn.faults.sensing import Response, Responses, Sensors, sensors
from gnn.faults.short import KINDS, LEAST_OHM, MOST_OHM
from gnn.faults.solver import Solved, solve
from gnn.faults.telling import loads_before, telling
from graph_service.topology.csr import Ints, Mask

Floats = NDArray[np.float64]

SHARES: Final = (0.1, 0.3, 0.5, 0.7, 0.9)
MIDDLE: Final = (0.5,)
OHMS: Final = np.geomspace(LEAST_OHM, MOST_OHM, 13)
_CLOSER: Final = np.linspace(-1.0, 1.0, 7)
"""Resistances of each closer look, in steps of the one before."""
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
_AT_ONCE: Final = 1_500_000
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
    solved = solve(grid, loads_before(grid, seen))
    every = np.flatnonzero(grid.is_section).astype(np.int32)
    evidence = of_protection(grid, seen.tripped) + of_meters(grid, seen.silent)
    return _Matching(solved, seen, every, evidence).made()


@dataclass(frozen=True, slots=True, eq=False)
class _Watch:
    """Some sensors: what they showed, where they stand, and how much each channel weighs; and by
    how much less than if the model were right."""

    seen: Seen
    sensors: Sensors
    nominal: Floats
    weights: Weights
    wider: Floats | float = 0.0

    def __len__(self) -> int:
        return len(self.seen)

    def first(self, count: int) -> _Watch:
        """The first so many of them."""
        if count >= len(self):
            return self
        chosen = np.arange(count)
        return replace(
            self,
            seen=self.seen.chosen(chosen),
            sensors=self.sensors.chosen(chosen),
            nominal=self.nominal[chosen],
            weights=self.weights.chosen(chosen),
        )

    def doubting(self) -> _Watch:
        """The same for a model that is off."""
        by = weights(self.seen, self.sensors, self.nominal, DOUBTED)
        return replace(self, weights=by, wider=by.wider(self.weights))


class _Matching:
    def __init__(self, solved: Solved, seen: Seen, buses: Ints, evidence: Floats):
        self.solved, self.buses, self.evidence = solved, buses, evidence
        most = _MOST_SENSORS if len(buses) <= _MANY_SECTIONS else _MOST_WHERE_MANY
        seen = seen.chosen(telling(solved, seen, most))
        stood = sensors(solved, seen.spots)
        nominal = solved.grid.volts[stood.buses]
        self.everybody = _Watch(seen, stood, nominal, weights(seen, stood, nominal))
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
        found = self.tried(those, kinds, SHARES, self.everybody, _LOOKS)
        doubted = self.tried(those, kinds, SHARES, self.everybody.doubting(), _LOOKS)
        found |= {"trusting": found["likelihood"], "doubting": doubted["likelihood"]}
        found["likelihood"] = np.logaddexp(found["trusting"], found["doubting"])
        return found

    def roughly(self, kinds: Sequence[int]) -> dict[str, Floats]:
        """All sections, in the middle; of very many, all in the blocks that look best.

        A block is a stretch of sections in depth-first order; one of them stands for it at first.
        """
        every = np.arange(len(self.buses))
        if len(every) <= _MANY_SECTIONS:
            return self.tried(every, kinds, MIDDLE, self.everybody, 2)
        size = -(-len(every) // _MANY_SECTIONS)
        ahead = every[size // 2 :: size]
        blocks = every // size
        some = self.tried(ahead, kinds, MIDDLE, self.few, _LOOKS, OHMS[::2])
        order = some["likelihood"] + self.evidence[self.buses[ahead]]
        best = blocks[ahead[np.argsort(-order, kind="stable")[:_KEPT_BLOCKS]]]
        stand = np.searchsorted(ahead, np.minimum(every, ahead[-1]))
        found = {name: values[stand] for name, values in some.items()}
        found["likelihood"] = found["likelihood"] - _NOT_LOOKED_AT
        inner = np.flatnonzero(np.isin(blocks, best))
        for name, values in self.tried(inner, kinds, MIDDLE, self.few, _LOOKS, OHMS[::2]).items():
            found[name][inner] = values
        return found

    def kinds(self) -> list[int]:
        """Codes of the kinds that come nearest to what was seen, by a sample of the sections."""
        step = max(1, len(self.buses) // _SAMPLE)
        sample = np.arange(len(self.buses))[::step]
        found = self.each(sample, range(len(KINDS)), MIDDLE, OHMS[::2], self.few, _LOOKS)
        near = np.array([f["near"][np.isfinite(f["least"])].min(initial=np.inf) for f in found])
        order = np.argsort(near, kind="stable")[:_KINDS_KEPT]
        return [int(code) for code in order if near[code] <= near.min() + _KINDS_WITHIN]

    def tried(
        self,
        those: NDArray[np.int64],
        kinds: Sequence[int],
        shares: Sequence[float],
        watch: _Watch,
        looks: int,
        ohms: Floats = OHMS,
    ) -> dict[str, Floats]:
        """All kinds, places along the section, and resistances of some sections."""
        size = len(those) * len(shares) * len(ohms) * len(watch) * 3
        pieces = np.array_split(those, max(1, -(-size // _AT_ONCE)))
        made = [_together(self.each(p, kinds, shares, ohms, watch, looks), kinds) for p in pieces]
        found = {name: np.concatenate([each[name] for each in made]) for name in made[0]}
        least, sums = found["least"], found["likelihood"]
        worst = least[np.isfinite(least)].max(initial=0.0)
        lowest = sums[np.isfinite(sums)].min(initial=0.0)
        found["least"] = np.where(np.isfinite(least), least, worst + 100.0)
        found["likelihood"] = np.where(np.isfinite(sums), sums, lowest - 50.0)
        return found

    def each(
        self,
        those: NDArray[np.int64],
        kinds: Sequence[int],
        shares: Sequence[float],
        ohms: Floats,
        watch: _Watch,
        looks: int,
    ) -> list[dict[str, Floats]]:
        """By kind: the summed likelihood (its logarithm), and the least squares with their parts,
        of some sections; infinitely bad where a section has not the phases."""
        along = len(shares)
        at = places(self.solved, np.repeat(self.buses[those], along), np.tile(shares, len(those)))
        responses = Responses(self.solved, watch.sensors, at)
        there, found = self.solved.grid.phases[self.buses[those]], []
        for kind in (KINDS[code] for code in kinds):
            made = _looked(responses.to(kind), watch, np.tile(ohms, (len(at.buses), 1)), looks)
            made = {name: values.reshape(len(those), -1) for name, values in made.items()}
            able = (there | ~np.array(kind.phases)).all(axis=1)
            found.append(_best(made, able))
        return found


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


def _looked(
    shown: Callable[[Floats], Response], watch: _Watch, tried: Floats, looks: int
) -> dict[str, Floats]:
    """Resistances float64[k, r] tried at places, then ever closer around the best; the last of them
    with their likelihood, squares and nearness, float64[k, r]."""
    step = np.log(tried[0, 1] / tried[0, 0])
    far = misfit(watch.seen, shown(tried), watch.weights)
    for _ in range(looks):
        best = tried[np.arange(len(tried)), _nearness(far).argmin(axis=1)]
        tried = best[:, None] * np.exp(step * _CLOSER)
        step *= _CLOSER[1] - _CLOSER[0]
        far = misfit(watch.seen, shown(tried), watch.weights)
    return {
        "likelihood": likelihood(far, watch.weights, watch.wider),
        "of_volts": far.volts.sum(axis=-1),
        "of_amperes": far.amperes.sum(axis=-1),
        "near": _nearness(far),
        "ohm": tried,
    }


def _best(made: Mapping[str, Floats], able: Mask) -> dict[str, Floats]:
    """From places and resistances of sections, float64[k, any], to sections."""
    squares = made["of_volts"] + made["of_amperes"]
    rows, best = np.arange(len(squares)), squares.argmin(axis=1)
    found = {name: made[name][rows, best] for name in ("of_volts", "of_amperes", "ohm")}
    told = made["likelihood"]
    total = logsumexp(told, axis=1) - np.log(told.shape[1])
    found["likelihood"] = np.where(able, total, -np.inf)
    found["least"] = np.where(able, squares[rows, best], np.inf)
    return found | {"near": made["near"].min(axis=1)}


def _together(each: Sequence[Mapping[str, Floats]], kinds: Sequence[int]) -> dict[str, Floats]:
    """Kinds together: likelihoods summed, all else of the kind with the least squares."""
    least = np.stack([made["least"] for made in each])
    best, rows = least.argmin(axis=0), np.arange(least.shape[1])
    names = ("least", "of_volts", "of_amperes", "ohm")
    found = {name: np.stack([made[name] for made in each])[best, rows] for name in names}
    found["kind"] = np.array(kinds, dtype=np.float64)[best]
    found["likelihood"] = logsumexp(np.stack([made["likelihood"] for made in each]), axis=0)
    return found


def _nearness(far: Misfit) -> Floats:
    """How far responses are from what was seen, where a sensor that lies counts little."""
    found: Floats = np.log1p(far.volts + far.amperes).sum(axis=-1)
    return found


def _shares(logarithms: Floats) -> Floats:
    found: Floats = np.exp(logarithms - logsumexp(logarithms))
    return found


__all__ = ["Match", "Misfit", "match"]
