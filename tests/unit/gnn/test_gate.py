"""The gate: open only where every split was won, and won by more than the spread over seeds."""

import pytest

from gnn.evaluation.table import SPLITS, Row, lines
from gnn.gate import decide

LEVEL = "transformer"


def _table(*, mine, other=0.030, spread=0.0, split=None):
    """The model at `mine` in one split (or all), clearly better in the others."""
    rows = []
    for each in SPLITS:
        loss = mine if split in (None, each) else other / 2
        rows += [Row("L1", LEVEL, each, "m mean", 0, 9, loss, 0.1, 0.8)]
        rows += [Row("L1", LEVEL, each, "m", s, 9, loss + s * spread, 0.1, 0.8) for s in (0, 1, 2)]
        rows += [Row("L1", LEVEL, each, "b", 0, 9, other, 0.1, 0.81)]
    return lines(rows)


def test_gate__where_every_split_is_won__is_open():
    found = decide(_table(mine=0.020), "L1", LEVEL, ("m",))
    assert (found.gate_open, found.served, found.baseline) == (True, "m", "b")
    assert (found.error, found.baseline_error) == (0.020, 0.030)
    assert found.judged == "unseen networks"


@pytest.mark.parametrize("split", SPLITS)
def test_gate__where_one_split_is_lost__is_shut(split):
    found = decide(_table(mine=0.031, split=split), "L1", LEVEL, ("m",))
    assert (found.gate_open, found.served, found.coverage_80) == (False, "b", 0.81)
    assert found.verdicts[split] == "worse"


def test_gate__where_the_lead_is_within_the_spread__is_shut():
    found = decide(_table(mine=0.029, spread=0.002), "L1", LEVEL, ("m",))
    assert not found.gate_open
    assert set(found.verdicts.values()) == {"tie"}


def test_gate__of_a_level_nobody_judged__is_no_decision():
    assert decide(_table(mine=0.02), "L1", "section", ("m",)) is None


def _mixed(loss, spread=0.0):
    found = []
    for each in SPLITS:
        found += [Row("L1", LEVEL, each, "x mean", 0, 9, loss, 0.1, 0.8)]
        found += [Row("L1", LEVEL, each, "x", s, 9, loss + s * spread, 0.1, 0.8) for s in (0, 1)]
    return lines(found)


def test_mixture__that_beats_the_model_it_hears__serves():
    found = decide([*_table(mine=0.020), *_mixed(0.018)], "L1", LEVEL, ("m", "x"))
    assert (found.gate_open, found.served, found.baseline) == (True, "x", "m")


def test_mixture__that_ties_with_the_model__leaves_it_to_the_model():
    found = decide([*_table(mine=0.020), *_mixed(0.0199, spread=0.001)], "L1", LEVEL, ("m", "x"))
    assert (found.served, found.baseline) == ("m", "b")


def test_mixture__may_serve_where_the_model_lost():
    found = decide([*_table(mine=0.031), *_mixed(0.029)], "L1", LEVEL, ("m", "x"))
    assert (found.gate_open, found.served, found.baseline) == (True, "x", "b")


def test_mixture__that_ties_with_a_model_that_lost_to_a_baseline__may_serve():
    found = decide([*_table(mine=0.031), *_mixed(0.0285, spread=0.001)], "L1", LEVEL, ("m", "x"))
    lost = decide([*_table(mine=0.0295, spread=0.002), *_mixed(0.029)], "L1", LEVEL, ("m", "x"))
    assert (found.served, lost.served) == ("x", "x")


def test_gate_shut_for_all__says_how_the_first_did():
    found = decide([*_table(mine=0.033), *_mixed(0.032)], "L1", LEVEL, ("m", "x"))
    assert (found.gate_open, found.served) == (False, "b")
    assert found.verdicts["unseen networks"] == "worse"
