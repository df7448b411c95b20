"""The predictor of failures over real stores, with a bundle that was learned for the test."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from gnn.failures.assets import read_assets
from gnn.failures.columns import FRAILTY, Sight
from gnn.failures.hazard import draw_truth
from gnn.failures.log import MONTH_US
from gnn.failures.models import completed
from gnn.predict.failures import BundledRisks
from gnn.training.failures import START_US
from graph_service.domain.events import Event
from graph_service.ports.failure_predictor import FailureQuestion
from graph_service.ports.predictor import Rung
from graph_service.topology.projection import Projection
from tests.unit.gnn.failures import making
from tests.unit.gnn.worlds import World

ISSUED_US = START_US + making.MONTHS * MONTH_US


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("chain"), making.chain(), making.lengths())
    yield made
    made.close()


@pytest.fixture(scope="module")
def truth(chain):
    found = read_assets(chain.graph, Projection.build(chain.graph.scan()), "drawn")
    return draw_truth(found, making.MONTHS, START_US, 19)


@pytest.fixture(scope="module")
def learned(truth):
    return making.learned(truth)


def put(world: World, truth, known_later_us: int = 0) -> None:
    log = truth.log
    world.timeline.append_events(
        Event("scada", str(n), "FAULT", int(begin), int(known) + known_later_us, "fault",
              subjects=(truth.assets.keys[row],))
        for n, (row, begin, known) in enumerate(
            zip(log.elements, log.begins_us, log.known_us, strict=True))
    )  # fmt: skip


@pytest.fixture(scope="module")
def filled(chain, truth):
    put(chain, truth)
    return chain


def ask(world, bundle, *mrids, **more):
    names = tuple(f"drawn/{mrid}" for mrid in mrids)
    question = FailureQuestion(names, **({"issued_us": ISSUED_US} | more))
    return BundledRisks(world.graph, world.timeline, bundle).risks(question)


def test_risks__stand_in_the_order_asked_and_add_up_to_what_the_record_shows(
    filled, learned, truth
):
    mrids = [key.partition("/")[2] for key in truth.assets.keys]
    found = ask(filled, learned, *mrids)
    assert [one.element for one in found] == list(truth.assets.keys)
    assert {one.rung for one in found} == {Rung.MODEL}
    lately = (ISSUED_US - truth.log.begins_us) < 36 * MONTH_US
    per_month = lately.sum() / 36
    assert sum(one.probability for one in found) == pytest.approx(per_month, rel=0.35)


def test_risks__factors_say_what_makes_it_high(filled, learned, truth):
    last = int(truth.log.elements[-1])
    [one] = ask(filled, learned, truth.assets.keys[last].partition("/")[2])
    factors = {factor.name: factor.times for factor in one.factors}
    assert factors["own faults"] > 1.2
    strengths = [max(f.times, 1 / f.times) for f in one.factors]
    assert strengths == sorted(strengths, reverse=True)


def test_risks__frailty_is_told_as_times_of_what_is_usual(filled, learned, truth):
    stated = read_assets(filled.graph, Projection.build(filled.graph.scan()), "drawn")
    none = truth.log.warnings_us[:0]
    sight = Sight(stated, replace(truth.log, warnings_us=none, warnings_known_us=none))
    on_record = math.ceil((ISSUED_US - truth.log.begins_us.min()) / MONTH_US)
    past = sight.past(ISSUED_US, on_record)
    columns = completed(sight.columns(ISSUED_US), past, learned.risks)
    frailest = int(columns[:, FRAILTY].argmax())
    [one] = ask(filled, learned, truth.assets.keys[frailest].partition("/")[2])
    [told] = [factor for factor in one.factors if factor.name == "frailty"]
    assert told.value == pytest.approx(np.exp(columns[frailest, FRAILTY]), rel=1e-4)
    assert told.times > 1.1


def test_risks__fault_known_after_the_issue_changes_nothing(tmp_path, learned, truth):
    world = World(tmp_path / "late", making.chain(), making.lengths())
    put(world, truth)
    before = ask(world, learned, "c7", issued_us=ISSUED_US)
    late = Event("desk", "x", "FAULT", ISSUED_US - MONTH_US, ISSUED_US + 1, "told later",
                 subjects=("drawn/c7",))  # fmt: skip
    world.timeline.append_events([late])
    assert ask(world, learned, "c7", issued_us=ISSUED_US) == before
    assert ask(world, learned, "c7", known_us=ISSUED_US + 2) != before
    world.close()


def test_risks__missing_inputs_are_named(filled, learned):
    [one] = ask(filled, learned, "l0", issued_us=START_US + 12 * MONTH_US)
    assert "no date of installation" in one.missing
    assert "no length" in one.missing
    assert any(missing.startswith("faults are on record for ") for missing in one.missing)


@pytest.mark.parametrize("mrid", ["M5", "nobody"])
def test_risks__of_what_is_no_asset_are_nothing_with_the_reason(filled, learned, mrid):
    [one] = ask(filled, learned, mrid)
    assert (one.rung, one.probability) == (Rung.NOTHING, None)
    assert "cables, transformers and switches" in one.reason


def test_risks__without_any_fault_on_record_nobody_can_say(world, learned):
    [one] = ask(world, learned, "c1")
    assert (one.rung, one.probability) == (Rung.NOTHING, None)
    assert "no fault of this network is on record" in one.reason


def test_predicting__needs_neither_torch_nor_lightgbm():
    code = "import sys, gnn.predict.failures; print({'torch', 'lightgbm'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"
