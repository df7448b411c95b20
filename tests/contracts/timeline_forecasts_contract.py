"""What a TimelineStore owes of forecasts: every issue kept, the newest one of a time found."""

from __future__ import annotations

import math
from array import array
from dataclasses import replace

import pytest

from graph_service.domain.readings import SeriesKey, Window
from tests.contracts.timeline_cases import (
    A_DAY,
    ALWAYS,
    DAY,
    HOUR,
    METER,
    MODEL,
    MONDAY,
    forecast,
    readings,
)

FIRST, SECOND = MONDAY - 2 * HOUR, MONDAY - HOUR


class TimelineForecastsContract:
    """Promises of `append_forecasts`, `forecasts`, `forecast_issues`, `forecast_series`."""

    def test_forecasts__come_back_as_they_were_given(self, store):
        given_one = replace(
            forecast(FIRST),
            values=(array("d", [1 / 3, -0.0, 1e300]), array("d", [5e-324, 2.5, 1e-9])),
        )
        assert store.append_forecasts([given_one]) == 1
        assert store.forecasts([MODEL], A_DAY) == [given_one]

    def test_append_forecasts__of_nothing_is_nothing(self, store):
        assert store.append_forecasts([]) == 0
        assert store.forecasts([MODEL], A_DAY) == [None]

    def test_append_forecasts__same_issue_again_replaces_nothing(self, store):
        assert store.append_forecasts([forecast(FIRST), forecast(FIRST, 9.0)]) == 1
        assert store.append_forecasts([forecast(FIRST, 9.0), forecast(SECOND)]) == 1
        assert store.forecasts([MODEL], A_DAY, FIRST) == [forecast(FIRST)]

    def test_forecasts__newest_issue_counts_and_earlier_knowledge_is_kept(self, store):
        store.append_forecasts([forecast(SECOND, 2.0), forecast(FIRST, 1.0)])
        assert store.forecasts([MODEL], A_DAY) == [forecast(SECOND, 2.0)]
        assert store.forecasts([MODEL], A_DAY, SECOND) == [forecast(SECOND, 2.0)]
        assert store.forecasts([MODEL], A_DAY, SECOND - 1) == [forecast(FIRST, 1.0)]
        assert store.forecasts([MODEL], A_DAY, FIRST - 1) == [None]

    def test_forecasts__are_cut_to_the_window(self, store):
        store.append_forecasts([forecast(FIRST)])
        [found] = store.forecasts([MODEL], Window(MONDAY + 1, MONDAY + 2 * HOUR))
        assert list(found.valid_us) == [MONDAY + HOUR]
        assert [list(column) for column in found.values] == [[1.0], [2.0]]

    def test_forecasts__newest_issue_that_speaks_of_the_window_is_found(self, store):
        tomorrow = forecast(SECOND, start=MONDAY + DAY)
        store.append_forecasts([forecast(FIRST), tomorrow])
        assert store.forecasts([MODEL], A_DAY) == [forecast(FIRST)]
        between = Window(MONDAY + 1, MONDAY + 2)
        assert store.forecasts([MODEL], between) == [None]

    def test_forecasts__answer_in_the_order_asked(self, store):
        other = MODEL._replace(source="naive")
        store.append_forecasts([forecast(FIRST), forecast(FIRST, 5.0, key=other)])
        nobody = MODEL._replace(element="town/nobody")
        found = store.forecasts([other, nobody, MODEL], A_DAY)
        assert [one and one.key for one in found] == [other, None, MODEL]

    def test_forecast_issues__ascend_within_the_window(self, store):
        store.append_forecasts([forecast(SECOND), forecast(FIRST), forecast(MONDAY)])
        assert store.forecast_issues(MODEL, ALWAYS) == [FIRST, SECOND, MONDAY]
        assert store.forecast_issues(MODEL, Window(FIRST, SECOND)) == [FIRST]
        assert store.forecast_issues(METER, ALWAYS) == []

    def test_forecast_series__are_ordered_and_apart_from_readings(self, store):
        keys = [SeriesKey(e, q, s) for e in "ab" for q in ("ENERGY_IN", "P") for s in "xy"]
        store.append([(METER, readings([1.0]))])
        store.append_forecasts([forecast(FIRST, key=key) for key in reversed(keys)])
        assert store.forecast_series(["b", "a", METER.element]) == keys
        assert store.forecast_series(["b"], "P") == keys[6:]
        assert store.series(["a", "b"]) == []

    @pytest.mark.parametrize(
        "wrong",
        [
            replace(forecast(FIRST), quantiles=(0.9, 0.1)),
            replace(forecast(FIRST), quantiles=(0.0, 0.5)),
            replace(forecast(FIRST), values=(array("d", [1.0]), array("d", [1.0]))),
            replace(forecast(FIRST), valid_us=array("q", [3, 2, 1])),
            replace(forecast(FIRST), values=(array("d", [1, math.nan, 2]), array("d", [1] * 3))),
        ],
    )
    def test_append_forecasts__that_make_no_sense_are_refused_whole(self, store, wrong):
        with pytest.raises(ValueError, match=r"quantile|time|finite"):
            store.append_forecasts([forecast(SECOND), wrong])
        assert store.forecasts([MODEL], A_DAY) == [None]
