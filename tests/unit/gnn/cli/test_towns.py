"""Generated towns: which are for what, and which weeks of them are asked."""

from gnn.cli.towns import ALL_METERED, towns
from gnn.datasets.parts import PARTS, Role


def _numbers(found, role):
    return sorted({town.number for town in found if town.role is role})


def test_towns__of_one_role_stay_when_more_of_another_are_wanted():
    few, many = towns(3, 2, 2, 0.3), towns(30, 4, 2, 0.3)
    assert _numbers(few, Role.LEARN) == _numbers(many, Role.LEARN)[:3]
    assert _numbers(few, Role.CALIBRATE) == _numbers(many, Role.CALIBRATE)[:2]
    assert _numbers(few, Role.UNSEEN) == _numbers(many, Role.UNSEEN)


def test_towns__never_have_two_roles():
    found = towns(70, 30, 30, 0.3)
    numbers = [number for role in Role for number in _numbers(found, role)]
    assert len(numbers) == len(set(numbers)) == 130


def test_towns__that_calibrate_or_judge_are_also_seen_whole():
    found = towns(6, 1, 1, 0.3)
    whole = [(town.number, town.role) for town in found if town.metered == ALL_METERED]
    assert [number for number, role in whole if role is Role.LEARN] == [0, 3]
    assert {role for _, role in whole} == set(Role)


def test_weeks__of_a_town_that_judges_are_the_last_ones_alone():
    found = {town.role: town.parts for town in towns(1, 1, 1, 0.3)}
    assert found == {
        Role.LEARN: PARTS,
        Role.CALIBRATE: PARTS[1:],
        Role.UNSEEN: PARTS[-1:],
    }
