"""What was read for one time of issue is kept for the next place asked, and never too long."""

import pytest

from gnn.features.hours import HOUR_US
from gnn.predict.loads import BundledLoads
from graph_service.ports.predictor import LoadQuestion
from tests.unit.gnn.worlds import START_US, World, drawn_bundle, usual_watts

ISSUED_US = START_US + 30 * 24 * HOUR_US


class Reads:
    """A timeline that counts how often it is asked for aggregates."""

    def __init__(self, timeline):
        self._timeline, self.count = timeline, 0

    def __getattr__(self, name):
        return getattr(self._timeline, name)

    def aggregate(self, *asked):
        self.count += 1
        return self._timeline.aggregate(*asked)


@pytest.fixture
def read(world: World):
    world.fill(usual_watts(30))
    return Reads(world.timeline)


@pytest.fixture
def loads(world, read):
    return BundledLoads(world.graph, read, drawn_bundle("L1"), drawn_bundle("L2"))


def _ask(loads, name, issued_us=ISSUED_US, hours=24):
    [found] = loads.loads(LoadQuestion((f"drawn/{name}",), issued_us, hours))
    return found


def test_other_place_from_the_same_time__is_answered_without_reading(loads, read, world):
    _ask(loads, "T1")
    before = read.count
    again = _ask(loads, "T2")
    assert read.count == before
    fresh = BundledLoads(world.graph, world.timeline, drawn_bundle("L1"), drawn_bundle("L2"))
    assert again == _ask(fresh, "T2")


@pytest.mark.parametrize(("issued_us", "hours"), [(ISSUED_US + HOUR_US, 24), (ISSUED_US, 0)])
def test_other_time_or_task__is_read_anew(loads, read, issued_us, hours):
    _ask(loads, "T1")
    before = read.count
    _ask(loads, "T1", issued_us, hours)
    assert read.count > before


def test_reading_that_came_since__is_seen(loads, world):
    hours = slice(-48, None)
    late = {m: w[hours] * 2 for m, w in usual_watts(31).items()}
    one = _ask(loads, "T1", ISSUED_US + 24 * HOUR_US)
    world.fill(late, ISSUED_US)
    assert _ask(loads, "T1", ISSUED_US + 24 * HOUR_US) != one
