"""A tree of one question, as the ranker's trees are kept."""

from __future__ import annotations

from gnn.baselines.trees import Trees, trees_of


def stump(column: int = 2, threshold: float = 0.5, low: float = -1.0, high: float = 1.0) -> Trees:
    """`high` where a column is above a threshold, `low` elsewhere."""
    return trees_of(
        [
            [
                {
                    "tree_structure": {
                        "split_feature": column,
                        "threshold": threshold,
                        "left_child": {"leaf_value": low},
                        "right_child": {"leaf_value": high},
                    }
                }
            ]
        ]
    )
