"""Quantiles between those said; a feeder nobody reads leans on the others."""

from dataclasses import replace

import numpy as np
import pytest

from gnn.features.grid import LEVELS, read_grid
from gnn.features.hours import read_hours, window_before
from gnn.features.loads import load_frame
from gnn.models.mixing import Mixture
from gnn.models.sage import QUANTILES
from gnn.predict.ladder import at_quantiles
from gnn.predict.loads import BundledLoads
from graph_service.ports.predictor import LoadQuestion, Rung
from graph_service.topology.projection import Projection
from tests.unit.gnn.predict.test_loads import ISSUED_US
from tests.unit.gnn.worlds import METERS, drawn_bundle, usual_watts


def test_quantiles_that_are_said__are_given_as_they_are():
    loads = np.arange(7.0)[None, :]
    assert at_quantiles(loads, QUANTILES)[0] == pytest.approx(np.arange(7.0))


def test_quantiles_between__are_on_the_line_between():
    assert at_quantiles(np.arange(7.0), (0.375, 0.8)) == pytest.approx([2.5, 4 + 1 / 3])


def test_mixture__where_it_serves__is_the_mean_of_whom_it_hears(filled):
    shares = np.array([[0.5, 0.5]] * len(LEVELS), dtype=np.float32)
    served = tuple(replace(d, served="mixed") for d in drawn_bundle().manifest.decisions)
    plain = drawn_bundle()
    mixed = replace(
        plain,
        manifest=replace(plain.manifest, decisions=served),
        mixture=Mixture(("tree-sage", "allocation"), shares),
        calibrations={**plain.calibrations, "mixed": plain.calibrations["allocation"]},
    )
    [heard, beside] = [
        BundledLoads(filled.graph, filled.timeline, drawn_bundle("L1"), bundle).loads(
            LoadQuestion((name,), ISSUED_US, 3, (0.5,))
        )[0]
        for bundle, name in ((mixed, "drawn/T1"), (plain, "drawn/T1"))
    ]
    assert heard.model.name == heard.forecast.key.source == "mixed"
    frame = _allocation(filled, "drawn/T1", 3)
    between = 0.5 * (np.array(beside.forecast.values[0]) + frame)
    assert list(heard.forecast.values[0]) == pytest.approx(between, rel=1e-5)


def _allocation(world, key, hours):
    grid = read_grid(world.graph, Projection.build(world.graph.scan()))
    known = read_hours(world.timeline, grid, window_before(ISSUED_US), ISSUED_US)
    frame = load_frame(grid, known, range(1, hours + 1))
    return frame.estimates["allocation"][grid.keys.index(key)]


def test_feeder_without_any_reading__is_answered_from_its_neighbours(world):
    world.fill({meter: usual_watts()[meter] for meter in METERS[:8]})
    asked = BundledLoads(world.graph, world.timeline, drawn_bundle("L1"), drawn_bundle("L2"))
    [answer] = asked.loads(LoadQuestion(("drawn/T2",), ISSUED_US))
    assert (answer.rung, answer.metered, answer.customers) == (Rung.MODEL, 0, 4)
    assert "4 of 4 customers were not read in the last day" in answer.missing
