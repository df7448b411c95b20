"""The embedded timeline and InfluxDB answer every question alike, whatever happened to them."""

from __future__ import annotations

from contextlib import ExitStack, closing
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_service.adapters.influx.server import Place
from graph_service.adapters.influx.timeline import InfluxTimeline
from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain.events import EventFilter
from graph_service.domain.readings import Aggregate, Window
from graph_service.ports.timeline_store import TimelineStore
from tests.contracts.timeline_cases import (
    ALWAYS,
    DAY,
    HOUR,
    KNOWN,
    METER,
    MODEL,
    MONDAY,
    OTHER,
    as_rows,
    forecast,
    random_examples,
)
from tests.contracts.timeline_event_model import any_event, filters
from tests.contracts.timeline_model import batches
from tests.servers.influxdb_server import timeline_server
from tests.servers.needed import needed

pytestmark = pytest.mark.usefixtures("influxdb")

NAMES = [METER.element, OTHER.element, "town/later"]
KEYS = [METER._replace(element=name) for name in NAMES]
MODELS = [MODEL._replace(element=name) for name in NAMES]
ABOUT = ["town/a", "town/b", *NAMES]
WEEK = Window(MONDAY - 3 * DAY, MONDAY + 4 * DAY)


@st.composite
def operations(draw) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """A call of the port that changes something, with its arguments."""
    before_us = MONDAY + draw(st.integers(-2, 2)) * DAY
    name = draw(
        st.sampled_from(["append", "append_events", "append_forecasts", "rename", "forget"])
    )
    if name == "append":
        return name, (draw(batches()),), {}
    if name == "append_events":
        return name, (draw(st.lists(any_event(), max_size=6)),), {}
    if name == "append_forecasts":
        issues = st.builds(
            forecast,
            st.integers(-3, 3).map(lambda at: MONDAY + at * HOUR),
            st.sampled_from([1.0, 2.0]),
            start=st.sampled_from([MONDAY, MONDAY + DAY]),
            key=st.sampled_from(MODELS),
        )
        return name, (draw(st.lists(issues, max_size=3)),), {}
    if name == "rename":
        return name, (draw(st.sampled_from(ABOUT)), draw(st.sampled_from(ABOUT))), {}
    if draw(st.booleans()):
        return "forget_events", (frozenset({"MESSAGE"}), before_us), {}
    return "forget", ("ENERGY_IN", before_us), {"levels": draw(st.booleans())}


def test_random_operations__are_answered_alike_by_both_stores(tmp_path_factory):
    @random_examples(6)
    @given(st.lists(operations(), min_size=1, max_size=6), filters(), st.integers(0, 4))
    def are_answered_alike(calls, wanted, after_known):
        with ExitStack() as closed:
            stores = [closed.enter_context(closing(store)) for store in make(tmp_path_factory)]
            for name, arguments, options in calls:
                ours, theirs = (getattr(store, name)(*arguments, **options) for store in stores)
                assert plain(ours) == plain(theirs), name
            ours, theirs = (answers(store, wanted, KNOWN + after_known) for store in stores)
            for question in ours:
                assert theirs[question] == expected(ours[question]), question

    are_answered_alike()


def make(folders) -> tuple[SqliteTimeline, InfluxTimeline]:
    folder, server = folders.mktemp("any"), needed(timeline_server)
    bucket = f"gridstrata-{sha256(bytes(folder)).hexdigest()[:16]}"
    server.new_bucket(bucket)
    place = Place(server.url, server.org, bucket, server.token)
    return SqliteTimeline(folder), InfluxTimeline(place, settled_s=0.0)  # remembers what it can


def plain(result: Any) -> Any:
    """What became of a batch, in no order."""
    if not hasattr(result, "rejected"):
        return result
    return (
        (result.stored, result.duplicates, result.corrected),
        sorted(result.rejected),
        sorted(getattr(result, "reopened", ())),
    )


def answers(store: TimelineStore, wanted: EventFilter, known_us: int) -> dict[str, Any]:
    """Every question of the port, as texts and numbers."""
    found: dict[str, Any] = {
        "series": store.series(NAMES),
        "elements": store.elements(),
        "counts": store.counts(),
        "last": [store.last([key]) for key in KEYS],
        "available": [store.available([key]) for key in KEYS],
        "versions": [as_rows(columns) for columns in store.versions(KEYS, ALWAYS)],
        "event": [store.event("desk", str(id), known_us) for id in range(8)],
        "events": store.events(wanted, WEEK, 5),
        "events descending": store.events(EventFilter(), ALWAYS, 99, descending=True),
        "event counts": store.event_counts(wanted, WEEK, DAY),
        "events available": store.events_available(wanted),
        "forecasts": store.forecasts(MODELS, WEEK, MONDAY),
        "forecast series": store.forecast_series(NAMES),
        "issues": [store.forecast_issues(key, ALWAYS) for key in MODELS],
    }
    for at in (None, known_us):
        found[f"read {at}"] = [as_rows(columns) for columns in store.read(KEYS, ALWAYS, at)]
        for every_us in (DAY, HOUR, HOUR // 2):
            for how in (Aggregate.SUM, Aggregate.LAST):
                totals = store.aggregate(KEYS, WEEK, every_us, how, how, at)
                found |= columns_of(f"{how} {every_us} {at}", totals[0])
    return found


def expected(answer: Any) -> Any:
    """Sums may differ in the last digits, by the order in which they were added up."""
    return pytest.approx(answer, rel=1e-12, abs=1e-12) if isinstance(answer, dict) else answer


def columns_of(name: str, intervals: Any) -> dict[str, Any]:
    values = {at: value for at, value in enumerate(intervals.values) if value == value}
    counts = [intervals.reporting, intervals.estimated, intervals.readings, intervals.doubtful]
    return {name: values, f"{name} counts": [list(column) for column in counts]}
