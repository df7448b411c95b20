"""Predictions on networks nobody here made: public feeders, with a third of their loads read."""

from __future__ import annotations

from array import array
from contextlib import closing

import numpy as np
import pytest

from cim_import.exchange import CimExchange
from gnn.features.grid import read_grid
from gnn.features.hours import HOUR_US
from gnn.predict.loads import open_predictor
from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain.readings import ReadingColumns, SeriesKey
from graph_service.ports.predictor import LoadQuestion, Rung
from graph_service.topology.projection import Projection
from tests.models import model, needs_models

pytestmark = needs_models

HOURS = 27 * 24  # enough for the last days to be replayed
START_US = 20_454 * 24 * HOUR_US
ISSUED_US = START_US + HOURS * HOUR_US


def _readings(customers):
    """Every third customer, hourly, by its expected power and a shape of the day."""
    hour = np.arange(HOURS)
    shape = 1.0 + 0.4 * np.sin(2 * np.pi * (hour % 24 - 8) / 24)
    times = array("q", (START_US + HOUR_US * hour).tolist())
    known = array("q", [t + HOUR_US for t in times])
    for element, expected_w in list(zip(customers.keys, customers.expected_w, strict=True))[::3]:
        values = array("d", (expected_w * shape).tolist())
        columns = ReadingColumns(times, values, array("B", bytes(HOURS)), known)
        yield SeriesKey(element, "ENERGY_IN", "test"), columns


@pytest.mark.parametrize("name", ["gridappsd_ieee13", "gridappsd_ieee37", "gridappsd_ieee123"])
@pytest.mark.parametrize("hours", [0, 48])
def test_public_feeder__is_answered_at_every_place_that_supplies_somebody(tmp_path, name, hours):
    with closing(SqliteGraph(tmp_path)) as graph, closing(SqliteTimeline(tmp_path)) as timeline:
        CimExchange().take([model(name)], graph, into="feeder")
        grid = read_grid(graph, Projection.build(graph.scan()))
        timeline.append(_readings(grid.customers))
        question = LoadQuestion((), ISSUED_US, hours)
        answers = open_predictor(graph, timeline).loads(question)
    assert len(answers) == len(grid) > 0
    assert {answer.rung for answer in answers} <= {Rung.MODEL, Rung.BASELINE}
    for answer in answers:
        low, median, high = np.array(answer.forecast.values)
        assert np.isfinite(median).all()
        assert (low <= median).all()
        assert (median <= high).all()


def test_public_feeder__with_even_loads__is_predicted_near_what_flows(tmp_path):
    with closing(SqliteGraph(tmp_path)) as graph, closing(SqliteTimeline(tmp_path)) as timeline:
        CimExchange().take([model("gridappsd_ieee123")], graph, into="feeder")
        grid = read_grid(graph, Projection.build(graph.scan()))
        timeline.append(_readings(grid.customers))
        whole = LoadQuestion((grid.keys[0],), ISSUED_US, 24, quantiles=(0.5,))
        [answer] = open_predictor(graph, timeline).loads(whole)
    flows = grid.customers.expected_w.sum()
    assert np.mean(answer.forecast.values[0]) == pytest.approx(flows, rel=0.15)
