"""`gridstrata-gnn train-pickup`: from simulated houses to a bundle of L3, with every baseline."""

from __future__ import annotations

import platform
import time
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gnn.baselines.boosting import lightgbm_for
from gnn.cli.training import limit_threads
from gnn.datasets.cache import content_hash
from gnn.pickup import houses
from gnn.pickup.bundle import FOLDER, Manifest, PickupBundle, write_pickup_bundle
from gnn.pickup.card import card
from gnn.pickup.table import LEVELS, Row, decide, markdown
from gnn.training.pickup import TRANSFORMERS, WANTED, run_pickup

SEEDS: Final = (1, 2, 3)
_LICENCE: Final = "Apache-2.0"
_MADE_WITH: Final = ("numpy", "scipy", "lightgbm", "gridstrata")


def train_pickup(
    out: Annotated[Path, typer.Argument(help="Where the bundle goes.", metavar="DIR")],
    write: Annotated[
        Path | None, typer.Option(help="Also write the card into this folder.")
    ] = None,
) -> None:
    """Train the peak after an outage on simulated houses, and bundle it."""
    limit_threads()
    began = time.monotonic()

    def tell(text: str) -> None:
        typer.echo(f"{time.monotonic() - began:6.0f} s  {text}")

    lightgbm_for(WANTED)
    learned, rows = run_pickup(SEEDS, tell)
    words = f"outages of simulated houses at {TRANSFORMERS} transformers a seed"
    bundle = PickupBundle(_manifest(words, rows), tuple(learned.values()))
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
    versions = {name: version(name) for name in _MADE_WITH}
    return Manifest(
        version="",
        arrays_sha256="",
        data={"words": words, "hash": content_hash([source])},
        seeds=SEEDS,
        versions={"python": platform.python_version(), **versions},
        licence=_LICENCE,
        decisions=tuple(decide(rows, level) for level in LEVELS),
        evaluation=tuple(_plain(row) for row in rows),
    )


def _plain(row: Row) -> dict[str, Any]:
    return {k: round(v, 6) if isinstance(v, float) else v for k, v in asdict(row).items()}
