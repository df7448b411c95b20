"""A house that has been lived in for a while: something of everything that can be moved."""

from __future__ import annotations

import asyncio
from array import array
from contextlib import closing
from pathlib import Path
from typing import Any

from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.api.schema import execute
from graph_service.bootstrap import generate_town, open_services
from graph_service.domain.access import EVERYTHING, Right
from graph_service.domain.filters import ElementFilter, PageRequest
from graph_service.domain.forecasts import Forecast
from graph_service.domain.readings import MICROSECONDS_PER_DAY, ReadingColumns
from graph_service.services.access import OPEN_CALLER
from graph_service.services.examples import examples
from graph_service.services.house import Services
from graph_service.services.keeping import Rule
from graph_service.services.schedules import Schedule
from graph_service.settings import Settings

STRANGER = """\
element,quantity,time,value
meter-of-tomorrow,ENERGY_IN,2026-01-05T00:00:00Z,100
"""


def lived_in(folder: Path, *, meters: int, days: int, switchings: int) -> Settings:
    """Make one in a folder: a delivery, switching, undo, corrections, forgotten days, records."""
    town, settings = folder / "town", Settings(data=folder / "data")
    generate_town(town, meters=meters, seed=1, days=days)
    with open_services(settings) as house:
        house.imports.take([town], OPEN_CALLER, into="town")
        house.intake.load(town / "readings.csv", OPEN_CALLER, "town")
        house.intake.load(town / "events.jsonl", OPEN_CALLER, "town")
        _switch(house, switchings)
        house.network.undo(house.network.revision(), OPEN_CALLER)
        house.access.create("anna", None, [Right.READ])
        house.schedules.state(Schedule("PT1H", quantity="ENERGY_IN"))
        house.keeping.state(Rule("ENERGY_IN", "P3Y", "P10Y"))
        (folder / "strangers.csv").write_text(STRANGER)
        house.intake.load(folder / "strangers.csv", OPEN_CALLER, "town")
        assert house.intake.waiting_count() == 1
    with closing(SqliteTimeline(settings.data)) as timeline:
        _correct_forecast_and_forget(timeline)
    return settings


def fuse(house: Services) -> str:
    """The first fuse of the town."""
    wanted = ElementFilter(kinds=frozenset({"Fuse"}))
    return str(house.network.find(wanted, PageRequest(first=1), EVERYTHING).elements[0].key)


def asked(house: Services) -> list[Any]:
    """The questions of the demo with their answers."""
    return [
        (
            question.query,
            asyncio.run(execute(house, question.query, question.variables, OPEN_CALLER)),
        )
        for question in examples(house, OPEN_CALLER.scope)
    ]


def exported(house: Services, folder: Path) -> dict[str, bytes]:
    """The files that the town is exported to."""
    house.imports.give(folder, OPEN_CALLER, model_set="town")
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def _switch(house: Services, times: int) -> None:
    for at in range(times):
        network = house.network
        network.set_switch(network.element(fuse(house), EVERYTHING), at % 2 == 0, OPEN_CALLER)


def _correct_forecast_and_forget(timeline: SqliteTimeline) -> None:
    [key, *_] = timeline.series(timeline.elements(after="town"), "ENERGY_IN")
    last = timeline.last([key])[0]
    assert last is not None
    later = last.known_us + MICROSECONDS_PER_DAY
    correction = ReadingColumns(
        array("q", [last.valid_us]), array("d", [last.value + 1]), array("B", [2]),
        array("q", [later]),
    )  # fmt: skip
    timeline.append([(key, correction)])
    hours = array("q", [last.valid_us + at * 3_600_000_000 for at in range(24)])
    model = key._replace(source="gradient-1")
    values = array("d", [float(at) for at in range(24)])
    for issued_us in (last.valid_us - 5, last.valid_us):
        timeline.append_forecasts([Forecast(model, issued_us, hours, (0.5,), (values,))])
    assert timeline.forget("ENERGY_IN", last.valid_us) > 0
