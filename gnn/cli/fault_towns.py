"""Generated towns to learn about faults from: made, imported, then faults of each simulated.

A town is generated from its number alone. Every town is taken in its present switching state and
with its open points moved; those that are learned from have other open points moved when they are
judged. Of every second fault learned from the network is not what its model says.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np

from gnn.cli.folders import import_town, opened
from gnn.datasets.cache import cached, code_hash, content_hash
from gnn.errors import NothingToLocate
from gnn.faults.asking import Asked, ask_grid
from gnn.faults.astray import observe_astray
from gnn.faults.grid import MvGrid
from gnn.faults.reading import read_mv_grid
from gnn.faults.switching import moved
from gnn.faults.table import SPLITS
from gnn.training.fault_sets import read_asked, write_asked
from graph_service import bootstrap
from graph_service.domain.switching import State
from graph_service.ports.graph_store import GraphStore
from graph_service.topology.projection import Projection

LEARNED: Final = "learned"
_ROOMS: Final = ("faults", "cli")
"""Where the code is that draws faults and asks them."""
_FEWEST_METERS, _MOST_METERS = 800, 3_000
_FIRST_SEED: Final = 5_000


@dataclass(frozen=True, slots=True)
class Town:
    """A town: its number, and how many faults with each share of sensors are learned and judged."""

    number: int
    learned: int
    judged: int


def ask_fault_towns(
    towns: Sequence[Town], workers: int, cache: Path | None = None
) -> dict[str, list[Asked]]:
    """Faults of towns: those to learn from, then by split; made by several processes."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        made = list(pool.map(partial(_ask_town, cache=cache), towns))
    return joined(made)


def joined(made: Sequence[dict[str, list[Asked]]]) -> dict[str, list[Asked]]:
    """Faults of several networks together, in order."""
    found: dict[str, list[Asked]] = {}
    for name in (LEARNED, *SPLITS):
        together = [asked for each in made for asked in each.get(name, [])]
        if together:
            found[name] = together
    return found


def ask_folder(
    folder: Path, learned: int, judged: int, seed: int, cache: Path | None = None
) -> dict[str, list[Asked]]:
    """Faults of the network in a data folder.

    Raises:
        NothingToLocate: the folder is not there, or holds no medium voltage.
    """
    with ExitStack() as closing:
        town = Town(seed, learned, judged)
        grids = _grids(opened(folder, closing, NothingToLocate).graph, town)
        content = [part for grid in grids.values() for part in grid.content()]
        return _kept(cache, content, town, lambda: _asked(grids, town))


def _ask_town(town: Town, cache: Path | None) -> dict[str, list[Asked]]:
    with tempfile.TemporaryDirectory(prefix="gridstrata-town-") as name, ExitStack() as closing:
        delivery, data = Path(name) / "delivery", Path(name) / "data"
        chance = np.random.default_rng(town.number)
        meters = int(chance.integers(_FEWEST_METERS, _MOST_METERS))
        bootstrap.generate_town(delivery, meters=meters, seed=_FIRST_SEED + town.number, days=1)
        content = [path.read_bytes() for path in sorted(delivery.iterdir())]

        def make() -> dict[str, list[Asked]]:
            import_town(delivery, data)
            return _asked(_grids(opened(data, closing).graph, town), town)

        return _kept(cache, content, town, make)


def _kept(
    cache: Path | None,
    content: Sequence[bytes],
    town: Town,
    make: Callable[[], dict[str, list[Asked]]],
) -> dict[str, list[Asked]]:
    key = content_hash([*content, repr(town).encode(), code_hash(_ROOMS).encode()])
    return cached(cache, key, make, read_asked, write_asked)


def _grids(graph: GraphStore, town: Town) -> dict[str, MvGrid]:
    """The network in the states that are learned from and judged in."""
    projection = Projection.build(graph.scan())
    states = {
        "as it is": projection,
        "learned": moved(projection, np.random.default_rng(town.number)),
        "judged": moved(projection, np.random.default_rng(town.number + 500)),
    }
    return {
        name: read_mv_grid(graph, each, State.PRESENT)
        for name, each in states.items()
        if each is not None
    }


def _asked(grids: Mapping[str, MvGrid], town: Town) -> dict[str, list[Asked]]:
    known, otherwise = SPLITS[:2] if town.learned else SPLITS[2:4]
    found: dict[str, list[Asked]] = {LEARNED: [], known: [], otherwise: [], SPLITS[4]: []}
    for number, (name, grid) in enumerate(grids.items()):
        seed = 10 * town.number + number
        if town.learned and name != "judged":
            right = -(-town.learned // 2)
            found[LEARNED] += ask_grid(grid, right, seed)
            found[LEARNED] += ask_grid(grid, town.learned - right, seed + 2_500, observe_astray)
        if name == "as it is":
            found[known] += ask_grid(grid, town.judged, seed + 5_000)
        if name == "as it is" and not town.learned:
            found[SPLITS[4]] += ask_grid(grid, town.judged, seed + 7_500, observe_astray)
        if name == "judged":
            found[otherwise] += ask_grid(grid, town.judged, seed + 5_000)
    return found
