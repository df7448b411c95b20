"""What happens on any day: clocks set, doors opened, planned work, bills, a look by a drone.

Against it one sees what was out of the ordinary. Every station has a stream of chance of its own,
so that nothing need be remembered; nothing of it is heard from a station that has no supply.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from cim_import.generating.chance import Chance
from cim_import.generating.events import EventsWriter, Happening, Image
from cim_import.generating.row import Named, Station
from cim_import.generating.storm_plan import HOUR_S, MINUTE_S, Interval

_DEVICE_PER_MILLE: Final = 220
_MESSAGE_PER_MILLE: Final = 160
_DOOR_PER_MILLE: Final = 60
_WORK_PER_MILLE: Final = 30
_IMAGE_PER_MILLE: Final = 25
_POST_PER_MILLE: Final = 25
_BATTERY_PER_MILLE: Final = 30

_DEVICE_TEXTS: Final = (
    "clock was {n} s off, set",
    "voltage dip of {n} %, below the limit for half a second",
    "restarted after an update",
    "terminal cover opened",
    "signal quality poor for {n} minutes",
)
_MESSAGES: Final = (
    "My bill is {n} euros higher than last year. Can that be?",
    "We are moving out at the end of the month. What do you need from us?",
    "How do I read the second line on the meter?",
    "Please call back about a charger for an electric car.",
    "A street lamp flickers in front of our house.",
    "May I plant a hedge over the service line?",
)
_WORK: Final = (
    "Inspection of the ring main unit",
    "Oil sample of the transformer",
    "Earthing measurement",
    "Clearing of brushwood around the station",
)
_POSTS: Final = (
    "Nice new mural on the substation round the corner!",
    "Is anybody else's internet slow tonight?",
    "Open day at the grid company next month.",
)


class RoutineWriter:
    """Writes ordinary events, station by station.

    Args:
        events: Where to.
        seed: Which days.
        meters: How many meters the town has.
    """

    def __init__(self, events: EventsWriter, seed: int, meters: int):
        self._events, self._seed, self._meters = events, seed, meters
        self._substations = 0

    def substation(self, substation: Named, unit: Named) -> None:
        """The days of a substation and its remote unit."""
        self._substations += 1
        chance = self._chance(f"substation {self._substations}")
        for day in range(self._events.days):
            date = self._events.day(day)
            self._events.write(_at_substation(substation, unit, date, chance), day)

    def station(self, station: Station, cut_off: Sequence[Interval]) -> None:
        """The days of a station; `cut_off` is when it has no supply on the last one."""
        chance, last = self._chance(f"station {station.number}"), self._events.days - 1
        for day in range(self._events.days):
            happened = _at_station(station, self._events.day(day), chance)
            if day == last:
                happened = (each for each in happened if not _falls_into(each, cut_off))
            self._events.write(happened, day)

    def _chance(self, subject: str) -> Chance:
        return Chance(self._seed, f"{self._meters}/routine/{subject}")


def _at_substation(
    substation: Named, unit: Named, date: str, chance: Chance
) -> Iterator[Happening]:
    about = (unit.mrid, substation.mrid)
    at_s = 3 * HOUR_S + chance.between(0, 600)
    text = f"{unit.name}: self-test passed, clock {chance.between(1, 9)} ms off"
    yield _device(f"self-test-{date}-{unit.mrid[:8]}", at_s, text, about)
    if chance.happens(_BATTERY_PER_MILLE):
        at_s, text = chance.below(20 * HOUR_S), f"{substation.name}: battery charger in fast charge"
        yield _alarm(f"charger-{date}-{substation.mrid[:8]}", at_s, text, about, chance)


def _at_station(station: Station, date: str, chance: Chance) -> Iterator[Happening]:
    """A day of a station; everything in it has its chance, in this order."""
    identity, here = f"{date}-{station.label}", (station.building.mrid, station.transformer)
    for gateway in station.gateways:
        at_s, off = 10 * MINUTE_S + chance.below(MINUTE_S * 30), chance.between(1, 19)
        text = f"{gateway.name}: clock set, {off / 10} s off"
        yield _device(f"clock-{date}-{gateway.mrid[:8]}", at_s, text, (gateway.mrid,))
    if chance.happens(_DEVICE_PER_MILLE):
        metered = chance.pick(station.loads).metered
        text = f"Meter {metered.meter_name}: " + _filled(_DEVICE_TEXTS, chance)
        both = (metered.meter, metered.usage_point)
        yield _device(f"meter-{identity}", chance.below(23 * HOUR_S), text, both)
    if chance.happens(_MESSAGE_PER_MILLE):
        about = (chance.pick(station.loads).metered.usage_point,)
        yield _plain(
            "customer-desk", "MESSAGE", identity, _filled(_MESSAGES, chance), about, chance
        )
    if chance.happens(_DOOR_PER_MILLE):
        at_s = 6 * HOUR_S + chance.below(12 * HOUR_S)
        text = f"{station.building.name}: door open"
        yield _alarm(f"door-{identity}", at_s, text, here, chance)
    if chance.happens(_WORK_PER_MILLE):
        yield _planned(identity, f"{chance.pick(_WORK)}, station {station.label}", here, chance)
    if chance.happens(_IMAGE_PER_MILLE):
        yield _image(identity, station, here, chance)
    if chance.happens(_POST_PER_MILLE):
        yield _plain("social", "SOCIAL", identity, chance.pick(_POSTS), here, chance)


def _device(id: str, at_s: int, text: str, about: tuple[str, ...]) -> Happening:
    return Happening("head-end", id, "DEVICE_EVENT", at_s, at_s + 4, text, about)


def _alarm(id: str, at_s: int, text: str, about: tuple[str, ...], chance: Chance) -> Happening:
    """Kept when it is over; nobody asks for it while it lasts."""
    end_s = at_s + chance.between(4, 50) * MINUTE_S
    return Happening("scada", id, "ALARM", at_s, end_s + 2, text, about, "WARNING", end_s)


def _planned(id: str, text: str, about: tuple[str, ...], chance: Chance) -> Happening:
    """Known in the morning, with the hours planned for it."""
    at_s = 7 * HOUR_S + chance.between(0, 12) * 10 * MINUTE_S
    end_s = at_s + chance.between(6, 20) * 10 * MINUTE_S
    known_s = 6 * HOUR_S
    return Happening("work-orders", f"plan-{id}", "WORK", at_s, known_s, text, about, end_s=end_s)


def _image(id: str, station: Station, about: tuple[str, ...], chance: Chance) -> Happening:
    at_s = 9 * HOUR_S + chance.below(5 * HOUR_S)
    text = f"{station.building.name}: roof, doors and cable ends, inspection from the air"
    image = Image(f"inspection/{id}.jpg", text)
    known_s = at_s + HOUR_S
    return Happening("drone", f"image-{id}", "IMAGE", at_s, known_s, text, about, image=image)


def _plain(
    source: str, kind: str, id: str, text: str, about: tuple[str, ...], chance: Chance
) -> Happening:
    at_s = 7 * HOUR_S + chance.below(14 * HOUR_S)
    known_s = at_s + chance.between(1, 40) * MINUTE_S
    return Happening(source, f"{kind.lower()}-{id}", kind, at_s, known_s, text, about)


def _filled(texts: Sequence[str], chance: Chance) -> str:
    return chance.pick(texts).format(n=chance.between(2, 40))


def _falls_into(happening: Happening, intervals: Sequence[Interval]) -> bool:
    return any(start <= happening.start_s < end for start, end in intervals)
