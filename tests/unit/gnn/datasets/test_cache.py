"""The cache: what is read is what was written; a damaged file is made anew."""

import numpy as np

from gnn.datasets.cache import cached, content_hash
from tests.unit.gnn.stacks import drawn_snapshots

FIELDS = ("levels", "parents", "feeders", "horizons", "targets_us", "features", "estimates",
          "scale", "truth")  # fmt: skip


def _equal(one, other):
    return all(np.array_equal(getattr(one, f), getattr(other, f), equal_nan=True) for f in FIELDS)


def test_snapshots__come_back_bit_for_bit_without_being_made_again(tmp_path):
    made = drawn_snapshots()
    made.truth[0, 0] = np.nan
    assert cached(tmp_path, "key", lambda: made) is made
    assert _equal(cached(tmp_path, "key", lambda: drawn_snapshots(seed=2)), made)


def test_damaged_file__is_made_anew(tmp_path):
    cached(tmp_path, "key", drawn_snapshots)
    (tmp_path / "key.parquet").write_bytes(b"nonsense")
    assert _equal(cached(tmp_path, "key", lambda: drawn_snapshots(seed=2)), drawn_snapshots(seed=2))


def test_content_hash__tells_where_parts_end():
    assert content_hash([b"ab", b"c"]) != content_hash([b"a", b"bc"])


def test_no_folder__keeps_nothing(tmp_path):
    made = drawn_snapshots()
    assert cached(None, "key", lambda: made) is made
