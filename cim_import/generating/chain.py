"""A medium-voltage feeder as its switches see it: cables and stations in a row between breakers.

A ring is a row of stations with a breaker at either end, a branch has one at its beginning only.
Sections and switches take turns: switch 0 is the breaker, then come cable 0, the arriving switch of
station 0, station 0 itself, its leaving switch, cable 1 and so on. A section is supplied where
closed switches lead from it to an end with a breaker.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chain:
    """How many stations stand in the row, and whether it ends in a second breaker."""

    stations: int
    is_ring: bool

    @property
    def sections(self) -> int:
        """How many cables and stations there are together."""
        return 2 * self.stations + self.is_ring

    @property
    def switches(self) -> range:
        """All switches; the first one and, in a ring, the last one are breakers."""
        return range(self.sections + self.is_ring)

    @property
    def breakers(self) -> tuple[int, ...]:
        """The breakers."""
        return (0, self.sections) if self.is_ring else (0,)

    @property
    def cables(self) -> range:
        """The numbers of the cables; cable n leads to station n."""
        return range(self.stations + self.is_ring)

    def beside(self, cable: int) -> tuple[int, ...]:
        """The switches at the ends of a cable."""
        return tuple(switch for switch in (2 * cable, 2 * cable + 1) if switch in self.switches)

    def supplied(self, opened: Iterable[int]) -> frozenset[int]:
        """The sections with supply while these switches are open."""
        reached = (part for breaker in self.breakers for part in self.fed_by(breaker, opened))
        return frozenset(reached)

    def fed_by(self, breaker: int, opened: Iterable[int]) -> Iterator[int]:
        """The sections that one breaker supplies while these switches are open, in their order."""
        closed = set(self.switches).difference(opened)
        forward = breaker == 0
        section = 0 if forward else self.sections - 1
        switch = breaker
        while switch in closed and 0 <= section < self.sections:
            yield section
            switch = section + 1 if forward else section
            section += 1 if forward else -1

    def stations_of(self, sections: Iterable[int]) -> frozenset[int]:
        """The numbers of the stations among some sections."""
        return frozenset(section // 2 for section in sections if section % 2)


def cable_section(cable: int) -> int:
    """The section that a cable is."""
    return 2 * cable


def leaving_switch(station: int) -> int:
    """The switch from a station to the cable behind it."""
    return 2 * station + 2


def arriving_switch(station: int) -> int:
    """The switch from the cable before a station to it."""
    return 2 * station + 1
