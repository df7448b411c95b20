"""Sensors while faults are tried: the network they are taken to stand in, and how much each weighs.

There are two such networks. One is the model. The other is fed by what the relays at its heads
showed while the fault lasted, whatever lies behind them: a source, a tap or a transformer that is
not what the model says changes nothing there, and what is left to doubt is lines, loads, sensors.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gnn.faults.seen import DOUBTED, FED, TRUSTED, Doubt, Seen, Weights, weights
from gnn.faults.sensing import Sensors, sensors
from gnn.faults.solver import Solved

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """Some sensors.

    Attributes:
        solved: The network they stand in, with the loads before the fault.
        seen: What they showed.
        sensors: Where they stand.
        weights: How much each channel weighs.
        wider: By how much less than if the model were right, see `Weights.wider`.
    """

    solved: Solved
    seen: Seen
    sensors: Sensors
    weights: Weights
    wider: Floats | float = 0.0

    def __len__(self) -> int:
        return len(self.seen)

    def first(self, count: int) -> Watch:
        """The first so many of them."""
        if count >= len(self):
            return self
        chosen = np.arange(count)
        return replace(
            self,
            seen=self.seen.chosen(chosen),
            sensors=self.sensors.chosen(chosen),
            weights=self.weights.chosen(chosen),
        )

    def doubting(self, fed: Solved | None) -> Watch:
        """The same for a model that is off: in the network as it was fed, where that is known."""
        found = watch(fed or self.solved, self.seen, FED if fed else DOUBTED)
        return replace(found, wider=found.weights.wider(self.weights))


def watch(solved: Solved, seen: Seen, doubt: Doubt = TRUSTED) -> Watch:
    """All sensors in a network whose model is doubted so far."""
    stood = sensors(solved, seen.spots)
    nominal = solved.grid.volts[stood.buses]
    return Watch(solved, seen, stood, weights(seen, stood, nominal, doubt))
