"""Whole numbers in as few bits as the largest of a group needs, many groups at once.

A group of `n` numbers that need `b` bits takes `b` bytes for every eight numbers begun, so groups
start on whole bytes and no group knows of another. Groups of the same width are packed, and all
groups unpacked, in one step, which is what makes thousands of short chunks a second possible.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

_WIDEST_IN_A_WORD: Final = 57  # of 64 bits, wherever in a byte it begins
Array = NDArray[Any]


def packed_size(count: int, width: int) -> int:
    """How many bytes `count` numbers of `width` bits take."""
    return (count + 7) // 8 * width


def bit_lengths(largest: Ints) -> Ints:
    """How many bits each of these numbers (not negative, below 2^63) needs; 0 for zero."""
    lengths = np.zeros(len(largest), np.int64)
    rest = largest.copy()
    for step in (32, 16, 8, 4, 2, 1):
        high = rest >> step
        more = high > 0
        lengths[more] += step
        rest = np.where(more, high, rest)
    return lengths + (rest > 0)


def pack(values: Ints, counts: Ints, widths: Ints) -> list[bytes]:
    """Pack each group.

    Args:
        values: the numbers of all groups, one group after another; not negative.
        counts: shape (groups,), how many numbers each group has.
        widths: shape (groups,), bits for each number; 0 packs to nothing.
    """
    packed = [b""] * len(counts)
    starts = np.cumsum(counts) - counts
    for width, groups in _by_width(widths):
        blocks = (counts[groups] + 7) // 8
        padded = np.zeros(int(blocks.sum()) * 8, np.int64)
        ends = np.cumsum(blocks)
        padded[spans((ends - blocks) * 8, counts[groups])] = values[
            spans(starts[groups], counts[groups])
        ]
        stream = _to_bits(padded, width)
        first = 0
        for group, end in zip(groups.tolist(), ends.tolist(), strict=True):
            packed[group] = stream[first * width : end * width]
            first = end
    return packed


def unpack(packed: Sequence[bytes], counts: Ints, widths: Ints) -> Ints:
    """Give back the numbers of all groups, one group after another; zeros where the width is 0."""
    if not widths.any():
        return np.zeros(int(counts.sum()), np.int64)
    wide = widths > _WIDEST_IN_A_WORD
    if not wide.any():
        return _from_words(packed, counts, widths)
    values = _from_words(packed, counts, np.where(wide, 0, widths))
    starts = np.cumsum(counts) - counts
    for group in np.flatnonzero(wide).tolist():
        first, count = int(starts[group]), int(counts[group])
        values[first : first + count] = _from_bits(packed[group], int(widths[group]))[:count]
    return values


def _from_words(packed: Sequence[bytes], counts: Ints, widths: Ints) -> Ints:
    """Take each number out of the 64 bits that begin with the byte in which it begins."""
    buffer = b"".join([*packed, bytes(8)])
    words = np.ndarray((len(buffer) - 7,), ">u8", buffer, strides=(1,))
    sizes = np.fromiter(map(len, packed), np.int64, len(packed))
    begins = (np.cumsum(sizes) - sizes) * 8 - (np.cumsum(counts) - counts) * widths
    width = np.repeat(widths, counts)
    bit = np.arange(len(width)) * width + np.repeat(begins, counts)
    word = words[bit >> 3].astype(np.uint64)
    word >>= np.minimum(64 - width - (bit & 7), 63).view(np.uint64)
    word &= np.repeat((1 << widths) - 1, counts).view(np.uint64)
    numbers: Ints = word.view(np.int64)
    return numbers


def spans(starts: Ints, counts: Ints) -> Ints:
    """The indices start, start + 1, ... of each span, one span after another."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(starts - ends + counts, counts) + np.arange(total)


def sums_within(steps: Ints, starts: Ints, counts: Ints) -> Ints:
    """Running sums that begin anew with each group."""
    sums = np.cumsum(steps)
    return sums - np.repeat(sums[starts] - steps[starts], counts)


def _by_width(widths: Ints) -> Iterator[tuple[int, Ints]]:
    for width in sorted(set(widths.tolist())):
        if width:
            yield width, np.flatnonzero(widths == width)


def _to_bits(values: Ints, width: int) -> bytes:
    container = _container(width)
    octets = values.astype(f">u{container}").view(np.uint8).reshape(-1, container)
    bits = np.unpackbits(octets, axis=1)[:, container * 8 - width :]
    return np.packbits(bits).tobytes()


def _from_bits(stream: bytes, width: int) -> Ints:
    container = _container(width)
    read = np.unpackbits(np.frombuffer(stream, np.uint8)).reshape(-1, width)
    bits = np.zeros((len(read), container * 8), np.uint8)
    bits[:, container * 8 - width :] = read
    return np.packbits(bits).view(f">u{container}").astype(np.int64)


def _container(width: int) -> int:
    """Bytes of the smallest whole number that holds `width` bits."""
    return next(size for size in (1, 2, 4, 8) if width <= size * 8)
