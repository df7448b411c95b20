"""The storm before it is told: safe switching, on every feeder there can be."""

from hypothesis import given
from hypothesis import strategies as st

from cim_import.generating.chain import Chain, cable_section, leaving_switch
from cim_import.generating.chance import Chance
from cim_import.generating.storm_plan import (
    FIRST_FAULT_S,
    HOUR_S,
    Reason,
    StormPlan,
    plan_storm,
    seconds_out_by_hour,
)


@st.composite
def storms(draw: st.DrawFn) -> tuple[frozenset[int], StormPlan]:
    """A plan for a ring or a branch, with the switches open before it."""
    chain = Chain(draw(st.integers(1, 16)), draw(st.booleans()))
    point = draw(st.integers(0, chain.stations - 1))
    opened = frozenset({leaving_switch(point)} if chain.is_ring else ())
    return opened, plan_storm(chain, opened, Chance(draw(st.integers(0, 99)), "storm"))


@given(storms())
def test_plan__at_every_moment_a_damaged_cable_is_dead_and_no_ring_is_fed_twice(storm):
    opened, plan = storm
    now = set(opened)
    for step in plan.steps:
        now ^= {step.switch}
        supplied = plan.chain.supplied(now)
        for damage in plan.damages:
            damaged = damage.at_s <= step.at_s < damage.mended_s
            assert not (damaged and cable_section(damage.cable) in supplied)
        if step.reason is not Reason.RETURN:
            both = [set(plan.chain.fed_by(breaker, now)) for breaker in plan.chain.breakers]
            assert len(both) == 1 or not both[0] & both[1]


@given(storms())
def test_plan__moves_switches_in_order_and_leaves_them_as_they_were(storm):
    opened, plan = storm
    now = set(opened)
    for step in plan.steps:
        assert (step.switch in now) != step.opens
        now ^= {step.switch}
    assert now == opened
    times = [step.at_s for step in plan.steps]
    assert times == sorted(times)
    assert times[-1] < 22 * HOUR_S


@given(storms())
def test_plan__both_faults_open_a_breaker_that_fed_them_and_cut_somebody_off(storm):
    _, plan = storm
    first, second = plan.damages
    assert FIRST_FAULT_S < first.at_s < FIRST_FAULT_S + 60
    assert first.at_s < first.located_s < second.at_s < second.located_s < second.mended_s
    trips = {(s.at_s, s.switch) for s in plan.steps if s.reason is Reason.TRIP}
    assert trips == {(d.at_s, breaker) for d in plan.damages for breaker in d.tripped}
    for damage in plan.damages:
        assert damage.tripped
        assert any(i[0] == damage.at_s for o in plan.outages.values() for i in o)


@given(storms())
def test_plan__outages_of_a_station_are_apart_and_end(storm):
    _, plan = storm
    for intervals in plan.outages.values():
        edges = [edge for interval in intervals for edge in interval]
        assert edges == sorted(set(edges))


def test_plan__ring_of_usual_size__gets_most_stations_back_over_the_open_point():
    chain = Chain(8, is_ring=True)
    plan = plan_storm(chain, {leaving_switch(3)}, Chance(1, "storm"))
    restored = [step.switch for step in plan.steps if step.reason is Reason.RESTORE]
    assert restored == [0, leaving_switch(3), chain.breakers[1]]
    assert plan.damages[0].tripped == (0,)
    assert plan.damages[1].tripped == (chain.breakers[1],)
    assert set(plan.outages) == set(range(8))


def test_seconds_out__count_by_hour_of_the_day():
    hours = seconds_out_by_hour(
        [(15 * HOUR_S + 600, 17 * HOUR_S + 60), (18 * HOUR_S, 18 * HOUR_S + 5)]
    )
    assert hours[14:19] == [0, 3000, 3600, 60, 5]
    assert sum(hours) == 6665
