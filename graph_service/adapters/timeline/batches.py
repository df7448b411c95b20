"""A batch of readings on its way in: checked one by one and laid flat.

What cannot be kept (a value that is not finite, a quality without meaning, a time outside of the
calendar or in the far future) is rejected by itself, with the reason; all else of the batch goes
on.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph_service.adapters.timeline.bits import Ints
from graph_service.adapters.timeline.rows import Rows
from graph_service.domain.readings import (
    MICROSECONDS_PER_DAY,
    Quality,
    ReadingBlock,
    ReadingColumns,
    SeriesKey,
)

Rejected = tuple[tuple[SeriesKey, int, str], ...]

FIRST_US: Final = -62_135_596_800_000_000
"""The beginning of the year 1."""
END_US: Final = 253_402_300_800_000_000
"""The end of the year 9999."""
MOST_AHEAD_US: Final = 366 * MICROSECONDS_PER_DAY
"""How far after it became known something may be true: a year."""

_REASONS: Final = (
    "the value is not a finite number",
    "the quality is none of the known codes",
    "the time is outside of the years 1 to 9999",
    "the time is in the far future: more than a year after it was known",
)


class Batch(NamedTuple):
    """A batch laid flat: `rows.series` is the index into `keys`."""

    keys: list[SeriesKey]
    rows: Rows
    rejected: Rejected


def lay_flat(batch: Iterable[tuple[SeriesKey, ReadingColumns]]) -> Batch:
    """Put the columns of all series behind one another and reject what cannot be kept.

    Raises:
        ValueError: columns of one series differ in length.
    """
    if isinstance(batch, ReadingBlock):
        return _without_rejected(list(batch.keys), _rows_of(batch))
    places: dict[SeriesKey, int] = {}
    order = []
    pieces = []
    for key, columns in batch:
        order.append(places.setdefault(key, len(places)))
        pieces.append(columns)
    counts = [len(columns.valid_us) for columns in pieces]
    rows = Rows(
        np.repeat(np.array(order, np.int64), np.array(counts, np.int64)),
        np.frombuffer(b"".join([columns.valid_us for columns in pieces]), np.int64),
        # plus zero: minus zero becomes zero
        np.frombuffer(b"".join([columns.values for columns in pieces]), np.float64) + 0.0,
        np.frombuffer(b"".join([columns.quality for columns in pieces]), np.uint8),
        np.frombuffer(b"".join([columns.known_us for columns in pieces]), np.int64),
    )
    if len({len(column) for column in rows}) > 1:
        raise ValueError("the columns of a series must be of equal length")
    return _without_rejected(list(places), rows)


def _rows_of(block: ReadingBlock) -> Rows:
    return Rows(
        np.frombuffer(block.series, np.int64),
        np.frombuffer(block.valid_us, np.int64),
        np.frombuffer(block.values, np.float64) + 0.0,
        np.frombuffer(block.quality, np.uint8),
        np.frombuffer(block.known_us, np.int64),
    )


def _without_rejected(keys: list[SeriesKey], rows: Rows) -> Batch:
    wrong = np.stack(
        (
            ~np.isfinite(rows.values),
            rows.quality > max(Quality),
            ~(_possible(rows.valid) & _possible(rows.known)),
            rows.valid - rows.known > MOST_AHEAD_US,
        )
    )
    bad: NDArray[np.bool_] = np.logical_or.reduce(wrong)
    if not bad.any():
        return Batch(keys, rows, ())
    reasons = wrong.argmax(axis=0)
    rejected = tuple(
        (keys[rows.series[at]], int(rows.valid[at]), _REASONS[reasons[at]])
        for at in np.flatnonzero(bad).tolist()
    )
    return Batch(keys, rows.take(~bad), rejected)


def _possible(times: Ints) -> NDArray[np.bool_]:
    return (times >= FIRST_US) & (times < END_US)
