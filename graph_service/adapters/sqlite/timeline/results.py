"""What the tables say, in the domain's words."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

import numpy as np

from graph_service.adapters.timeline.bits import Ints
from graph_service.adapters.timeline.reopening import Stretches
from graph_service.adapters.timeline.rows import Rows
from graph_service.domain.readings import ReadingColumns, SeriesKey


def rejected(rows: Rows, keys: dict[int, SeriesKey]) -> Iterator[tuple[SeriesKey, int, str]]:
    """Why readings of days whose readings were taken away cannot be kept."""
    reason = "the readings of this day were taken away, its sums stay as they are"
    for number, valid_us in zip(rows.series.tolist(), rows.valid.tolist(), strict=True):
        yield keys[number], valid_us, reason


def stretches(
    found: Stretches, keys: dict[int, SeriesKey]
) -> tuple[tuple[SeriesKey, int, int], ...]:
    """The stretches that were re-opened, by the names of their series."""
    columns = (column.tolist() for column in found)
    return tuple((keys[number], start, stop) for number, start, stop in zip(*columns, strict=True))


def columns_of_each(rows: Rows, asked: Ints) -> list[ReadingColumns]:
    """The rows of each series asked, in this order."""
    firsts = np.searchsorted(rows.series, asked).tolist()
    stops = np.searchsorted(rows.series, asked, side="right").tolist()
    return [_columns(rows, first, stop) for first, stop in zip(firsts, stops, strict=True)]


def _columns(rows: Rows, first: int, stop: int) -> ReadingColumns:
    return ReadingColumns(
        array("q", rows.valid[first:stop].tobytes()),
        array("d", rows.values[first:stop].tobytes()),
        array("B", rows.quality[first:stop].tobytes()),
        array("q", rows.known[first:stop].tobytes()),
    )
