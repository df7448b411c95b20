"""Loads of customers: own use of the sun, days of rest, and what comes back after an outage."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from cim_import.generating.chance import Chance
from cim_import.generating.customers import (
    HEAT_PUMP,
    HOUSEHOLD,
    WORKSHOP,
    CustomerClass,
    Metered,
    draw_customer,
)
from cim_import.generating.storm_plan import HOUR_S, Interval
from cim_import.generating.usage import MISSING, Usage, Used

SUMMER, WINTER = date(2026, 6, 15), date(2026, 1, 19)
OUT = (15 * HOUR_S, 17 * HOUR_S + HOUR_S // 2)


def metered(count: int, kind: CustomerClass, solar_w: int = 0) -> list[Metered]:
    chance = Chance(1, "test")
    customer = replace(draw_customer(chance, 1, kind), silent=False)
    return [Metered(customer, f"up-{n}", "", "", "", solar_w) for n in range(count)]


def used(
    customers: list[Metered],
    start: date = SUMMER,
    days: int = 1,
    cut_off: tuple[Interval, ...] = (),
) -> Used:
    return Usage(1, start, days).of(customers, Chance(2, "noise"), cut_off)


def test_panels__lower_what_is_taken_and_give_the_rest():
    dark, sunny = used(metered(9, HOUSEHOLD)), used(metered(9, HOUSEHOLD, 4_000))
    made = dark.taken - sunny.taken + sunny.given
    assert sunny.panels.tolist() == list(range(9))
    assert (made == made[0]).all()
    assert 4_000 * 0.85 * 0.76 > made.max() > 500
    assert (sunny.taken * sunny.given == 0).all()


def test_panels__of_some_are_those_of_the_same_rows():
    mixed = [*metered(1, HOUSEHOLD), *metered(1, HOUSEHOLD, 4_000), *metered(1, HOUSEHOLD)]
    found = used(mixed)
    assert found.panels.tolist() == [1]
    assert found.given.shape == (1, 1, 24)
    assert found.given[0].sum() > 0


def test_holiday__is_lived_like_a_sunday():
    ascension, sunday = (used(metered(400, WORKSHOP), start=date(2026, 5, d)) for d in (14, 17))
    thursday = used(metered(400, WORKSHOP), start=date(2026, 5, 21))
    assert abs(ascension.taken.sum() / sunday.taken.sum() - 1) < 0.1
    assert thursday.taken.sum() > 1.5 * ascension.taken.sum()


@pytest.mark.parametrize(
    ("kind", "least", "most"), [(WORKSHOP, 0.6, 0.85), (HOUSEHOLD, 0.95, 1.05)]
)
def test_between_the_years__workshops_are_half_asleep_and_homes_are_not(
    kind: CustomerClass, least: float, most: float
):
    before, between = (used(metered(200, kind), start=date(2026, 12, d)) for d in (17, 29))
    kept = between.taken.sum() / before.taken.sum()
    assert least < kept < most


def test_outage__takes_whole_hours_away_and_heating_comes_back_above_the_usual():
    usual = used(metered(50, HEAT_PUMP, 5_000), WINTER).taken.sum(axis=0)[0]
    found = used(metered(50, HEAT_PUMP, 5_000), WINTER, cut_off=(OUT,))
    after = found.taken.sum(axis=0)[0]
    assert (found.taken[:, 0, 15:17] == MISSING).all()
    assert (found.given[:, 0, 15:17] == MISSING).all()
    assert after[18] > 1.3 * usual[18]
    assert (after[:15] == usual[:15]).all()


def test_pick_up__halves_from_hour_to_hour_and_returns_no_more_than_was_missed():
    usual = used(metered(50, HEAT_PUMP), WINTER).taken[:, 0]
    after = used(metered(50, HEAT_PUMP), WINTER, cut_off=(OUT,)).taken[:, 0]
    above = (after - usual).sum(axis=0)[18:]
    assert np.abs(above[1:] / above[:-1] - 0.5).max() < 0.1
    missed = usual.sum() - np.maximum(after, 0).sum()
    assert 0 < missed < usual[:, 15:18].sum()


def test_pick_up__of_a_workshop_without_heating_is_none():
    kind = replace(WORKSHOP, heating_w_per_k=(0, 0))
    usual = used(metered(5, kind), WINTER)
    after = used(metered(5, kind), WINTER, cut_off=(OUT,))
    assert (usual.taken[:, 0, 18:] == after.taken[:, 0, 18:]).all()
