from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain.errors import InvalidCall, UnreadableInput
from graph_service.domain.readings import ReadingColumns, SeriesKey, Window, to_us
from graph_service.services import archive
from graph_service.services.archive import Archive
from graph_service.services.archive_files import COLUMNS

HOUR = 3_600_000_000
DAY = 24 * HOUR
JANUARY_30 = to_us(datetime(2026, 1, 30, tzinfo=UTC))
ALWAYS = Window(0, 2**52)


def key(meter: int, quantity: str = "ENERGY_IN") -> SeriesKey:
    return SeriesKey(f"town/m{meter}", quantity, "meter")


def readings(values: list[float], *, known: int = 0, quality: int = 0) -> ReadingColumns:
    times = array("q", (JANUARY_30 + at * HOUR for at in range(len(values))))
    knowns = array("q", (at + HOUR + known for at in times))
    return ReadingColumns(times, array("d", values), array("B", [quality] * len(values)), knowns)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteTimeline]:
    """Three days of two meters over the end of January, some of them corrected and estimated."""
    made = SqliteTimeline(tmp_path / "from")
    made.append([(key(1), readings([0.1 * at for at in range(72)]))])
    made.append([(key(2), readings([230.0] * 72)), (key(2, "U"), readings([230.5] * 3))])
    made.append([(key(1), readings([7.0, 8.0], known=DAY, quality=1))])
    yield made
    made.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[SqliteTimeline]:
    made = SqliteTimeline(tmp_path / "to")
    yield made
    made.close()


def everything(store: SqliteTimeline) -> dict[SeriesKey, list[bytes]]:
    """All versions of all series, to the bit."""
    keys = store.series(store.elements())
    found = store.versions(keys, ALWAYS)
    return {
        key: [c.valid_us.tobytes(), c.values.tobytes(), c.quality.tobytes(), c.known_us.tobytes()]
        for key, c in zip(keys, found, strict=True)
    }


def test_round_trip__is_equal_to_the_bit(store, other, tmp_path) -> None:
    done = Archive(store).give(tmp_path / "out", None)
    taken = Archive(other).take([tmp_path / "out"])
    assert (done.values, done.series) == (149, 3)
    assert (taken.values, taken.rejected) == (149, 0)
    assert everything(other) == everything(store)


def test_files__hold_one_month_each_with_typed_columns(store, tmp_path) -> None:
    done = Archive(store).give(tmp_path / "out", None)
    assert done.files == ("month=2026-01/readings.parquet", "month=2026-02/readings.parquet")
    table = pq.read_table(tmp_path / "out" / done.files[0], partitioning=None)
    assert tuple(table.column_names) == COLUMNS
    assert str(table.schema.field("valid_at").type) == "timestamp[us, tz=UTC]"
    row = table.slice(0, 1).to_pylist()[0]
    assert (row["element"], row["quality"]) == ("town/m1", "GOOD")
    assert row["valid_at"] == datetime(2026, 1, 30, tzinfo=UTC)


def test_newest__leaves_earlier_versions_out(store, other, tmp_path) -> None:
    done = Archive(store).give(tmp_path / "out", None, newest_only=True)
    assert done.values == 147
    Archive(other).take([tmp_path / "out"])
    [found], [expected] = (s.read([key(1)], ALWAYS) for s in (other, store))
    assert found.values == expected.values


def test_scope__only_what_was_asked_for_is_written(store, tmp_path) -> None:
    window = Window(JANUARY_30 + DAY, JANUARY_30 + DAY + 5 * HOUR)
    done = Archive(store).give(tmp_path / "out", ["town/m2"], quantity="ENERGY_IN", window=window)
    assert (done.values, done.series) == (5, 1)


def test_lots__however_small_give_the_same(store, other, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(archive, "VALUES_AT_ONCE", 1)
    Archive(store).give(tmp_path / "out", None)
    file = pq.ParquetFile(tmp_path / "out" / "month=2026-01" / "readings.parquet")
    assert file.num_row_groups == 3
    Archive(other).take([tmp_path / "out"])
    assert everything(other) == everything(store)


def test_import__twice_changes_nothing(store, tmp_path) -> None:
    Archive(store).give(tmp_path / "out", None)
    before = everything(store)
    taken = Archive(store).take([tmp_path / "out"])
    assert (taken.stored, taken.duplicates, taken.corrected) == (0, 149, 0)
    assert everything(store) == before


def test_import__into_another_model_set(store, other, tmp_path) -> None:
    Archive(store).give(tmp_path / "out", None)
    Archive(other).take([tmp_path / "out"], into="village")
    assert other.elements() == ["village/m1", "village/m2"]


def test_export__of_nothing_writes_nothing(other, tmp_path) -> None:
    done = Archive(other).give(tmp_path / "out", None)
    assert (done.files, done.values) == ((), 0)


def test_export__into_a_folder_with_files_is_refused(store, tmp_path) -> None:
    with pytest.raises(UnreadableInput, match="not empty"):
        Archive(store).give(tmp_path, None)


def test_import__of_what_is_no_archive_says_why(store, tmp_path) -> None:
    table = pq.read_table(_written(store, tmp_path), partitioning=None)
    pq.write_table(table.drop_columns(["known_at"]), tmp_path / "short.parquet")
    (tmp_path / "text.parquet").write_text("no Parquet")
    for name, reason in (("short", "no column known_at"), ("text", "arquet"), ("none", "No such")):
        with pytest.raises(UnreadableInput, match=reason):
            Archive(store).take([tmp_path / f"{name}.parquet"])


def test_archive__without_pyarrow_names_the_extra(store, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InvalidCall) as caught:
        Archive(store).give(tmp_path / "out", None)
    assert "gridstrata[parquet]" in caught.value.hint


def _written(store: SqliteTimeline, folder: Path) -> Path:
    return folder / "out" / Archive(store).give(folder / "out", None).files[0]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.integers(-(10**6), 10**6),
            st.floats(allow_nan=False, allow_infinity=False),
            st.integers(0, 4),
            st.integers(0, 3),
        ),
        max_size=40,
    )
)
def test_round_trip__of_any_readings_is_equal_to_the_bit(tmp_path_factory, rows) -> None:
    folder = tmp_path_factory.mktemp("any")
    one, two = SqliteTimeline(folder / "one"), SqliteTimeline(folder / "two")
    for meter, second, value, quality, late in rows:
        at = JANUARY_30 + second * 1_000_000
        columns = (array("q", [at]), array("d", [value]), array("B", [quality]))
        one.append([(key(meter), ReadingColumns(*columns, array("q", [at + late * DAY])))])
    Archive(one).give(folder / "out", None)
    if (folder / "out").exists():
        Archive(two).take([folder / "out"])
    assert everything(two) == everything(one)
    one.close()
    two.close()
