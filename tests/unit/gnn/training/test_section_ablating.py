"""Every idea about sections has a row in the table, and does what it says."""

from __future__ import annotations

import numpy as np

from gnn.faults.ablation import ablation_page
from gnn.faults.columns import NAMES
from gnn.training.section_ablating import VARIANTS, Variant, ablate, measured_above
from gnn.training.sections import Idea, fit_scorer
from tests.unit.gnn.faults.asked import few


def test_ablate__every_variant_and_baseline_has_its_row_in_the_page() -> None:
    told: list[str] = []
    judged = {"unseen networks": few(2, 3), "unseen networks, model off": few(2, 4)}
    rows = ablate(few(6), few(8), judged, (1, 2), told.append)
    page = ablation_page(rows, "a drawing", 2)
    others = ("matching", "ranker", "learned from many more networks",
              "network, ranker and matching multiplied")  # fmt: skip
    lines = [line for line in page.splitlines() if line.startswith("| ")][2:]
    assert sorted(line.split(" | ")[0][2:] for line in lines) == sorted([*VARIANTS, *others])
    assert {line.count("|") for line in page.splitlines() if line.startswith("| ")} == {7}
    assert len(told) == len(VARIANTS)


def test_variant__is_not_told_what_it_is_without() -> None:
    one = Variant(without=("is ", "odds")).of(few(1))[0]
    away = [NAMES.index("odds"), NAMES.index("is 3ph")]
    assert not one.columns[:, away].any()
    assert one.columns[:, NAMES.index("length")].all()


def test_measured_above__is_the_nearest_section_with_a_sensor_or_the_first() -> None:
    asked = few(1)[0]
    above = measured_above(asked)
    counts = np.rint(np.expm1(asked.columns[:, NAMES.index("below")]))
    for at, parent in enumerate(above.tolist()):
        assert parent <= asked.parents[at]
        below = np.flatnonzero(asked.parents == parent)
        own = parent >= 0 and counts[parent] > counts[below].sum()
        assert own or parent < 0 or asked.parents[parent] < 0


def test_fit_scorer__that_does_not_correct_matching_hears_it_in_columns_alone() -> None:
    scorer = fit_scorer(few(4), few(2, 2), 1, Idea(layers=0, corrects=False))
    assert (scorer.layers, scorer.arrays["trust"].tolist()) == (0, [0.0])
