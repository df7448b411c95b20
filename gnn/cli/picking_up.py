"""`gridstrata-gnn train-pickup`: from simulated houses to a bundle of L3, with every baseline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from gnn.baselines.boosting import lightgbm_for
from gnn.bundle.folder import LICENCE, made_with
from gnn.cli.training import Workers, limit_threads, progress
from gnn.datasets.cache import content_hash
from gnn.evaluation.plain import plain
from gnn.pickup import houses
from gnn.pickup.bundle import FOLDER, Manifest, PickupBundle, write_pickup_bundle
from gnn.pickup.card import card
from gnn.pickup.table import LEVELS, Row, decide, markdown
from gnn.training.pickup import TRANSFORMERS, WANTED, run_pickup

SEEDS: Final = (1, 2, 3)


def train_pickup(
    out: Annotated[Path, typer.Argument(help="Where the bundle goes.", metavar="DIR")],
    workers: Workers = 2,
    write: Annotated[
        Path | None, typer.Option(help="Also write the card into this folder.")
    ] = None,
) -> None:
    """Train the peak after an outage on simulated houses, and bundle it."""
    limit_threads()
    tell = progress()
    lightgbm_for(WANTED)
    learned, rows = run_pickup(SEEDS, tell, workers=workers)
    words = f"outages of simulated houses at {TRANSFORMERS:,} transformers a seed"
    bundle = PickupBundle(_manifest(words, rows), learned)
    written = write_pickup_bundle(out / FOLDER, bundle).manifest
    for each in written.decisions:
        state = "open" if each.gate_open else "shut"
        tell(f"L3 {each.level}: gate {state}, served by {each.served} {each.error:.4f}, "
             f"next {each.baseline} {each.baseline_error:.4f}")  # fmt: skip
    typer.echo(markdown(rows))
    if write is not None:
        write.mkdir(parents=True, exist_ok=True)
        (write / f"card-{FOLDER}.md").write_text(card(written), encoding="utf-8")


def _manifest(words: str, rows: list[Row]) -> Manifest:
    source = Path(houses.__file__).read_bytes()
    return Manifest(
        version="",
        arrays_sha256="",
        data={"words": words, "hash": content_hash([source])},
        seeds=SEEDS,
        versions=made_with(),
        licence=LICENCE,
        decisions=tuple(decide(rows, level) for level in LEVELS),
        evaluation=tuple(plain(rows)),
    )
