"""The Flux on the page about InfluxDB runs, and answers what is printed there."""

from __future__ import annotations

import os
import re
from array import array
from contextlib import closing
from datetime import UTC, datetime

import pytest
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.domain.dialect import Dialect

from graph_service.adapters.influx.server import Place
from graph_service.adapters.influx.timeline import InfluxTimeline
from graph_service.domain.events import Event, EventSeverity
from graph_service.domain.readings import ReadingColumns, SeriesKey, to_us
from tests.docs.examples import ROOT

PAGE = ROOT / "docs" / "reference" / "influxdb.md"
EXAMPLE = re.compile(r"```flux\n(.*?)```\n```csv answer\n(.*?)```", re.DOTALL)
EXAMPLES = EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))
BUCKET = f"gridstrata-docs-{os.getpid()}"
MONDAY = to_us(datetime(2026, 1, 5, tzinfo=UTC))
HOUR = 3_600_000_000
ONE = SeriesKey("town/usage-point-1", "ENERGY_IN", "meter")
TWO = ONE._replace(element="town/usage-point-2")
TRIP = Event(
    source="scada",
    id="4711",
    kind="OUTAGE",
    start_us=MONDAY + 2 * HOUR + HOUR // 6,
    known_us=MONDAY + 3 * HOUR,
    text="Feeder 3 tripped",
    severity=EventSeverity.MAJOR,
    subjects=(ONE.element,),
)


def readings(*values: float, start: int = MONDAY, known: int = MONDAY + 9 * HOUR, quality=None):
    times = array("q", [start + at * HOUR for at in range(len(values))])
    codes = array("B", quality or bytes(len(values)))
    return ReadingColumns(times, array("d", values), codes, array("q", [known]) * len(values))


@pytest.fixture(scope="module")
def place(influxdb) -> Place:
    influxdb.new_bucket(BUCKET)
    place = Place(influxdb.url, influxdb.org, BUCKET, influxdb.token)
    with closing(InfluxTimeline(place)) as store:
        first = readings(230.0, 250.0, 260.0, 240.0, quality=[0, 1, 0, 0])
        store.append([(ONE, first), (TWO, readings(200.0, 205.0))])
        corrected = readings(275.0, start=MONDAY + 2 * HOUR, known=MONDAY + 20 * HOUR)
        store.append([(ONE, corrected)])
        store.append_events([TRIP])
    return place


def answer(place: Place, question: str) -> str:
    dialect = Dialect(header=True, annotations=[])
    with InfluxDBClient(place.url, place.token, org=place.org) as client:
        asked = question.replace('"gridstrata"', f'"{place.bucket}"')
        text = client.query_api().query_raw(asked, dialect=dialect).data.decode()
    rows = [line.split(",")[3:] for line in text.splitlines() if line]
    return "\n".join(",".join(row) for row in rows)


@pytest.mark.parametrize(("question", "printed"), EXAMPLES)
def test_question__on_the_page__answers_what_is_printed(place, question, printed):
    assert answer(place, question) == printed.strip()


def test_page__has_examples():
    assert len(EXAMPLES) >= 6


def test_page__names_every_measurement_that_is_there(place):
    measurements = answer(
        place, 'import "influxdata/influxdb/schema"\nschema.measurements(bucket: "gridstrata")'
    )
    page = PAGE.read_text(encoding="utf-8")
    there = measurements.splitlines()[1:]
    assert "readings" in there
    assert [name for name in there if f"`{name}`" not in page] == []
