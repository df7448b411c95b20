"""The state estimate in closed form is what power-grid-model says of the same feeder."""

import numpy as np
import pytest

from gnn.features.allocation import MEASURED_SPREAD, PSEUDO_SPREAD, allocate
from gnn.features.hours import Hours
from tests.unit.gnn.worlds import METERS, START_US, usual_watts

pgm = pytest.importorskip("power_grid_model")
READ = METERS[::4]
HEAD_W = 9_000.0


def _hours(grid):
    names = [key.split("/")[1].split(".")[0] for key in grid.customers.keys]
    watts = [usual_watts()[m][:1] if m in READ else np.array([np.nan]) for m in names]
    heads = np.full((len(grid), 1), np.nan)
    heads[grid.keys.index("drawn/F1")] = HEAD_W
    return Hours(START_US, np.array(watts), heads)


def _pseudo(grid, hours):
    """What each customer is taken for: read, or the mean of its class; with its spread."""
    free = allocate(grid, Hours(hours.start_us, hours.watts, np.full((len(grid), 1), np.nan)))
    per_watt = (free.plain - free.seen)[0, 0] / (
        grid.below(grid.customers.expected_w)[0] - free.seen_expected[0, 0]
    )
    watts = hours.watts[:, 0]
    guess = np.where(np.isfinite(watts), watts, grid.customers.expected_w * per_watt)
    return guess, np.where(np.isfinite(watts), 1e-3, PSEUDO_SPREAD * guess)


def _estimated(guess, spread):
    """Loads of a star of short lines behind one measured line, by power-grid-model."""
    size = len(guess)
    make = pgm.initialize_array
    node = make("input", "node", size + 2)
    node["id"], node["u_rated"] = np.arange(size + 2), 400.0
    line = make("input", "line", size + 1)
    line["id"] = 100 + np.arange(size + 1)
    line["from_node"] = [0] + [1] * size
    line["to_node"] = np.arange(1, size + 2)
    line["from_status"] = line["to_status"] = 1
    line["r1"], line["x1"], line["c1"], line["tan1"] = 1e-6, 1e-6, 0.0, 0.0
    load = make("input", "sym_load", size)
    load["id"], load["node"], load["status"] = 200 + np.arange(size), np.arange(2, size + 2), 1
    load["type"] = pgm.LoadGenType.const_power
    load["p_specified"] = load["q_specified"] = 0.0
    source = make("input", "source", 1)
    source["id"], source["node"], source["status"], source["u_ref"] = 300, 0, 1, 1.0
    power = make("input", "sym_power_sensor", size + 1)
    power["id"] = 400 + np.arange(size + 1)
    power["measured_object"] = [100, *load["id"]]
    kinds = pgm.MeasuredTerminalType
    power["measured_terminal_type"] = [kinds.branch_from] + [kinds.load] * size
    power["p_measured"], power["q_measured"] = [HEAD_W, *guess], 0.0
    power["power_sigma"] = [MEASURED_SPREAD * HEAD_W, *spread]
    volt = make("input", "sym_voltage_sensor", 1)
    volt["id"], volt["measured_object"], volt["u_sigma"], volt["u_measured"] = 500, 0, 0.1, 400.0
    parts = {"node": node, "line": line, "sym_load": load, "source": source}
    parts |= {"sym_power_sensor": power, "sym_voltage_sensor": volt}
    return pgm.PowerGridModel(parts).calculate_state_estimation()["sym_load"]["p"]


def test_state_estimate__is_that_of_power_grid_model(grid):
    hours = _hours(grid)
    loads = _estimated(*_pseudo(grid, hours))
    mine = allocate(grid, hours).estimated[:, 0]
    for name in ("F1", "T1", "T2", "LV1", "LV3"):
        place = grid.keys.index(f"drawn/{name}")
        below = loads[grid.begins[place] : grid.ends[place]].sum()
        assert mine[place] == pytest.approx(below, rel=2e-3)
