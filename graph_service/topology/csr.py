"""Adjacency in two flat arrays, so that a million links are walked without an object a link.

Compressed sparse rows: the neighbours of row `i` are `indices[indptr[i]:indptr[i + 1]]`.
All integers are int32, so at most 2**31 - 1 rows and entries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

Ints: TypeAlias = NDArray[np.int32]
Bytes: TypeAlias = NDArray[np.uint8]
Mask: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Csr:
    """Who is next to whom; `indptr` has one entry more than there are rows."""

    indptr: Ints
    indices: Ints

    @classmethod
    def of_pairs(cls, size: int, sources: Ints, targets: Ints) -> Csr:
        """Make the rows of distinct pairs, targets ascending.

        Args:
            size: Number of rows; all sources and targets are below it.
            sources: int32[m]
            targets: int32[m]
        """
        ones = np.ones(len(sources), dtype=np.int8)
        matrix = coo_array((ones, (sources, targets)), shape=(size, size)).tocsr()
        matrix.sum_duplicates()
        return cls(matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32))

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def pairs(self) -> tuple[Ints, Ints]:
        """All pairs as two columns, int32[m] each."""
        return rows_of(self.indptr), self.indices

    def next_to(self, rows: Ints) -> tuple[Ints, Ints]:
        """The neighbours of several rows: (index into `rows`, neighbour) per pair."""
        begins = self.indptr[rows]
        counts = self.indptr[rows + 1] - begins
        owners = np.repeat(np.arange(len(rows), dtype=np.int32), counts)
        shifts = begins - np.cumsum(counts, dtype=np.int32) + counts
        return owners, self.indices[shifts[owners] + np.arange(len(owners), dtype=np.int32)]

    def matrix(self) -> csr_array[Any, tuple[int, int]]:
        """The same as a scipy matrix of ones, for `scipy.sparse.csgraph`."""
        data = np.ones(len(self.indices))
        return csr_array((data, self.indices, self.indptr), shape=(len(self), len(self)))


def rows_of(indptr: Ints) -> Ints:
    """The row of each entry, int32[m]."""
    return np.repeat(np.arange(len(indptr) - 1, dtype=np.int32), np.diff(indptr))


def grouped(size: int, keys: Ints) -> tuple[Ints, Ints]:
    """Group entries by key without sorting: (indptr int32[size + 1], entries in order of key).

    Entries of one key keep their order.
    """
    entries = np.arange(len(keys), dtype=np.int32)
    ones = np.ones(len(keys), dtype=np.int8)
    matrix = coo_array((ones, (keys, entries)), shape=(size, max(len(keys), 1))).tocsr()
    return matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32)
