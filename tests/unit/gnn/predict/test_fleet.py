"""A feeder as the unit of work: the same function inline and on two workers, with equal results."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial

import numpy as np
import pytest

from gnn.bundle.file import write_bundle
from gnn.cli.fleet import open_timeline
from gnn.errors import BadHorizon
from gnn.features.grid import read_grid
from gnn.features.hours import HOUR_US
from gnn.predict.fleet import cluster, pieces, say_fleet, say_piece
from graph_service.bootstrap.stores import open_stores
from graph_service.ports.predictor import LoadQuestion
from graph_service.settings import Settings
from graph_service.topology.projection import Projection
from tests.unit.gnn.worlds import START_US, World, drawn_bundle, feeders, usual_watts

ISSUED_US = START_US + 30 * 24 * HOUR_US
TWO = """
    S1 -hv- B1 =T0= B2 /f1/ B3 -c1- B4 =T1= B5 /a1/ B6 -x1- M1 -x2- M2 -x3- M3
    B5 /a2/ B7 -y1- M5 -y2- M6 -y3- M7 -y4- M8
    B2 /f2/ B8 -c2- B9 =T2= B10 /a3/ B11 -z1- M9 -z2- M10 -z3- M11 -z4- M12
"""


@pytest.fixture
def asked(tmp_path):
    from tests.building import part

    more = [*feeders(), part("F2", "Feeder", links={"Feeder.NormalHeadTerminal": "f2.2"})]
    world = World(tmp_path / "data", TWO, more)
    world.fill({m: w for m, w in usual_watts().items() if m != "M4"})
    for task, name in (("L1", "load-now"), ("L2", "load-ahead")):
        write_bundle(tmp_path / "bundles" / name, drawn_bundle(task))
    grid = read_grid(world.graph, Projection.build(world.graph.scan()))
    world.close()
    with ExitStack() as closing:
        open_stores(Settings(data=tmp_path / "data"), closing)  # makes what the world has not
    opening = partial(open_timeline, Settings(data=tmp_path / "data"))
    question = LoadQuestion((), ISSUED_US, 6)
    return list(pieces(grid, question, tmp_path / "bundles", opening))


def plain(said):
    return [
        (one.element, one.rung, one.customers, np.array(one.forecast.values).tolist())
        for piece in said
        for one in piece
    ]


def test_pieces__are_feeders_with_all_that_is_below(asked):
    names = [{key.partition("/")[2] for key in piece.grid.keys} for piece in asked]
    assert names == [{"F1", "T1", "LV1", "LV2"}, {"F2", "T2", "LV3"}]
    assert [len(piece.grid.customers) for piece in asked] == [7, 4]
    assert [piece.grid.parents.tolist()[0] for piece in asked] == [-1, -1]


def test_say_piece__knows_every_place_of_its_feeder(asked):
    said = say_piece(asked[1])
    assert {one.element for one in said} == {"drawn/F2", "drawn/T2", "drawn/LV3"}
    assert all(one.forecast is not None and one.customers == 4 for one in said)


def test_say_fleet__on_two_workers_says_what_is_said_inline_bit_for_bit(asked):
    inline = plain(say_fleet(asked))
    with cluster(2) as client:
        assert len(client.scheduler_info()["workers"]) == 2
        spread = plain(say_fleet(asked, client))
        client.cluster.close()
    assert spread == inline


def test_pieces__bad_horizon_is_told_before_anything_is_read(asked):
    question = LoadQuestion((), ISSUED_US, 8760)
    with pytest.raises(BadHorizon):
        list(pieces(asked[0].grid, question, asked[0].bundles, asked[0].timeline))
