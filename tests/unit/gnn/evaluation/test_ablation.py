"""The table of ablations: losses, and how much worse without."""

from gnn.evaluation.ablation import ablation_table


def test_table__says_the_change_against_everything():
    text = ablation_table(
        {
            ("as it is", "L1"): {"lv_feeder": 0.02},
            ("without neighbours", "L1"): {"lv_feeder": 0.021},
        }
    )
    assert "| L1 | as it is | 0.0200 |" in text
    assert "| L1 | without neighbours | 0.0210 (+5.0%) |" in text
