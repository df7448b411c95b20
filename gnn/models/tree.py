"""The tree as a model sees it: from each place to the mean of its children, and to its parent.

Both are sparse matrices with one row a place, made from the parents alone. Places that were added
take from the place above and give nothing, so that asking about more changes no other answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Matrix = csr_array


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """Who is next to whom, as matrices of float32[p, p].

    Attributes:
        children: Row p is the mean over the children of p; empty where there are none.
        parent: Row p picks the parent of p; empty at the top.
        parents: int32[p]; -1 at the top.
    """

    children: Any
    parent: Any
    parents: NDArray[np.int32]

    def __len__(self) -> int:
        return int(self.parent.shape[0])

    def of_children(self, values: NDArray[np.float32], cut: slice) -> NDArray[np.float32]:
        """What `children @ values` gives for a stretch of places."""
        found: NDArray[np.float32] = self.children[cut] @ values
        return found

    def of_parents(
        self, values: NDArray[np.float32], cut: slice = slice(None)
    ) -> NDArray[np.float32]:
        """What `parent @ values` gives, for a stretch of places or all, by picking rows."""
        above = self.parents[cut]
        picked: NDArray[np.float32] = values.take(np.maximum(above, 0), axis=0)
        picked[above < 0] = 0.0
        return picked

    @classmethod
    def of(cls, parents: NDArray[np.int32], base: int | None = None) -> Tree:
        """From the parent of each place, -1 at the top; places from `base` on were added."""
        size, base = len(parents), len(parents) if base is None else base
        below = np.flatnonzero(parents >= 0)
        giving = below[below < base]
        above = parents[giving]
        share = 1.0 / np.bincount(above, minlength=size)[above] if len(above) else above
        return cls(
            _sparse(share, above, giving, size),
            _sparse(np.ones(len(below)), parents[below], below, size, turned=True),
            parents,
        )


def forest(parents: Sequence[NDArray[np.int32]]) -> NDArray[np.int32]:
    """Parents of several trees side by side, int32[sum of p]."""
    begins = np.cumsum([0, *(len(each) for each in parents)])[:-1]
    moved = [np.where(p >= 0, p + begin, -1) for p, begin in zip(parents, begins, strict=True)]
    return np.concatenate(moved).astype(np.int32)


def _sparse(
    values: NDArray[Any],
    rows: NDArray[Any],
    columns: NDArray[Any],
    size: int,
    *,
    turned: bool = False,
) -> Any:
    if turned:
        rows, columns = columns, rows
    return csr_array((values.astype(np.float32), (rows, columns)), shape=(size, size))
