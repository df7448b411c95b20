"""The cache: what is read is what was written; a damaged file is made anew."""

import numpy as np

from gnn.datasets.cache import cached, content_hash, read_snapshots, write_snapshots
from tests.unit.gnn.stacks import drawn_snapshots

FIELDS = ("levels", "parents", "feeders", "horizons", "targets_us", "features", "estimates",
          "scale", "truth")  # fmt: skip


def _equal(one, other):
    return all(np.array_equal(getattr(one, f), getattr(other, f), equal_nan=True) for f in FIELDS)


def _cached(folder, key, make):
    return cached(folder, key, make, read_snapshots, write_snapshots)


def test_snapshots__come_back_bit_for_bit_without_being_made_again(tmp_path):
    made = drawn_snapshots()
    made.truth[0, 0] = np.nan
    assert _cached(tmp_path, "key", lambda: made) is made
    assert _equal(_cached(tmp_path, "key", lambda: drawn_snapshots(seed=2)), made)


def test_damaged_file__is_made_anew(tmp_path):
    _cached(tmp_path, "key", drawn_snapshots)
    (tmp_path / "key.parquet").write_bytes(b"nonsense")
    assert _equal(
        _cached(tmp_path, "key", lambda: drawn_snapshots(seed=2)), drawn_snapshots(seed=2)
    )


def test_content_hash__tells_where_parts_end():
    assert content_hash([b"ab", b"c"]) != content_hash([b"a", b"bc"])


def test_no_folder__keeps_nothing(tmp_path):
    made = drawn_snapshots()
    assert _cached(None, "key", lambda: made) is made
