"""The storm afternoon before it is told: two faults on a feeder, and how supply comes back.

At a fault, protection opens the breakers that feed it. Then the damaged cable is isolated, switch
by switch, and whatever can be supplied without it is: by the breaker, or from the other end of the
ring over its open point. When the second fault comes, some of that is undone. Repaired cables go
back into service, and in the end every switch stands where it stood in the morning.

Who is without supply, and how long, follows from the chain of cables and stations alone. Times are
seconds after midnight, UTC.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from cim_import.generating.chain import Chain, cable_section
from cim_import.generating.chance import Chance

MINUTE_S = 60
HOUR_S = 3600
FIRST_FAULT_S = 15 * HOUR_S + 10 * MINUTE_S
SECOND_FAULT_S = 16 * HOUR_S + 3 * MINUTE_S
FIRST_REPAIR_S = 18 * HOUR_S + 5 * MINUTE_S
SECOND_REPAIR_S = 19 * HOUR_S + 20 * MINUTE_S

Interval = tuple[int, int]
"""From when to when, the end excluded."""


class Reason(Enum):
    """Why a switch moved."""

    TRIP = "protection"
    ISOLATE = "isolation of the damaged cable"
    RESTORE = "restoration of supply"
    RETURN = "return to the normal state"


@dataclass(frozen=True, slots=True)
class Step:
    """A switch of the chain that opens or closes."""

    at_s: int
    switch: int
    opens: bool
    reason: Reason


@dataclass(frozen=True, slots=True)
class Damage:
    """A fault on a cable: the breakers it opened, when its place was found, when it was mended."""

    cable: int
    at_s: int
    tripped: tuple[int, ...]
    located_s: int
    mended_s: int


@dataclass(frozen=True, slots=True)
class StormPlan:
    """What happens to a chain. `outages` has, by station, when it was without supply."""

    chain: Chain
    damages: tuple[Damage, Damage]
    steps: tuple[Step, ...]
    outages: Mapping[int, tuple[Interval, ...]]


def plan_storm(chain: Chain, opened: Iterable[int], chance: Chance) -> StormPlan:
    """Plan the afternoon for the feeder at the beginning of a chain.

    Args:
        chain: The feeder and, in a ring, the one it meets.
        opened: The switches open before the storm: in a ring one, in a branch none.
        chance: Decides places and minutes.
    """
    desk = _Desk(chain, frozenset(opened), chance)
    first = desk.fault(_first_cable(chain, desk.normally_open), FIRST_FAULT_S)
    second_cable = desk.next_cable(first.cable)
    if second_cable is None:  # nothing is left that could fail: the joint just made does
        first = desk.mend(first, FIRST_REPAIR_S - HOUR_S)
        second = desk.fault(first.cable, FIRST_REPAIR_S)
        second = desk.mend(second, SECOND_REPAIR_S)
    else:
        second = desk.fault(second_cable, SECOND_FAULT_S)
        if first.cable < second.cable:  # nearer to the breaker first, so that each one counts
            first, second = desk.mend(first, FIRST_REPAIR_S), desk.mend(second, SECOND_REPAIR_S)
        else:
            second, first = desk.mend(second, FIRST_REPAIR_S), desk.mend(first, SECOND_REPAIR_S)
    steps = tuple(desk.steps)
    return StormPlan(chain, (first, second), steps, _outages(chain, desk.normally_open, steps))


def seconds_out_by_hour(outages: Sequence[Interval]) -> list[int]:
    """For each of the 24 hours of the day, how many seconds of it there was no supply."""
    hours = [(hour * HOUR_S, (hour + 1) * HOUR_S) for hour in range(24)]
    return [
        sum(max(0, min(end, stop) - max(begin, start)) for begin, end in outages)
        for start, stop in hours
    ]


class _Desk:
    """The control room: knows what is open and damaged, and does one thing after the other."""

    def __init__(self, chain: Chain, normally_open: frozenset[int], chance: Chance):
        self.normally_open = normally_open
        self.steps: list[Step] = []
        self._chain, self._chance = chain, chance
        self._opened = set(normally_open)
        self._damaged: set[int] = set()
        self._clock_s = 0

    def fault(self, cable: int, at_s: int) -> Damage:
        """A cable fails at about this time; it is isolated, and the others are supplied again."""
        self._clock_s = max(at_s, self._clock_s + 4 * MINUTE_S) + self._chance.between(4, 55)
        at_s, section = self._clock_s, cable_section(cable)
        tripped = tuple(
            breaker
            for breaker in self._chain.breakers
            if section in self._chain.fed_by(breaker, self._opened)
        )
        for breaker in tripped:
            self._move(breaker, Reason.TRIP)
        self._damaged.add(cable)
        self._after(11, 14)
        self._isolate(cable, tripped)
        return Damage(cable, at_s, tripped, self._clock_s, 0)

    def mend(self, damage: Damage, at_s: int) -> Damage:
        """A cable is mended at about this time and goes back into service."""
        self._clock_s = max(at_s, self._clock_s + HOUR_S // 2) + self._chance.between(0, 400)
        mended_s = self._clock_s
        self._damaged.discard(damage.cable)
        beside = [s for s in self._chain.beside(damage.cable) if self._is_astray(s)]
        for switch in sorted(beside, key=self._is_dead):
            self._after(1, 4)
            self._move(switch, Reason.RETURN)
        for switch in sorted(self.normally_open - self._opened):
            if self._is_looped():
                self._after(1, 3)
                self._move(switch, Reason.RETURN)
        return Damage(damage.cable, damage.at_s, damage.tripped, damage.located_s, mended_s)

    def next_cable(self, last: int) -> int | None:
        """The cable that fails next: one with supply, best on what has just been taken over."""
        sections = self._chain.supplied(self._opened)
        live = [cable for cable in self._chain.cables if cable_section(cable) in sections]
        own = [cable for cable in live if last < cable < _own_stations(self._chain, self)]
        if own:
            return self._chance.pick(own)
        return min(live, key=lambda cable: (abs(cable - last), -cable), default=None)

    def _isolate(self, cable: int, tripped: Sequence[int]) -> None:
        """Open the switches at both ends, the one towards the breaker first; after each of them
        supply what can be."""
        ends = self._chain.beside(cable)
        for switch in ends if 0 in tripped else ends[::-1]:
            if switch not in self._opened:
                self._after(4, 8)
                self._move(switch, Reason.ISOLATE)
            for other in (*tripped, *sorted(self.normally_open)):
                if other in self._opened and self._may_close(other):
                    self._after(1, 3)
                    self._move(other, Reason.RESTORE)

    def _may_close(self, switch: int) -> bool:
        """Whether closing gives somebody supply, harms nothing, and leaves no ring closed."""
        before, opened = self._chain.supplied(self._opened), self._opened - {switch}
        after = self._chain.supplied(opened)
        gained = self._chain.stations_of(after - before)
        harmed = any(cable_section(cable) in after for cable in self._damaged)
        return bool(gained) and not harmed and not self._is_looped(opened)

    def _is_looped(self, opened: Iterable[int] | None = None) -> bool:
        now = self._opened if opened is None else opened
        return not set(self._chain.switches).intersection(now) and self._chain.is_ring

    def _is_astray(self, switch: int) -> bool:
        return (switch in self._opened) != (switch in self.normally_open)

    def _is_dead(self, switch: int) -> bool:
        """Whether there is supply on neither side of a switch."""
        live = self._chain.supplied(self._opened)
        return switch not in self._chain.breakers and not live & {switch - 1, switch}

    def _move(self, switch: int, reason: Reason) -> None:
        opens = switch not in self._opened
        self._opened ^= {switch}
        self.steps.append(Step(self._clock_s, switch, opens, reason))

    def _after(self, least_min: int, most_min: int) -> None:
        self._clock_s += self._chance.between(least_min * MINUTE_S, most_min * MINUTE_S)


def _own_stations(chain: Chain, desk: _Desk) -> int:
    """How many stations the feeder at the beginning supplies on an ordinary day."""
    return len(chain.stations_of(chain.fed_by(0, desk.normally_open)))


def _first_cable(chain: Chain, opened: frozenset[int]) -> int:
    """In a ring a cable at a third of the feeder, in a branch the last one, so that others can be
    supplied again before it is mended."""
    own = len(chain.stations_of(chain.fed_by(0, opened)))
    return min(max(1, own // 3), own - 1) if chain.is_ring else own - 1


def _outages(
    chain: Chain, opened: frozenset[int], steps: Sequence[Step]
) -> Mapping[int, tuple[Interval, ...]]:
    """Replay the steps and note, by station, when it has no supply."""
    now, since = set(opened), dict[int, int]()
    found: dict[int, list[Interval]] = defaultdict(list)
    for step in steps:
        now ^= {step.switch}
        supplied = chain.stations_of(chain.supplied(now))
        for station in range(chain.stations):
            if station not in supplied:
                since.setdefault(station, step.at_s)
            elif station in since:
                found[station].append((since.pop(station), step.at_s))
    return {station: tuple(intervals) for station, intervals in sorted(found.items())}
