"""What each idea brings: losses with one idea left out, and by how much that is worse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_WHOLE: Final = "everything"


def ablation_table(found: Mapping[tuple[str, str], Mapping[str, float]]) -> str:
    """Markdown: one line an idea and task, loss by level, and its change against everything.

    Args:
        found: (idea, task) → level → pinball loss over the mean load on unseen networks.
    """
    levels = list(next(iter(found.values())))
    head = ["task", "left out", *(level.replace("_", " ") for level in levels)]
    rows = [head, ["---"] * 2 + ["---:"] * len(levels)]
    for task in dict.fromkeys(task for _, task in found):
        whole = found[_WHOLE, task]
        for idea in dict.fromkeys(idea for idea, _ in found):
            mine = found[idea, task]
            rows.append([task, idea, *(_change(mine[x], whole[x], idea) for x in levels)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def _change(loss: float, whole: float, idea: str) -> str:
    return f"{loss:.4f}" if idea == _WHOLE else f"{loss:.4f} ({loss / whole - 1:+.1%})"
