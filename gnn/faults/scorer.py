"""A small graph network that scores sections: how much more or less likely than matching says.

The layer is that of the load models (`gnn.models.sage`), on the tree of sections: each hears the
sections below and the one above. Its score is added to the logarithm of the odds by matching, so
that a network which has learned nothing says what matching says:

    log odds = t log odds by matching + score,   odds = softmax over the sections of the fault

`gnn.training.sections` is the same in torch, and a test holds both to 1e-5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.models.tree import Tree
from graph_service.topology.csr import Ints

Array = NDArray[np.float32]

NAME: Final = "section-sage/1"
"""The architecture, by name, as bundles state it."""
LEAST_LOG: Final = -30.0


@dataclass(frozen=True, slots=True, eq=False)
class Scorer:
    """The weights of one network.

    Attributes:
        arrays: `mean` and `spread` of the columns, float32[f]; `enter`, `enter_bias`; for each
            layer i `self.i`, `child.i`, `parent.i`, `bias.i`; `leave`, `leave_bias`; `trust`, t.
    """

    arrays: Mapping[str, Array]

    @property
    def layers(self) -> int:
        """How many layers hear the neighbours."""
        return sum(name.startswith("self.") for name in self.arrays)

    def logits(self, tree: Tree, columns: Array, matched: Array) -> Array:
        """Scores of sections, float32[k].

        Args:
            tree: Sections and who is above them.
            columns: float32[k, columns].
            matched: Logarithm of the odds by matching, float32[k].
        """
        w = self.arrays
        h = np.maximum(((columns - w["mean"]) / w["spread"]) @ w["enter"] + w["enter_bias"], 0)
        for layer in range(self.layers):
            heard = h @ w[f"self.{layer}"] + (tree.children @ h) @ w[f"child.{layer}"]
            heard += tree.of_parents(h) @ w[f"parent.{layer}"] + w[f"bias.{layer}"]
            h = h + np.maximum(heard, 0)
        score = (h @ w["leave"] + w["leave_bias"])[:, 0]
        found: Array = w["trust"][0] * matched + score
        return found


def matched_logs(odds: NDArray[np.float64]) -> Array:
    """Logarithm of odds, none lower than `LEAST_LOG`, float32[k]."""
    return np.maximum(np.log(np.maximum(odds, 1e-300)), LEAST_LOG).astype(np.float32)


def odds_of(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Softmax over the sections of one fault, float64[k]."""
    risen = np.exp(logits.astype(np.float64) - float(logits.max()))
    found: NDArray[np.float64] = risen / risen.sum()
    return found


def model_odds(
    scorers: Sequence[Scorer], parents: Ints, columns: Array, matched: Array
) -> NDArray[np.float64]:
    """Mean of the odds of several networks, float64[k]."""
    tree = Tree.of(parents)
    several = [odds_of(each.logits(tree, columns, matched)) for each in scorers]
    found: NDArray[np.float64] = np.mean(several, axis=0)
    return found
