"""Long CSV: one row a value.

    element,quantity,time,value,source,unit,quality,known_at
    7c6b…,ENERGY_IN,2026-01-01T00:00:00Z,0.412,meter,kWh,estimated,

Columns stand in any order; `element`, `quantity`, `time` and `value` must be there. Without them
`source` is `meter`, `unit` that of the quantity, `quality` good, and `known_at` is now.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import BinaryIO, Final

from graph_service.domain.readings import Quality, ReadingColumns
from graph_service.services.formats import checks
from graph_service.services.formats.addressed import (
    Address,
    BadLine,
    Batch,
    Lot,
    Reading,
    Target,
)
from graph_service.services.formats.mapping import DEFAULT_SOURCE
from graph_service.services.formats.text import Lines

NEEDED: Final = ("element", "quantity", "time", "value")
OTHERS: Final = ("source", "unit", "quality", "known_at")
ALIASES: Final = {"usage_point": "element", "mrid": "element", "valid_at": "time"}
ROWS_A_BATCH: Final = 50_000

Row = tuple[int, float, int, int, int]
"""Time, value, quality, known time, line."""


def columns_of(header: Sequence[str]) -> dict[str, int] | None:
    """Which column is which; None where this is no header of long CSV."""
    found: dict[str, int] = {}
    for at, name in enumerate(header):
        plain = name.strip().lower()
        found.setdefault(ALIASES.get(plain, plain), at)
    return found if all(name in found for name in NEEDED) else None


def read(file: BinaryIO, reading: Reading, position: int = 0, line: int = 0) -> Iterator[Batch]:
    """The rows of a file, some thousand at a time, from a position on."""
    columns = _header(file)
    lines = Lines(file, position, line)
    rows = lines.rows()
    if position == 0:
        next(rows, None)
    gathered = Gathered(reading)
    for cells in rows:
        try:
            gathered.add({name: cells[at] for name, at in columns.items()}, lines.number)
        except IndexError:
            lines.put_aside(f"{len(cells)} columns, the header has {len(columns)}")
        except BadLine as error:
            lines.put_aside(str(error))
        if gathered.rows == ROWS_A_BATCH:
            yield lines.batch(gathered.batch())
    if gathered.rows or lines.rejected:
        yield lines.batch(gathered.batch())


class Gathered:
    """Single values, gathered by series; also what other formats of rows give theirs to."""

    def __init__(self, reading: Reading):
        self.rows = 0
        self._reading = reading
        self._series: dict[tuple[str, str, str, str], list[Row]] = {}

    def add(self, row: Mapping[str, str], line: int) -> None:
        """Take one value.

        Raises:
            BadLine: it cannot be taken.
        """
        us = _time(row["time"])
        if us > self._reading.now_us + checks.FUTURE_US:
            raise BadLine(checks.too_far(us))
        value = checks.number(row["value"])
        quality = checks.quality(row["quality"]) if row.get("quality") else Quality.GOOD
        known = _time(row["known_at"]) if row.get("known_at") else self._reading.now_us
        if known > self._reading.now_us:
            raise BadLine(f"it cannot be known yet what is known at {checks.said(known)}")
        key = (row["element"], row["quantity"], row.get("source", ""), row.get("unit", ""))
        _target(*key, self._reading.model_set)
        self._series.setdefault(key, []).append((us, value, quality, known, line))
        self.rows += 1

    def batch(self) -> Batch:
        """What was gathered, by series and time; begins anew."""
        series, rows = self._series, self.rows
        self._series, self.rows = {}, 0
        return Batch([self._lot(key, values) for key, values in series.items()], rows=rows)

    def _lot(self, key: tuple[str, str, str, str], rows: list[Row]) -> Lot:
        target, (factor, offset) = _target(*key, self._reading.model_set)
        line = rows[0][4]
        rows.sort(key=itemgetter(0))
        columns = ReadingColumns(
            array("q", [row[0] for row in rows]),
            array("d", [row[1] * factor + offset for row in rows]),
            array("B", [row[2] for row in rows]),
            array("q", [row[3] for row in rows]),
        )
        return Lot(target, columns, line)


@lru_cache(maxsize=100_000)
def _target(
    element: str, quantity: str, source: str, unit: str, model_set: str
) -> tuple[Target, tuple[float, float]]:
    found = checks.converted(quantity, unit)
    source = checks.name(source or DEFAULT_SOURCE, "source")
    address = element_address(element, model_set)
    return Target(address, quantity, source), (found.factor, found.offset)


def element_address(text: str, model_set: str) -> Address:
    """The address of an element written as mRID, or as `model_set/mRID`.

    Raises:
        BadLine: it is neither.
    """
    own, slash, mrid = text.strip().partition("/")
    if slash and (own == model_set or not model_set):
        return Address(own, checks.mrid(mrid))
    return Address(model_set, checks.mrid(text))


@lru_cache(maxsize=10_000)
def _time(text: str) -> int:
    return checks.time_us(text)


def _header(file: BinaryIO) -> dict[str, int]:
    file.seek(0)
    first = next(Lines(file).rows(), [])
    file.seek(0)
    return columns_of(first) or {}
