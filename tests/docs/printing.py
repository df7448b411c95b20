"""Markdown tables, as the printed pages of the documentation have them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; a `|` inside a cell does not end it."""
    lines: list[Sequence[object]] = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(_cell, cells))} |\n" for cells in lines)


def code(text: str) -> str:
    """Text as code; nothing for nothing."""
    return f"`{text}`" if text else ""


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")
