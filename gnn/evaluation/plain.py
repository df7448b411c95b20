"""The rows of an evaluation as a bundle keeps them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any


def plain(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Rows (dataclasses) as members, rounded so that the same run writes the same text."""
    return [{name: _rounded(value) for name, value in asdict(row).items()} for row in rows]


def _rounded(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_rounded(each) for each in value]
    return round(value, 6) if isinstance(value, float) else value
