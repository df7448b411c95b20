"""The days of series, thirty-two in a row."""

import sqlite3

import numpy as np
import pytest

from graph_service.adapters.sqlite.timeline import tables
from graph_service.adapters.sqlite.timeline.days import DAY, Days, days_within, put_days


@pytest.fixture
def db():
    connection = sqlite3.connect(":memory:")
    connection.executescript(tables.SCHEMA)
    yield connection
    connection.close()


def days(*pairs: tuple[int, int], values: int = 1) -> Days:
    series, day = (np.array(column, np.int64) for column in zip(*pairs, strict=True))
    facts = np.zeros(len(series), DAY)
    facts["values"], facts["readings"], facts["sum"] = values, values, day
    return Days(series, day, facts)


def pairs(found: Days) -> list[tuple[int, int]]:
    return list(zip(found.series.tolist(), found.day.tolist(), strict=True))


def test_days_within__are_those_between_the_first_and_the_last(db):
    put_days(db, days((1, 5), (1, 40), (1, 41), (2, 40), (3, 40)))
    found = days_within(db, np.array([1, 2]), 6, 40)
    assert pairs(found) == [(1, 40), (2, 40)]
    assert found.facts["sum"].tolist() == [40, 40]


@pytest.mark.parametrize("day", [-719_162, -1, 0, 31, 32, 2_932_896])
def test_days_within__any_day_of_the_calendar_comes_back(db, day):
    put_days(db, days((7, day)))
    assert pairs(days_within(db, np.array([6, 7, 8]), day, day)) == [(7, day)]
    assert pairs(days_within(db, np.array([7]), -(2**40), 2**40)) == [(7, day)]


def test_put_days__takes_the_place_of_what_was_known_and_leaves_the_others(db):
    put_days(db, days((1, 3), (1, 9)))
    put_days(db, days((1, 3), values=8))
    found = days_within(db, np.array([1]), 0, 31)
    assert (pairs(found), found.facts["values"].tolist()) == ([(1, 3), (1, 9)], [8, 1])


def test_put_days__rows_of_which_nothing_is_known_are_not_kept(db):
    put_days(db, days((1, 3), (2, 3)))
    put_days(db, days((1, 3), values=0))
    assert db.execute("SELECT count(*) FROM level").fetchone() == (1,)
