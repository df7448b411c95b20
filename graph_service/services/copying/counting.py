"""Counting what two sides have, and what of it is equal."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass


@dataclass(slots=True)
class Counts:
    """How many things the source has, how many the target, and how many are equal."""

    source: int = 0
    target: int = 0
    equal: int = 0

    def add(self, source: int, target: int, equal: int) -> None:
        """Count some more."""
        self.source += source
        self.target += target
        self.equal += equal

    def of(self, source: Iterable[Hashable], target: Iterable[Hashable]) -> None:
        """Count things of which there are no two alike on one side; only their hashes are kept."""
        ours, theirs = set(map(hash, source)), set(map(hash, target))
        self.add(len(ours), len(theirs), len(ours & theirs))
