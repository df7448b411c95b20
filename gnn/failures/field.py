"""The graph model of F2: a point process whose elements are alike to their neighbours.

The faults of an element i in a month t are Poisson with the rate

    r_it exp(z_i),   r_it = exp(w x_it) (1 + a f(own) + b f(near) + c f(ring)),   f(x) = 1 - exp(-x)

with x what it is (kind, age, length, power, season, warnings), and its own earlier faults, those of
its neighbours and of theirs, fading (reactive point process: Ertekin, Rudin and McCormick, Annals
of Applied Statistics 9, 2015). z is its frailty, which nobody sees: a Gaussian Markov field on the
graph, z = `ALIKE` P z + s noise with P the mean of the neighbours (Besag, J. R. Stat. Soc. B 36,
1974; Rue and Held, Gaussian Markov Random Fields, 2005). Whatever failed more often than r says,
here and around, tells of it: its most likely value is found by Newton steps, each with one sparse
factorisation.

w, a, b, c and s are learned by expectation and maximisation; what is not most likely is drawn from
the Gaussian around it (perturbed solves: Papandreou and Yuille, NIPS 2010).
Limits: z is the same in all months that are looked back on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csc_array, diags_array, eye_array
from scipy.sparse.linalg import splu

Array = NDArray[np.float32]
Floats = NDArray[np.float64]

ALIKE: Final = 0.9
"""How much an element is as the mean of its neighbours."""
WATCHED: Final = (
    *("is ACLineSegment", "is PowerTransformer", "is Switch", "age", "length", "expected"),
    *("season_sin", "season_cos", "warnings", "faults_6", "near_6", "far_ring_6"),
)
"""Columns that a rate is made of, see `gnn.failures.columns`; the last three raise it."""
FIELD: Final = ("weights", "raised", "spread")
"""What the arrays of a field are called."""
_RAISING: Final = 3
_WEIGHTS: Final = len(WATCHED) - _RAISING + 1
_USUAL_Y, _USUAL_LOG_M, _USUAL_LOG_W = 40.0, np.log(100.0), 9.0
_YOUNGEST_Y, _MOST_LOG = 0.5, 4.0
_PULL: Final = 0.1
_KINDS: Final = 3
_SELDOM: Final = -6.0
"""Logarithm of the faults a month that learning begins with."""
_BEGIN: Final = 0.3
_ROUNDS, _STEPS, _DRAWS = 10, 15, 16
_NEWTON, _LONGEST_STEP, _NEAR_ENOUGH = 12, 1.5, 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """The months before an issue in one network, as known at the issue.

    Attributes:
        watched: What a rate is made of, float32[months, n, WATCHED].
        faults: How many each had, float64[months, n].
        walk: The mean of the neighbours as a matrix, float64[n, n].
    """

    watched: Array
    faults: Floats
    walk: Any


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """What was learned.

    Attributes:
        arrays: `weights` float64[columns], `raised` float64[3], `spread` float64[1] (s above).
    """

    arrays: Mapping[str, Floats]

    def rates(self, watched: Array) -> Floats:
        """Faults a month without frailty, float64[...] from float32[..., WATCHED]."""
        steady, filled = _parted(watched)
        found: Floats = np.exp(steady @ self.arrays["weights"])
        return found * (1 + filled @ self.arrays["raised"])

    def frailty(self, past: Past) -> Floats:
        """The most likely z of each element, float64[n]."""
        expected = self.rates(past.watched).sum(axis=0)
        nothing = np.zeros(len(expected))
        return _likely(_Prior(past.walk), self.spread, past.faults.sum(axis=0), expected, nothing)

    @property
    def spread(self) -> float:
        """Of the noise of the frailties."""
        return float(self.arrays["spread"][0])


def fit_field(pasts: Sequence[Past], seed: int, *, alone: bool = False) -> Field:
    """Learn from the months of some networks.

    Args:
        pasts: The networks.
        seed: Of the draws around what is most likely.
        alone: Leave out frailties, and what is further away than neighbours.
    """
    chance = np.random.default_rng(seed)
    heard = np.array([1.0, 1.0, 0.0 if alone else 1.0])
    networks = [_Network(past, heard) for past in pasts]
    spread, learned = _BEGIN, np.zeros(_WEIGHTS + _RAISING)
    learned[:_KINDS] = _SELDOM
    for _ in range(1 if alone else _ROUNDS):
        learned = _maximised(learned, networks)
        if not alone:
            field = Field(_named(learned, heard, spread))
            rough = sum(network.expect(field, chance) for network in networks)
            spread = float(np.sqrt(rough / sum(len(network.z) for network in networks)))
    return Field(_named(learned, heard, spread))


class _Network:
    """One network while it is learned from: `z` is most likely, `times` the mean of its exponential
    over what is likely."""

    def __init__(self, past: Past, heard: Floats):
        self.past, self._prior = past, _Prior(past.walk)
        self.steady, filled = _parted(past.watched)
        self.filled = filled * heard
        self.z = np.zeros(past.faults.shape[1])
        self.times = np.ones_like(self.z)

    def expect(self, field: Field, chance: np.random.Generator) -> float:
        """Find the frailties again; gives the mean of their noise, squared and summed."""
        expected, spread = field.rates(self.past.watched).sum(axis=0), field.spread
        self.z = _likely(self._prior, spread, self.past.faults.sum(axis=0), expected, self.z)
        around = self._prior.drawn(spread, expected * np.exp(self.z), chance)
        self.times = np.exp(self.z) * np.exp(around).mean(axis=1)
        return self._prior.roughness(self.z[:, None] + around)


class _Prior:
    """The field before anything failed: z = ALIKE P z + s noise."""

    def __init__(self, walk: Any):
        self._pulled = csc_array(eye_array(walk.shape[0]) - ALIKE * walk)
        self.inner = csc_array(self._pulled.T @ self._pulled)

    def solver(self, spread: float, rate: Floats) -> Any:
        """Factorised precision, with faults at some rate seen."""
        return splu(csc_array(self.inner / spread**2 + diags_array(rate)))

    def drawn(self, spread: float, rate: Floats, chance: np.random.Generator) -> Floats:
        """Draws around what is most likely, float64[n, draws]."""
        first, second = chance.standard_normal((2, len(rate), _DRAWS))
        pushed = self._pulled.T @ first / spread + np.sqrt(rate)[:, None] * second
        found: Floats = self.solver(spread, rate).solve(pushed)
        return found

    def roughness(self, z: Floats) -> float:
        """Mean over draws of what the noise must have been, squared and summed."""
        noise = self._pulled @ z
        return float((noise**2).sum() / z.shape[1])


def _likely(prior: _Prior, spread: float, came: Floats, expected: Floats, z: Floats) -> Floats:
    """The most likely frailties, by Newton steps from those given."""
    for _ in range(_NEWTON):
        rate = expected * np.exp(z)
        slope = prior.inner @ z / spread**2 - (came - rate)
        step = np.clip(prior.solver(spread, rate).solve(slope), -_LONGEST_STEP, _LONGEST_STEP)
        z = z - step
        if np.abs(step).max(initial=0.0) < _NEAR_ENOUGH:
            break
    return z


def _parted(watched: Array) -> tuple[Floats, Floats]:
    """What a rate is the exponential of, float64[..., weights], and what raises it, [..., 3]."""
    given = watched.astype(np.float64)
    age, length, power = given[..., 3], given[..., 4], given[..., 5]
    dated = age >= 0
    made = [
        np.where(dated, np.log(np.maximum(age, _YOUNGEST_Y) / _USUAL_Y), 0.0),
        (~dated).astype(np.float64),
        np.where(length >= 0, np.clip(length - _USUAL_LOG_M, -_MOST_LOG, _MOST_LOG), 0.0),
        np.clip(power - _USUAL_LOG_W, -_MOST_LOG, _MOST_LOG),
    ]
    steady = np.concatenate([given[..., :3], np.stack(made, axis=-1), given[..., 6:9]], axis=-1)
    return steady, 1 - np.exp(-given[..., 9:])


def _maximised(begin: Floats, networks: Sequence[_Network]) -> Floats:
    """Weights and logarithms of what raises, most likely where frailties are so many times."""

    def loss(learned: Floats) -> tuple[float, Floats]:
        weights, raised = learned[:_WEIGHTS], np.exp(learned[_WEIGHTS:])
        pulled = np.concatenate([np.zeros(_KINDS), learned[_KINDS:]])
        value, slope = _PULL / 2 * float(pulled @ pulled), _PULL * pulled
        for network in networks:
            odds, more = network.steady @ weights, 1 + network.filled @ raised
            rate, came = np.exp(odds) * more * network.times, network.past.faults
            value += float((rate - came * (odds + np.log(more))).sum())
            missed = rate - came
            slope[:_WEIGHTS] += np.tensordot(missed, network.steady, 2)
            slope[_WEIGHTS:] += np.tensordot(missed / more, network.filled, 2) * raised
        return value, slope

    found = minimize(loss, begin, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS})
    return np.asarray(found.x, dtype=np.float64)


def _named(learned: Floats, heard: Floats, spread: float) -> dict[str, Floats]:
    found = learned[:_WEIGHTS], np.exp(learned[_WEIGHTS:]) * heard, np.array([spread])
    return dict(zip(FIELD, found, strict=True))
