"""What a TimelineStore owes of elements, of giving them other names, and of forgetting."""

from __future__ import annotations

from array import array

from graph_service.domain.events import EventFilter
from graph_service.domain.readings import Aggregate, Quality, ReadingColumns, Window
from tests.contracts.timeline_cases import (
    A_DAY,
    ALWAYS,
    DAY,
    HOUR,
    KNOWN,
    METER,
    MODEL,
    MONDAY,
    OTHER,
    THIRD,
    about,
    event,
    forecast,
    ids,
    readings,
    total,
    values,
    values_of,
)

WEEK = Window(MONDAY, MONDAY + 7 * DAY)
OLD, NEW = METER.element, OTHER.element


class TimelineKeepingContract:
    """Promises of `elements`, `rename`, `forget`, `forget_events`, `forget_forecasts`."""

    # --- elements ------------------------------------------------------------------------------

    def test_elements__are_those_with_readings_or_forecasts_in_order(self, store):
        store.append([(THIRD, readings([1.0])), (METER._replace(quantity="P"), readings([1.0]))])
        store.append_forecasts([forecast(MONDAY, key=OTHER), forecast(MONDAY, key=THIRD)])
        assert store.elements() == [METER.element, OTHER.element, THIRD.element]
        assert store.elements(after=METER.element, first=1) == [OTHER.element]

    # --- rename --------------------------------------------------------------------------------

    def test_rename__gives_readings_forecasts_and_events_to_the_other(self, store):
        store.append([(METER, readings([1.0, 2.0])), (THIRD, readings([3.0]))])
        store.append_forecasts([forecast(MONDAY)])
        store.append_events([event(subjects=(OLD, "town/x"))])
        assert store.rename(OLD, NEW) == 2
        assert (values(store), values(store, OTHER)) == ([], [1.0, 2.0])
        assert store.forecasts([MODEL, MODEL._replace(element=NEW)], A_DAY)[0] is None
        assert store.forecast_issues(MODEL._replace(element=NEW), ALWAYS) == [MONDAY]
        assert store.event("desk", "1").subjects == (NEW, "town/x")
        assert (ids(store, about(OLD)), ids(store, about(NEW))) == ([], ["1"])

    def test_rename__of_what_nobody_knows_does_nothing(self, store):
        store.append([(METER, readings([1.0]))])
        assert store.rename("town/nobody", OLD) == 0
        assert store.rename(OLD, OLD) == 0
        assert values(store) == [1.0]

    def test_rename__values_for_the_same_time_follow_the_rules_of_append(self, store):
        store.append([(METER, readings([1.0, 2.0, 3.0], known=KNOWN + 1))])
        store.append([(OTHER, readings([1.0, 5.0]))])
        assert store.rename(OLD, NEW) == 1
        assert values(store, OTHER) == [1.0, 2.0, 3.0]
        assert values(store, OTHER, known_us=KNOWN) == [1.0, 5.0]
        assert store.counts() == (1, 3)

    def test_rename__events_of_both_are_there_once(self, store):
        store.append_events([event(subjects=(OLD, NEW)), event("2", subjects=(NEW,))])
        store.rename(OLD, NEW)
        assert ids(store, about(NEW)) == ["1", "2"]
        assert store.event("desk", "1").subjects == (NEW,)

    def test_rename__of_the_same_issue_the_forecast_of_the_other_stays(self, store):
        heir = MODEL._replace(element=NEW)
        store.append_forecasts([forecast(MONDAY), forecast(MONDAY, 7.0, key=heir)])
        assert store.rename(OLD, NEW) == 1
        assert store.forecasts([heir], A_DAY) == [forecast(MONDAY, 7.0, key=heir)]
        assert store.forecast_series([OLD]) == []

    def test_rename__the_old_name_can_be_used_again(self, store):
        store.append([(METER, readings([1.0]))])
        assert values(store) == [1.0]
        store.rename(OLD, NEW)
        store.append([(METER, readings([2.0]))])
        store.append_events([event(subjects=(OLD,))])
        assert (values(store), values(store, OTHER)) == ([2.0], [1.0])
        assert ids(store, about(NEW)) == []

    def test_rename__is_seen_by_another_reader_of_the_store(self, store, tmp_path):
        other = self.make_store(tmp_path)
        store.append([(METER, readings([1.0])), (OTHER, readings([2.0]))])
        assert (values(other), values(other, OTHER)) == ([1.0], [2.0])
        store.rename(OLD, "town/later")
        store.append([(METER, readings([3.0]))])
        assert (values(other), values(other, OTHER)) == ([3.0], [2.0])
        other.close()

    # --- forget --------------------------------------------------------------------------------

    def test_forget__takes_whole_days_before_a_time_and_says_how_many_values(self, store):
        store.append([(METER, readings([1.0] * 72)), (OTHER, readings([1.0] * 5))])
        before = MONDAY + DAY + 5 * HOUR
        assert store.forget("ENERGY_IN", before, dry_run=True) == 29
        assert store.counts() == (2, 77)
        assert store.forget("ENERGY_IN", before) == 29
        assert (len(values(store)), values(store, OTHER)) == (48, [])
        assert store.counts() == (2, 48)
        assert store.forget("ENERGY_IN", before) == 0

    def test_forget__of_another_quantity_takes_nothing(self, store):
        store.append([(METER, readings([1.0] * 30))])
        assert store.forget("P", MONDAY + 9 * DAY) == 0
        assert len(values(store)) == 30

    def test_forget__hours_and_days_still_answer(self, store):
        store.append([(METER, readings([1.0, 2.0, 4.0, 8.0], step=HOUR // 2))])
        store.forget("ENERGY_IN", MONDAY + DAY)
        hours = total(store, [METER], every=HOUR)
        assert values_of(hours)[:3] == [3.0, 12.0, None]
        assert values_of(total(store, [METER], Aggregate.MAX)) == [8.0]
        assert values_of(total(store, [METER], every=HOUR // 2)) == [None] * 48

    def test_forget__what_was_last_and_what_is_available_stay(self, store):
        store.append([(METER, readings([1.0, 2.0]))])
        store.forget("ENERGY_IN", MONDAY + DAY)
        assert store.last([METER])[0].value == 2.0
        assert store.available([METER]) == (MONDAY, MONDAY + HOUR + 1)

    def test_forget__later_readings_of_a_day_that_went_are_rejected(self, store):
        store.append([(METER, readings([1.0, 2.0]))])
        store.forget("ENERGY_IN", MONDAY + DAY)
        late = readings([7.0, 8.0], start=MONDAY + 23 * HOUR)
        result = store.append([(METER, late)])
        assert (result.stored, len(result.rejected)) == (1, 1)
        assert result.rejected[0][:2] == (METER, MONDAY + 23 * HOUR)
        assert values_of(total(store, [METER], window=WEEK, every=DAY))[:2] == [3.0, 8.0]

    def test_forget__day_without_readings_can_be_filled_later(self, store):
        store.append([(METER, readings([1.0], start=MONDAY + DAY))])
        store.forget("ENERGY_IN", MONDAY + 2 * DAY)
        assert store.append([(METER, readings([5.0]))]).stored == 1
        assert values(store) == [5.0]

    def test_forget__with_levels_leaves_nothing(self, store):
        store.append([(METER, readings([1.0] * 30)), (OTHER, readings([1.0] * 5))])
        assert store.forget("ENERGY_IN", MONDAY + DAY, levels=True) == 29
        assert values_of(total(store, [METER, OTHER])) == [None]
        assert store.available([METER, OTHER]) == (MONDAY + DAY, MONDAY + 29 * HOUR + 1)
        assert store.series([METER.element, OTHER.element]) == [METER]
        assert store.counts() == (1, 6)

    def test_forget__with_levels_takes_those_that_stayed_before(self, store):
        store.append([(METER, readings([1.0] * 30))])
        store.forget("ENERGY_IN", MONDAY + 2 * DAY)
        assert store.forget("ENERGY_IN", MONDAY + 2 * DAY, levels=True) == 0
        assert (store.elements(), store.last([METER]), store.counts()) == ([], [None], (0, 0))
        assert store.append([(METER, readings([9.0])), (OTHER, readings([4.0]))]).stored == 2
        assert (values(store), values(store, OTHER)) == ([9.0], [4.0])

    def test_forget__what_was_known_earlier_is_not_guessed(self, store):
        store.append([(METER, readings([1.0]))])
        store.append([(METER, readings([2.0], known=KNOWN + 5))])
        store.forget("ENERGY_IN", MONDAY + DAY)
        assert values_of(total(store, [METER])) == [2.0]
        assert values_of(total(store, [METER], known_us=KNOWN + 5)) == [2.0]
        assert values_of(total(store, [METER], known_us=KNOWN)) == [None]

    def test_forget__days_that_went_of_an_unknown_element_go_with_its_name(self, store):
        store.append([(METER, readings([1.0, 2.0]))])
        store.append([(OTHER, readings([5.0], start=MONDAY + DAY))])
        store.forget("ENERGY_IN", MONDAY + DAY)
        store.rename(OLD, NEW)
        assert values_of(total(store, [OTHER], window=WEEK, every=DAY))[:2] == [3.0, 5.0]
        assert store.available([OTHER]) == (MONDAY, MONDAY + DAY + 1)

    def test_forget__hours_of_many_readings_keep_what_was_not_usable_out(self, store):
        count = 24 * 60
        store.append(
            [
                (
                    METER,
                    ReadingColumns(
                        array("q", [MONDAY + at * HOUR // 60 for at in range(count)]),
                        array("d", [at % 7 / 10 for at in range(count)]),
                        array("B", [Quality.INVALID if at < 60 else at % 2 for at in range(count)]),
                        array("q", [KNOWN] * count),
                    ),
                )
            ]
        )
        before = total(store, [METER], every=HOUR)
        store.forget("ENERGY_IN", MONDAY + DAY)
        after = total(store, [METER], every=HOUR)
        assert values_of(after) == values_of(before)
        assert (after.readings, after.doubtful) == (before.readings, before.doubtful)
        assert (before.readings[0], before.readings[1], before.doubtful[1]) == (0, 60, 30)

    # --- forget forecasts ----------------------------------------------------------------------

    def test_forget_forecasts__takes_issues_of_a_quantity_made_before(self, store):
        power, other = MODEL._replace(quantity="Q"), MODEL._replace(element=NEW)
        issued = [forecast(MONDAY - 1), forecast(MONDAY), forecast(MONDAY - 2, key=other)]
        store.append_forecasts([*issued, forecast(MONDAY - 1, key=power)])
        assert store.forget_forecasts(MODEL.quantity, MONDAY, dry_run=True) == 2
        assert store.forecast_issues(MODEL, ALWAYS) == [MONDAY - 1, MONDAY]
        assert store.forget_forecasts(MODEL.quantity, MONDAY) == 2
        assert store.forecast_issues(MODEL, ALWAYS) == [MONDAY]
        assert store.forecast_issues(power, ALWAYS) == [MONDAY - 1]
        assert store.forget_forecasts(MODEL.quantity, MONDAY) == 0

    def test_forget_forecasts__a_series_without_an_issue_goes_and_may_come_again(self, store):
        store.append_forecasts([forecast(MONDAY)])
        store.append([(METER, readings([1.0]))])
        assert store.forget_forecasts(MODEL.quantity, MONDAY + 1) == 1
        assert (store.forecast_series([OLD]), store.forecasts([MODEL], A_DAY)) == ([], [None])
        assert values(store) == [1.0]
        assert store.append_forecasts([forecast(MONDAY, 7.0)]) == 1
        assert store.forecasts([MODEL], A_DAY) == [forecast(MONDAY, 7.0)]

    # --- forget events -------------------------------------------------------------------------

    def test_forget_events__takes_those_of_kinds_that_began_before(self, store):
        store.append_events(
            [
                event("1", MONDAY - 1),
                event("2", MONDAY),
                event("3", MONDAY - 1, kind="NOTE"),
                event("1", MONDAY - 2, known_us=MONDAY),
                event("4", MONDAY - 1, kind="OUTAGE", subjects=("town/a",)),
            ]
        )
        kinds = frozenset({"MESSAGE", "OUTAGE"})
        assert store.forget_events(kinds, MONDAY, dry_run=True) == 2
        assert store.forget_events(kinds, MONDAY) == 2
        assert ids(store) == ["3", "2"]
        assert store.event("desk", "1") is None
        assert ids(store, about("town/a")) == []
        assert ids(store, EventFilter(known_us=MONDAY - 1)) == ["3"]
