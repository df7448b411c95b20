"""What people say when the light goes out: messages to the company, posts in public.

A message is about the usage point of who wrote it, who is without supply at that moment. A post is
about the station whose quarter it names, as far as the street in it tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Final

from cim_import.generating import words
from cim_import.generating.chance import Chance
from cim_import.generating.customers import FACTORY, Metered
from cim_import.generating.events import Happening
from cim_import.generating.row import Lost, Station
from cim_import.generating.storm_plan import HOUR_S, MINUTE_S
from cim_import.generating.storm_words import (
    AGAIN_MESSAGES,
    AGAIN_POSTS,
    BACK_MESSAGES,
    BEFORE_POSTS,
    FACTORY_MESSAGES,
    OUT_MESSAGES,
    OUT_POSTS,
)

_MESSAGES: Final = 10
_POSTS: Final = 4
_SILENCE_S: Final = 70
"""Nobody writes before he has looked at his fuses."""
_PATIENCE_S: Final = 25 * MINUTE_S


def before_the_storm(stations: Sequence[Station], chance: Chance, day: str) -> Iterator[Happening]:
    """Posts of the hour before the first fault."""
    for number, template in enumerate(BEFORE_POSTS, 1):
        at_s = 14 * HOUR_S + chance.between(5 * MINUTE_S, 62 * MINUTE_S)
        yield _post(f"before-{day}-{number}", at_s, template, chance.pick(stations), chance)


def voices(number: int, lost: Sequence[Lost], chance: Chance, day: str) -> Iterator[Happening]:
    """What is said in stations that lose supply at the fault of this number."""
    identity = f"{number}-{day}"
    messages, posts = _Texts(OUT_MESSAGES, AGAIN_MESSAGES), _Texts(OUT_POSTS, AGAIN_POSTS)
    factories = _Texts(FACTORY_MESSAGES, FACTORY_MESSAGES)
    for at in range(min(_MESSAGES, sum(len(each.station.loads) for each in lost))):
        where = chance.pick(lost)
        metered = chance.pick(where.station.loads).metered
        texts = factories if metered.customer.kind is FACTORY else messages
        text, at_s = texts.next(where), _while_out(where, chance)
        yield _message(f"{identity}-{at}", at_s, text, where.station, metered, chance)
    for at in range(_POSTS):
        where = chance.pick(lost)
        text, at_s = posts.next(where), _while_out(where, chance)
        yield _post(f"{identity}-{at}", at_s, text, where.station, chance)
    for at, text in enumerate(BACK_MESSAGES if number == 1 else ()):
        where = chance.pick(lost)
        metered, at_s = (
            chance.pick(where.station.loads).metered,
            where.end_s + chance.between(60, 700),
        )
        yield _message(f"back-{day}-{at}", at_s, text, where.station, metered, chance)


class _Texts:
    """Texts for who is out for the first time and for who is out again, one after the other."""

    def __init__(self, first: Sequence[str], again: Sequence[str]):
        self._first, self._again = cycle(first), cycle(again)

    def next(self, where: Lost) -> str:
        """The next text that fits."""
        return next(self._again if where.again else self._first)


def _while_out(where: Lost, chance: Chance) -> int:
    """A second of the outage, after some silence and before patience ends."""
    latest = min(_PATIENCE_S, where.end_s - where.start_s - MINUTE_S)
    return where.start_s + chance.between(_SILENCE_S, max(_SILENCE_S, latest))


def _message(
    id: str, at_s: int, template: str, station: Station, metered: Metered, chance: Chance
) -> Happening:
    text = _filled(template, metered, station)
    known_s, about = at_s + chance.between(20, 240), (metered.usage_point,)
    return Happening("customer-desk", f"message-{id}", "MESSAGE", at_s, known_s, text, about)


def _post(id: str, at_s: int, template: str, station: Station, chance: Chance) -> Happening:
    text = _filled(template, chance.pick(station.loads).metered, station)
    known_s, about = at_s + chance.between(60, 600), (station.building.mrid, station.transformer)
    return Happening("social", f"post-{id}", "SOCIAL", at_s, known_s, text, about)


def _filled(template: str, metered: Metered, station: Station) -> str:
    return template.format(
        address=metered.address,
        street=_street(metered.address),
        station=station.label,
        town=words.TOWN,
    )


def _street(address: str) -> str:
    """The street of `14 Alder Lane, flat 2`; a hall has none and stands on the estate."""
    number, _, street = address.partition(",")[0].partition(" ")
    return street if number.isdecimal() else "the industrial estate"
