"""Places of a network: which they are, what hangs below, and in what order."""

import numpy as np

from gnn.features.grid import LEVELS, read_grid, sections
from graph_service.domain.access import EVERYTHING
from graph_service.domain.switching import State
from graph_service.topology.projection import Projection
from tests.unit.gnn.worlds import World


def _by_key(grid):
    return {key.partition("/")[2]: place for place, key in enumerate(grid.keys)}


def test_places__are_transformers_and_feeders_with_their_levels(grid):
    levels = {name: LEVELS[grid.levels[place]].value for name, place in _by_key(grid).items()}
    assert levels == {
        "T0": "substation", "F1": "mv_feeder", "T1": "transformer", "T2": "transformer",
        "LV1": "lv_feeder", "LV2": "lv_feeder", "LV3": "lv_feeder",
    }  # fmt: skip


def test_parents__stand_before_their_children(grid):
    assert (grid.parents < np.arange(len(grid))).all()
    names = _by_key(grid)
    assert grid.parents[names["LV2"]] == names["T1"]
    assert grid.parents[names["T1"]] == names["F1"]


def test_below__sums_over_the_customers_of_each_place(grid):
    counts = grid.below(np.ones(len(grid.customers)))
    names = _by_key(grid)
    assert {n: int(counts[p]) for n, p in names.items()} == {
        "T0": 12, "F1": 12, "T1": 8, "T2": 4, "LV1": 4, "LV2": 4, "LV3": 4,
    }  # fmt: skip


def test_added_equipment__is_a_section_and_moves_nobody(world, grid):
    projection = Projection.build(world.graph.scan())
    line = world.graph.by_mrid(["x3"], EVERYTHING)[0][0].number
    more = read_grid(world.graph, projection, State.PRESENT, [line])
    assert more.keys[: grid.base] == grid.keys
    assert (more.parents[: grid.base] == grid.parents).all()
    assert (more.ends - more.begins)[-1] == 2
    assert LEVELS[more.levels[-1]].value == "section"


def test_sections__are_lines_with_several_customers_below(world):
    projection = Projection.build(world.graph.scan())
    found = sections(projection, State.NORMAL, 100, 1)
    names = {key.mrid for key in world.graph.keys(found)}
    assert names == {"hv", "c1", "c2", "x1", "x2", "y1", "y2", "z1", "z2"}


def test_island__is_no_place(tmp_path):
    world = World(tmp_path, "S1 -l1- B1 =T1= B2 -l2- M1 \n B5 =T9= B6 -l9- M9", [])
    try:
        grid = read_grid(world.graph, Projection.build(world.graph.scan()))
        assert grid.keys == ("drawn/T1",)
    finally:
        world.close()


def test_loop__makes_the_places_in_it_not_radial(tmp_path):
    ring = "S1 -l1- B1 =T1= B2 -l2- M1 -l3- M2\n M2 -l4- B1"
    world = World(tmp_path, ring, [])
    try:
        grid = read_grid(world.graph, Projection.build(world.graph.scan()))
        assert not grid.radial.any()
    finally:
        world.close()


def test_some_customers_alone__have_the_places_above_them(grid):
    kept = np.zeros(len(grid.customers), dtype=bool)
    kept[:2] = True
    alone = grid.only(kept)
    assert alone.customers.keys == grid.customers.keys[:2]
    assert all(begin < end for begin, end in zip(alone.begins, alone.ends, strict=True))
    below = {key: int(n) for key, n in zip(alone.keys, alone.ends - alone.begins, strict=True)}
    assert below["drawn/T0"] == 2
    assert [alone.keys[parent] for parent in alone.parents[1:]] == [
        grid.keys[grid.parents[grid.keys.index(key)]] for key in alone.keys[1:]
    ]
