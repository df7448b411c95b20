"""One series for one day as one small block of bytes, about a byte and a half for a meter value.

A chunk is a header and a body. The header says what is the same for the whole day: start and
step of regular times, one quality, one time of knowledge, the smallest value. The body holds only
what differs, each column in as few bits as its largest number needs (timeline_bits,
timeline_values), deflated where that saves an eighth. What comes out is to the bit what went in.

Limits: times within a chunk belong to one UTC day; values are finite and never minus zero.
All functions work on many chunks at once.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

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
    sums_within,
    unpack,
)
from graph_service.adapters.timeline.rows import Rows, no_rows
from graph_service.domain.readings import MICROSECONDS_PER_DAY

DEFLATED: Final = 1
MICROSECOND_TIMES: Final = 2
KNOWN_CONSTANT: Final = 4

HEADER: Final = np.dtype(
    [
        ("count", "<u4"),
        ("flags", "u1"),
        ("decimals", "u1"),
        ("quality", "u1"),
        ("quality_bits", "u1"),
        ("tick_bits", "u1"),
        ("lag_bits", "u1"),
        ("value_bits", "u1"),
        ("start_ms", "<u4"),  # since the day began
        ("step_ms", "<u4"),
        ("base", "<i8"),  # smallest whole number, or the first one of differences
        ("known", "<i8"),  # the time of knowledge, or the smallest lag behind the valid time
    ]
)
"""The layout of a chunk's header; tick, lag and value bits of 0 mean there is no such column."""

_QUALITY_BITS: Final = 3
_UNIT_BYTES: Final = 8
_DEFLATE_FROM_BYTES: Final = 64


def encode(rows: Rows, starts: Ints) -> list[bytes]:
    """Make one chunk of each group of rows.

    Args:
        rows: sorted by series, valid and known time; a group is one series and one UTC day.
        starts: shape (groups,), the index where each group begins.
    """
    header = np.zeros(len(starts), HEADER)
    counts = np.diff(np.append(starts, len(rows.valid)))
    header["count"] = counts
    columns = [
        _encode_times(header, rows.valid, starts, counts),
        _encode_quality(header, rows.quality, starts, counts),
        _encode_known(header, rows, starts, counts),
        encode_values(header, rows.values, starts, counts),
    ]
    bodies = [b"".join(parts) for parts in zip(*columns, strict=True)]
    return _seal(header, bodies)


def decode(chunks: Sequence[bytes], series: Ints, days: Ints) -> Rows:
    """Give back the rows of chunks, one chunk after another.

    Args:
        chunks: what `encode` made.
        series: shape (chunks,), the number of the series each chunk is of.
        days: shape (chunks,), the day each chunk is of, counted from 1970-01-01.
    """
    if not chunks:
        return no_rows()
    opened = _opened(chunks)
    valid = _decode_times(opened, days)
    return Rows(
        np.repeat(series, opened.counts),
        valid,
        decode_values(opened.header, _values(opened), opened.counts),
        _decode_quality(opened),
        _decode_known(opened, valid),
    )


# --- times: start and step, or ticks of the greatest step that fits ---------------------------


def _encode_times(header: Array, valid: Ints, starts: Ints, counts: Ints) -> list[bytes]:
    within_day = valid - valid // MICROSECONDS_PER_DAY * MICROSECONDS_PER_DAY
    first = within_day[starts]
    steps = np.diff(within_day, prepend=0)
    steps[starts] = 0
    step = np.gcd.reduceat(steps, starts)
    fine = (first % 1000 > 0) | (step % 1000 > 0)
    header["flags"] |= np.where(fine, MICROSECOND_TIMES, 0).astype(np.uint8)
    header["start_ms"] = np.where(fine, 0, first // 1000)
    header["step_ms"] = np.where(fine, 0, step // 1000)
    steps[starts] = np.where(fine, first, 0)
    ticks = steps // np.repeat(np.where(fine | (step == 0), 1, step), counts)
    regular = _is_regular(ticks, starts, counts) & ~fine
    bits = bit_lengths(np.maximum.reduceat(ticks, starts))
    header["tick_bits"] = np.where(regular, 0, np.where(fine, np.maximum(bits, 1), bits))
    return pack(ticks, counts, header["tick_bits"].astype(np.int64))


def _is_regular(ticks: Ints, starts: Ints, counts: Ints) -> NDArray[np.bool_]:
    """Whether all but the first tick are one."""
    return np.add.reduceat((ticks == 1).astype(np.int64), starts) >= counts - 1


def _decode_times(opened: _Opened, days: Ints) -> Ints:
    header, counts = opened.header, opened.counts
    starts = np.cumsum(counts) - counts
    step_us = header["step_ms"].astype(np.int64) * 1000
    step_us[header["flags"] & MICROSECOND_TIMES > 0] = 1
    steps = opened.column(opened.ticks, header["tick_bits"])
    regular = header["tick_bits"] == 0
    if regular.any():
        steps[np.repeat(regular, counts)] = 1
        steps[starts[regular]] = 0
    steps *= np.repeat(step_us, counts)
    begin = days * MICROSECONDS_PER_DAY + header["start_ms"].astype(np.int64) * 1000
    return sums_within(steps, begin, starts, counts)


# --- quality and time of knowledge: one for the day, or a column ------------------------------


def _encode_quality(
    header: Array, quality: NDArray[np.uint8], starts: Ints, counts: Ints
) -> list[bytes]:
    lowest = np.minimum.reduceat(quality, starts)
    header["quality"] = lowest
    constant = lowest == np.maximum.reduceat(quality, starts)
    header["quality_bits"] = np.where(constant, 0, _QUALITY_BITS)
    return pack(quality.astype(np.int64), counts, header["quality_bits"].astype(np.int64))


def _decode_quality(opened: _Opened) -> NDArray[np.uint8]:
    header, counts = opened.header, opened.counts
    quality: NDArray[np.uint8] = np.repeat(header["quality"], counts)
    constant = header["quality_bits"] == 0
    if constant.all():
        return quality
    column = opened.column(opened.quality, header["quality_bits"])
    return np.where(np.repeat(constant, counts), quality, column).astype(np.uint8)


def _encode_known(header: Array, rows: Rows, starts: Ints, counts: Ints) -> list[bytes]:
    first = rows.known[starts]
    constant = np.logical_and.reduceat(rows.known == np.repeat(first, counts), starts)
    lags = rows.known - rows.valid
    least = np.minimum.reduceat(lags, starts)
    above = np.where(np.repeat(constant, counts), 0, lags - np.repeat(least, counts))
    unit = np.maximum(np.gcd.reduceat(above, starts), 1)
    above //= np.repeat(unit, counts)
    header["flags"] |= np.where(constant, KNOWN_CONSTANT, 0).astype(np.uint8)
    header["known"] = np.where(constant, first, least)
    header["lag_bits"] = bit_lengths(np.maximum.reduceat(above, starts))
    packed = pack(above, counts, header["lag_bits"].astype(np.int64))
    units = unit.astype("<i8").tobytes()
    return [
        units[_UNIT_BYTES * at : _UNIT_BYTES * (at + 1)] + column if column else b""
        for at, column in enumerate(packed)
    ]


def _decode_known(opened: _Opened, valid: Ints) -> Ints:
    header, counts = opened.header, opened.counts
    known: Ints = np.repeat(header["known"], counts)
    constant = header["flags"] & KNOWN_CONSTANT > 0
    if constant.all():
        return known
    lags = opened.column(opened.lags + _UNIT_BYTES, header["lag_bits"])
    lags *= np.repeat(_units(opened), counts)
    return np.where(np.repeat(constant, counts), known, known + lags + valid)


def _units(opened: _Opened) -> Ints:
    """What the lags of each chunk are counted in; they stand before the lags."""
    units = np.zeros(len(opened.counts), np.int64)
    for chunk in np.flatnonzero(opened.header["lag_bits"]).tolist():
        begin = int(opened.lags[chunk])
        units[chunk] = int.from_bytes(opened.octets[begin : begin + _UNIT_BYTES], "little")
    return units


# --- header and body --------------------------------------------------------------------------


def _seal(header: Array, bodies: list[bytes]) -> list[bytes]:
    for at, body in enumerate(bodies):
        if len(body) >= _DEFLATE_FROM_BYTES:
            small = zlib.compress(body, 1)
            if len(small) * 8 < len(body) * 7:
                bodies[at] = small
                header["flags"][at] |= DEFLATED
    size = HEADER.itemsize
    heads = header.tobytes()
    return [heads[at * size : at * size + size] + body for at, body in enumerate(bodies)]


class _Opened(NamedTuple):
    """Chunks one after another, inflated; where in `octets` each column of each chunk begins."""

    header: Array
    counts: Ints
    octets: bytes
    ticks: Ints
    quality: Ints
    lags: Ints
    values: Ints

    def column(self, begins: Ints, bits: Array) -> Ints:
        """The numbers of a column of all chunks, flat."""
        return unpack(self.octets, begins, self.counts, bits.astype(np.int64))


def _opened(chunks: Sequence[bytes]) -> _Opened:
    size = HEADER.itemsize
    header = np.frombuffer(b"".join([chunk[:size] for chunk in chunks]), HEADER)
    inflated = list(chunks)
    for at in np.flatnonzero(header["flags"] & DEFLATED).tolist():
        inflated[at] = chunks[at][:size] + zlib.decompress(chunks[at][size:])
    lengths = np.fromiter(map(len, inflated), np.int64, len(inflated))
    counts, ticks, quality, lags = (
        header[name].astype(np.int64) for name in ("count", "tick_bits", "quality_bits", "lag_bits")
    )
    ticks_at = np.cumsum(lengths) - lengths + size
    quality_at = ticks_at + packed_size(counts, ticks)
    lags_at = quality_at + packed_size(counts, quality)
    values_at = lags_at + np.where(lags > 0, _UNIT_BYTES + packed_size(counts, lags), 0)
    octets = b"".join([*inflated, SPARE])
    return _Opened(header, counts, octets, ticks_at, quality_at, lags_at, values_at)


def _values(opened: _Opened) -> Values:
    header, counts = opened.header, opened.counts
    raw = header["flags"] & RAW_VALUES > 0
    packed = opened.column(opened.values, np.where(raw, 0, header["value_bits"]))
    return Values(packed, raw_values(opened.octets, opened.values, counts, raw))
