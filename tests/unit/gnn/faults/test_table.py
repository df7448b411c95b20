"""Scores of contenders, and who ties with whom."""

from __future__ import annotations

import numpy as np
import pytest

from gnn.evaluation.plain import plain
from gnn.faults.asking import Asked
from gnn.faults.table import SPLITS, Row, lines, markdown, rows_of, score


def _asked(truth: int, metres: list[float]) -> Asked:
    nothing = np.zeros(0)
    return Asked("sensors 30 %", nothing, nothing, nothing, {}, truth, np.array(metres))


def _rows(tops: dict[str, list[float]], count: int = 1_000) -> list[Row]:
    return [
        Row("sensors 30 %", SPLITS[2], name, seed, count, top, top, 100.0, 1.0, (top,) * 6)
        for name, seeds in tops.items()
        for seed, top in enumerate(seeds)
    ]


def test_score__counts_ranks_metres_and_odds() -> None:
    asked = [_asked(0, [50.0, 400.0]), _asked(1, [300.0, 80.0])]
    [row] = score(SPLITS[0], "x", 0, asked, [np.array([0.8, 0.2])] * 2)
    assert (row.count, row.top1, row.top3, row.metres) == (2, 0.5, 1.0, 175.0)
    assert row.log_loss == pytest.approx(-(np.log(0.8) + np.log(0.2)) / 2)
    assert row.within == (0.5, 1.0, 1.0, 1.0, 1.0, 1.0)


def test_lines__are_means_with_the_spread_over_seeds() -> None:
    [line] = lines(_rows({"x": [0.4, 0.5, 0.6]}))
    assert (line.top1, line.seeds) == (pytest.approx(0.5), 3)
    assert line.spread == pytest.approx(0.1)


def test_markdown__best_is_bold_and_ties_are_marked() -> None:
    text = markdown(_rows({"best": [0.70], "near": [0.69], "far": [0.5]}))
    assert "| best | **70.0%** |" in text
    assert "| near | 69.0% = |" in text
    assert "| far | 50.0% |" in text


def test_rows_of__are_those_that_were_made_plain() -> None:
    given = _rows({"x": [0.25]})
    assert rows_of(plain(given)) == given
