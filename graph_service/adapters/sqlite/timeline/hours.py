"""The hours of a day of a series as a small block of bytes.

Kept beside chunks of many readings, where they are much shorter than these, and in their place
where retention took the readings away. Hours of a chunk of few readings are made when they are
asked for, which is as fast. Sums are kept to 1e-13 of themselves where that makes them a number of
six decimals; all else comes out to the bit.

All functions work on many days at once.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Final

import numpy as np

from graph_service.adapters.sqlite.timeline.values import (
    RAW_VALUES,
    Values,
    decode_values,
    encode_values,
    raw_values,
)
from graph_service.adapters.timeline.bits import (
    SPARE,
    Array,
    Ints,
    bit_lengths,
    pack,
    packed_size,
    unpack,
)
from graph_service.adapters.timeline.levels import DAY_US, HOUR_US, Levels, cells_of_rows
from graph_service.adapters.timeline.rows import Groups, Rows, groups_of, no_rows

_WHOLE: Final = 3
_VALUES: Final = 4

HEADER: Final = np.dtype(
    [
        ("hours", "<u4"),  # a bit for each hour that has a usable reading
        ("known", "<i8"),  # when the last version of the day became known
        ("whole", [("base", "<i8"), ("bits", "u1")], _WHOLE),
        (
            "values",
            [("flags", "u1"), ("decimals", "u1"), ("value_bits", "u1"), ("base", "<i8")],
            _VALUES,
        ),
    ]
)
"""The layout of a header; columns of whole numbers and of values follow in its order."""


def hours_of_rows(newest: Rows, days: Groups, known: Ints) -> list[bytes]:
    """The block of each of some days.

    Args:
        newest: sorted readings of these days, one version each.
        days: the days.
        known: shape (days,), when the last version of each became known.
    """
    return hours_of_cells(cells_of_rows(newest, HOUR_US), days.pairs(), known)


def hours_of_cells(levels: Levels, days: Sequence[tuple[int, int]], known: Ints) -> list[bytes]:
    """The block of each of some days.

    Args:
        levels: cells of hours of these days, by series and time.
        days: series and day of each, sorted; a day may be without hours.
        known: shape (days,), when the last version of each became known.
    """
    cells = groups_of(no_rows()._replace(series=levels.series, valid=levels.at_us))
    filled = set(cells.pairs())
    is_filled = np.array([pair in filled for pair in days], np.bool_)
    blocks = np.empty(len(days), object)
    blocks[is_filled] = encode_hours(levels, cells.starts, known[is_filled])
    blocks[~is_filled] = _no_hours(known[~is_filled])
    return blocks.tolist()


def encode_hours(levels: Levels, starts: Ints, known: Ints) -> list[bytes]:
    """Make one block of the hours of each day.

    Args:
        levels: cells of hours, by series and time.
        starts: shape (days,), the index where each day begins; no day is empty.
        known: shape (days,), when the last version of each day became known.
    """
    header = np.zeros(len(starts), HEADER)
    counts = np.diff(np.append(starts, len(levels.series)))
    hours = levels.at_us // HOUR_US % 24
    header["hours"] = np.bitwise_or.reduceat(1 << hours, starts) if len(starts) else 0
    header["known"] = known
    whole = (levels.readings, levels.doubtful, levels.last_us - levels.at_us)
    values = (_shortened(levels.sums), levels.least, levels.most, levels.lasts)
    columns = [
        _encode_whole(header["whole"][:, at], column, starts, counts)
        for at, column in enumerate(whole)
    ]
    columns += [
        encode_values(header["values"][:, at], column, starts, counts)
        for at, column in enumerate(values)
    ]
    bodies = [b"".join(parts) for parts in zip(*columns, strict=True)]
    return [
        zlib.compress(head.tobytes() + body, 1) for head, body in zip(header, bodies, strict=True)
    ]


def _no_hours(known: Ints) -> list[bytes]:
    """Blocks of days that have readings, but none that is usable."""
    header = np.zeros(len(known), HEADER)
    header["known"] = known
    return [zlib.compress(head.tobytes(), 1) for head in header]


def decode_hours(blocks: Sequence[bytes], series: Ints, days: Ints) -> tuple[Levels, Ints]:
    """Give back the hours of days, and when the last version of each day became known.

    Args:
        blocks: what `encode_hours` made, at least one.
        series: shape (blocks,), the number of the series each is of.
        days: shape (blocks,), the day each is of, counted from 1970-01-01.
    """
    opened = [zlib.decompress(block) for block in blocks]
    header = np.frombuffer(b"".join([block[: HEADER.itemsize] for block in opened]), HEADER)
    present = (header["hours"][:, None] >> np.arange(24) & 1).astype(bool)
    counts = present.sum(1)
    at_us = np.repeat(days * DAY_US, counts) + np.nonzero(present)[1] * HOUR_US
    octets = b"".join([*opened, SPARE])
    begins = _begins(header, opened, counts)
    whole = [
        _decode_whole(octets, begins[at], header["whole"][:, at], counts) for at in range(_WHOLE)
    ]
    values = [
        _decode_values(octets, begins[_WHOLE + at], header["values"][:, at], counts)
        for at in range(_VALUES)
    ]
    readings, doubtful, after = whole
    sums, least, most, lasts = values
    levels = Levels(
        np.repeat(series, counts),
        at_us,
        sums,
        least,
        most,
        lasts,
        at_us + after,
        readings,
        doubtful,
    )
    return levels, header["known"]


def _shortened(sums: Array) -> Array:
    """Sums without the noise of adding decimals up."""
    with np.errstate(over="ignore", invalid="ignore"):
        short = np.rint(sums * 1e6) / 1e6
        return np.where(np.abs(short - sums) <= 1e-13 * np.abs(sums), short, sums) + 0.0


def _encode_whole(header: Array, column: Ints, starts: Ints, counts: Ints) -> list[bytes]:
    if not len(starts):
        return []
    base = np.minimum.reduceat(column, starts)
    above = column - np.repeat(base, counts)
    header["base"] = base
    header["bits"] = bit_lengths(np.maximum.reduceat(above, starts))
    return pack(above, counts, header["bits"].astype(np.int64))


def _decode_whole(octets: bytes, begins: Ints, header: Array, counts: Ints) -> Ints:
    whole = unpack(octets, begins, counts, header["bits"].astype(np.int64))
    whole += np.repeat(header["base"], counts)
    return whole


def _decode_values(octets: bytes, begins: Ints, header: Array, counts: Ints) -> Array:
    raw = header["flags"] & RAW_VALUES > 0
    bits = np.where(raw, 0, header["value_bits"].astype(np.int64))
    packed = unpack(octets, begins, counts, bits)
    return decode_values(header, Values(packed, raw_values(octets, begins, counts, raw)), counts)


def _begins(header: Array, opened: Sequence[bytes], counts: Ints) -> Ints:
    """Where in all blocks the columns of each block begin, shape (columns, blocks)."""
    bits = np.concatenate((header["whole"]["bits"], header["values"]["value_bits"]), axis=1)
    sizes = packed_size(counts[:, None], bits.astype(np.int64))
    raw = header["values"]["flags"] & RAW_VALUES > 0
    sizes[:, _WHOLE:] = np.where(raw, counts[:, None] * 8, sizes[:, _WHOLE:])
    lengths = np.fromiter(map(len, opened), np.int64, len(opened))
    first = np.cumsum(lengths) - lengths + HEADER.itemsize
    begins: Ints = (first[:, None] + np.cumsum(sizes, axis=1) - sizes).T
    return begins
