"""Faults tried on sections: kinds, places along them, and resistances ever closer to the best."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from gnn.faults.places import places
from gnn.faults.seen import Misfit, likelihood, misfit
from gnn.faults.sensing import Response, Responses
from gnn.faults.short import KINDS, LEAST_OHM, MOST_OHM
from gnn.faults.watching import Watch
from graph_service.topology.csr import Ints, Mask

Floats = NDArray[np.float64]

OHMS: Final = np.geomspace(LEAST_OHM, MOST_OHM, 13)
_CLOSER: Final = np.linspace(-1.0, 1.0, 7)
"""Resistances of each closer look, in steps of the one before."""
_AT_ONCE: Final = 1_500_000


def tried(
    buses: Ints,
    kinds: Sequence[int],
    shares: Sequence[float],
    watch: Watch,
    looks: int,
    ohms: Floats = OHMS,
) -> dict[str, Floats]:
    """All kinds, places along the section, and resistances of some sections."""
    size = len(buses) * len(shares) * len(ohms) * len(watch) * 3
    pieces = np.array_split(buses, max(1, -(-size // _AT_ONCE)))
    made = [_together(each(p, kinds, shares, ohms, watch, looks), kinds) for p in pieces]
    found = {name: np.concatenate([one[name] for one in made]) for name in made[0]}
    least, sums = found["least"], found["likelihood"]
    worst = least[np.isfinite(least)].max(initial=0.0)
    lowest = sums[np.isfinite(sums)].min(initial=0.0)
    found["least"] = np.where(np.isfinite(least), least, worst + 100.0)
    found["likelihood"] = np.where(np.isfinite(sums), sums, lowest - 50.0)
    return found


def each(
    buses: Ints,
    kinds: Sequence[int],
    shares: Sequence[float],
    ohms: Floats,
    watch: Watch,
    looks: int,
) -> list[dict[str, Floats]]:
    """By kind: the summed likelihood (its logarithm), and the least squares with their parts,
    of some sections; infinitely bad where a section has not the phases."""
    along = len(shares)
    at = places(watch.solved, np.repeat(buses, along), np.tile(shares, len(buses)))
    responses = Responses(watch.solved, watch.sensors, at)
    there, found = watch.solved.grid.phases[buses], []
    for kind in (KINDS[code] for code in kinds):
        made = _looked(responses.to(kind), watch, np.tile(ohms, (len(at.buses), 1)), looks)
        made = {name: values.reshape(len(buses), -1) for name, values in made.items()}
        able = (there | ~np.array(kind.phases)).all(axis=1)
        found.append(_best(made, able))
    return found


def _looked(
    shown: Callable[[Floats], Response], watch: Watch, tried: Floats, looks: int
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


def _together(those: Sequence[Mapping[str, Floats]], kinds: Sequence[int]) -> dict[str, Floats]:
    """Kinds together: likelihoods summed, all else of the kind with the least squares."""
    least = np.stack([made["least"] for made in those])
    best, rows = least.argmin(axis=0), np.arange(least.shape[1])
    names = ("least", "of_volts", "of_amperes", "ohm")
    found = {name: np.stack([made[name] for made in those])[best, rows] for name in names}
    found["kind"] = np.array(kinds, dtype=np.float64)[best]
    found["likelihood"] = logsumexp(np.stack([made["likelihood"] for made in those]), axis=0)
    return found


def _nearness(far: Misfit) -> Floats:
    """How far responses are from what was seen, where a sensor that lies counts little."""
    found: Floats = np.log1p(far.volts + far.amperes).sum(axis=-1)
    return found
