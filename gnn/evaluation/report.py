"""The table as text: Markdown for people, JSON for machines, the same figures in both."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from gnn.evaluation.table import SPLITS, Line, Row, cell, lines

_HEAD: Final = (
    "| split | model | pinball | ± seeds | nMAE | 80 % covers | values |\n"
    "| --- | --- | ---: | ---: | ---: | ---: | ---: |"
)


def rows_of(evaluation: Sequence[Mapping[str, Any]]) -> list[Row]:
    """The rows that a manifest holds."""
    return [Row(**each) for each in evaluation]


def markdown(rows: Sequence[Row], heading: str = "##") -> str:
    """One table a task and level; the best of a split is in bold, ties with it are marked `=`."""
    table = lines(rows)
    parts = []
    for task, level in dict.fromkeys((line.task, line.level) for line in table):
        parts.append(f"{heading} {task}, {level.replace('_', ' ')}\n\n{_HEAD}")
        for split in SPLITS:
            parts.append("\n".join(_lines(cell(table, task, level, split))))
        parts.append("")
    return "\n".join(part for part in parts if part is not None).replace("\n\n\n", "\n\n")


def as_json(rows: Sequence[Row]) -> str:
    """All rows, one a model, seed, split, level and task."""
    members = [{name: getattr(row, name) for name in Row.__slots__} for row in rows]
    return json.dumps(members, indent=1) + "\n"


def _lines(found: Sequence[Line]) -> list[str]:
    if not found:
        return []
    best = min(found, key=lambda line: line.pinball)
    return [_line(each, best) for each in found]


def _line(line: Line, best: Line) -> str:
    tie = line is not best and line.pinball - best.pinball <= max(line.spread, best.spread)
    loss = f"**{line.pinball:.4f}**" if line is best else f"{line.pinball:.4f}"
    spread = f"{line.spread:.4f}" if line.seeds > 1 else ""
    return (
        f"| {line.split} | {line.model} | {loss}{' =' if tie else ''} | {spread} "
        f"| {line.nmae:.4f} | {line.coverage_80:.1%} | {line.count:,} |"
    )
