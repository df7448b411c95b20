"""Networks that are not what their model says: what faults are judged on where the model is off.

Drawn for each fault: r and x of every line by up to 10 % each, those of what feeds by up to 20 %;
the voltage of the source by up to 3 % (a tap changer nobody reports); loads by a factor with a
spread of 0.6 (a wrong class), one in five of them feeding in instead; every sensor off by a
factor with a spread of 1 % for volts and amperes each; one in five sensors without volts.
Relays keep their volts. Matching knows the model alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from gnn.faults.cases import Case, Fault, observe
from gnn.faults.grid import MvGrid
from gnn.faults.seen import Seen

_LINES: Final = 0.1
_FEEDING: Final = 0.2
_TAP: Final = 0.03
_LOADS: Final = 0.6
_FEED_IN: Final = 0.2
_GAIN: Final = 0.01
_NO_VOLTS: Final = 0.2


def observe_astray(grid: MvGrid, fault: Fault, share: float, chance: np.random.Generator) -> Case:
    """Simulate a fault in a network that differs from its model, and observe it."""
    case = observe(_astray(grid, chance), fault, share, chance)
    return replace(case, seen=_worn(case.seen, chance))


def _astray(grid: MvGrid, chance: np.random.Generator) -> MvGrid:
    size = len(grid)
    most = np.where(grid.parents < 0, _FEEDING, _LINES)
    r, x = (1 + most * chance.uniform(-1, 1, size) for _ in range(2))
    series = grid.series.real * r[:, None, None] + 1j * grid.series.imag * x[:, None, None]
    tap = 1 + chance.uniform(-_TAP, _TAP, size)[grid.roots]
    factors = np.exp(_LOADS * chance.standard_normal(size))
    given = chance.uniform(size=size) < _FEED_IN
    factors = np.where(given, -chance.uniform(size=size), factors)
    return replace(
        grid, series=series, volts=grid.volts * tap, loads_va=grid.loads_va * factors[:, None]
    )


def _worn(seen: Seen, chance: np.random.Generator) -> Seen:
    """Sensors with a factor of their own, some without volts."""
    gains = 1 + _GAIN * chance.standard_normal((2, len(seen), 1))
    volts = seen.volts * gains[0]
    volts[(chance.uniform(size=len(seen)) < _NO_VOLTS) & ~seen.angles] = np.nan
    return replace(seen, volts=volts, amperes=seen.amperes * gains[1])
