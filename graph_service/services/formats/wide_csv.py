"""Wide CSV: one row a usage point, quantity and day; one column an interval.

    usage_point,quantity,source,start,resolution,values...
    7c6b…,ENERGY_IN,meter,2026-01-01T00:00:00Z,PT1H,412,398,,405

After mRID, quantity, source, start and resolution (ISO 8601) a row has its values in the unit of
the quantity; an empty one is missing. A row that cannot be understood is put aside whole.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import BinaryIO, Final

from graph_service.domain.durations import parse_resolution
from graph_service.domain.errors import BadResolution
from graph_service.domain.readings import Quality, ReadingColumns, from_us
from graph_service.services.formats import checks
from graph_service.services.formats.addressed import (
    Address,
    BadLine,
    Batch,
    Lot,
    Reading,
    Target,
)
from graph_service.services.formats.text import Lines

HEADER: Final = ("usage_point", "quantity", "source", "start", "resolution")
"""The first columns; the values follow."""

ROWS_A_BATCH: Final = 2_000


def read(file: BinaryIO, reading: Reading, position: int = 0, line: int = 0) -> Iterator[Batch]:
    """The rows of a file, some thousand at a time, from a position on."""
    lines = Lines(file, position, line)
    rows = lines.rows()
    if position == 0:
        next(rows, None)  # the header, by which the format was told
    lots: list[Lot] = []
    for cells in rows:
        try:
            lots.append(_lot(cells, reading, lines.number))
        except (BadLine, BadResolution) as error:
            lines.put_aside(str(error))
        if len(lots) == ROWS_A_BATCH:
            yield lines.batch(Batch(lots, rows=len(lots)))
            lots = []
    if lots or lines.rejected:
        yield lines.batch(Batch(lots, rows=len(lots)))


def _lot(cells: list[str], reading: Reading, line: int) -> Lot:
    if len(cells) <= len(HEADER):
        raise BadLine(f"{len(cells)} columns, at least {len(HEADER) + 1} are needed")
    mrid, quantity, source, start, resolution = cells[: len(HEADER)]
    target = Target(
        Address(reading.model_set, checks.mrid(mrid)),
        checks.quantity(quantity),
        checks.name(source, "source"),
    )
    values = cells[len(HEADER) :]
    times = _times(start, resolution, len(values))
    if "" in values:
        present = [at for at, text in enumerate(values) if text]
        times = array("q", [times[at] for at in present])
        values = [values[at] for at in present]
    if times and times[-1] > reading.now_us + checks.FUTURE_US:
        raise BadLine(checks.too_far(times[-1]))
    return Lot(target, _columns(times, _numbers(values), reading.now_us), line)


def _columns(times: array[int], values: array[float], known_us: int) -> ReadingColumns:
    good, known = _constants(len(times), known_us)
    return ReadingColumns(times, values, good, known)


@lru_cache(maxsize=64)
def _constants(count: int, known_us: int) -> tuple[array[int], array[int]]:
    return array("B", [Quality.GOOD]) * count, array("q", [known_us]) * count


@lru_cache(maxsize=1024)
def _times(start: str, resolution: str, count: int) -> array[int]:
    """The times of a row; most rows of a file share them."""
    step_us = parse_resolution(resolution)
    first_us = checks.time_us(start)
    last_us = first_us + (count - 1) * step_us
    try:
        from_us(last_us)
    except OverflowError:
        raise BadLine(f"{count} times {resolution} from {start} leaves the calendar") from None
    return array("q", range(first_us, last_us + 1, step_us))


def _numbers(texts: Sequence[str]) -> array[float]:
    try:
        values = array("d", map(float, texts))
    except ValueError:
        values = array("d", map(checks.number, texts))  # says which one is wrong
    if not all(map(math.isfinite, values)) or "_" in "".join(texts):
        values = array("d", map(checks.number, texts))
    return values
