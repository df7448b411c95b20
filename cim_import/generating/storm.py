"""The storm of the last afternoon, told by everybody who has something to say about it.

The weather service warns in the morning. From ten past three (UTC) on the substation reports what
tripped, the control room switches, the outage desk counts, crews are sent, a drone looks. Devices
have their say in `storm_devices`, people in `storm_people`. Each of them says what he knows when he
knows it: the desk learns of an outage minutes after it began, and of its end when it is over.

Guarantees: every usage point without supply is a subject of one OUTAGE for exactly that time, and
nobody else is; every SWITCHING is a step of the plan, and the plan follows from the network.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cim_import.generating import words
from cim_import.generating.chain import Chain
from cim_import.generating.chance import Chance
from cim_import.generating.events import EventsWriter, Happening, Image
from cim_import.generating.row import Head, Lost, Row, Station
from cim_import.generating.storm_devices import devices
from cim_import.generating.storm_people import before_the_storm, voices
from cim_import.generating.storm_plan import (
    HOUR_S,
    MINUTE_S,
    Damage,
    Interval,
    Reason,
    Step,
    StormPlan,
    plan_storm,
)
from cim_import.generating.storm_words import DAMAGES, IMAGES

STORM_FEEDER: Final = "Feeder 3"
ONLY_FEEDER: Final = "Feeder 1"
"""In a town of one meter there is no third one."""


class StormWriter:
    """Plans the storm of one feeder and writes what was told about it.

    Args:
        events: Where to.
        chance: Decides what happens.
        meters: How many meters the town has.
    """

    def __init__(self, events: EventsWriter, chance: Chance, meters: int):
        self._events, self._chance = events, chance
        self._feeder = STORM_FEEDER if meters > 1 else ONLY_FEEDER

    def plan(self, head: Head, chain: Chain, opened: tuple[int, ...]) -> StormPlan | None:
        """What the storm does to a row of stations; None where it does nothing."""
        if head.name != self._feeder or not self._events.days:
            return None
        return plan_storm(chain, opened, self._chance)

    def tell(self, plan: StormPlan, row: Row) -> None:
        """Write the events of the afternoon."""
        day = self._events.days - 1
        story = _Story(plan, row, self._chance, self._events.day(day))
        self._events.write(story.everything(), day)


class _Story:
    """All that is told about one plan, carried out on one row."""

    def __init__(self, plan: StormPlan, row: Row, chance: Chance, day: str):
        self._plan, self._row, self._chance, self._day = plan, row, chance, day
        self._between = chance.between
        first = chance.below(len(DAMAGES))
        self._what = [DAMAGES[(first + at) % len(DAMAGES)] for at in range(len(plan.damages))]

    def everything(self) -> Iterator[Happening]:
        """Every event, in no order."""
        yield from self._warnings()
        yield from before_the_storm(self._row.stations, self._chance, self._day)
        for number, step in enumerate(self._plan.steps, 1):
            yield self._switching(number, step)
        for index, intervals in self._plan.outages.items():
            for number, interval in enumerate(intervals, 1):
                yield from self._outage(self._row.stations[index], number, interval)
        for number, damage in enumerate(self._plan.damages, 1):
            yield from self._fault(number, damage)
            yield from self._alarms(number, damage)
            yield from self._work(number, damage)
            yield from self._images(number, damage)
            lost = list(self._lost_at(damage.at_s))
            yield from devices(number, lost, self._chance, self._day)
            yield from voices(number, lost, self._chance, self._day)
        yield self._closing()

    def _warnings(self) -> Iterator[Happening]:
        """A warning in the morning, and a worse one at noon."""
        issued = 8 * HOUR_S + self._between(20, 55) * MINUTE_S
        first = Happening(
            "weather-service",
            f"storm-{self._day}",
            "WEATHER_WARNING",
            13 * HOUR_S,
            issued,
            f"{words.TOWN}: gusts of up to 85 km/h from the north-west",
            (
                self._row.region,
                self._row.substation.mrid,
                *(head.feeder for head in self._row.heads),
            ),
            "WARNING",
            19 * HOUR_S,
        )
        text = f"{words.TOWN}: gusts of up to 110 km/h from the north-west, trees will fall"
        yield first
        yield first.again(issued + 4 * HOUR_S, 21 * HOUR_S, text=text, severity="MAJOR")

    def _switching(self, number: int, step: Step) -> Happening:
        """A breaker reports by itself, a switch in a station by the crew that moved it."""
        switch, done = self._row.switch(step.switch), "opened" if step.opens else "closed"
        by_itself = step.switch in self._row.chain.breakers
        tripped = step.reason is Reason.TRIP
        return Happening(
            "scada" if by_itself else "control-room",
            f"switching-{self._day}-{number}",
            "SWITCHING",
            step.at_s,
            step.at_s + (1 if by_itself else self._between(20, 100)),
            f"{switch.name} {done}: {step.reason.value}",
            (switch.mrid,),
            "MAJOR" if tripped else "WARNING" if step.opens else "INFO",
        )

    def _outage(self, station: Station, number: int, interval: Interval) -> Iterator[Happening]:
        """The desk learns of it after some minutes, and that it is over soon after."""
        start, end = interval
        points = [load.metered.usage_point for load in station.loads]
        what = f"Station {station.label}: {_customers(len(points))} without supply"
        began = Happening(
            "outage-desk",
            f"outage-{self._day}-{station.label}-{number}",
            "OUTAGE",
            start,
            start + self._between(240, 540),
            what,
            (station.transformer, *points),
            "MAJOR",
        )
        lasted = f"{what} for {round((end - start) / MINUTE_S)} minutes"
        yield began
        yield began.again(end + self._between(60, 170), end, text=lasted)

    def _fault(self, number: int, damage: Damage) -> Iterator[Happening]:
        """Seen by protection at once, found by the crew, mended."""
        head, cable = self._row.head(damage.tripped[0]), self._row.cables[damage.cable]
        current = self._between(28, 46) / 10
        seen = Happening(
            "protection",
            f"fault-{self._day}-{number}",
            "FAULT",
            damage.at_s,
            damage.at_s + 2,
            f"Short circuit of all phases on {head.name}, {current} kA, place unknown",
            (*self._tripped(damage), head.feeder),
            "CRITICAL",
        )
        text = f"Short circuit on {cable.name}: {self._what[number - 1]}"
        found = seen.again(damage.located_s, text=text, about=(cable.mrid,))
        yield from (seen, found, found.again(damage.mended_s + 120, damage.mended_s))

    def _alarms(self, number: int, damage: Damage) -> Iterator[Happening]:
        """The substation's own: a breaker that tripped and stays open."""
        for switch in damage.tripped:
            breaker = self._row.switch(switch)
            rung = Happening(
                "scada",
                f"alarm-{self._day}-{number}-{breaker.mrid[:8]}",
                "ALARM",
                damage.at_s + 1,
                damage.at_s + 2,
                f"{breaker.name} tripped, overcurrent I>> in A, B, C",
                (breaker.mrid, self._row.substation.mrid),
                "CRITICAL",
            )
            closed = self._closed_after(switch, damage.at_s)
            yield from (rung, rung.again(closed + 1, closed))

    def _work(self, number: int, damage: Damage) -> Iterator[Happening]:
        """One crew looks for the place, another one mends it."""
        head, cable = self._row.head(damage.tripped[0]), self._row.cables[damage.cable]
        sent = damage.at_s + self._between(240, 420)
        text = f"Crew {number} sent to {head.name}: find the fault and isolate it"
        search = self._order(f"search-{number}", sent, text, *self._tripped(damage))
        dug = damage.located_s + self._between(600, 1200)
        text = f"Crew {number + 2} mends {cable.name}: {self._what[number - 1]}"
        repair = self._order(f"repair-{number}", dug, text, cable.mrid)
        yield from (search, search.again(damage.located_s + 60, damage.located_s))
        done = f"{text}; two joints set, tested"
        yield from (repair, repair.again(damage.mended_s + 90, damage.mended_s, text=done))

    def _images(self, number: int, damage: Damage) -> Iterator[Happening]:
        """The drone goes along the cable once the place is known."""
        cable, at_s = self._row.cables[damage.cable], damage.located_s + 15 * MINUTE_S
        for shot, template in enumerate(IMAGES, 1):
            at_s += self._between(40, 240)
            shows = template.format(
                cable=cable.name, damage=self._what[number - 1], degrees=self._between(31, 68)
            )
            yield Happening(
                "drone",
                f"image-{self._day}-{number}-{shot}",
                "IMAGE",
                at_s,
                at_s + self._between(60, 300),
                shows,
                (cable.mrid,),
                image=Image(f"storm-{self._day}/cable-{number}/{shot:03d}.jpg", shows),
            )

    def _closing(self) -> Happening:
        at_s = self._plan.steps[-1].at_s + 9 * MINUTE_S
        text = "Storm log closed: both cables are back, every switch stands as before"
        about = tuple(head.breaker.mrid for head in self._row.heads)
        return Happening("control-room", f"log-{self._day}", "NOTE", at_s, at_s + 5, text, about)

    def _order(self, id: str, at_s: int, text: str, *about: str) -> Happening:
        identity = f"{id}-{self._day}"
        return Happening("work-orders", identity, "WORK", at_s, at_s + 20, text, about, "MINOR")

    def _tripped(self, damage: Damage) -> tuple[str, ...]:
        return tuple(self._row.switch(breaker).mrid for breaker in damage.tripped)

    def _lost_at(self, at_s: int) -> Iterator[Lost]:
        """The stations that lose supply at this moment."""
        for index, intervals in self._plan.outages.items():
            for start, end in intervals:
                if start == at_s:
                    again = intervals[0][0] < start
                    yield Lost(self._row.stations[index], start, end, again)

    def _closed_after(self, switch: int, at_s: int) -> int:
        """When a breaker closes again."""
        return next(
            step.at_s
            for step in self._plan.steps
            if step.switch == switch and step.at_s > at_s and not step.opens
        )


def _customers(number: int) -> str:
    return "1 customer" if number == 1 else f"{number} customers"
