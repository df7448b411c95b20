"""Forecasts over the API: issued and asked for, as a root, of an element, of a trace; backtests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.conftest import World
from tests.building import part

MONDAY = datetime(2026, 1, 12, tzinfo=UTC)
ASKED = 'horizon: "PT2H", asOf: "2026-01-12T00:00:00Z"'
FIELDS = """ quantity unit level issuedAt times rung missingInputs reason customers metered
    quantiles { quantile values }
    model { name version trainedOn error } baseline { name error } """
DAY = 'from: "2026-01-12T00:00:00Z", to: "2026-01-12T04:00:00Z"'


@pytest.fixture
def read(world: World) -> World:
    """One customer below t1, read for a week and four hours: 100 W, then 110 W."""
    world.draw()
    world.read("M4.usage", "2026-01-05T00:00:00+00:00", [100.0] * 168 + [110.0] * 4)
    return world


def rounded(columns: list[dict[str, Any]]) -> list[tuple[float, list[float]]]:
    return [(one["quantile"], [round(value, 6) for value in one["values"]]) for one in columns]


def test_forecast__has_columns_and_who_said_it(read: World) -> None:
    query = f'{{ forecast(scope: {{element: "t1"}}, {ASKED}) {{ {FIELDS} }} }}'
    told = read.data(query)["forecast"]
    assert rounded(told.pop("quantiles")) == [(0.1, [20] * 2), (0.5, [100] * 2), (0.9, [180] * 2)]
    assert [str(time)[:13] for time in told.pop("times")] == ["2026-01-12T00", "2026-01-12T01"]
    assert told == {
        "quantity": "P", "unit": "W", "level": "TRANSFORMER", "rung": "LAST_WEEK",
        "issuedAt": "2026-01-12T00:00:00Z", "missingInputs": ["the weather"],
        "reason": "there is no model", "customers": 1, "metered": 1,
        "model": {"name": "last-week", "version": "1", "trainedOn": "nothing", "error": 0.2},
        "baseline": {"name": "class mean", "error": 0.3},
    }  # fmt: skip


def test_forecast__of_element_trace_and_container_is_that_of_the_place(read: World) -> None:
    values = "{ quantiles { values } }"
    query = f"""{{
        forecast(scope: {{trace: {{start: "t1", kind: DOWNSTREAM}}}}, {ASKED}) {values}
        element(mRID: "t1") {{ forecast({ASKED}) {values} }}
        trace(start: "t1", kind: UPSTREAM) {{ forecast({ASKED}) {values} }}
    }}"""
    found = read.data(query)
    told = [found["forecast"], found["element"]["forecast"], found["trace"]["forecast"]]
    assert [list(one["quantiles"][1]["values"]) for one in told] == [[100.0, 100.0]] * 3


def test_forecast__is_of_the_issue_known_at_its_time(read: World) -> None:
    read.house.predictions.run(MONDAY)
    later = MONDAY + timedelta(hours=1)
    read.house.predictions.run(later)
    query = '{ forecast(scope: {element: "t1"}, horizon: "PT2H", asOf: "%s") { issuedAt } }'
    issued = [
        read.data(query % f"2026-01-12T{time}:00Z")["forecast"]["issuedAt"]
        for time in ("00:59", "01:00", "02:30")
    ]
    assert issued == ["2026-01-12T00:00:00Z", "2026-01-12T01:00:00Z", "2026-01-12T01:00:00Z"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ('scope: {element: "t1"}, horizon: "P1Y"', "BAD_RESOLUTION"),
        ('scope: {element: "t1"}, horizon: "P365D"', "INVALID_CALL"),
        ('scope: {element: "t1"}, horizon: "PT90M"', "INVALID_CALL"),
        ('scope: {element: "t1"}, quantiles: [0.9, 0.1]', "INVALID_CALL"),
        ('scope: {element: "t1"}, quantity: ENERGY_IN', "INVALID_CALL"),
        ('scope: {elements: ["t1", "t2"]}', "INVALID_CALL"),
        ('scope: {element: "t9"}', "UNKNOWN_ELEMENT"),
    ],
)
def test_forecast__bad_question_is_an_error_with_its_code(
    read: World, arguments: str, code: str
) -> None:
    error = read.error(f"{{ forecast({arguments}) {{ rung }} }}")
    assert error["code"] == code
    assert error["message"]


def test_forecast__where_nothing_can_be_said_is_nothing_with_the_reason(read: World) -> None:
    fields = "rung reason model { name } times"
    query = f'{{ forecast(scope: {{element: "t2"}}, {ASKED}) {{ {fields} }} }}'
    told = read.data(query)["forecast"]
    assert (told["rung"], told["model"], list(told["times"])) == ("NOTHING", None, [])
    assert told["reason"] == "nothing was read a week before"


def test_backtest__compares_what_was_said_with_what_came(read: World) -> None:
    read.house.predictions.run(MONDAY)
    query = f"""{{ backtest(scope: {{element: "t1"}}, {DAY}) {{
        models compared pinball meanLoad coverage80 measured issuedAt reason }} }}"""
    told = read.data(query)["backtest"]
    assert list(told["measured"]) == [110.0] * 4
    assert told["issuedAt"] == ["2026-01-12T00:00:00Z"] * 4
    # losses of 20, 100, 180 W against 110 W: 0.1 * 90, 0.5 * 10, 0.1 * 70
    assert told["pinball"] == pytest.approx((9 + 5 + 7) / 3)
    assert (told["compared"], told["meanLoad"], told["coverage80"]) == (4, 110.0, 1.0)
    assert (told["models"], told["reason"]) == (["last-week"], "")


def test_backtest__hour_in_which_not_all_were_read_is_not_compared(read: World) -> None:
    read.house.predictions.run(MONDAY)
    query = '{ backtest(scope: {element: "t1"}, from: "%s", to: "%s") { compared measured } }'
    told = read.data(query % ("2026-01-12T02:00:00Z", "2026-01-12T08:00:00Z"))["backtest"]
    assert told["compared"] == 2
    assert [value == 110.0 for value in told["measured"]] == [True] * 2 + [False] * 4


def test_backtest__lead_leaves_out_what_was_said_too_late(read: World) -> None:
    for hours in (0, 1):
        read.house.predictions.run(MONDAY + timedelta(hours=hours))
    query = f'{{ backtest(scope: {{element: "t1"}}, {DAY}, lead: "PT2H") {{ issuedAt }} }}'
    issued = read.data(query)["backtest"]["issuedAt"]
    assert issued == [None, None, "2026-01-12T00:00:00Z", "2026-01-12T01:00:00Z"]


def test_backtest__of_a_container_counts_what_is_supplied_through_what_lies_in_it(
    world: World,
) -> None:
    world.draw(
        "S1 -l1- B2 =t1= B3 -l2- M4",
        part("F1", "Feeder"),
        part("l1", links={"Equipment.EquipmentContainer": "F1"}),
    )
    world.read("M4.usage", "2026-01-12T00:00:00+00:00", [110.0] * 4)
    query = f'{{ backtest(scope: {{container: "F1"}}, {DAY}) {{ measured compared }} }}'
    told = world.data(query)["backtest"]
    assert (list(told["measured"]), told["compared"]) == ([110.0] * 4, 0)
