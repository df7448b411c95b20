"""Quantiles between those said; a feeder nobody reads leans on the others."""

import numpy as np
import pytest

from gnn.models.sage import QUANTILES
from gnn.predict.ladder import at_quantiles
from gnn.predict.loads import BundledLoads
from graph_service.ports.predictor import LoadQuestion, Rung
from tests.unit.gnn.predict.test_loads import ISSUED_US
from tests.unit.gnn.worlds import METERS, drawn_bundle, usual_watts


def test_quantiles_that_are_said__are_given_as_they_are():
    loads = np.arange(7.0)[None, :]
    assert at_quantiles(loads, QUANTILES)[0] == pytest.approx(np.arange(7.0))


def test_quantiles_between__are_on_the_line_between():
    assert at_quantiles(np.arange(7.0), (0.375, 0.8)) == pytest.approx([2.5, 4 + 1 / 3])


def test_feeder_without_any_reading__is_answered_from_its_neighbours(world):
    world.fill({meter: usual_watts()[meter] for meter in METERS[:8]})
    asked = BundledLoads(world.graph, world.timeline, drawn_bundle("L1"), drawn_bundle("L2"))
    [answer] = asked.loads(LoadQuestion(("drawn/T2",), ISSUED_US))
    assert (answer.rung, answer.metered, answer.customers) == (Rung.MODEL, 0, 4)
    assert "4 of 4 customers were not read in the last day" in answer.missing
