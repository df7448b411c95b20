"""What devices say when supply goes: gateways that run on a battery or fall silent, last gasps.

A gateway with a good battery passes the last gasps of its meters on. Every third one has none: it
is dead itself, nothing comes from its meters, and the head end notices at the next poll. Meters
with a SIM card of their own are heard in any case, but for a few messages that get lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from cim_import.generating.chance import Chance
from cim_import.generating.events import Happening
from cim_import.generating.row import Lost, Named, Station
from cim_import.generating.storm_plan import MINUTE_S

_HEARD_PER_MILLE: Final = 940
_NO_BATTERY_EVERY: Final = 3


def devices(number: int, lost: Iterable[Lost], chance: Chance, day: str) -> Iterator[Happening]:
    """What is heard of devices of stations that lose supply at the fault of this number."""
    for each in lost:
        dead = has_no_battery(each.station)
        for at, gateway in enumerate(each.station.gateways):
            tell = _silent if at in dead else _on_battery
            yield from tell(
                f"{number}-{day}-{gateway.name.replace(' ', '-')}", gateway, each, chance
            )
        yield from _last_gasps(f"{number}-{day}", each, dead, chance)


def has_no_battery(station: Station) -> frozenset[int]:
    """The indices of the gateways of a station that need its supply."""
    indices = range(len(station.gateways))
    return frozenset(at for at in indices if (station.number + at) % _NO_BATTERY_EVERY == 0)


def _silent(identity: str, gateway: Named, lost: Lost, chance: Chance) -> Iterator[Happening]:
    noticed = lost.start_s + chance.between(60, 300)
    alarm = Happening(
        "head-end",
        f"silent-{identity}",
        "ALARM",
        noticed,
        noticed + 1,
        f"{gateway.name} does not answer",
        (gateway.mrid,),
        "MINOR",
    )
    answers = lost.end_s + chance.between(200, 400)
    yield from (alarm, alarm.again(answers + 1, answers))


def _on_battery(identity: str, gateway: Named, lost: Lost, chance: Chance) -> Iterator[Happening]:
    at_s, text = lost.start_s + 1, f"{gateway.name} runs on its battery"
    yield _said(f"battery-{identity}", at_s, chance.between(2, 6), text, gateway.mrid, "WARNING")
    minutes = (lost.end_s - lost.start_s) // MINUTE_S
    at_s = lost.end_s + chance.between(30, 190)
    text = f"{gateway.name}: supply is back after {minutes} minutes"
    yield _said(f"back-{identity}", at_s, chance.between(2, 6), text, gateway.mrid)


def _last_gasps(
    identity: str, lost: Lost, dead: frozenset[int], chance: Chance
) -> Iterator[Happening]:
    for load in lost.station.loads:
        metered, delay, heard = (
            load.metered,
            chance.between(2, 40),
            chance.happens(_HEARD_PER_MILLE),
        )
        if heard and load.gateway not in dead and not metered.customer.silent:
            gasp = f"gasp-{identity}-{metered.meter_name}"
            text = f"Last gasp of meter {metered.meter_name}: supply lost"
            said = _said(gasp, lost.start_s + 1, delay, text, metered.meter, "WARNING")
            yield said.again(said.known_s, about=(metered.usage_point,))


def _said(
    id: str, at_s: int, delay_s: int, text: str, device: str, severity: str = "INFO"
) -> Happening:
    known_s = at_s + delay_s
    return Happening("head-end", id, "DEVICE_EVENT", at_s, known_s, text, (device,), severity)
