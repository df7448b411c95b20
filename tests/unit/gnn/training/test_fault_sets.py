"""Faults come back from disk as they were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gnn.faults.asking import Asked
from gnn.training.fault_sets import read_asked, write_asked
from tests.unit.gnn.faults.asked import few


def _same(one: Asked, other: Asked) -> bool:
    arrays = ("parents", "columns", "matched", "metres")
    alike = all(np.array_equal(getattr(one, n), getattr(other, n)) for n in arrays)
    said = all(np.array_equal(one.simple[name], other.simple[name]) for name in one.simple)
    return alike and said and (one.level, one.truth) == (other.level, other.truth)


def test_write_asked__comes_back_bit_for_bit_by_split(tmp_path: Path) -> None:
    made = {"learned": few(3), "unseen networks": few(2, 5), "model off": []}
    write_asked(tmp_path / "one", made)
    back = read_asked(tmp_path / "one")
    assert list(back) == list(made)
    for split, part in made.items():
        assert len(back[split]) == len(part)
        assert all(_same(a, b) for a, b in zip(part, back[split], strict=True))


def test_read_asked__file_that_is_damaged_is_told(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"nonsense")
    with pytest.raises(ValueError, match="Parquet"):
        read_asked(tmp_path / "one")
