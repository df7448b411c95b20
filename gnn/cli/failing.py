"""`gridstrata-gnn train-failures`: from generated towns to a bundle of F2, with every baseline."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer

from gnn.baselines.boosting import lightgbm_for
from gnn.bundle.folder import LICENCE, made_with
from gnn.cli.folders import import_town, opened
from gnn.cli.training import Workers, limit_threads, progress
from gnn.datasets.cache import content_hash
from gnn.errors import NothingToLearn
from gnn.evaluation.plain import plain
from gnn.failures.assets import Assets, read_assets
from gnn.failures.bundle import FOLDER, FailureBundle, Manifest, write_failure_bundle
from gnn.failures.card import card
from gnn.failures.table import Row, decide, markdown
from gnn.training.failures import WANTED, run_failures
from graph_service import bootstrap
from graph_service.topology.projection import Projection

LEARNED, UNSEEN = 24, 16
"""Generated towns of the shipped bundle: learned from, judged on."""
SEEDS: Final = (1, 2, 3)
_FIRST_SEED: Final = 3_000
_FEWEST_METERS, _MOST_METERS = 200, 700
_TOWN: Final = "town"


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
    tell = progress()
    lightgbm_for(WANTED)
    learned = [_assets_of(folder) for folder in data or ()]
    made = _towns(towns + unseen, workers)
    learned += made[:towns]
    tell(f"{len(learned)} networks to learn from, {unseen} to judge on")
    risks, rows = run_failures(learned, made[towns:], SEEDS, tell, workers)
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
    return Manifest(
        version="",
        arrays_sha256="",
        data=data,
        seeds=SEEDS,
        versions=made_with(),
        licence=LICENCE,
        decision=decide(rows),
        evaluation=tuple(plain(rows)),
    )


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
        import_town(folder / _TOWN, folder / "data")
        return _assets_of(folder / "data")


def _assets_of(folder: Path) -> Assets:
    with ExitStack() as closing:
        graph = opened(folder, closing).graph
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
