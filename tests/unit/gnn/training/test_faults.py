"""One run: every contender in one table, and a bundle that says who serves."""

from __future__ import annotations

from gnn.faults.asking import SIMPLE
from gnn.faults.table import SPLITS
from gnn.training.fault_bundling import fault_bundle_of
from gnn.training.faults import train
from tests.unit.gnn.faults.asked import few


def test_train__judges_every_contender_in_every_split_and_bundles() -> None:
    told: list[str] = []
    judged = {split: few(2, number) for number, split in enumerate(SPLITS)}
    made = train(few(6, 9), judged, (1, 2), told.append)
    wanted = {*SIMPLE, "ranker", "ranker mean", "section-sage", "section-sage mean", "experts"}
    assert {row.model for row in made.rows} == wanted
    assert {row.split for row in made.rows} == set(SPLITS)
    assert {row.count for row in made.rows} == {2}
    assert len(told) == 4
    bundle = fault_bundle_of(made, {"words": "a drawing", "hash": "0", "networks": 1})
    assert [d.level for d in bundle.manifest.decisions] == [
        "sensors 30 %", "sensors 10 %", "sensors 3 %",
    ]  # fmt: skip
    assert len(bundle.manifest.evaluation) == len(made.rows)
