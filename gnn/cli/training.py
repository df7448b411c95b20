"""`gridstrata-gnn train`: from networks with readings to two bundles, baselines in the same run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from gnn.bundle.file import write_bundle
from gnn.cli.gathering import Gathered, gather
from gnn.config import Config, read_config
from gnn.errors import MissingExtra
from gnn.predict.loads import FOLDERS

Tell = Callable[[str], None]
LEARNED, CALIBRATING, UNSEEN = 40, 8, 8
"""Generated towns of the shipped bundles: learned from, calibrating, judged on."""

Data = Annotated[
    list[Path] | None,
    typer.Option("--data", help="A data folder with a network and readings; may be repeated."),
]
Delay = Annotated[
    float | None,
    typer.Option(
        "--assumed-delay-h",
        help="Count a reading as known so many hours after its hour, where the history was loaded "
        "in one piece; default: when the timeline says.",
    ),
]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="A TOML file: [model], [data].")]
Cache = Annotated[Path | None, typer.Option(help="Where training sets are kept as Parquet.")]
Towns = Annotated[int, typer.Option(help="How many generated towns are learned from.")]
Calibrating = Annotated[int, typer.Option(help="How many more towns calibrate.")]
Unseen = Annotated[int, typer.Option(help="How many more towns are judged on, unseen.")]
Workers = Annotated[int, typer.Option(help="Processes that make towns.")]


def train(
    out: Annotated[Path, typer.Argument(help="Where the bundles go.", metavar="DIR")],
    data: Data = None,
    assumed_delay_h: Delay = None,
    config_file: ConfigFile = None,
    cache: Cache = None,
    towns: Towns = LEARNED,
    calibrating: Calibrating = CALIBRATING,
    unseen: Unseen = UNSEEN,
    workers: Workers = 2,
) -> None:
    """Train both tasks and bundle them: the shipped ones with no option but DIR."""
    limit_threads()
    config = read_config(config_file)
    began = time.monotonic()

    def tell(text: str) -> None:
        typer.echo(f"{time.monotonic() - began:6.0f} s  {text}")

    gathered = gather(
        config, data or (), assumed_delay_h, (towns, calibrating, unseen), cache, workers
    )
    tell(f"{gathered.words}")
    for task, name in FOLDERS.items():
        _train_one(task, out / name, gathered, config, tell)


def limit_threads() -> None:
    """One thread for arithmetic: on a busy machine more of them only wait for each other."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def _train_one(task: str, folder: Path, gathered: Gathered, config: Config, tell: Tell) -> None:
    try:
        from gnn.training import bundling, run
    except ImportError as error:
        raise MissingExtra(error.name or "torch", "training") from error
    made = run.train(task, gathered.by_task[task], config, tell)
    written = write_bundle(folder, bundling.bundle_of(made, config, gathered.facts()))
    for each in written.manifest.decisions:
        state = "open" if each.gate_open else "shut"
        tell(f"{task} {each.level}: gate {state}, served by {each.served} {each.error:.4f}, "
             f"next {each.baseline} {each.baseline_error:.4f}")  # fmt: skip


__all__ = ["train"]
