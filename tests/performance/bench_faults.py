"""Where a fault is: odds for a feeder of 5,000 elements, and of 5,000 sections; a peer beside.

power-grid-model solves one short circuit at each of the 5,000 nodes, in one batch: what matching
would need once for every resistance, kind and place along a line. One thread everywhere.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import power_grid_model as pgm
from power_grid_model import ComponentType, DatasetType

from gnn.faults.asking import simple_odds
from gnn.faults.cases import Fault, observe
from gnn.faults.columns import columns
from gnn.faults.matching import match
from gnn.predict.faults import open_locator
from graph_service import bootstrap
from graph_service.bootstrap.stores import open_stores
from graph_service.domain.filters import ElementFilter
from graph_service.ports.fault_locator import FaultKind, Rehearsal
from graph_service.services.access import OPEN_CALLER
from graph_service.settings import Settings
from tests.unit.gnn.faults.grids import drawn_grid
from tests.unit.gnn.faults.peers import balanced

METERS, SECTIONS = 2_000, 5_000


def main() -> None:
    """Print the section."""
    print("## Where a fault is\n\n| what | ms |\n| --- | ---: |")
    with tempfile.TemporaryDirectory() as name, ExitStack() as closing:
        print(f"| {_town(Path(name), closing)} |")
    grid = drawn_grid(SECTIONS)
    for share in (0.1, 0.03):
        case = observe(grid, Fault(3_500, 0.4, 1, 2.0), share, np.random.default_rng(1))

        def odds(case=case) -> None:
            found = match(grid, case.seen)
            simple_odds(found)
            columns(found)

        print(
            f"| odds, one feeder of {SECTIONS:,} sections, sensors at {share:.0%} | {_ms(odds)} |"
        )
    print(
        f"| power-grid-model, a short circuit at each of {SECTIONS:,} nodes "
        f"| {_ms(_batch(grid), 1)} |"
    )


def _town(folder: Path, closing: ExitStack) -> str:
    settings = Settings(data=folder / "data")
    bootstrap.generate_town(folder / "delivery", meters=METERS, seed=1, days=1)
    with bootstrap.open_services(settings) as house:
        house.imports.take([folder / "delivery"], OPEN_CALLER, into="town")
        elements = sum(house.network.count_by_kind(ElementFilter(), OPEN_CALLER.scope).values())
    locator = open_locator(open_stores(settings, closing).graph)
    made = locator.rehearse(Rehearsal(kind=FaultKind.AG, ohm=5.0, sensors=0.3))
    sections = len(locator.locate(made.observations).sections)
    taken = _ms(lambda: locator.locate(made.observations))
    return (
        f"`locate`, a town of {elements:,} elements, {sections} sections, sensors at 30 % | {taken}"
    )


def _batch(grid) -> Callable[[], object]:
    model = pgm.PowerGridModel(balanced(grid, 1, 0.5))
    update = pgm.initialize_array(DatasetType.update, ComponentType.fault, (SECTIONS, 1))
    update["id"], update["fault_object"] = 900_001, np.arange(1, SECTIONS + 1)[:, None]
    data = {ComponentType.fault: update}
    return lambda: model.calculate_short_circuit(
        update_data=data, output_component_types={ComponentType.fault}
    )


def _ms(work: Callable[[], object], times: int = 5) -> str:
    taken = []
    for _ in range(times):
        began = perf_counter()
        work()
        taken.append(1e3 * (perf_counter() - began))
    return f"{median(taken):,.0f}"


if __name__ == "__main__":
    main()
