"""Whole numbers in as few bits as the largest of a group needs, many groups at once.

A group of `n` numbers that need `b` bits takes `b` bytes for every eight numbers begun, so groups
start on whole bytes and no group knows of another. Groups of the same width are packed, and all
groups unpacked, in one step, which is what makes thousands of short chunks a second possible.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Array = NDArray[Any]
Size = TypeVar("Size", int, Ints)

SPARE: Final = bytes(8)
"""What follows packed numbers, so that a word of 64 bits can begin with any byte of them."""

_WIDEST_IN_A_WORD: Final = 57  # of 64 bits, wherever in a byte it begins


def packed_size(count: Size, width: Size) -> Size:
    """How many bytes `count` numbers of `width` bits take; of arrays, each."""
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


def unpack(octets: bytes, begins: Ints, counts: Ints, widths: Ints) -> Ints:
    """Give back the numbers of all groups, one group after another; zeros where the width is 0.

    Args:
        octets: what `pack` made of the groups, wherever in it, and `SPARE` at the end.
        begins: shape (groups,), the byte at which each group begins.
        counts: shape (groups,), how many numbers each group has.
        widths: shape (groups,), bits for each number.
    """
    if not widths.any():
        return np.zeros(int(counts.sum()), np.int64)
    wide = widths > _WIDEST_IN_A_WORD
    if not wide.any():
        return _from_words(octets, begins, counts, widths)
    values = _from_words(octets, begins, counts, np.where(wide, 0, widths))
    starts = np.cumsum(counts) - counts
    for group in np.flatnonzero(wide).tolist():
        first, count, width = int(starts[group]), int(counts[group]), int(widths[group])
        stream = octets[begins[group] : begins[group] + packed_size(count, width)]
        values[first : first + count] = _from_bits(stream, width)[:count]
    return values


def _from_words(octets: bytes, begins: Ints, counts: Ints, widths: Ints) -> Ints:
    """Take each number out of the 64 bits that begin with the byte in which it begins."""
    words = np.ndarray((len(octets) - 7,), ">u8", octets, strides=(1,))
    begins = np.where(widths > 0, begins, 0)  # groups without bits are nowhere
    width = np.repeat(widths, counts)
    bit = np.arange(len(width))
    bit *= width
    bit += np.repeat(begins * 8 - (np.cumsum(counts) - counts) * widths, counts)
    word = words[bit >> 3].astype(np.uint64)
    bit &= 7
    bit += width
    word >>= np.clip(64 - bit, 0, 63, out=bit).view(np.uint64)
    word &= np.repeat((1 << widths) - 1, counts).view(np.uint64)
    numbers: Ints = word.view(np.int64)
    return numbers


def is_new(*columns: Array) -> NDArray[np.bool_]:
    """Whether a row differs in any of the columns from the one before; the first always does."""
    new = np.zeros(len(columns[0]), np.bool_)
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    new[:1] = True
    return new


def spans(starts: Ints, counts: Ints) -> Ints:
    """The indices start, start + 1, ... of each span, one span after another."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(starts - ends + counts, counts) + np.arange(total)


def sums_within(steps: Ints, firsts: Ints, starts: Ints, counts: Ints) -> Ints:
    """Running sums that begin anew with each group, in the place of the steps.

    Args:
        steps: of all groups, one group after another; the first of each is counted as well.
        firsts: shape (groups,), what the sums of each group are added to.
        starts: shape (groups,), the index at which each group begins.
        counts: shape (groups,), how many steps each has.
    """
    own = steps[starts]
    sums = np.cumsum(steps, out=steps)
    sums += np.repeat(firsts + own - sums[starts], counts)
    return sums


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
