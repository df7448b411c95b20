"""Boosted trees as plain arrays, answered with numpy alone: what LightGBM learned, without it.

Every tree is one stretch of four columns; a row walks from its root, left where its feature is at
most the threshold, until it meets a leaf. Missing features do not occur.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """Several forests, one an output.

    Attributes:
        arrays: `feature` int32[nodes] (-1 in a leaf), `threshold` float64[nodes] (the value of a
            leaf), `left` and `right` int32[nodes], `roots` int32[trees], `outputs` int32[trees].
    """

    arrays: Mapping[str, NDArray[Any]]

    def predict(self, columns: Array) -> Array:
        """float32[k, columns] to float32[k, outputs]."""
        a = self.arrays
        made = np.zeros((len(columns), int(a["outputs"].max()) + 1))
        for root, output in zip(a["roots"].tolist(), a["outputs"].tolist(), strict=True):
            made[:, output] += self._walk(root, columns)
        return made.astype(np.float32)

    def _walk(self, root: int, columns: Array) -> NDArray[np.float64]:
        a = self.arrays
        at = np.full(len(columns), root, dtype=np.int32)
        going = np.flatnonzero(a["feature"][at] >= 0)
        while len(going):
            here = at[going]
            low = columns[going, a["feature"][here]] <= a["threshold"][here]
            at[going] = np.where(low, a["left"][here], a["right"][here])
            going = going[a["feature"][at[going]] >= 0]
        found: NDArray[np.float64] = a["threshold"][at]
        return found


def trees_of(forests: Sequence[Sequence[Mapping[str, Any]]]) -> Trees:
    """From LightGBM's description of trees, one list an output."""
    rows: list[tuple[int, float, int, int]] = []
    roots, outputs = [], []
    for output, forest in enumerate(forests):
        for tree in forest:
            roots.append(_add(tree["tree_structure"], rows))
            outputs.append(output)
    feature, threshold, left, right = zip(*rows, strict=True)
    return Trees(
        {
            "feature": np.array(feature, dtype=np.int32),
            "threshold": np.array(threshold),
            "left": np.array(left, dtype=np.int32),
            "right": np.array(right, dtype=np.int32),
            "roots": np.array(roots, dtype=np.int32),
            "outputs": np.array(outputs, dtype=np.int32),
        }
    )


def _add(node: Mapping[str, Any], rows: list[tuple[int, float, int, int]]) -> int:
    here = len(rows)
    if "leaf_value" in node:
        rows.append((-1, float(node["leaf_value"]), -1, -1))
        return here
    rows.append((int(node["split_feature"]), float(node["threshold"]), -1, -1))
    left, right = _add(node["left_child"], rows), _add(node["right_child"], rows)
    rows[here] = (rows[here][0], rows[here][1], left, right)
    return here
