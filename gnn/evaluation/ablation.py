"""What each idea brings: losses with one idea changed, and by how much that is worse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WHOLE: Final = "as it is"

Losses = Mapping[tuple[str, str], Mapping[str, float]]
"""(variant, task) → level → pinball loss over the mean load on unseen networks."""


def ablation_page(found: Losses, words: str, seeds: int, rounds: int) -> str:
    """The page: what was done (data in words, networks a variant, most rounds), and the table."""
    return (
        "# What each idea brings\n\n"
        "Written by `gridstrata-gnn ablate`; run it again, do not change this page. The graph "
        f"network is trained anew with one thing changed ({seeds} seeds, {rounds} rounds at most), "
        f"on {words}, calibrated, and judged on networks nothing was learned from: pinball loss "
        "over the mean load, and by how much that is more than as it is.\n\n"
        + ablation_table(found)
    )


def ablation_table(found: Losses) -> str:
    """Markdown: one line a variant and task, loss by level, and its change."""
    levels = list(next(iter(found.values())))
    head = ["task", "variant", *(level.replace("_", " ") for level in levels)]
    rows = [head, ["---"] * 2 + ["---:"] * len(levels)]
    for task in dict.fromkeys(task for _, task in found):
        whole = found[WHOLE, task]
        for idea in dict.fromkeys(idea for idea, _ in found):
            mine = found[idea, task]
            rows.append([task, idea, *(_change(mine[x], whole[x], idea) for x in levels)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def _change(loss: float, whole: float, idea: str) -> str:
    return f"{loss:.4f}" if idea == WHOLE else f"{loss:.4f} ({loss / whole - 1:+.1%})"
