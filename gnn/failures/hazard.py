"""A synthetic truth: which elements of a network fail in which month, by a hazard stated here.

In a month t (30 days) an element i of a kind k fails with the probability 1 - exp(-h), where

    h = c_k s_i  W(age)  exp(g l_i)  exp(z_i)  w(t)  (1 + a f(e_i) + b f(n_i) + b/2 f(m_i)) / 12

c_k         a year's hazard of its kind at the age of `SCALE_Y`, s_i the root of a cable's length
            over 100 m (longer ones have more joints, not in proportion)
W(age)      Weibull ageing, (age / SCALE_Y)^(SHAPE - 1)   (Li, IEEE Trans. Power Systems 17, 2002)
l_i         loading: logarithm of the expected power over the median of its kind, within 2
z_i         frailty: how well it was laid, alike among neighbours, an autoregression on the graph
            with normal noise (frailty: Vaupel, Manton and Stallard, Demography 16, 1979; on a
            graph: Besag, J. R. Stat. Soc. B 36, 1974); never seen by any model
w(t)        1 + 0.25 for each warning of the weather service in this month and the one before
e, n, m     earlier faults of the element itself, of its neighbours, and of theirs, each fading with
            exp(-months / 8) and filling up, f(x) = 1 - exp(-x): mended places and what hung on them
            fail again (a reactive point process with saturation: Ertekin, Rudin and McCormick,
            Annals of Applied Statistics 9, 2015)

Limits: c_k is about ten times what networks see, so that a few years hold enough to learn from. It
is a truth of this project's making: it shows what a model can find, not what any network does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array

from gnn.failures.assets import Assets
from gnn.failures.log import MONTH_US, FaultLog
from graph_service.domain.readings import MICROSECONDS_PER_DAY, MICROSECONDS_PER_HOUR
from graph_service.ports.failure_predictor import KINDS

Floats = NDArray[np.float64]

YEARLY: Final = {"ACLineSegment": 0.03, "PowerTransformer": 0.02, "Switch": 0.01}
SCALE_Y: Final = 40.0
SHAPE: Final = 2.5
OLDEST_Y: Final = 60.0
LOADING: Final = 0.35
FRAILTY: Final = 0.9
ALIKE: Final = 0.95
AGAIN: Final = 6.0
NEIGHBOUR: Final = 3.0
FADING_MONTHS: Final = 8.0
_PER_WARNING: Final = 0.25
_WARNINGS: Final = (1.2, 0.9, 0.6, 0.4, 0.6, 0.9, 1.2, 1.0, 0.5, 0.4, 0.7, 1.0)
"""Mean warnings a month by month of the year: storms in winter, heat and lightning in summer."""
_DAYS_A_YEAR: Final = 365.25
_UNDATED: Final = 0.25
"""Share of networks whose installation dates nobody has written down."""


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What was drawn for one network.

    Attributes:
        assets: The network, with installation dates where they are known.
        log: Faults and warnings.
        hazard: Chance of a fault by month, float64[months, n]; what the best model could say.
        start_us: Begin of the first month.
    """

    assets: Assets
    log: FaultLog
    hazard: Floats
    start_us: int


def draw_truth(assets: Assets, months: int, start_us: int, seed: int) -> Truth:
    """Draw ages, frailties, weather and faults of a network, month by month.

    Args:
        assets: The network; ages that it states are kept.
        months: How many months of 30 days.
        start_us: Begin of the first one.
        seed: The same seed draws the same.
    """
    chance = np.random.default_rng(seed)
    installed = _dates(assets, start_us, chance)
    steady = _steady(assets) * np.exp(_frailty(assets, chance))
    reach = assets.adjacency
    second = second_ring(reach)
    warned = _warnings(months, start_us, chance)
    own, chances = np.zeros(len(assets)), np.zeros((months, len(assets)))
    faults: list[tuple[int, int]] = []
    for month in range(months):
        begin_us = start_us + month * MONTH_US
        age = np.maximum(begin_us - installed, 0) / MICROSECONDS_PER_DAY / _DAYS_A_YEAR
        again = 1 + AGAIN * _full(own) + NEIGHBOUR * _full(reach @ own)
        again += NEIGHBOUR / 2 * _full(second @ own)
        weather = 1 + _PER_WARNING * sum(len(w) for w in warned[max(month - 1, 0) : month + 1])
        ageing = (age / SCALE_Y) ** (SHAPE - 1)
        chances[month] = 1 - np.exp(-steady * ageing * again * weather / 12)
        fell = np.flatnonzero(chance.random(len(assets)) < chances[month])
        faults += [(int(row), begin_us + int(chance.random() * MONTH_US)) for row in fell]
        own *= np.exp(-1 / FADING_MONTHS)
        own[fell] += 1
    log = _log(faults, [us for month in warned for us in month])
    known = installed if chance.random() >= _UNDATED else assets.installed_us
    return Truth(_dated(assets, known), log, chances, start_us)


def _full(faults: Floats) -> Floats:
    found: Floats = 1 - np.exp(-faults)
    return found


def _dates(assets: Assets, start_us: int, chance: np.random.Generator) -> Floats:
    """Ages that are alike along a branch, which was built at one time, with later replacements."""
    branches = np.unique(assets.feeders, return_inverse=True)[1]
    of_branch = chance.uniform(5.0, OLDEST_Y, int(branches.max(initial=0)) + 1)
    age = np.clip(of_branch[branches] + chance.normal(0, 4, len(assets)), 0.5, OLDEST_Y)
    replaced = chance.random(len(assets)) < 0.2
    age = np.where(replaced, age * chance.random(len(assets)), age)
    drawn = start_us - age * _DAYS_A_YEAR * MICROSECONDS_PER_DAY
    return np.where(np.isfinite(assets.installed_us), assets.installed_us, drawn)


def _steady(assets: Assets) -> Floats:
    yearly = np.array([YEARLY[kind] for kind in KINDS])[assets.kinds]
    size = np.sqrt(np.nan_to_num(assets.lengths_m, nan=100.0) / 100.0)
    power = np.log(np.maximum(assets.expected_w, 1.0))
    loading = np.zeros(len(assets))
    for code in range(len(KINDS)):
        mine = assets.kinds == code
        if mine.any():
            loading[mine] = np.clip(power[mine] - np.median(power[mine]), -2, 2)
    found: Floats = yearly * np.clip(size, 0.2, 5.0) * np.exp(LOADING * loading)
    return found


def _frailty(assets: Assets, chance: np.random.Generator) -> Floats:
    """z = rho P z + noise, solved by repeated averaging, scaled to `FRAILTY`."""
    noise = chance.standard_normal(len(assets))
    walk = walking(assets.adjacency)
    z = noise
    for _ in range(60):
        z = ALIKE * (walk @ z) + noise
    spread = float(z.std()) or 1.0
    found: Floats = FRAILTY * (z - z.mean()) / spread - FRAILTY**2 / 2
    return found


def walking(adjacency: Any) -> Any:
    """The matrix of a step to a neighbour drawn evenly, float64[n, n]; who has none stays."""
    degree = np.asarray(adjacency.sum(axis=1)).ravel()
    alone = diags_array((degree == 0).astype(np.float64))
    return csr_array(diags_array(1.0 / np.maximum(degree, 1)) @ adjacency + alone)


def second_ring(adjacency: Any) -> Any:
    """Who is next to a neighbour, and neither a neighbour nor oneself, float32[n, n]."""
    two = csr_array(adjacency @ adjacency)
    two.setdiag(0.0)
    two.eliminate_zeros()
    two.data[:] = 1.0
    found = csr_array(two - two.multiply(adjacency))
    found.eliminate_zeros()
    return found


def _warnings(months: int, start_us: int, chance: np.random.Generator) -> list[list[int]]:
    found = []
    for month in range(months):
        begin_us = start_us + month * MONTH_US
        count = int(chance.poisson(_WARNINGS[season_of(begin_us)]))
        found.append(sorted(begin_us + int(u * MONTH_US) for u in chance.random(count)))
    return found


def season_of(us: int) -> int:
    """Month of the year, 0 to 11, by days since 1970."""
    return int(us / MICROSECONDS_PER_DAY % _DAYS_A_YEAR / _DAYS_A_YEAR * 12)


def _log(faults: list[tuple[int, int]], warnings: list[int]) -> FaultLog:
    by_time = sorted(faults, key=lambda fault: fault[1])
    begins = np.array([us for _, us in by_time], dtype=np.int64)
    warned = np.array(sorted(warnings), dtype=np.int64)
    rows = np.array([row for row, _ in by_time], dtype=np.int32)
    return FaultLog(rows, begins, begins + 2 * MICROSECONDS_PER_HOUR, warned, warned)


def _dated(assets: Assets, installed: Floats) -> Assets:
    return Assets(
        assets.keys,
        assets.kinds,
        assets.lengths_m,
        installed,
        assets.expected_w,
        assets.loading,
        assets.depths,
        assets.feeders,
        assets.adjacency,
    )
