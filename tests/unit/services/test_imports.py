import asyncio
from pathlib import Path

import pytest

from graph_service.domain.access import EVERYTHING, NOTHING, Caller, Right
from graph_service.domain.errors import AccessDenied, UnreadableInput
from graph_service.services.access import OPEN_CALLER
from graph_service.services.imports import RUNS, RunState, new_run_id
from graph_service.services.notices import REVISIONS_TOPIC, ImportProgress, Notice, RevisionChanged
from tests.unit.services.conftest import World

TWO_BREAKERS = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
         xmlns:cim="http://iec.ch/TC57/CIM100#">
  <cim:Breaker rdf:ID="_b1"><cim:Switch.normalOpen>false</cim:Switch.normalOpen></cim:Breaker>
  <cim:Breaker rdf:ID="_b2"><cim:Equipment.EquipmentContainer rdf:resource="#_f1"/></cim:Breaker>
</rdf:RDF>
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "breakers.xml"
    path.write_text(TWO_BREAKERS)
    return path


def test_take__a_run_remembers_what_landed_and_what_was_found(world: World, file: Path) -> None:
    run_id, report = world.imports.take([file], OPEN_CALLER)
    run = world.imports.run(run_id)
    assert run is not None
    assert (run.state, run.revision, run.objects) == (RunState.LANDED, 1, 2)
    assert run.finding_counts["DANGLING_REFERENCE"] == 1
    found = world.imports.findings(run_id, 10, code="DANGLING_REFERENCE")
    assert [f.code for _, f in found] == ["DANGLING_REFERENCE"]
    assert report.pending == {"Equipment.EquipmentContainer": 1}


def test_take__again_is_a_run_that_changed_nothing(world: World, file: Path) -> None:
    world.imports.take([file], OPEN_CALLER)
    run_id, report = world.imports.take([file], OPEN_CALLER)
    run = world.imports.run(run_id)
    assert run is not None
    assert (run.state, report.revision) == (RunState.UNCHANGED, 1)


def test_take__a_dry_run_counts_and_leaves_the_store_as_it_was(world: World, file: Path) -> None:
    run_id, report = world.imports.take([file], OPEN_CALLER, dry_run=True)
    assert report.changes.added == 2
    assert world.graph.revision() == 0
    run = world.imports.run(run_id)
    assert run is not None
    assert run.state is RunState.TRIED


def test_take__a_failed_run_says_why(world: World, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput):
        world.imports.take([tmp_path / "nothing.xml"], OPEN_CALLER)
    run = world.imports.runs(1)[0]
    assert run.state is RunState.FAILED
    assert "nothing.xml" in run.error


def test_take__needs_the_right_to_import(world: World, file: Path) -> None:
    reader = Caller("reader", EVERYTHING, frozenset({Right.READ}))
    with pytest.raises(AccessDenied, match="import"):
        world.imports.take([file], reader)


def test_give__whole_files_are_only_for_who_sees_everything(world: World, tmp_path: Path) -> None:
    bounded = Caller("bounded", NOTHING, frozenset({Right.ADMIN}))
    with pytest.raises(AccessDenied):
        world.imports.give(tmp_path / "out", bounded, model_set="breakers")


def test_close_interrupted__marks_only_runs_whose_process_is_gone(world: World, file: Path) -> None:
    run_id, _ = world.imports.take([file], OPEN_CALLER)
    [record] = world.records.get(RUNS, [run_id])
    assert record is not None
    running = {**record, "state": "running"}
    world.records.put(RUNS, [("gone", {**running, "begun": "1"}), ("here", running)])
    assert world.imports.close_interrupted() == 1
    states = [world.imports.run(key) for key in ("gone", "here")]
    assert [s and s.state for s in states] == [RunState.INTERRUPTED, RunState.RUNNING]


def test_progress_and_revision__are_told_to_who_waits(world: World, file: Path) -> None:
    async def listen() -> tuple[list[Notice], Notice]:
        run = new_run_id()
        notices = world.notices.subscribe(run)
        revisions = world.notices.subscribe(REVISIONS_TOPIC)
        first = asyncio.ensure_future(anext(notices))
        changed = asyncio.ensure_future(anext(revisions))
        await asyncio.sleep(0)
        await asyncio.to_thread(world.imports.take, [file], OPEN_CALLER, run=run)
        seen = [await first]
        while not (isinstance(seen[-1], ImportProgress) and seen[-1].state == "landed"):
            seen.append(await asyncio.wait_for(anext(notices), 5))
        return seen, await asyncio.wait_for(changed, 5)

    seen, changed = asyncio.run(listen())
    assert all(isinstance(event, ImportProgress) for event in seen)
    assert changed == RevisionChanged(1)
