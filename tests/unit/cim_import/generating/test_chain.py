"""Cables and stations in a row between breakers: who has supply for which switches."""

import pytest

from cim_import.generating.chain import Chain, arriving_switch, cable_section, leaving_switch

RING = Chain(stations=4, is_ring=True)
BRANCH = Chain(stations=3, is_ring=False)
OPEN_POINT = leaving_switch(1)


def test_ring__opened_half_way__is_supplied_from_both_ends():
    assert RING.breakers == (0, 9)
    assert RING.stations_of(RING.fed_by(0, {OPEN_POINT})) == {0, 1}
    assert RING.stations_of(RING.fed_by(9, {OPEN_POINT})) == {2, 3}
    assert RING.supplied({OPEN_POINT}) == set(range(RING.sections))


def test_ring__with_both_breakers_open__has_no_supply():
    assert RING.supplied({0, 9}) == set()


def test_branch__opened_between_two_stations__ends_there():
    opened = {arriving_switch(1)}
    assert BRANCH.stations_of(BRANCH.supplied(opened)) == {0}
    assert cable_section(1) in BRANCH.supplied(opened)
    assert cable_section(2) not in BRANCH.supplied(opened)


@pytest.mark.parametrize("chain", [RING, BRANCH, Chain(1, True), Chain(1, False)])
def test_cable__isolated_by_the_switches_beside_it__is_dead_alone(chain: Chain):
    for cable in chain.cables:
        supplied = chain.supplied(chain.beside(cable))
        reached = supplied if chain.is_ring else supplied | set(range(2 * cable, chain.sections))
        assert cable_section(cable) not in supplied
        assert reached | {cable_section(cable)} == set(range(chain.sections))
