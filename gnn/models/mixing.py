"""Several experts, one answer: a mean of their calibrated quantiles with weights for each level.

The weights are not negative and sum to one, so the mean of ascending quantiles ascends and lies
among what the experts say (expert aggregation as by Campagne et al., arXiv 2507.03690, with weights
that stay as they were fitted on the networks of calibration).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """Who is heard how much.

    Attributes:
        experts: Names.
        weights: float32[levels, experts]; rows sum to one.
    """

    experts: tuple[str, ...]
    weights: Array

    def mixed(self, said: Mapping[str, Array], levels: NDArray[np.int8]) -> Array:
        """The mean of calibrated quantiles float32[n, s, quantiles] by expert."""
        mean = np.zeros_like(next(iter(said.values())))
        for number, name in enumerate(self.experts):
            share = self.weights[levels, number]
            heard = share > 0
            if heard.any():
                mean[heard] += share[heard, None, None] * said[name][heard]
        return mean

    def heard(self, levels: NDArray[np.int8]) -> tuple[str, ...]:
        """The experts that any of these levels hears."""
        most = self.weights[np.unique(levels)].max(axis=0).tolist()
        return tuple(name for name, share in zip(self.experts, most, strict=True) if share > 0)
