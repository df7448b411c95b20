"""A feeder, or the two that share a ring, as written: who the switches, cables and stations are.

Kept for the one row that the storm hits; all others are forgotten once they are written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from cim_import.generating.chain import Chain
from cim_import.generating.readings import Load


@dataclass(frozen=True, slots=True)
class Named:
    """An element: its mRID and its name."""

    mrid: str
    name: str


NOTHING: Final = Named("", "")


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a feeder: its breaker, and the node behind it."""

    feeder: str
    name: str
    node: str
    breaker: Named


@dataclass(frozen=True, slots=True)
class Station:
    """A station as written, with its switches in the ring (the leaving one `NOTHING` at the end of
    a branch), its gateways and all who are metered behind it."""

    number: int
    label: str
    building: Named
    transformer: str
    arriving: Named
    leaving: Named
    gateways: tuple[Named, ...]
    loads: tuple[Load, ...]


@dataclass(frozen=True, slots=True)
class Lost:
    """A station that loses supply: from when to when, in seconds after midnight, and whether it was
    without before on that day."""

    station: Station
    start_s: int
    end_s: int
    again: bool


@dataclass(slots=True)
class Row:
    """Heads, cables and stations in the order of the row; cable n leads to station n."""

    substation: Named
    region: str
    heads: tuple[Head, ...]
    cables: list[Named] = field(default_factory=list)
    stations: list[Station] = field(default_factory=list)

    @property
    def chain(self) -> Chain:
        """The row as its switches see it."""
        return Chain(len(self.stations), len(self.heads) > 1)

    def switch(self, number: int) -> Named:
        """The switch with this number in the chain."""
        if number == 0:
            return self.heads[0].breaker
        if number == self.chain.sections:
            return self.heads[1].breaker
        station = self.stations[(number - 1) // 2]
        return station.arriving if number % 2 else station.leaving

    def head(self, breaker: int) -> Head:
        """The feeder of a breaker of the chain."""
        return self.heads[0 if breaker == 0 else 1]
