"""What a TimelineStore owes of versions: repeats dropped, older ones kept, changes announced."""

from __future__ import annotations

import pytest

from graph_service.domain.readings import (
    AppendResult,
    Quality,
    Window,
)
from tests.contracts.timeline_cases import (
    A_DAY,
    ALWAYS,
    DAY,
    HOUR,
    KNOWN,
    METER,
    MONDAY,
    OTHER,
    readings,
    values,
)


class TimelineVersionsContract:
    """Promises of `append`, `read` and `versions` about values that come more than once."""

    # --- duplicates and versions -----------------------------------------------------------

    @pytest.mark.parametrize("count", [1, 24])
    def test_append__same_value_again_is_dropped_and_counted(self, store, count):
        store.append([(METER, readings([5.0] * count))])
        result = store.append([(METER, readings([5.0] * count, known=KNOWN + 1))])
        assert result == AppendResult(stored=0, duplicates=count, corrected=0)
        assert store.read([METER], ALWAYS) == [readings([5.0] * count)]

    def test_append__same_value_twice_in_a_batch_is_dropped_and_counted(self, store):
        result = store.append([(METER, readings([5.0])), (METER, readings([5.0]))])
        assert result == AppendResult(stored=1, duplicates=1, corrected=0)

    @pytest.mark.parametrize("count", [1, 24])
    def test_append__other_value_is_a_new_version(self, store, count):
        store.append([(METER, readings([5.0] * count))])
        result = store.append([(METER, readings([6.0] * count, known=KNOWN + 1))])
        assert (result.stored, result.duplicates, result.corrected) == (0, 0, count)
        assert values(store) == [6.0] * count

    def test_append__other_quality_is_a_new_version(self, store):
        store.append([(METER, readings([5.0], quality=Quality.ESTIMATED))])
        result = store.append([(METER, readings([5.0], known=KNOWN + 1))])
        assert result.corrected == 1
        assert list(store.read([METER], ALWAYS)[0].quality) == [Quality.GOOD]

    def test_append__two_versions_in_one_batch_are_both_kept(self, store):
        first, second = readings([5.0]), readings([6.0], known=KNOWN + 1)
        result = store.append([(METER, second), (METER, first)])
        assert result == AppendResult(stored=1, duplicates=0, corrected=1)
        assert values(store, known_us=KNOWN) == [5.0]
        assert values(store) == [6.0]

    def test_read__older_version_is_what_was_known_then(self, store):
        store.append([(METER, readings([5.0, 7.0]))])
        store.append([(METER, readings([6.0], known=KNOWN + 10))])
        assert values(store, known_us=KNOWN + 9) == [5.0, 7.0]
        assert values(store, known_us=KNOWN + 10) == [6.0, 7.0]

    def test_read__before_anything_was_known_is_empty(self, store):
        store.append([(METER, readings([5.0]))])
        assert values(store, known_us=KNOWN - 1) == []

    def test_append__knowledge_that_comes_late_takes_its_place(self, store):
        store.append([(METER, readings([7.0], known=KNOWN + 20))])
        store.append([(METER, readings([5.0]))])
        store.append([(METER, readings([6.0], known=KNOWN + 10))])
        at = [values(store, known_us=KNOWN + after) for after in (0, 15, 25)]
        assert at == [[5.0], [6.0], [7.0]]

    def test_append__same_value_known_earlier_moves_back_in_time(self, store):
        store.append([(METER, readings([5.0], known=KNOWN + 20))])
        result = store.append([(METER, readings([5.0]))])
        assert result.duplicates == 1
        assert values(store, known_us=KNOWN + 1) == [5.0]

    def test_append__two_versions_known_at_once_the_one_that_came_last_counts(self, store):
        store.append([(METER, readings([5.0]))])
        store.append([(METER, readings([6.0]))])
        assert values(store) == [6.0]

    def test_append__a_value_that_comes_back_is_a_version_too(self, store):
        for after, value in enumerate([5.0, 6.0, 5.0]):
            store.append([(METER, readings([value], known=KNOWN + after))])
        assert [values(store, known_us=KNOWN + after)[0] for after in range(3)] == [5.0, 6.0, 5.0]

    def test_versions__are_all_in_the_order_they_became_known(self, store):
        store.append([(METER, readings([5.0, 7.0]))])
        store.append([(METER, readings([6.0], known=KNOWN + 10))])
        [found, nothing] = store.versions([METER, OTHER], A_DAY)
        assert found.values.tolist() == [5.0, 6.0, 7.0]
        assert found.known_us.tolist() == [KNOWN, KNOWN + 10, KNOWN]
        assert found.valid_us.tolist() == [MONDAY, MONDAY, MONDAY + HOUR]
        assert len(nothing) == 0

    def test_versions__of_a_window_that_is_half_open(self, store):
        store.append([(METER, readings([5.0, 7.0, 9.0]))])
        [found] = store.versions([METER], Window(MONDAY + HOUR, MONDAY + 2 * HOUR))
        assert found.values.tolist() == [7.0]

    # --- re-opened -------------------------------------------------------------------------

    @pytest.mark.parametrize("count", [1, 24])
    def test_append__values_newer_than_all_else_reopen_nothing(self, store, count):
        store.append([(METER, readings([1.0] * count))])
        newer = readings([2.0] * count, start=MONDAY + DAY)
        assert store.append([(METER, newer), (OTHER, readings([1.0]))]).reopened == ()

    @pytest.mark.parametrize("count", [1, 24])
    def test_append__late_values_reopen_their_time(self, store, count):
        store.append([(METER, readings([1.0], start=MONDAY + 5 * DAY))])
        late = [(METER, readings([2.0] * count)), (OTHER, readings([2.0] * count))]
        end = MONDAY + (count - 1) * HOUR + 1
        assert store.append(late).reopened == ((METER, MONDAY, end),)

    def test_append__corrected_values_reopen_their_time_and_no_other(self, store):
        store.append([(METER, readings([1.0] * 24 * 9))])
        corrected = readings([1.0, 2.0, 2.0, 1.0], start=MONDAY + 2 * DAY, known=KNOWN + 1)
        start = MONDAY + 2 * DAY + HOUR
        result = store.append([(METER, corrected)])
        assert result.reopened == ((METER, start, start + HOUR + 1),)

    def test_append__days_that_do_not_meet_are_reopened_apart(self, store):
        store.append([(METER, readings([1.0], start=MONDAY + 9 * DAY))])
        late = readings([2.0, 2.0, 2.0], step=DAY)
        later = readings([2.0], start=MONDAY + 5 * DAY)
        assert store.append([(METER, late), (METER, later)]).reopened == (
            (METER, MONDAY, MONDAY + 2 * DAY + 1),
            (METER, MONDAY + 5 * DAY, MONDAY + 5 * DAY + 1),
        )

    def test_append__duplicates_and_older_knowledge_reopen_nothing(self, store):
        store.append([(METER, readings([2.0] * 24, known=KNOWN + 5))])
        assert store.append([(METER, readings([2.0] * 24, known=KNOWN + 9))]).reopened == ()
        assert store.append([(METER, readings([1.0], known=KNOWN))]).reopened == ()
