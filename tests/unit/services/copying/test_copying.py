"""Copies between data folders: broken off, gone on with, refused, and what the comparison says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from graph_service import bootstrap
from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.adapters.sqlite.records import SqliteRecords
from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain.errors import Conflict, StoreBusy
from graph_service.ports.exchange import Progress
from graph_service.services.copying import Copying, Side
from graph_service.services.copying.graphs import copy_graph
from graph_service.services.copying.journal import JOURNAL, Journal
from graph_service.settings import Settings
from tests.building import document, part
from tests.contracts.graph_cases import feeder, land, switch
from tests.contracts.timeline_cases import (
    DAY,
    METER,
    MODEL,
    MONDAY,
    OTHER,
    event,
    forecast,
    readings,
)

Open = Callable[[str], Side]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Opens sides by name, each in a folder of its own."""
    with ExitStack() as stores:

        def side(name: str) -> Side:
            graph, records, timeline = (
                stores.enter_context(closing(kind(tmp_path / name)))
                for kind in (SqliteGraph, SqliteRecords, SqliteTimeline)
            )
            return Side(name, graph, records, timeline)

        yield side


@pytest.fixture
def source(opened: Open) -> Side:
    """A side with something of everything."""
    side = opened("source")
    land(side.graph, document(), *feeder())
    switch(side.graph, "S1", "true")
    side.records.put("tokens", [("anna", {"rights": ["read"]}), ("olaf", {"rights": []})])
    side.timeline.append([(METER, readings([1.0] * 30)), (OTHER, readings([5.0] * 3))])
    side.timeline.append([(METER, readings([2.0], start=MONDAY + DAY, known=MONDAY + 60 * DAY))])
    side.timeline.forget("ENERGY_IN", MONDAY + DAY)
    side.timeline.append_forecasts([forecast(MONDAY), forecast(MONDAY + DAY)])
    side.timeline.append_events([event(), event(known_us=MONDAY + 9, text="it was"), event("2")])
    return side


COUNTS = {
    "documents": 2,
    "revisions": 2,
    "parts": 4,
    "elements": 3,
    "links": 2,
    "records": 2,
    "series": 2,
    "readings": 7,
    "days kept as hours": 2,
    "forecasts": 2,
    "events": 3,
}


def test_copy__counts_all_there_is_and_all_of_it_is_equal(source: Side, opened: Open) -> None:
    copied = Copying(source, opened("target")).copy()
    assert {row.what: row.equal for row in copied.comparison.rows} == COUNTS
    assert (copied.comparison.is_same, copied.resumed, copied.refused) == (True, False, ())
    assert opened("target").records.collections() == ["tokens"]


def test_copy__tells_how_far_it_is_up_to_the_whole(source: Side, opened: Open) -> None:
    told: dict[str, tuple[int, int]] = {}
    copying = Copying(source, opened("target"))
    copying.copy(lambda what, done, total: told.update({what: (done, total)}))
    assert {"revisions", "records", "series", "events", "comparing series"} <= told.keys()
    assert all(done == total for done, total in told.values())


def test_copy__that_broke_off_goes_on(source: Side, opened: Open) -> None:
    target = opened("target")

    def breaking_off(at: str) -> Progress:
        def break_off(what: str, done: int, total: int) -> None:
            if what == at:
                raise ZeroDivisionError

        return break_off

    for at in ("revisions", "records", "series", "events", "comparing series"):
        with pytest.raises(ZeroDivisionError):
            Copying(source, target).copy(breaking_off(at))
    copied = Copying(source, target).copy()
    assert (copied.resumed, copied.comparison.is_same) == (True, True)


def test_copy__begun_before_the_source_changed_ends_as_the_source_is_now(
    source: Side, opened: Open
) -> None:
    target = opened("target")
    Journal(target.records).begin("source")
    copy_graph(source.graph, target.graph, lambda *_: None)
    target.records.put("tokens", source.records.page("tokens", 9))
    target.records.put("runs", [("1", {})])
    switch(source.graph, "S1", "false")
    source.records.delete("tokens", ["olaf"])
    assert Copying(source, target).copy().comparison.is_same
    assert [key for key, _ in target.records.page("tokens", 9)] == ["anna"]
    assert (target.graph.revision(), target.records.count("runs")) == (3, 0)


def test_copy__what_was_written_meanwhile_is_told_and_comes_when_it_is_run_again(
    source: Side, opened: Open
) -> None:
    target = opened("target")

    def write(what: str, done: int, total: int) -> None:
        if what == "comparing revisions":
            source.timeline.append([(METER, readings([9.0], start=MONDAY + 5 * DAY))])

    first = Copying(source, target).copy(write)
    assert first.comparison.differing == ("series", "readings")
    again = Copying(source, target).copy()
    assert (again.resumed, again.comparison.is_same) == (True, True)


def test_copy__what_the_target_does_not_take_is_told_with_the_reason(
    source: Side, opened: Open
) -> None:
    target = opened("target")
    Journal(target.records).begin("source")
    target.timeline.append([(METER, readings([7.0] * 48))])
    target.timeline.forget("ENERGY_IN", MONDAY + 2 * DAY)
    copied = Copying(source, target).copy()
    assert (copied.refusals, copied.comparison.is_same) == (7, False)
    assert copied.refused[0].startswith("town/meter-1 ENERGY_IN 2024-10-05T00:00:00+00:00: ")
    assert "readings" in copied.comparison.differing


@pytest.mark.parametrize(
    "fill",
    [
        lambda side: land(side.graph, document(), part("S1", "Breaker")),
        lambda side: side.records.put("tokens", [("anna", {})]),
        lambda side: side.timeline.append([(METER, readings([1.0]))]),
        lambda side: side.timeline.append_forecasts([forecast(MONDAY)]),
        lambda side: side.timeline.append_events([event()]),
    ],
)
def test_copy__into_what_holds_something_already_is_refused(
    source: Side, opened: Open, fill: Callable[[Side], object]
) -> None:
    target = opened("target")
    fill(target)
    with pytest.raises(Conflict, match="target holds something already"):
        Copying(source, target).copy()
    assert JOURNAL not in target.records.collections()


def test_copy__into_what_another_copy_was_begun_in_is_refused(source: Side, opened: Open) -> None:
    target = opened("target")
    Journal(target.records).begin("elsewhere")
    with pytest.raises(Conflict, match="a copy from elsewhere into target is not finished"):
        Copying(source, target).copy()
    with pytest.raises(Conflict, match="not finished"):
        Copying(target, opened("third")).copy()


def test_copy__while_another_one_is_at_work_is_refused(
    source: Side, opened: Open, tmp_path: Path
) -> None:
    target = opened("target")
    impatient = closing(SqliteRecords(tmp_path / "target", patience_s=0.05))
    with impatient as records, target.records.alone(JOURNAL), pytest.raises(StoreBusy):
        Copying(source, target._replace(records=records)).copy()
    assert target.is_empty()


def test_copy__onto_revisions_of_another_origin_is_refused(source: Side, opened: Open) -> None:
    target = opened("target")
    Journal(target.records).begin("source")
    land(target.graph, document(), *feeder())
    with pytest.raises(Conflict, match="target has revisions of its own between 1 and 1"):
        Copying(source, target).copy()


def test_service__does_not_open_what_is_not_whole(source: Side, opened: Open, tmp_path) -> None:
    Journal(opened("target").records).begin("source")
    with (
        pytest.raises(Conflict, match="a copy from source into this store is not finished"),
        bootstrap.open_services(Settings(data=tmp_path / "target")),
    ):
        pass


CHANGES = [
    (lambda side: switch(side.graph, "S1", "false"), {"revisions", "parts", "elements"}),
    (lambda side: land(side.graph, document(version="2"), *feeder()), {"documents", "revisions"}),
    (lambda side: side.graph.undo(1, author="anna"),
     {"documents", "revisions", "elements", "links"}),
    (lambda side: side.records.put("tokens", [("anna", {})]), {"records"}),
    (lambda side: side.records.put("runs", [("1", {})]), {"records"}),
    (lambda side: side.timeline.append([(METER, readings([8.0], start=MONDAY + DAY))]),
     {"readings"}),
    (lambda side: side.timeline.append([(MODEL, readings([8.0]))]), {"series", "readings"}),
    (lambda side: side.timeline.forget("ENERGY_IN", MONDAY + 2 * DAY),
     {"readings", "days kept as hours"}),
    (lambda side: side.timeline.append_forecasts([forecast(MONDAY + 1)]), {"forecasts"}),
    (lambda side: side.timeline.append_events([event("2", known_us=MONDAY + 1, text="x")]),
     {"events"}),
]  # fmt: skip


@pytest.mark.parametrize(("change", "told"), CHANGES)
def test_compare__tells_what_differs_whichever_side_changed(
    source: Side, opened: Open, change: Callable[[Side], object], told: set[str]
) -> None:
    target = opened("target")
    Copying(source, target).copy()
    change(target)
    assert set(Copying(source, target).compare().differing) == told
    assert set(Copying(target, source).compare().differing) == told
