"""Faults asked of every contender: the columns models see, what simple ones say, and the truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.faults.cases import SHARES, Case, Fault, draw_fault, observe
from gnn.faults.columns import columns, section_parents
from gnn.faults.grid import MvGrid
from gnn.faults.matching import Match, match
from gnn.faults.rules import apparent_impedance, lowest_voltage
from gnn.faults.scorer import matched_logs
from gnn.faults.walking import between

Floats = NDArray[np.float64]
Look = Callable[[MvGrid, Fault, float, np.random.Generator], Case]

MATCHING: Final = "matching"
LEAST_SQUARES: Final = "least squares"
SIMPLE: Final = ("lowest voltage", "apparent impedance", LEAST_SQUARES, MATCHING)
"""Those that learn nothing, by name."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A fault as every contender is asked it.

    Attributes:
        level: Which share of the buses has sensors: `sensors 30 %`.
        parents: Section above each section, int32[k]; -1 where there is none.
        columns: float32[k, columns].
        matched: Logarithm of the odds by matching, float32[k].
        simple: Odds by name of those that learn nothing, float64[k].
        truth: The section the fault is on.
        metres: From the fault to the middle of each section, float64[k].
    """

    level: str
    parents: NDArray[np.int32]
    columns: NDArray[np.float32]
    matched: NDArray[np.float32]
    simple: Mapping[str, Floats]
    truth: int
    metres: Floats


def level_of(share: float) -> str:
    """The name of a level."""
    return f"sensors {100 * share:g} %"


def simple_odds(found: Match) -> dict[str, Floats]:
    """What those say that learn nothing, by name."""
    return {
        "lowest voltage": lowest_voltage(found),
        "apparent impedance": apparent_impedance(found),
        LEAST_SQUARES: found.least_squares(),
        MATCHING: found.odds(),
    }


def ask_grid(grid: MvGrid, count: int, seed: int, look: Look = observe) -> list[Asked]:
    """Draw faults of a network, `count` with each share of sensors, as `look` observes them."""
    chance = np.random.default_rng(seed)
    return [
        ask(grid, look(grid, draw_fault(grid, chance), share, chance), level_of(share))
        for share in SHARES
        for _ in range(count)
    ]


def ask(grid: MvGrid, case: Case, level: str) -> Asked:
    """Ask one fault."""
    found = match(grid, case.seen)
    simple = simple_odds(found)
    half = np.full(len(found.buses), 0.5)
    bus = np.array([case.bus], dtype=np.int32)
    return Asked(
        level=level,
        parents=section_parents(found),
        columns=columns(found),
        matched=matched_logs(simple[MATCHING]),
        simple=simple,
        truth=int(np.searchsorted(found.buses, case.bus)),
        metres=between(grid, bus, np.array([case.share]), found.buses, half)[0],
    )
