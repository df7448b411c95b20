"""Values of a body of line protocol as columns, until they are one block."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph_service.services.formats.addressed import Block, Target

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]


class Columns(NamedTuple):
    """Values of a body, one entry each: series, value, time, quality, line."""

    slots: Ints
    values: Floats
    us: Ints
    quality: Bytes
    lines: Ints

    @classmethod
    def of(cls, rows: Sequence[tuple[int, float, int, int, int]]) -> Columns:
        """Single values as columns; there is at least one."""
        slots, values, us, quality, lines = zip(*rows, strict=True)
        return cls(
            np.array(slots, np.int64),
            np.array(values, np.float64),
            np.array(us, np.int64),
            np.array(quality, np.uint8),
            np.array(lines, np.int64),
        )

    def and_(self, other: Columns) -> Columns:
        """Both, one behind the other."""
        return Columns(
            np.concatenate((self.slots, other.slots)),
            np.concatenate((self.values, other.values)),
            np.concatenate((self.us, other.us)),
            np.concatenate((self.quality, other.quality)),
            np.concatenate((self.lines, other.lines)),
        )

    def take(self, at: Ints) -> Columns:
        """Some of them, in this order."""
        return Columns(
            self.slots[at], self.values[at], self.us[at], self.quality[at], self.lines[at]
        )

    def block(self, targets: Sequence[Target], known_us: int) -> Block:
        """The same in one piece, with the series that occur numbered anew; sorted by series."""
        firsts = np.flatnonzero(np.diff(self.slots, prepend=-1))
        steps = np.zeros(len(self.slots), np.int64)
        steps[firsts[1:]] = 1
        return Block(
            targets=[targets[slot] for slot in self.slots[firsts].tolist()],
            lines=self.lines[firsts].tolist(),
            series=array("q", np.cumsum(steps).tobytes()),
            valid_us=array("q", self.us.tobytes()),
            values=array("d", self.values.tobytes()),
            quality=array("B", self.quality.tobytes()),
            known_us=array("q", [known_us]) * len(self.slots),
        )
