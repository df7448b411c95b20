"""A town from nothing: a CIM delivery of three layers, with readings and events, from a seed.

Guarantees: the same arguments give the same bytes, on every Python and machine; every reference
resolves within the delivery; a failure leaves no file; memory does not grow with the town.
Limits: `days` changes readings and events alone, `start` also the times in the headers.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from cim_import.generating import words
from cim_import.generating.catalogue import LOW_KV
from cim_import.generating.chance import Chance
from cim_import.generating.communication import CommunicationWriter
from cim_import.generating.customers import CustomerWriter
from cim_import.generating.events import EventsWriter
from cim_import.generating.model_file import (
    Header,
    ModelFile,
    elements_by_kind,
    prepare_directory,
    ref,
    whole_file,
)
from cim_import.generating.network import Network
from cim_import.generating.ownership import OwnershipWriter
from cim_import.generating.plan import plan_town
from cim_import.generating.readings import ReadingsWriter
from cim_import.generating.routine import RoutineWriter
from cim_import.generating.solar import SolarWriter
from cim_import.generating.storm import StormWriter
from cim_import.generating.substations import write_substation
from cim_import.generating.writers import Numbers, Writers
from cim_import.profiles import COMMUNICATION, OWNERSHIP
from graph_service.domain.errors import InvalidCall, UnreadableInput
from graph_service.ports.exchange import Progress

DEFAULT_START: Final = date(2026, 1, 5)
"""A Monday."""
MOST_DAYS: Final = 3660
READINGS: Final = "readings.csv"
EVENTS: Final = "events.jsonl"
AUTHORITY: Final = "https://gridstrata.org/town"

_CGMES: Final = "http://iec.ch/TC57/ns/CIM"
_PROFILES: Final = {
    "EQ": (f"{_CGMES}/CoreEquipment-EU/3.0", f"{_CGMES}/Operation-EU/3.0"),
    "SSH": (f"{_CGMES}/SteadyStateHypothesis-EU/3.0",),
    "GL": (f"{_CGMES}/GeographicalLocation-EU/3.0",),
    "OW": (OWNERSHIP,),
    "CU": (OWNERSHIP,),
    "CO": (COMMUNICATION,),
}
_DEPENDS: Final = {
    "EQ": (),
    "SSH": ("EQ",),
    "GL": ("EQ", "CU"),
    "OW": ("EQ", "CO"),
    "CU": ("EQ", "OW"),
    "CO": ("EQ", "CU", "GL"),
}
_CONTENT: Final = {
    "EQ": "equipment",
    "SSH": "switch states, services and loads",
    "GL": "positions",
    "OW": "organisations, assets and owners",
    "CU": "customers, usage points and meters",
    "CO": "communication",
}


@dataclass(frozen=True, slots=True)
class TownSummary:
    """What was generated.

    `counts` are the elements by kind (`PowerTransformer`); `first_transformer` is the mRID of
    the transformer T-0001, below which customers with readings hang; `reading_lines` counts the
    lines of the readings file (a day of a meter that is not silent, another one for what its
    panels give, a day of the weather), `event_lines` those of the events file; `files` are the
    names of the files and their sizes in bytes.
    """

    directory: Path
    name: str
    meters: int
    days: int
    start: date
    counts: Mapping[str, int]
    first_transformer: str
    reading_lines: int
    event_lines: int
    files: Mapping[str, int]


def generate_town(
    directory: Path,
    *,
    meters: int,
    seed: int,
    days: int,
    start: date = DEFAULT_START,
    progress: Progress | None = None,
) -> TownSummary:
    """Write a town into a folder: six CIM files; readings and events where `days` is above 0.

    Args:
        directory: A folder that is new, empty, or holds an earlier town.
        meters: How many meters the town has, at least one.
        seed: Which town of that size.
        days: For how many days hourly readings and events are written; a storm is on the last.
        start: The first day of the readings, in UTC.
        progress: Told (what, meters written, meters in all) now and then.

    Raises:
        InvalidCall: a number is out of range.
        UnreadableInput: the folder holds other files or cannot be written.
    """
    _check(meters, days, start)
    names = {key: f"town_{key}.xml" for key in _PROFILES}
    prepare_directory(directory, [*names.values(), READINGS, EVENTS])
    try:
        with ExitStack() as stack:
            files = {
                key: ModelFile(stack.enter_context(whole_file(directory / name)), header)
                for (key, name), header in zip(
                    names.items(), _headers(meters, seed, start), strict=True
                )
            }
            csv = stack.enter_context(whole_file(directory / READINGS))
            readings = ReadingsWriter(csv, seed, start, days)
            jsonl = stack.enter_context(whole_file(directory / EVENTS))
            events = EventsWriter(jsonl, start, days)
            numbers = _write(files, readings, events, meters, seed, progress)
    except OSError as error:
        raise UnreadableInput(
            f"the town could not be written to {directory}: {error.strerror}",
            subject=str(directory),
            hint="make room, or name a folder that can be written",
        ) from error
    return TownSummary(
        directory,
        words.TOWN,
        meters,
        days,
        start,
        elements_by_kind(files.values()),
        numbers.first_transformer,
        readings.lines,
        events.lines,
        {name: (directory / name).stat().st_size for name in (*names.values(), READINGS, EVENTS)},
    )


def _check(meters: int, days: int, start: date) -> None:
    if meters < 1:
        raise InvalidCall(
            f"a town of {meters} meters was asked",
            subject=str(meters),
            hint="give at least one meter",
        )
    last = date.max.toordinal() - start.toordinal()
    if not 0 <= days <= min(last, MOST_DAYS):
        raise InvalidCall(
            f"readings of {days} days were asked",
            subject=str(days),
            hint=f"give 0 to {min(last, MOST_DAYS)} days",
        )


def _headers(meters: int, seed: int, start: date) -> list[Header]:
    chance = Chance(seed, f"{meters}/headers")
    ids = {key: chance.mrid() for key in _PROFILES}
    return [
        Header(
            ids[key],
            profiles,
            tuple(ids[other] for other in _DEPENDS[key]),
            f"{start}T00:00:00Z",
            f"{words.TOWN}, {meters} meters, seed {seed}: {_CONTENT[key]}. Invented.",
            AUTHORITY,
        )
        for key, profiles in _PROFILES.items()
    ]


def _write(
    files: Mapping[str, ModelFile],
    readings: ReadingsWriter,
    events: EventsWriter,
    meters: int,
    seed: int,
    progress: Progress | None,
) -> Numbers:
    def chance(subject: str) -> Chance:
        return Chance(seed, f"{meters}/{subject}")

    network = Network(files["EQ"], files["SSH"], files["GL"], chance("network"))
    ownership = OwnershipWriter(files["OW"], chance("ownership"))
    w = Writers(
        network,
        CustomerWriter(files["CU"], chance("customers"), ownership.suppliers),
        CommunicationWriter(files["CO"], chance("communication")),
        ownership,
        SolarWriter(files["EQ"], files["SSH"], chance("solar"), network.base_voltage(LOW_KV)),
        readings,
        RoutineWriter(events, seed, meters),
        StormWriter(events, chance("storm"), meters),
        chance("town"),
        _write_region(network),
        Numbers(meters_in_all=meters, progress=progress),
    )
    head_end = w.communication.head_end
    ownership.asset(f"Head end {words.TOWN}", (head_end,), ownership.network)
    for substation in plan_town(meters, seed):
        write_substation(w, substation)
    for file in files.values():
        file.finish()
    return w.numbers


def _write_region(network: Network) -> str:
    region = network.new("cim:GeographicalRegion", words.REGION)
    return network.new(
        "cim:SubGeographicalRegion", words.TOWN, ref("cim:SubGeographicalRegion.Region", region)
    )
