"""The rank of the true section, drawn as SVG: how often it is among the first so many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

from gnn.faults.table import WITHIN, Line, Row, cell, lines

_WIDTH, _HEIGHT, _LEFT, _TOP, _SIDE = 760, 330, 60, 50, 190
_INK, _PALE = "#22303c", "#d8dee4"
_COLOURS: Final = ("#9aa7b3", "#6b87a0", "#7a9a5f", "#2f6f8f", "#c98a1b", "#b4441f", "#7b4a8e")


def rank_figure(rows: Sequence[Row], splits: Sequence[str]) -> str:
    """Share of faults by the rank of their section; one panel a share of sensors."""
    table = lines(rows)
    split = splits[2] if any(x.split == splits[2] for x in table) else table[0].split
    levels = list(dict.fromkeys(line.level for line in table))
    height = _HEIGHT * len(levels)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}">'
    back = f'<rect width="{_WIDTH}" height="{height}" fill="white" stroke="{_PALE}"/>'
    panels = [
        part
        for number, level in enumerate(levels)
        for part in _panel(f"{level}, {split}", cell(table, level, split), number * _HEIGHT)
    ]
    return "\n".join([head, back, *panels, "</svg>", ""])


def _panel(title: str, group: Sequence[Line], top: int) -> list[str]:
    served = [x for x in group if x.seeds == 1]
    parts = [_text(16, top + 26, f"Faults whose section is among the first n: {title}", True)]
    for share in (0, 25, 50, 75, 100):
        y = _y(top, share / 100)
        parts.append(f'<path d="M{_LEFT} {y}H{_WIDTH - _SIDE}" stroke="{_PALE}"/>')
        parts.append(_text(16, y + 4, f"{share} %"))
    for number, n in enumerate(WITHIN):
        parts.append(_text(_x(number) - 4, top + _HEIGHT - 14, str(n)))
    for number, line in enumerate(served):
        colour = _COLOURS[number % len(_COLOURS)]
        points = " ".join(f"{_x(i):.1f},{_y(top, v):.1f}" for i, v in enumerate(line.within))
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        y = top + _TOP + 18 * number
        parts.append(
            f'<rect x="{_WIDTH - _SIDE + 20}" y="{y}" width="12" height="12" fill="{colour}"/>'
        )
        parts.append(_text(_WIDTH - _SIDE + 38, y + 11, line.model))
    return parts


def _x(number: int) -> float:
    return _LEFT + 10 + number * (_WIDTH - _SIDE - _LEFT - 20) / (len(WITHIN) - 1)


def _y(top: int, share: float) -> float:
    return top + _TOP + (1 - share) * (_HEIGHT - _TOP - 40)


def _text(x: float, y: float, text: str, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    style = f'font-family="sans-serif" font-size="12" fill="{_INK}"{weight}'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(text)}</text>'
