"""Long CSV: columns in any order, units, qualities, two clocks; a bad row by itself."""

import pytest

from graph_service.domain.readings import Quality
from graph_service.services.formats import long_csv
from tests.unit.services.formats.conftest import NOW_US

HEADER = "element,quantity,time,value\n"
ROW = "up-1,ENERGY_IN,2026-01-01T00:00:00Z,412\n"


@pytest.fixture
def read(reader):
    return lambda content, **more: reader(long_csv.read, content, **more)


def test_read__one_row_a_value(read):
    got = read(HEADER + ROW + ROW.replace("T00", "T01") + ROW.replace("up-1", "town/_up-2"))
    assert got.values() == {
        ("up-1", "ENERGY_IN", "meter"): {"01 00:00": 412, "01 01:00": 412},
        ("up-2", "ENERGY_IN", "meter"): {"01 00:00": 412},
    }


def test_read__columns_in_any_order_with_unit_source_and_quality(read):
    header = "Value,unit,quality,mRID,source,quantity,valid_at\n"
    got = read(header + "0.5,kWh,ESTIMATED,up-1,vee,ENERGY_IN,2026-01-01T01:00:00+01:00\n")
    assert got.values() == {("up-1", "ENERGY_IN", "vee"): {"01 00:00": 500}}
    assert list(got.lots[0].columns.quality) == [Quality.ESTIMATED]


def test_read__registers_stand_beside_interval_energy(read):
    row = "up-1,ENERGY_IN_REGISTER,2026-01-01T00:00:00Z,81.5,kWh\n"
    got = read(HEADER.replace("\n", ",unit\n") + row + row.replace("_REGISTER", ""))
    assert got.values() == {
        ("up-1", "ENERGY_IN_REGISTER", "meter"): {"01 00:00": 81_500},
        ("up-1", "ENERGY_IN", "meter"): {"01 00:00": 81_500},
    }


def test_read__known_at_is_kept_and_now_where_it_is_empty(read):
    rows = ["up-1,P,2026-01-01T00:00:00Z,1,2026-01-02T00:00:00Z\n", "up-2,P,2026-01-01T00:00Z,1,\n"]
    got = read(HEADER.replace("\n", ",known_at\n") + "".join(rows))
    assert [lot.columns.known_us[0] for lot in got.lots] == [1_767_312_000_000_000, NOW_US]


def test_read__series_ascend_in_time_however_the_rows_stand(read):
    got = read(HEADER + ROW.replace("T00", "T05") + ROW)
    assert list(got.values()["up-1", "ENERGY_IN", "meter"]) == ["01 00:00", "01 05:00"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("up-1,ENERGY_IN", "2 columns"),
        (",ENERGY_IN,2026-01-01T00:00:00Z,1", "mRID"),
        ("up-1,ENERGY,2026-01-01T00:00:00Z,1", "'ENERGY'"),
        ("up-1,ENERGY_IN,2026-01-01T00:00:00,1", "no time zone"),
        ("up-1,ENERGY_IN,,1", "no time"),
        ("up-1,ENERGY_IN,2026-01-01T00:00:00Z,nan", "'nan'"),
        ("up-1,ENERGY_IN,2026-01-01T00:00:00Z,inf", "'inf'"),
        ("up-1,ENERGY_IN,2026-01-01T00:00:00Z,much", "'much'"),
        ("up-1,ENERGY_IN,2026-01-01T00:00:00Z,", "''"),
        ("up-1,ENERGY_IN,2026-03-01T00:00:00Z,1", "future"),
        ('"up-1,ENERGY_IN,2026-01-01T00:00:00Z,1', "end of data"),
        ("ü\ufffd,ENERGY_IN,2026-01-01T00:00:00Z,1", "mRID"),
    ],
)
def test_read__bad_row_is_put_aside_and_the_others_are_taken(read, bad, reason):
    got = read(HEADER + ROW + bad + "\n" + ROW.replace("T00", "T01"))
    assert (list(got.reasons), reason in got.reasons[3]) == ([3], True)
    assert len(got.values()["up-1", "ENERGY_IN", "meter"]) == 2


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("unit", "kW", "does not fit"),
        ("quality", "splendid", "'splendid'"),
        ("known_at", "2026-03-01T00:00:00Z", "known yet"),
    ],
)
def test_read__bad_value_of_a_further_column_is_put_aside(read, column, value, reason):
    got = read(HEADER.replace("\n", f",{column}\n") + ROW.replace("\n", f",{value}\n"))
    assert reason in got.reasons[2]


def test_read__goes_on_at_a_position(read, monkeypatch):
    monkeypatch.setattr(long_csv, "ROWS_A_BATCH", 2)
    whole = HEADER + "".join(ROW.replace("T00", f"T{hour:02}") for hour in range(5)) + "bad\n"
    first, second, third = read(whole).batches
    again = read(whole, position=first.position, line=first.line)
    assert [batch.rows for batch in again.batches] == [second.rows, third.rows] == [2, 1]
    assert list(again.reasons) == [7]
