"""Figures of the table as SVG, drawn here: losses by level, and how much the intervals cover."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final
from xml.sax.saxutils import escape

from gnn.evaluation.table import SPLITS, Line, Row, cell, lines

_WIDTH, _ROW, _LEFT, _RIGHT, _TOP = 760, 18, 250, 90, 54
_INK, _PALE, _MODEL, _OTHER = "#22303c", "#d8dee4", "#b4441f", "#6b87a0"
_NOMINAL: Final = 0.8
_MODELS: Final = ("tree-sage", "mixed")


def figures(rows: Sequence[Row]) -> dict[str, str]:
    """Drawings by name: `losses-L1`, `coverage-L1`, ... on networks that are not learned from."""
    table = lines(rows)
    found = {}
    for task in dict.fromkeys(line.task for line in table):
        split = SPLITS[2] if any(x.split == SPLITS[2] for x in table) else SPLITS[0]
        levels = list(dict.fromkeys(line.level for line in table if line.task == task))
        groups = [(level, cell(table, task, level, split)) for level in levels]
        title = f"{task}, {split}: pinball loss over mean load (shorter is better)"
        found[f"losses-{task}"] = _bars(title, groups, lambda x: x.pinball, "{:.4f}")
        title = f"{task}, {split}: share within the 80 % interval (the line is at 80 %)"
        found[f"coverage-{task}"] = _bars(title, groups, lambda x: x.coverage_80, "{:.0%}", 1.0)
    return found


def _bars(
    title: str,
    groups: Sequence[tuple[str, Sequence[Line]]],
    value: Callable[[Line], float],
    form: str,
    most: float | None = None,
) -> str:
    top = most or max(value(line) for _, group in groups for line in group)
    span = _WIDTH - _LEFT - _RIGHT
    y, parts = _TOP, [_text(16, 26, title, weight="bold")]
    for level, group in groups:
        parts.append(_text(16, y + 13, level.replace("_", " "), weight="bold"))
        for line in group:
            width = span * value(line) / top
            colour = _MODEL if line.model.startswith(_MODELS) else _OTHER
            parts.append(_text(_LEFT - 8, y + 13, line.model, anchor="end"))
            parts.append(_box(_LEFT, y + 3, width, _ROW - 6, colour))
            parts.append(_text(_LEFT + width + 6, y + 13, form.format(value(line))))
            y += _ROW
        y += 10
    if most:
        parts.append(_box(_LEFT + span * _NOMINAL, _TOP - 4, 1, y - _TOP, _INK))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y + 6}">'
    back = f'<rect width="{_WIDTH}" height="{y + 6}" fill="white" stroke="{_PALE}"/>'
    return "\n".join([head, back, *parts, "</svg>", ""])


def _text(x: float, y: float, text: str, *, anchor: str = "start", weight: str = "normal") -> str:
    style = f'font-family="sans-serif" font-size="12" font-weight="{weight}" fill="{_INK}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {style}>{escape(text)}</text>'


def _box(x: float, y: float, width: float, height: float, colour: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height:.1f}" '
        f'fill="{colour}"/>'
    )
