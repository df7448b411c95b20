"""`gridstrata-gnn train-failures`: from generated towns to a bundle of F2, with every baseline."""

from __future__ import annotations

import platform
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import typer

from gnn.baselines.boosting import lightgbm_for
from gnn.cli.training import Workers, limit_threads
from gnn.datasets.cache import content_hash
from gnn.errors import NothingToLearn
from gnn.failures.assets import Assets, read_assets
from gnn.failures.bundle import FOLDER, FailureBundle, Manifest, write_failure_bundle
from gnn.failures.card import card
from gnn.failures.table import Row, decide, markdown
from gnn.training.failures import WANTED, run_failures
from graph_service import bootstrap
from graph_service.bootstrap.stores import open_stores
from graph_service.domain.access import EVERYTHING, Caller, Right
from graph_service.settings import Settings
from graph_service.topology.projection import Projection

LEARNED, UNSEEN = 24, 16
"""Generated towns of the shipped bundle: learned from, judged on."""
SEEDS: Final = (1, 2, 3)
_FIRST_SEED: Final = 3_000
_FEWEST_METERS, _MOST_METERS = 200, 700
_TOWN: Final = "town"
_LICENCE: Final = "Apache-2.0"
_MADE_WITH: Final = ("numpy", "scipy", "lightgbm", "gridstrata")
_EVERYBODY: Final = Caller("training", EVERYTHING, frozenset({Right.ADMIN}))


def train_failures(
    out: Annotated[Path, typer.Argument(help="Where the bundle goes.", metavar="DIR")],
    data: Annotated[
        list[Path] | None,
        typer.Option("--data", help="A data folder with a network to learn on as well."),
    ] = None,
    towns: Annotated[int, typer.Option(help="How many generated towns are learned from.")] = (
        LEARNED
    ),
    unseen: Annotated[int, typer.Option(help="How many more towns are judged on.")] = UNSEEN,
    workers: Workers = 2,
    write: Annotated[
        Path | None, typer.Option(help="Also write the table and the card into this folder.")
    ] = None,
) -> None:
    """Train the risk of failures on a synthetic truth, and bundle it."""
    limit_threads()
    began = time.monotonic()

    def tell(text: str) -> None:
        typer.echo(f"{time.monotonic() - began:6.0f} s  {text}")

    lightgbm_for(WANTED)
    learned = [_assets_of(folder) for folder in data or ()]
    made = _towns(towns + unseen, workers)
    learned += made[:towns]
    tell(f"{len(learned)} networks to learn from, {unseen} to judge on")
    risks, rows = run_failures(learned, made[towns:], SEEDS, tell)
    words = f"{towns} generated towns" + (f" and {len(data)} of one's own" if data else "")
    bundle = FailureBundle(_manifest(words, [*learned, *made[towns:]], rows), tuple(risks.values()))
    written = write_failure_bundle(out / FOLDER, bundle).manifest
    verdicts = ", ".join(f"{said} in {split}" for split, said in written.decision.verdicts.items())
    state = "open" if written.decision.gate_open else "shut"
    tell(f"F2: gate {state}, served by {written.decision.served}; the graph model: {verdicts}")
    typer.echo(markdown(rows))
    if write is not None:
        write.mkdir(parents=True, exist_ok=True)
        (write / f"card-{FOLDER}.md").write_text(card(written), encoding="utf-8")


def _manifest(words: str, networks: Sequence[Assets], rows: Sequence[Row]) -> Manifest:
    data = {"words": words, "networks": len(networks), "hash": content_hash(map(_bytes, networks))}
    versions = {name: version(name) for name in _MADE_WITH}
    return Manifest(
        version="",
        arrays_sha256="",
        data=data,
        seeds=SEEDS,
        versions={"python": platform.python_version(), **versions},
        licence=_LICENCE,
        decision=decide(rows),
        evaluation=tuple(_plain(row) for row in rows),
    )


def _plain(row: Row) -> dict[str, Any]:
    return {k: round(v, 6) if isinstance(v, float) else v for k, v in asdict(row).items()}


def _bytes(assets: Assets) -> bytes:
    near: bytes = assets.adjacency.indices.tobytes()
    return assets.expected_w.tobytes() + near


def _towns(count: int, workers: int) -> list[Assets]:
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return list(pool.map(_town, range(count)))


def _town(number: int) -> Assets:
    """A generated town, imported like anybody's delivery, in a folder that is removed."""
    chance = np.random.default_rng(number)
    meters = int(chance.integers(_FEWEST_METERS, _MOST_METERS))
    with tempfile.TemporaryDirectory(prefix="gridstrata-town-") as name:
        folder = Path(name)
        bootstrap.generate_town(folder / _TOWN, meters=meters, seed=_FIRST_SEED + number, days=1)
        settings = Settings(data=folder / "data")
        with bootstrap.open_services(settings) as house:
            house.imports.take([folder / _TOWN], _EVERYBODY, into=_TOWN)
        return _assets_of(folder / "data")


def _assets_of(folder: Path) -> Assets:
    if not folder.is_dir():
        raise NothingToLearn(
            f"{folder} is no data folder",
            subject=str(folder),
            hint="name the folder that `gridstrata --data FOLDER import` filled",
        )
    with ExitStack() as closing:
        graph = open_stores(Settings(data=folder), closing).graph
        projection = Projection.build(graph.scan())
        names = projection.model_set_names
        found = read_assets(graph, projection, names[0] if names else "")
    if not len(found):
        raise NothingToLearn(
            f"{folder} has no cable, transformer or switch",
            subject=str(folder),
            hint="import the profile with the equipment (EQ)",
        )
    return found
