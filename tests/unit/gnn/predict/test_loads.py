"""The predictor: one answer an element, by the ladder, blind to the future, without torch."""

import subprocess
import sys

import numpy as np
import pytest

from gnn.errors import BadHorizon, BadQuantiles
from gnn.features.hours import HOUR_US
from gnn.predict.loads import BundledLoads
from graph_service.ports.predictor import Level, LoadQuestion, Rung
from tests.unit.gnn.worlds import METERS, START_US, World, drawn_bundle, usual_watts

ISSUED_US = START_US + 30 * 24 * HOUR_US


def _loads(world):
    return BundledLoads(world.graph, world.timeline, drawn_bundle("L1"), drawn_bundle("L2"))


def _ask(world, *elements, hours=48, issued_us=ISSUED_US, **more):
    names = tuple(f"drawn/{name}" for name in elements)
    return _loads(world).loads(LoadQuestion(names, issued_us, hours, **more))


def test_answer__stands_in_the_order_asked_with_times_and_quantiles(filled):
    first, second = _ask(filled, "T2", "F1", hours=3, quantiles=(0.1, 0.5, 0.9))
    assert (first.element, second.element) == ("drawn/T2", "drawn/F1")
    assert (first.level, second.level) == (Level.TRANSFORMER, Level.MV_FEEDER)
    assert list(first.forecast.valid_us) == [ISSUED_US + HOUR_US * n for n in range(3)]
    assert np.shape(first.forecast.values) == (3, 3)
    assert first.forecast.key == ("drawn/T2", "P", "tree-sage")


def test_load_now__is_of_the_last_whole_hour(filled):
    [found] = _ask(filled, "T1", hours=0, issued_us=ISSUED_US + HOUR_US // 3)
    assert list(found.forecast.valid_us) == [ISSUED_US - HOUR_US]


def test_no_element__asks_every_transformer_and_feeder(filled):
    assert len(_ask(filled)) == 7


def test_gate_open__is_the_rung_of_the_model(filled):
    [found] = _ask(filled, "T1")
    assert (found.rung, found.reason, found.model.name) == (Rung.MODEL, "", "tree-sage")
    assert (found.model.error, found.model.baseline_error) == (0.02, 0.03)


def test_gate_shut__is_the_best_baseline_under_its_own_name(filled):
    [found] = _ask(filled, "LV1")
    assert (found.rung, found.model.name) == (Rung.BASELINE, "allocation")
    assert "did not beat every baseline" in found.reason
    assert found.forecast.key.source == "allocation"


def test_nothing_read_in_the_last_day__is_last_week(filled):
    [found] = _ask(filled, "T1", issued_us=START_US + 42 * 24 * HOUR_US)
    assert (found.rung, found.model.name) == (Rung.LAST_WEEK, "last week")
    assert "nothing was read in 48 of 360 hours looked back on" in found.missing


def test_nothing_read_at_all__is_the_class_mean(world):
    [found] = _ask(world, "T2", quantiles=(0.5,))
    assert found.rung is Rung.CLASS_MEAN
    assert found.forecast.values[0][0] == pytest.approx(0.8 * 4 * 600)


@pytest.mark.parametrize("element", ["M1", "nowhere", "S9"])
def test_element_that_supplies_nobody__is_nothing_with_the_reason(filled, element):
    [found] = _ask(filled, element)
    assert (found.rung, found.forecast, found.model) == (Rung.NOTHING, None, None)
    assert "not there" in found.reason


def test_section__is_answered_beside_the_others(filled):
    alone = _ask(filled, "T1")
    section, again = _ask(filled, "x3", "T1")
    assert (section.level, section.customers) == (Level.SECTION, 2)
    assert [again] == alone


def test_missing_inputs__are_said_in_words(world):
    world.fill({meter: usual_watts()[meter] for meter in METERS[:3]})
    [found] = _ask(world, "T1")
    assert found.missing == (
        "5 of 8 customers were not read in the last day",
        "no place at or above is measured",
    )
    assert (found.customers, found.metered) == (8, 3)


@pytest.mark.parametrize("hours", [0, 48])
def test_answers__are_the_same_bit_for_bit_whatever_comes_later(world, hours):
    world.fill(usual_watts(30))
    alone = _ask(world, hours=hours)
    world.fill({m: w[::-1] * 9 for m, w in usual_watts(10).items()}, start_us=ISSUED_US)
    world.fill({m: w[:600] * 2 for m, w in usual_watts().items()}, delay_us=900 * HOUR_US)
    assert _ask(world, hours=hours) == alone


def test_history_loaded_later__is_seen_with_the_time_of_loading_only(world):
    world.fill(usual_watts(30), delay_us=5_000 * HOUR_US)
    [blind] = _ask(world, "T1")
    [seeing] = _ask(world, "T1", known_us=ISSUED_US + 6_000 * HOUR_US)
    assert (blind.rung, seeing.rung) == (Rung.CLASS_MEAN, Rung.MODEL)


@pytest.mark.parametrize("hours", [-1, 49, 24 * 365])
def test_horizon_that_is_none__is_an_error(filled, hours):
    with pytest.raises(BadHorizon, match=f"loads {hours} hours ahead"):
        _ask(filled, "T1", hours=hours)


@pytest.mark.parametrize("quantiles", [(), (0.9, 0.1), (0.0, 0.5), (0.5, 0.99), (0.5, 0.5)])
def test_quantiles_that_are_none__are_an_error(filled, quantiles):
    with pytest.raises(BadQuantiles):
        _ask(filled, "T1", quantiles=quantiles)


def test_network_without_loads__answers_nothing(tmp_path):
    world = World(tmp_path, "S1 -l1- B1 =T1= B2", [])
    try:
        [found] = _ask(world, "T1")
        assert found.rung is Rung.NOTHING
    finally:
        world.close()


def test_tasks__say_who_serves_and_who_was_beaten(world):
    found = _loads(world).tasks()
    assert {(t.task, t.level, t.gate_open) for t in found} >= {
        ("L1", Level.TRANSFORMER, True),
        ("L2", Level.LV_FEEDER, False),
    }


def test_predicting__imports_neither_torch_nor_lightgbm():
    code = "import sys, gnn.predict.loads; print(*{n.partition('.')[0] for n in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "lightgbm", "pyarrow", "pandas"} & set(done.stdout.split())
