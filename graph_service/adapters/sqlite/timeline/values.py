"""The values of a chunk: whole numbers of a decimal step above the smallest, or 64 bits each.

Meters count in steps: whole Wh, tenths of a volt. Values that are whole numbers of such a step
(up to six decimals) are kept as these numbers less the smallest of the day, or as differences to
the number before where these are shorter. All other values are kept as the 64 bits they are.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph_service.adapters.timeline.bits import (
    Array,
    Ints,
    bit_lengths,
    pack,
    spans,
    sums_within,
)

DIFFERENCES: Final = 8
"""Flag: the numbers are differences, the sign in the lowest bit."""
RAW_VALUES: Final = 16
"""Flag: the values are kept as 64 bits, all first bytes, all second bytes, ..."""

_MOST_DECIMALS: Final = 6
_POWERS: Final = 10.0 ** np.arange(_MOST_DECIMALS + 1)
_EXACT: Final = 2.0**53
_RAW_BITS: Final = 64


class Values(NamedTuple):
    """The whole numbers of all chunks, and (where it begins, values) of each kept as 64 bits."""

    packed: Ints
    raw: list[tuple[int, NDArray[np.float64]]]


def encode_values(
    header: Array, values: NDArray[np.float64], starts: Ints, counts: Ints
) -> list[bytes]:
    """Pack the values of each chunk; fills in `flags`, `decimals`, `base` and `value_bits`."""
    whole, decimals = _as_whole_numbers(values, starts, counts)
    raw = decimals > _MOST_DECIMALS
    base = np.minimum.reduceat(whole, starts)
    direct = whole - np.repeat(base, counts)
    rises = _differences(whole, starts)
    direct_bits = bit_lengths(np.maximum.reduceat(direct, starts))
    rise_bits = bit_lengths(np.maximum.reduceat(rises, starts))
    rising = (rise_bits + 1 < direct_bits) & ~raw
    header["flags"] |= np.where(raw, RAW_VALUES, np.where(rising, DIFFERENCES, 0)).astype(np.uint8)
    header["decimals"] = np.where(raw, 0, decimals)
    header["base"] = np.where(raw, 0, np.where(rising, whole[starts], base))
    header["value_bits"] = np.where(raw, _RAW_BITS, np.where(rising, rise_bits, direct_bits))
    column = np.where(np.repeat(rising, counts), rises, direct)
    packed = pack(column, counts, np.where(raw, 0, header["value_bits"].astype(np.int64)))
    for group in np.flatnonzero(raw).tolist():
        packed[group] = _planes(values[starts[group] : starts[group] + counts[group]])
    return packed


def decode_values(header: Array, column: Values, counts: Ints) -> NDArray[np.float64]:
    """Give back the values of all chunks, one chunk after another; `column` is used up."""
    whole = column.packed
    rising = header["flags"] & DIFFERENCES > 0
    if rising.any():
        whole = _summed(whole, rising, counts)
    whole += np.repeat(header["base"], counts)
    values = whole.astype(np.float64)
    if header["decimals"].any():
        values /= np.repeat(_POWERS[header["decimals"]], counts)
    for at, group in column.raw:
        values[at : at + len(group)] = group
    return values


def raw_values(
    octets: bytes, begins: Ints, counts: Ints, raw: NDArray[np.bool_]
) -> list[tuple[int, NDArray[np.float64]]]:
    """The values of groups that are kept as 64 bits, with the index at which each begins.

    Args:
        octets: the bytes of all groups.
        begins: shape (groups,), the byte at which each begins.
        counts: shape (groups,), how many values each has.
        raw: shape (groups,), which are kept so.
    """
    starts = np.cumsum(counts) - counts
    found = []
    for group in np.flatnonzero(raw).tolist():
        planes = np.frombuffer(octets, np.uint8, 8 * int(counts[group]), int(begins[group]))
        values = np.ascontiguousarray(planes.reshape(8, -1).T).view("<f8").ravel()
        found.append((int(starts[group]), values))
    return found


def _as_whole_numbers(values: NDArray[np.float64], starts: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Each group times the least power of ten that makes it whole; the power is 7 if none does."""
    whole = np.zeros(len(values))
    decimals = np.full(len(starts), _MOST_DECIMALS + 1)
    left = np.arange(len(starts))
    for power in range(_MOST_DECIMALS + 1):
        at = spans(starts[left], counts[left])
        with np.errstate(over="ignore"):  # what overflows is not exact
            candidate = np.rint(values[at] * 10.0**power)
        exact = (candidate / 10.0**power == values[at]) & (np.abs(candidate) < _EXACT)
        fits = np.logical_and.reduceat(exact, np.cumsum(counts[left]) - counts[left])
        kept = np.repeat(fits, counts[left])
        whole[at[kept]] = candidate[kept]
        decimals[left[fits]] = power
        left = left[~fits]
        if not len(left):
            break
    return whole.astype(np.int64), decimals


def _differences(whole: Ints, starts: Ints) -> Ints:
    """Differences to the number before, sign in the lowest bit; 0 where a group begins."""
    steps = np.diff(whole, prepend=0)
    steps[starts] = 0
    return (steps << 1) ^ (steps >> 63)


def _summed(packed: Ints, rising: NDArray[np.bool_], counts: Ints) -> Ints:
    steps = (packed >> 1) ^ -(packed & 1)
    starts = np.cumsum(counts) - counts
    sums = sums_within(steps, np.zeros(len(counts), np.int64), starts, counts)
    return np.where(np.repeat(rising, counts), sums, packed)


def _planes(values: NDArray[np.float64]) -> bytes:
    """All first bytes, all second bytes, ...: equal ones stand together and deflate well."""
    return values.astype("<f8").view(np.uint8).reshape(-1, 8).T.tobytes()
