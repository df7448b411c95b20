"""Draws docs/pictures/predictions.svg: what is measured, what is carried where, what comes out.

    python docs/pictures/draw_predictions.py [FILE]

A feeder with two transformers; filled customers are metered. The same code gives the same bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

PICTURE = Path(__file__).with_name("predictions.svg")

WIDTH, HEIGHT = 900, 430
STYLE = """
  svg { --ink: #1f2933; --soft: #7b8794; --line: #c3cbd4; --paper: #ffffff;
        --up: #1769aa; --down: #2f7d4f; --band: #c2500a }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #e6ebf0; --soft: #93a1b0; --line: #44505d; --paper: #0d1117;
          --up: #63b3f2; --down: #6fcf97; --band: #ff9b54 }
  }
  text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif;
         fill: var(--ink) }
  .soft { fill: var(--soft) }
  .wire { stroke: var(--line); stroke-width: 3; fill: none }
  .up { stroke: var(--up); stroke-width: 1.6; fill: none; marker-end: url(#to-up) }
  .down { stroke: var(--down); stroke-width: 1.6; fill: none; marker-end: url(#to-down) }
  .place { fill: var(--paper); stroke: var(--ink); stroke-width: 2 }
  .metered { fill: var(--up) } .open { fill: var(--paper); stroke: var(--soft) }
  .band { fill: var(--band); opacity: 0.28 } .median { stroke: var(--band); stroke-width: 2 }
"""
HEAD_X, HEAD_Y = 90, 190
STATIONS = ((300, 100), (300, 290))
CUSTOMERS = (False, True, False, False, True, False)
SHAPE = (0.40, 0.36, 0.38, 0.52, 0.66, 0.60, 0.58, 0.70, 0.92, 0.84, 0.60, 0.46)


def picture() -> str:
    """The whole drawing."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
    return "\n".join([head, f"<style>{STYLE}</style>", *_parts(), "</svg>", ""])


def _parts() -> Iterator[str]:
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" style="fill: var(--paper)"/>'
    for name in ("up", "down"):
        yield (
            f'<marker id="to-{name}" markerWidth="8" markerHeight="8" refX="6" refY="3" '
            f'orient="auto"><path d="M0 0 L6 3 L0 6 z" style="fill: var(--{name})"/></marker>'
        )
    for x, y in STATIONS:
        yield from _station(x, y)
    yield f'<circle class="place metered" cx="{HEAD_X}" cy="{HEAD_Y}" r="13"/>'
    yield _text(HEAD_X, HEAD_Y + 34, "feeder head, measured", "middle")
    yield from _band(620, 70)
    yield from _legend()


def _station(x: int, y: int) -> Iterator[str]:
    """A transformer, the way to it, and six customers on a street."""
    yield f'<path class="wire" d="M{HEAD_X} {HEAD_Y} L{HEAD_X + 90} {HEAD_Y} V{y} H{x + 230}"/>'
    for number, metered in enumerate(CUSTOMERS):
        side = x + 50 + 34 * number
        yield f'<path class="wire" d="M{side} {y} v26"/>'
        kind = "metered" if metered else "open"
        yield f'<circle class="{kind}" cx="{side}" cy="{y + 32}" r="7"/>'
        if metered:
            bend = f"Q{x + 60} {y - 40} {x + 12} {y - 12}"
            yield f'<path class="up" d="M{side - 5} {y + 22} {bend}"/>'
    yield f'<circle class="place" cx="{x}" cy="{y}" r="13"/>'
    middle = (HEAD_X + x) // 2
    lift = -46 if y < HEAD_Y else 46
    yield (
        f'<path class="up" d="M{x - 16} {y + lift // 4} Q{middle} {y + lift} '
        f'{HEAD_X + 14} {HEAD_Y + lift // 6}"/>'
    )
    yield (
        f'<path class="down" d="M{HEAD_X + 16} {HEAD_Y - lift // 8} Q{middle + 10} '
        f'{HEAD_Y + (y - HEAD_Y) // 3} {x - 16} {y - lift // 6}"/>'
    )


def _band(x: int, y: int) -> Iterator[str]:
    """A day ahead: a median within its band."""
    step, tall = 20, 210
    points = [(x + step * n, y + tall * (1 - value)) for n, value in enumerate(SHAPE)]
    spread = [14 + 3 * n for n in range(len(SHAPE))]
    above = " ".join(f"{px},{py - s:.1f}" for (px, py), s in zip(points, spread, strict=True))
    below = " ".join(
        f"{px},{py + s:.1f}" for (px, py), s in reversed(list(zip(points, spread, strict=True)))
    )
    yield f'<path class="wire" d="M{x} {y} v{tall + 40} h{step * len(SHAPE)}"/>'
    yield f'<polygon class="band" points="{above} {below}"/>'
    line = " ".join(f"{px},{py:.1f}" for px, py in points)
    yield f'<polyline class="median" fill="none" points="{line}"/>'
    yield _text(x, y - 16, "at every place: a median and its band", "start")
    yield _text(x + step * len(SHAPE), y + tall + 58, "48 hours ahead", "end", "soft")


def _legend() -> Iterator[str]:
    rows = (
        ("up", "readings are summed on the way up"),
        ("down", "what is left over is shared out on the way down"),
    )
    for number, (kind, words) in enumerate(rows):
        y = HEIGHT - 40 + 22 * number
        yield f'<path class="{kind}" d="M40 {y} h40"/>'
        yield _text(92, y + 4, words, "start")
    yield f'<circle class="metered" cx="480" cy="{HEIGHT - 40}" r="7"/>'
    yield _text(496, HEIGHT - 36, "metered customer", "start")
    yield f'<circle class="open" cx="480" cy="{HEIGHT - 18}" r="7"/>'
    yield _text(496, HEIGHT - 14, "customer without a reading", "start")


def _text(x: float, y: float, words: str, anchor: str, kind: str = "") -> str:
    return f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{words}</text>'


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE
    target.write_text(picture(), encoding="utf-8")
