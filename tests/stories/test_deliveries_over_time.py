"""Deliveries come one after another: a boundary set later, a new hour, the same ids again, undo."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from graph_service.domain.access import EVERYTHING
from graph_service.domain.errors import AmbiguousElement
from graph_service.domain.traces import TraceKind
from graph_service.services.access import OPEN_CALLER
from tests.models import model, needs_models
from tests.stories.conftest import House
from tests.stories.grid import Grid
from tests.stories.stated import Stated, read
from tests.stories.test_written_differently import answers
from tests.stories.variants import Files, files_of, write

pytestmark = needs_models

ASSEMBLED = ("cgmes2_microgrid_bc_assembled", "cgmes2_microgrid_bd")


def test_boundary__delivered_later__joins_the_two_countries(
    imported: Callable[..., House], fresh: House
) -> None:
    grid = Grid(read(*map(model, ASSEMBLED)))
    fresh.take(model(ASSEMBLED[0]))
    start = min(grid.sources)
    apart = fresh.met(TraceKind.CONNECTED, start)
    fresh.take(model(ASSEMBLED[1]))
    assert len(apart) < len(fresh.met(TraceKind.CONNECTED, start))
    assert answers(fresh, grid) == answers(imported(*ASSEMBLED), grid)


@pytest.mark.parametrize("names", [ASSEMBLED, ("cgmes3_cas3_microgrid_basecase_merged",)])
def test_files__delivered_one_by_one__amount_to_the_same(
    names: tuple[str, ...], imported: Callable[..., House], fresh: House, tmp_path: Path
) -> None:
    folder = write(files_of(*map(model, names)), tmp_path / "files")
    for path in sorted(folder.rglob("*.xml"), key=lambda path: path.name[::-1]):
        fresh.take(path)
    grid = Grid(read(*map(model, names)))
    assert answers(fresh, grid) == answers(imported(*names), grid)


def test_equipment_alone__of_a_node_breaker_model__is_connected_as_designed(
    fresh: House, tmp_path: Path
) -> None:
    grid = only(fresh, tmp_path, "cgmes2_minigrid_nb", "EQ")
    start = max(grid.passing, key=lambda each: (len(grid.connected(each)), each))
    assert set(fresh.met(TraceKind.CONNECTED, start)) == grid.connected(start)
    assert len(grid.connected(start)) > 100


def test_equipment_alone__of_a_bus_branch_model__stands_alone(fresh: House, tmp_path: Path) -> None:
    grid = only(fresh, tmp_path, "cgmes2_microgrid_bc_be", "EQ")
    lines = grid.stated.of("ACLineSegment")
    assert len(lines) > 5
    assert all(fresh.met(TraceKind.CONNECTED, line) == [line] for line in lines)


def test_topology_alone__has_nodes_that_lead_nowhere(fresh: House, tmp_path: Path) -> None:
    grid = only(fresh, tmp_path, "cgmes2_microgrid_bc_be", "TP")
    nodes = grid.stated.of("TopologicalNode")
    assert len(nodes) > 5
    assert all(fresh.met(TraceKind.CONNECTED, node) == [node] for node in nodes)


def test_next_hour__of_switch_positions__counts_from_then_on(fresh: House, tmp_path: Path) -> None:
    fresh.take(model("cgmes2_minigrid_nb"))
    stated = read(model("cgmes2_minigrid_nb"))
    breaker = min(each for each in stated.of("Breaker") if each in Grid(stated).energised)
    fresh.take(write(_hour(files_of(model("cgmes2_minigrid_nb")), breaker), tmp_path / "next"))
    grid = Grid(stated).after(**{breaker: True})
    met = fresh.met(TraceKind.DOWNSTREAM, *grid.sources)
    assert set(met) == grid.with_borders(grid.energised)
    assert len(fresh.network.documents("model")) == 6


def test_next_hour__of_topology__moves_the_terminals(fresh: House, tmp_path: Path) -> None:
    fresh.take(*map(model, ASSEMBLED))
    stated = read(*map(model, ASSEMBLED))
    terminal, bus = _at_a_bus_of_three(stated)
    files = files_of(model(ASSEMBLED[0]))
    (name,) = (n for n, data in files.items() if "_TP_" in n and terminal.encode() in data)
    other = next(node for node in sorted(stated.of("TopologicalNode")) if node != bus)
    moved = re.sub(
        rb'(rdf:about="#_%s">\s*<cim:Terminal.TopologicalNode rdf:resource="#_)[^"]+'
        % terminal.encode(),
        rb"\g<1>" + other.encode(),
        _later(files[name]),
    )
    fresh.take(write({"next/TP.xml": moved}, tmp_path / "next"))
    grid = Grid(read(model(ASSEMBLED[0]), model(ASSEMBLED[1]), tmp_path / "next"))
    equipment = dict(stated.links("Terminal.ConductingEquipment"))[terminal]
    assert set(fresh.met(TraceKind.CONNECTED, equipment)) == grid.connected(equipment)
    assert other in grid.whole[equipment]


def test_import__undone_and_redone__gives_back_the_counts(fresh: House) -> None:
    sets = "modelSets { name linkCount pendingCount }"
    counts = f"{{ store {{ elementCount countByKind {{ kind count }} {sets} }} }}"
    fresh.take(model("gridappsd_ieee13"))
    before = fresh.ask(counts)
    revision = fresh.take(model("cgmes2_minigrid_nb"), into="other").revision
    after = fresh.ask(counts)
    undone = fresh.network.undo(revision, OPEN_CALLER).number
    assert fresh.ask(counts) == before
    fresh.network.undo(undone, OPEN_CALLER)
    assert fresh.ask(counts) == after


def test_second_delivery__with_the_same_ids__does_not_meet_the_first(fresh: House) -> None:
    stated = read(model("gridappsd_ieee13"))
    (source,) = stated.of("EnergySource")
    for name in ("model", "again"):
        fresh.take(model("gridappsd_ieee13"), into=name)
    switch = min(stated.of("Breaker"))
    fresh.ask(SWITCH, mRID=f"again/{switch}")
    counts = {name: _below(fresh, f"{name}/{source}") for name in ("model", "again")}
    assert counts["again"] < counts["model"] == len(fresh.met(TraceKind.DOWNSTREAM, source))
    with pytest.raises(AmbiguousElement, match="again"):
        fresh.network.element(switch, EVERYTHING)


SWITCH = "mutation ($mRID: ID!) { setSwitch(mRID: $mRID, open: true) { mRID } }"
BELOW = "query ($start: ID!) { trace(start: $start, kind: DOWNSTREAM) { totalCount } }"


def only(house: House, tmp_path: Path, name: str, profile: str) -> Grid:
    """Deliver one profile of a model; gives its network."""
    files = {n: data for n, data in files_of(model(name)).items() if f"_{profile}_" in n}
    folder = write(files, tmp_path / profile)
    house.take(folder)
    return Grid(read(folder))


def _below(house: House, start: str) -> int:
    count = house.ask(BELOW, start=start)["trace"]["totalCount"]
    assert isinstance(count, int)
    return count


def _hour(files: Files, opened: str) -> Files:
    """The switch positions of the next hour: the same, but for one that opened."""
    (data,) = (data for name, data in files.items() if "_SSH_" in name)
    position = rb'(rdf:about="#_%s">.*?<cim:Switch.open>)false' % opened.encode()
    return {"next/SSH.xml": re.sub(position, rb"\1true", _later(data), count=1, flags=re.S)}


def _later(data: bytes) -> bytes:
    return re.sub(rb"(<md:Model.scenarioTime>)[^<]*", rb"\g<1>2035-01-01T00:00:00", data)


def _at_a_bus_of_three(stated: Stated) -> tuple[str, str]:
    """A terminal of a line at a bus where others are, too."""
    equipment = dict(stated.links("Terminal.ConductingEquipment"))
    buses = dict(stated.links("Terminal.TopologicalNode"))
    lines = stated.of("ACLineSegment")
    return min(
        (terminal, bus)
        for terminal, bus in buses.items()
        if equipment[terminal] in lines and list(buses.values()).count(bus) > 2
    )
