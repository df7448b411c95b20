"""Files: good rows are stored, bad lines put aside with a reason, and a run goes on."""

import gzip
import io
import json
from array import array
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph_service.domain.errors import UnreadableInput
from graph_service.domain.events import EventFilter
from graph_service.domain.readings import SeriesKey, Window
from graph_service.services.access import OPEN_CALLER
from graph_service.services.formats import wide_csv
from graph_service.services.intake import files
from graph_service.services.intake.files import OFFSETS

HEADER = "usage_point,quantity,source,start,resolution,values\n"
GOOD = "up-1,ENERGY_IN,meter,2026-01-01T00:00:00Z,PT1H,1,2.5,3\n"
START = 1_767_225_600_000_000
HOUR = 3_600_000_000
ALWAYS = Window(0, 2**55)
ROWS_A_BATCH = 50
SMALL = {
    "long_csv.ROWS_A_BATCH": 5,
    "parquet.ROWS_A_BATCH": 5,
    "line_files.PIECE_BYTES": 200,
    "json_events.EVENTS_A_BATCH": 5,
    "meter_readings.VALUES_A_BATCH": 5,
    "walking.CHUNK_BYTES": 500,
}


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch):
    monkeypatch.setattr(wide_csv, "ROWS_A_BATCH", ROWS_A_BATCH)


@pytest.fixture
def store(world):
    return world.timeline


@pytest.fixture
def load(world):
    return world.load


def all_events(world):
    return world.timeline.events(EventFilter(), ALWAYS, 100)


def stored(store, element="town/up-1"):
    [columns] = store.read([SeriesKey(element, "ENERGY_IN", "meter")], ALWAYS)
    return dict(zip(columns.valid_us, columns.values, strict=True))


def test_load__stores_one_value_an_interval(load, store):
    report = load(HEADER + GOOD)
    assert (report.rows, report.series, report.stored, report.rejected) == (1, 1, 3, [])
    assert stored(store) == {START: 1.0, START + HOUR: 2.5, START + 2 * HOUR: 3.0}


def test_load__empty_value_is_missing(load, store):
    load(HEADER + GOOD.replace("2.5", ""))
    assert stored(store) == {START: 1.0, START + 2 * HOUR: 3.0}


def test_load__row_without_any_value_is_taken_and_stores_nothing(load, store):
    report = load(HEADER + "up-1,ENERGY_IN,meter,2026-01-01T00:00:00Z,PT1H,,\n")
    assert (report.rows, report.stored, report.rejected) == (1, 0, [])


@pytest.mark.parametrize("written", ["2026-01-01T01:00:00+01:00", "2025-12-31T23:00:00-01:00"])
def test_load__start_in_another_zone_is_the_same_moment(load, store, written):
    load(HEADER + GOOD.replace("2026-01-01T00:00:00Z", written))
    assert START in stored(store)


def test_load__gzip_is_told_by_its_content(load, store):
    load(gzip.compress((HEADER + GOOD).encode()))
    assert len(stored(store)) == 3


@pytest.mark.parametrize("ending", ["\r\n", "\n\n"])
def test_load__other_line_ends_blank_lines_and_a_byte_order_mark_are_taken(load, ending):
    report = load("\ufeff" + (HEADER + GOOD).replace("\n", ending))
    assert (report.stored, report.rejected) == (3, [])


@pytest.mark.parametrize("written", ["_up-1", "#_up-1", "urn:uuid:up-1", '"up-1"'])
def test_load__usage_point_may_be_written_as_in_a_cim_file(load, store, written):
    load(HEADER + GOOD.replace("up-1", written))
    assert len(stored(store)) == 3


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("up-1,ENERGY_IN", "columns"),
        (",ENERGY_IN,meter,2026-01-01T00:00:00Z,PT1H,1", "mRID"),
        ("up-1,ENERGY,meter,2026-01-01T00:00:00Z,PT1H,1", "'ENERGY'"),
        ("up-1,ENERGY_IN,,2026-01-01T00:00:00Z,PT1H,1", "source"),
        ("up-1,ENERGY_IN,meter,2026-01-01T00:00:00,PT1H,1", "time zone"),
        ("up-1,ENERGY_IN,meter,yesterday,PT1H,1", "yesterday"),
        ("up-1,ENERGY_IN,meter,2026-01-01T00:00:00Z,P1M,1", "P1M"),
        ("up-1,ENERGY_IN,meter,9999-12-31T00:00:00Z,P1D,1,2,3", "calendar"),
        ("up-1,ENERGY_IN,meter,2026-01-01T00:00:00Z,PT1H,1,two,3", "'two'"),
        ("up-1,ENERGY_IN,meter,2026-01-01T00:00:00Z,PT1H,1,nan", "'nan'"),
        ("up-1,ENERGY_IN,meter,2026-01-01T00:00:00Z,PT1H,1e999", "'1e999'"),
        ("up-1,ENERGY_IN,meter,2026-01-01T00:00:00Z,PT1H,1_000", "'1_000'"),
        ('up-1,"ENERGY_IN,meter', "end of data"),
    ],
)
def test_load__bad_line_is_put_aside_and_the_others_are_stored(load, store, bad, reason):
    report = load(HEADER + GOOD + bad + "\n" + GOOD.replace("01-01", "01-02"))
    [(line, said)] = report.rejected
    assert line == 3
    assert reason in said
    assert (report.rows, report.stored) == (2, 6)


def test_load__line_without_an_end_in_sight_is_put_aside(load):
    report = load(HEADER + "9," * 3_000_000 + "\n" + GOOD)
    assert [line for line, _ in report.rejected] == [2]
    assert report.stored == 3


def test_load__text_that_is_no_utf8_is_put_aside(load):
    report = load((HEADER + GOOD).encode() + GOOD.replace("up-1", "\xfc").encode("latin-1"))
    assert [line for line, _ in report.rejected] == [3]


def test_load__again_changes_nothing(load, store):
    load(HEADER + GOOD)
    report = load(HEADER + GOOD, again=True)
    assert (report.stored, report.duplicates, report.corrected) == (0, 3, 0)


def test_load__another_value_is_a_correction(load, store):
    load(HEADER + GOOD)
    report = load(HEADER + GOOD.replace("2.5", "2.6"))
    assert (report.duplicates, report.corrected) == (2, 1)
    assert stored(store)[START + HOUR] == 2.6


def test_load__tells_how_far_it_is_after_each_batch(load):
    told = []
    rows = [GOOD.replace("up-1", f"up-{at}") for at in range(2 * ROWS_A_BATCH + 1)]
    report = load(HEADER + "".join(rows), progress=lambda *step: told.append(step))
    assert report.series == len(rows)
    assert [done <= size for _, done, size in told] == [True] * 3
    assert told[-1][1] == told[-1][2]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"meter;value\n1;2\n", "begins with"),
        (gzip.compress(HEADER.encode() * 99, mtime=0)[:-12], "break off"),
        (b"\x1f\x8bnot gzip at all", "read"),
    ],
)
def test_load__file_that_cannot_be_read_is_an_error_with_a_hint(load, content, said):
    with pytest.raises(UnreadableInput, match=said) as error:
        load(content)
    assert "CSV" in error.value.hint


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_load__no_file_is_an_error(world, tmp_path, name):
    with pytest.raises(UnreadableInput, match="cannot be read"):
        world.intake.load(tmp_path / name, OPEN_CALLER, "town")


def test_load__file_that_breaks_off_keeps_the_batches_before(load, store):
    rows = "".join(GOOD.replace("up-1", f"up-{at}-{at * 7919}") for at in range(ROWS_A_BATCH * 40))
    with pytest.raises(UnreadableInput):
        load(gzip.compress((HEADER + rows).encode())[:-2_000])
    series, values = store.counts()
    assert (series % ROWS_A_BATCH, values) == (0, 3 * series)
    assert series > 0


def test_load__shared_columns_stay_as_they_are(load, store):
    load(HEADER + GOOD + GOOD.replace("up-1", "up-2"))
    assert stored(store) == stored(store, "town/up-2")
    assert array("d", stored(store).values()) == array("d", [1, 2.5, 3])


ROWS = [GOOD.replace("up-1", f"up-{at}") for at in range(2 * ROWS_A_BATCH)]


def test_load__file_that_was_read_to_its_end_is_not_read_again(load):
    load(HEADER + GOOD)
    report = load(HEADER + GOOD)
    assert (report.already_taken, report.rows) == (True, 0)


@pytest.mark.parametrize("changed", [{"name": "other"}, {"again": True}])
def test_load__another_file_or_again_is_read_from_the_beginning(load, changed):
    load(HEADER + GOOD)
    assert load(HEADER + GOOD, **changed).duplicates == 3


def test_load__file_that_has_changed_is_read_from_the_beginning(load):
    load(HEADER + GOOD)
    assert load(HEADER + GOOD + GOOD.replace("01-01", "01-02")).duplicates == 3


@pytest.mark.parametrize("packed", [bytes, gzip.compress])
def test_load__run_that_was_broken_off_is_gone_on_with(world, load, monkeypatch, packed):
    monkeypatch.setattr(files, "_NOTED_EVERY_S", -1.0)
    content = packed((HEADER + "".join(ROWS) + "bad\n").encode())

    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(content, progress=stop)
    report = load(content)
    assert (report.resumed_at, report.rows) == (ROWS_A_BATCH + 1, ROWS_A_BATCH)
    assert report.rejected[0].line == 2 * ROWS_A_BATCH + 2
    assert world.timeline.counts() == (2 * ROWS_A_BATCH, 6 * ROWS_A_BATCH)


def csv_file():
    rows = (f"up-1,P,2026-01-01T{hour:02}:00:00Z,1\n" for hour in range(20))
    return ("element,quantity,time,value\n" + "".join(rows)).encode()


def parquet_file():
    file = io.BytesIO()
    times = [datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in range(20)]
    columns = {"element": ["up-1"] * 20, "quantity": ["P"] * 20, "time": times, "value": [1.0] * 20}
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def line_file():
    return "\n".join(f"readings,element=up-1 P=1 {at}000000000" for at in range(20)).encode()


def events_of_20():
    given = {"source": "scada", "kind": "NOTE", "start": "2026-01-01T00:00:00Z", "text": "a"}
    return [json.dumps(given | {"id": str(at)}) for at in range(20)]


def event_lines():
    return "\n".join(events_of_20()).encode()


def event_document():
    return f"[{','.join(events_of_20())}]".encode()


def meter_file():
    kind = '<ReadingType ref="0.0.0.12.1.1.37.0.0.0.0.0.0.0.0.0.38.0"/>'
    meters = (
        f"<MeterReading><Readings><timeStamp>2026-01-01T{hour:02}:00:00Z</timeStamp>"
        f"<value>1</value>{kind}</Readings><UsagePoint><mRID>up-1</mRID></UsagePoint>"
        "</MeterReading>\n"
        for hour in range(20)
    )
    return f"<MeterReadings>{''.join(meters)}</MeterReadings>".encode()


@pytest.mark.parametrize(
    "file", [csv_file, parquet_file, line_file, event_lines, event_document, meter_file]
)
def test_load__run_of_any_format_that_was_broken_off_is_gone_on_with(
    world, load, monkeypatch, file
):
    monkeypatch.setattr(files, "_NOTED_EVERY_S", -1.0)
    for size, number in SMALL.items():
        monkeypatch.setattr(f"graph_service.services.formats.{size}", number)

    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(file(), progress=stop)
    before = world.timeline.counts()[1] + len(all_events(world))
    report = load(file())
    assert 0 < before < 20
    assert (report.resumed_at > 0, report.rows < 20, report.rejected) == (True, True, [])
    assert world.timeline.counts()[1] + len(all_events(world)) == 20


def test_load__batch_that_was_stored_and_not_noted_changes_nothing(world, load):
    load(HEADER + GOOD)
    [(key, record)] = world.records.page(OFFSETS, 10)
    world.records.put(OFFSETS, [(key, {**record, "position": 0, "line": 0, "done": False})])
    assert load(HEADER + GOOD).duplicates == 3


def test_load__line_protocol_in_a_file_is_read_by_the_mapping(world, load):
    report = load("# from telegraf\nreadings,element=up-1 P=1,Q=2 5000000000\njunk\n")
    assert (report.format, report.rows, report.stored) == ("line_files", 1, 2)
    assert [line for line, _ in report.rejected] == [3]
    assert world.values() == {5: 1.0}


def test_load__line_protocol_goes_on_with_its_line_numbers(load, monkeypatch):
    monkeypatch.setattr("graph_service.services.formats.line_files.PIECE_BYTES", 50)
    lines = [f"readings,element=up-1 P={at} {at}000000000" for at in range(9)] + ["junk"]
    report = load("\n".join(lines))
    assert (report.rows, [line for line, _ in report.rejected]) == (9, [10])


def test_load__reasons_are_listed_up_to_a_limit_and_all_counted(load, monkeypatch):
    monkeypatch.setattr("graph_service.services.intake.receipts.MOST_REASONS", 5)
    report = load(HEADER + "bad\n" * 9)
    assert (len(report.rejected), report.rejected_count) == (5, 9)
