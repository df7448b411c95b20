"""A replay sees what was known before the issue, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from gnn.features.grid import LEVELS, Grid, read_grid
from gnn.features.hours import HOUR_US, LOOKED_BACK_H, read_hours, window_before
from gnn.predict.loads import BundledLoads
from gnn.predict.replay import replay
from graph_service.ports.predictor import Level, LoadQuestion, Rung
from graph_service.topology.projection import Projection
from tests.unit.gnn.worlds import START_US, World, drawn_bundle, usual_watts

ISSUED_US = START_US + 30 * 24 * HOUR_US
TRANSFORMER = LEVELS.index(Level.TRANSFORMER)
METERS = [f"M{n}" for n in range(20)]
NETWORK = "S1 -hv- B1 =T1= B2 " + " ".join(f"-x{n}- M{n}" for n in range(20))
MEASURED = {"drawn/T0": LEVELS.index(Level.SUBSTATION), "drawn/F1": LEVELS.index(Level.MV_FEEDER)}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Twenty customers below a transformer."""
    made = World(tmp_path / "data", NETWORK, [])
    yield made
    made.close()


@pytest.fixture
def grid(world: World) -> Grid:
    return read_grid(world.graph, Projection.build(world.graph.scan()))


def _watts(days=40, seed=1):
    chance, hour = np.random.default_rng(seed), np.arange(24 * days)
    shape = 1.0 + 0.5 * np.sin(2 * np.pi * (hour % 24 - 9) / 24)
    return {m: np.round(500 * shape * chance.uniform(0.7, 1.3, len(hour))) for m in METERS}


def _replayed(world, grid, task="L2"):
    hours = read_hours(world.timeline, grid, window_before(ISSUED_US, LOOKED_BACK_H), ISSUED_US)
    return replay(drawn_bundle(task), grid, hours)


@pytest.mark.parametrize("task", ["L1", "L2"])
def test_replay__tells_how_well_each_candidate_did(world, grid, task):
    world.fill(_watts())
    rolling = _replayed(world, grid, task)
    assert rolling.issues >= 4
    assert all(np.isfinite(losses[TRANSFORMER]) for losses in rolling.losses.values())


@pytest.mark.parametrize("task", ["L1", "L2"])
def test_replay__is_the_same_whatever_comes_after_the_issue(world, grid, task):
    world.fill(_watts(30))
    before = _replayed(world, grid, task)
    world.fill(_watts(10, seed=9), start_us=ISSUED_US)
    after = _replayed(world, grid, task)
    assert all((before.shifts[name] == after.shifts[name]).all() for name in before.shifts)


def test_replay__is_the_same_whatever_becomes_known_after_the_issue(world, grid):
    world.fill(_watts())
    before = _replayed(world, grid)
    corrected = {m: w[:24] * 3 for m, w in _watts().items()}
    world.fill(corrected, ISSUED_US - 24 * HOUR_US, delay_us=48 * HOUR_US)
    after = _replayed(world, grid)
    assert all((before.shifts[name] == after.shifts[name]).all() for name in before.shifts)


def test_replay_of_few_customers__is_none(world, grid):
    world.fill({meter: _watts()[meter] for meter in METERS[:15]})
    assert _replayed(world, grid) is None


def test_replay_of_a_short_history__is_none(world, grid):
    world.fill({m: w[-240:] for m, w in _watts(30).items()}, ISSUED_US - 240 * HOUR_US)
    assert _replayed(world, grid) is None


def test_place_asked_beside_others__is_answered_the_same(world):
    world.fill(_watts())
    loads = BundledLoads(world.graph, world.timeline, drawn_bundle("L1"), drawn_bundle())
    question = LoadQuestion(("drawn/T1",), ISSUED_US, 3, (0.1, 0.5, 0.9))
    [alone] = loads.loads(question)
    more = LoadQuestion(("drawn/T1", "drawn/x3"), ISSUED_US, 3, (0.1, 0.5, 0.9))
    beside = loads.loads(more)[0].forecast.values
    assert all(
        b == pytest.approx(a, rel=1e-6) for a, b in zip(alone.forecast.values, beside, strict=True)
    )


def test_baseline_that_was_better_here__answers_under_its_own_name(world):
    world.fill(_watts())
    wrong = drawn_bundle()
    wrong.networks[0].arrays["leave_bias"] += 50.0
    loads = BundledLoads(world.graph, world.timeline, drawn_bundle("L1"), wrong)
    [found] = loads.loads(LoadQuestion(("drawn/T1",), ISSUED_US, 3, (0.1, 0.5, 0.9)))
    assert found.rung is Rung.BASELINE
    assert found.reason == "on the last days of this network it was better than tree-sage"
    assert found.forecast.key.source == found.model.name != "tree-sage"


def _feeder_measured(world, days=40, times=1.5):
    world.fill(usual_watts(days))
    flowed = sum(usual_watts(days).values())
    world.fill({"F1": times * flowed}, quantity="P")


def _of_measured(filled_world, grid):
    hours = read_hours(
        filled_world.timeline, grid, window_before(ISSUED_US, LOOKED_BACK_H), ISSUED_US
    )
    return replay(drawn_bundle("L2"), grid, hours)


def test_places_of_many_customers__are_replayed_where_a_feeder_is_measured(tmp_path):
    made = World(tmp_path / "data")
    small = read_grid(made.graph, Projection.build(made.graph.scan()))
    _feeder_measured(made)
    rolling = _of_measured(made, small)
    made.close()
    assert all(np.isfinite(rolling.losses["tree-sage"][level]) for level in MEASURED.values())


def test_what_a_measured_feeder_carried__moves_what_is_said_of_it(tmp_path):
    shifts = []
    for number, times in enumerate((1.0, 3.0)):
        made = World(tmp_path / str(number))
        small = read_grid(made.graph, Projection.build(made.graph.scan()))
        _feeder_measured(made, times=times)
        shifts.append(_of_measured(made, small).shifts["rating"][MEASURED["drawn/F1"]])
        made.close()
    assert shifts[0] != shifts[1]
