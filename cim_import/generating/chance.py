"""Chance with a seed: the same numbers on every Python, machine and day.

Only `random()`, `getrandbits()` and seeding by text are used: Python keeps their streams stable
between versions, which it does not promise for `choice`, `shuffle` and the like.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")

_VARIANT = "89ab"


class Chance:
    """A stream of random choices; one subject, one stream, so that subjects do not disturb."""

    def __init__(self, seed: int, subject: str):
        self._random = Random(f"gridstrata/{seed}/{subject}")  # noqa: S311 - a model, no secret

    def mrid(self) -> str:
        """A new mRID: a random UUID (version 4), lower case."""
        h = f"{self._random.getrandbits(128):032x}"
        variant = _VARIANT[int(h[16], 16) & 3]
        return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-{variant}{h[17:20]}-{h[20:]}"

    def below(self, end: int) -> int:
        """An integer from 0 to `end` - 1."""
        return int(self._random.random() * end)

    def between(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def fraction(self) -> float:
        """A number from 0 to 1, 1 excluded."""
        return self._random.random()

    def happens(self, per_mille: int) -> bool:
        """True in so many of a thousand cases."""
        return self._random.random() * 1000 < per_mille

    def pick(self, of: Sequence[T]) -> T:
        """One of several."""
        return of[int(self._random.random() * len(of))]

    def bytes(self, count: int) -> bytes:
        """So many random bytes."""
        return self._random.getrandbits(count * 8).to_bytes(count, "little") if count else b""
