"""What the readers of files have in common: bytes in, values and reasons out."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from graph_service.domain.readings import from_us, to_us
from graph_service.services.formats.addressed import Batch, Read, Reading

NOW_US = to_us(datetime.fromisoformat("2026-02-01T00:00Z"))


class Result:
    """Everything a reader gave of one file."""

    def __init__(self, batches: list[Batch]) -> None:
        self.batches = batches
        self.lots = [lot for batch in batches for lot in batch.lots]
        self.events = [lot for batch in batches for lot in batch.events]
        self.reasons = {row.line: row.reason for batch in batches for row in batch.rejected}

    def values(self) -> dict[tuple[str, str, str], dict[str, float]]:
        """(element, quantity, source) → {time without its zone: value}"""
        return {
            (lot.target.address.value, lot.target.quantity, lot.target.source): dict(
                zip(map(_short, lot.columns.valid_us), lot.columns.values, strict=True)
            )
            for lot in self.lots
        }


def _short(us: int) -> str:
    return from_us(us).strftime("%d %H:%M")


@pytest.fixture
def reader() -> Callable[..., Result]:
    def run(read: Read, content: str | bytes, **more: Any) -> Result:
        data = content if isinstance(content, bytes) else content.encode()
        reading = Reading("town", NOW_US, "file")
        return Result(list(read(io.BytesIO(data), reading, **more)))

    return run
