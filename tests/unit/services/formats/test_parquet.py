"""Parquet: the columns of long CSV with types; a bad row by itself."""

import io
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph_service.domain.errors import UnreadableInput
from graph_service.domain.readings import Quality
from graph_service.services.formats import parquet
from tests.unit.services.formats.conftest import NOW_US

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
ONE = datetime(2026, 1, 1, 1, tzinfo=UTC)
GOOD = {"element": ["up-1"], "quantity": ["ENERGY_IN"], "time": [MIDNIGHT], "value": [412.0]}


@pytest.fixture
def read(reader):
    def run(columns, **more):
        file = io.BytesIO()
        pq.write_table(pa.table(columns), file)
        return reader(parquet.read, file.getvalue(), **more)

    return run


def rows(*changed):
    """The good row, then ones with something else in them, then a good one an hour later."""
    every = [{}, *changed, {"time": ONE}]
    names = {name: None for row in every for name in row}
    first = {name: values[0] for name, values in GOOD.items()}
    return {name: [(first | row).get(name) for row in every] for name in first | names}


def test_read__one_row_a_value(read):
    got = read(rows({"element": "town/up-2"}))
    assert got.values() == {
        ("up-1", "ENERGY_IN", "meter"): {"01 00:00": 412, "01 01:00": 412},
        ("up-2", "ENERGY_IN", "meter"): {"01 00:00": 412},
    }


def test_read__units_sources_qualities_and_known_times(read):
    known = datetime(2026, 1, 2, tzinfo=UTC)
    more = {"unit": ["kWh"], "source": ["vee"], "quality": ["ESTIMATED"], "known_at": [known]}
    [lot] = read(GOOD | {"value": [0.5]} | more).lots
    assert (lot.target.source, list(lot.columns.values)) == ("vee", [500])
    assert list(lot.columns.quality) == [Quality.ESTIMATED]
    assert lot.columns.known_us[0] == 1_767_312_000_000_000


def test_read__registers_in_the_unit_of_the_file(read):
    given = {"quantity": ["ENERGY_OUT_REGISTER"], "value": [81.5], "unit": ["kWh"]}
    got = read(GOOD | given)
    assert got.values() == {("up-1", "ENERGY_OUT_REGISTER", "meter"): {"01 00:00": 81_500}}


def test_read__microseconds_codes_and_integers(read):
    got = read(GOOD | {"time": [1_767_225_600_000_000], "value": [7], "quality": [2]})
    assert got.values() == {("up-1", "ENERGY_IN", "meter"): {"01 00:00": 7}}
    assert list(got.lots[0].columns.quality) == [Quality.SUSPECT]
    assert got.lots[0].columns.known_us[0] == NOW_US


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"value": float("nan")}, "finite"),
        ({"value": float("inf")}, "finite"),
        ({"value": None}, "finite"),
        ({"time": datetime(2026, 3, 1, tzinfo=UTC)}, "future"),
        ({"time": None}, "'time' is missing"),
        ({"element": ""}, "mRID"),
        ({"element": None}, "mRID"),
        ({"quantity": "ENERGY"}, "'ENERGY'"),
        ({"unit": "kW"}, "does not fit"),
        ({"quality": "splendid"}, "quality"),
        ({"known_at": datetime(2026, 3, 1, tzinfo=UTC)}, "known yet"),
    ],
)
def test_read__bad_row_is_put_aside_and_the_others_are_taken(read, wrong, reason):
    table = rows(wrong)
    if "known_at" in wrong:
        table["known_at"] = [MIDNIGHT, wrong["known_at"], MIDNIGHT]
    if "quality" in wrong:
        table["quality"] = ["good", wrong["quality"], "good"]
    got = read(table)
    assert (list(got.reasons), reason in got.reasons[2]) == ([2], True)
    assert len(got.values()["up-1", "ENERGY_IN", "meter"]) == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"time": [MIDNIGHT.replace(tzinfo=None)]}, "no time zone"),
        ({"time": ["2026-01-01T00:00:00Z"]}, "no time stamp"),
        ({"value": ["412"]}, "no numbers"),
    ],
)
def test_read__column_of_another_type_is_an_error(read, wrong, said):
    with pytest.raises(UnreadableInput, match=said):
        read(GOOD | wrong)


def test_read__file_without_a_column_is_an_error(read):
    with pytest.raises(UnreadableInput, match="columns"):
        read({"element": ["a"]})


def test_read__broken_file_is_an_error(reader):
    with pytest.raises(UnreadableInput, match="Parquet"):
        reader(parquet.read, b"PAR1 and nothing more")


def test_read__goes_on_at_a_position(read, monkeypatch):
    monkeypatch.setattr(parquet, "ROWS_A_BATCH", 2)
    table = rows(*({"time": MIDNIGHT.replace(hour=at)} for at in range(2, 6)))
    first, *rest = read(table).batches
    again = read(table, position=first.position)
    assert [batch.rows for batch in again.batches] == [batch.rows for batch in rest] == [2, 2]
