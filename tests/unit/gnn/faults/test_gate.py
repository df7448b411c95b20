"""The gate of faults: open where the network won everywhere, shut for a tie."""

from __future__ import annotations

from gnn.faults.gate import decide
from gnn.faults.table import SPLITS, Row, lines

LEVEL, MODEL = "sensors 30 %", "section-sage"


def _decided(**tops: float):
    rows = []
    for split in SPLITS:
        for name, top in _tops(tops, split):
            rows.append(Row(LEVEL, split, name, 0, 2_000, top, top, 100.0, 1.0, (top,) * 6))
    return decide(lines(rows), LEVEL, MODEL)


def _tops(tops: dict[str, float], split: str) -> list[tuple[str, float]]:
    usual = {
        "matching": tops.get("matching", 0.58),
        "ranker": 0.50,
        "ranker mean": 0.62,
        "experts": 0.63,
    }
    model = tops.get(split.replace(" ", "_").replace(",", ""), tops["usual"])
    return [*usual.items(), (MODEL, model - 0.01), (f"{MODEL} mean", model)]


def test_decide__network_that_won_everywhere_serves() -> None:
    found = _decided(usual=0.75)
    assert (found.gate_open, found.served, found.baseline) == (True, MODEL, "ranker")
    assert set(found.verdicts.values()) == {"better"}


def test_decide__tie_in_one_split_shuts_the_gate_and_the_best_other_serves() -> None:
    found = _decided(usual=0.75, unseen_networks=0.625)
    assert (found.gate_open, found.served, found.baseline) == (False, "ranker", MODEL)
    assert found.verdicts["unseen networks"] == "tie"
    assert (found.top1, found.baseline_top1) == (0.62, 0.625)


def test_decide__of_others_that_tie_one_that_learns_nothing_serves() -> None:
    found = _decided(usual=0.75, unseen_networks=0.62, matching=0.615)
    assert (found.served, found.top1) == ("matching", 0.615)


def test_decide__network_that_lost_is_told_so() -> None:
    assert set(_decided(usual=0.3).verdicts.values()) == {"worse"}
