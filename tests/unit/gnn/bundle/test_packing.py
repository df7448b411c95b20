"""Arrays in one file, the same bytes every time."""

from __future__ import annotations

import numpy as np

from gnn.bundle.packing import numbered, packed_arrays, unpacked_arrays


def test_packed_arrays__come_back_as_they_were() -> None:
    given = {"b/1/x": np.arange(3), "b/0/x": np.eye(2, dtype=np.float32)}
    found = unpacked_arrays(packed_arrays(given))
    assert [each["x"].tolist() for each in numbered(found, "b")] == [[[1, 0], [0, 1]], [0, 1, 2]]


def test_packed_arrays__are_the_same_bytes_in_any_order() -> None:
    one, other = {"a": np.ones(2), "b": np.zeros(1)}, {"b": np.zeros(1), "a": np.ones(2)}
    assert packed_arrays(one) == packed_arrays(other)
