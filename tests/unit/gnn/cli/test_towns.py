"""Generated towns: which are for what, and which weeks of them are asked."""

from gnn.cli.towns import ALL_METERED, _measured, towns
from gnn.config import DataConfig
from gnn.datasets.parts import PARTS, Role


def _numbers(found, role):
    return sorted({town.number for town in found if town.role is role})


def test_towns__of_one_role_stay_when_more_of_another_are_wanted():
    few, many = towns(3, 2, 2, 0.3, 0.5), towns(30, 4, 2, 0.3, 0.5)
    assert _numbers(few, Role.LEARN) == _numbers(many, Role.LEARN)[:3]
    assert _numbers(few, Role.CALIBRATE) == _numbers(many, Role.CALIBRATE)[:2]
    assert _numbers(few, Role.UNSEEN) == _numbers(many, Role.UNSEEN)


def test_towns__never_have_two_roles():
    found = towns(70, 30, 30, 0.3, 0.5)
    numbers = [number for role in Role for number in _numbers(found, role)]
    assert len(numbers) == len(set(numbers)) == 130


def test_towns__that_calibrate_or_judge_are_also_seen_whole():
    found = towns(6, 1, 1, 0.3, 0.5)
    whole = [(town.number, town.role) for town in found if town.metered == ALL_METERED]
    assert [number for number, role in whole if role is Role.LEARN] == [0, 2, 4]
    assert {role for _, role in whole} == set(Role)


def test_weeks__of_a_town_that_judges_are_the_last_ones_alone():
    found = {town.role: town.parts for town in towns(1, 1, 1, 0.3, 0.5)}
    assert found == {
        Role.LEARN: PARTS,
        Role.CALIBRATE: PARTS[1:],
        Role.UNSEEN: PARTS[-1:],
    }


def test_customers__move_together_in_as_many_towns_as_wanted():
    found = [t for t in towns(30, 24, 24, 0.3, 0.5) if t.metered < ALL_METERED]
    together = {role: [t for t in found if t.role is role and t.alike] for role in Role}
    assert [len(together[role]) for role in Role] == [15, 12, 24]
    assert not any(town.alike for town in towns(30, 24, 24, 0.3, 0.0))


def test_unseen_towns__are_all_judged_as_they_are():
    found = [t for t in towns(0, 0, 6, 0.3, 0.5) if t.metered < ALL_METERED]
    assert sorted(t.number for t in found if not t.alike) == list(range(64, 70))
    assert [t.number for t in found if t.alike] == list(range(64, 70))


def test_feeders__are_measured_in_no_fifth_town():
    shares = [_measured(DataConfig(), number).heads for number in range(10)]
    assert shares == 2 * ([DataConfig().heads] * 4 + [0.0])
