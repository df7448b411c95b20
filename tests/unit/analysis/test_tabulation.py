from __future__ import annotations

import numpy as np
import pytest

from graph_service.analysis.quality import shares
from graph_service.analysis.tabulation import Facts, Tabulation
from tests.unit.analysis.test_receipts import HOUR, readings

DAY = 24 * HOUR
NEVER = 2**60
WHOLE_DAY = [at * HOUR for at in range(24)]


def table(facts: Facts, *times: list[int]) -> Tabulation:
    made = Tabulation(facts, np.array([0, DAY]), NEVER, DAY)
    made.take(0, len(times), readings(*times))
    made.finish()
    return made


def facts(series: int, **given: list) -> Facts:
    columns = {"stated_us": [0] * series, "group": [0] * series, "is_energy": [True] * series}
    return Facts(*(np.array(column) for column in (columns | given).values()))


def test_schedule__that_is_stated_counts_whatever_the_readings_show() -> None:
    made = table(facts(1, stated_us=[HOUR // 4]), WHOLE_DAY)
    assert made.counts.expected.tolist() == [[96]]


def test_schedule__of_a_series_with_few_readings_is_that_of_its_quantity() -> None:
    quarters = [at * HOUR // 4 for at in range(96)]
    made = table(facts(4, group=[0, 1, 0, 1]), WHOLE_DAY, quarters, [0], [0])
    assert made.counts.expected.ravel().tolist() == [24, 96, 24, 96]
    assert made.counts.received.ravel().tolist() == [24, 96, 1, 1]


def test_schedule__where_nothing_tells_is_an_hour() -> None:
    assert table(facts(1), []).counts.expected.tolist() == [[24]]


def test_series__taken_in_lots_are_counted_as_if_taken_at_once() -> None:
    at_once = table(facts(3), WHOLE_DAY, [0, HOUR], WHOLE_DAY[:12])
    in_lots = Tabulation(facts(3), np.array([0, DAY]), NEVER, DAY)
    for begin, times in enumerate([WHOLE_DAY, [0, HOUR], WHOLE_DAY[:12]]):
        in_lots.take(begin, 1, readings(times))
    in_lots.finish()
    assert in_lots.counts.received.tolist() == at_once.counts.received.tolist()
    assert in_lots.whole_gaps.length_us.tolist() == at_once.whole_gaps.length_us.tolist()


def test_weights__a_silent_series_weighs_like_the_mean_of_the_others() -> None:
    made = table(facts(3, is_energy=[True, True, False]), WHOLE_DAY, [], WHOLE_DAY)
    weights = made.weights()
    assert weights is not None
    assert weights.tolist()[:2] == [1.0, 1.0]
    assert np.isnan(weights[2])
    weighted = shares(made.counts.times(weights).added(0))
    assert weighted.completeness.tolist() == [pytest.approx(0.5)]


def test_weights__without_any_energy_there_are_none() -> None:
    assert table(facts(1, is_energy=[False]), WHOLE_DAY).weights() is None
