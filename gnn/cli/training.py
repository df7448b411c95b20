"""`gridstrata-gnn train`: from networks with readings to two bundles, baselines in the same run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any

import typer

from gnn.bundle.file import write_bundle
from gnn.cli.gathering import gather
from gnn.config import Config, read_config
from gnn.datasets.parts import Parts
from gnn.errors import MissingExtra
from gnn.predict.loads import FOLDERS

Tell = Callable[[str], None]
LEARNED, CALIBRATING, UNSEEN = 30, 24, 24
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
ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="A TOML file with the tables model and data.")
]
Cache = Annotated[Path | None, typer.Option(help="Where training sets are kept as Parquet.")]
Towns = Annotated[int, typer.Option(help="How many generated towns are learned from.")]
Calibrating = Annotated[int, typer.Option(help="How many more towns calibrate.")]
Unseen = Annotated[int, typer.Option(help="How many more towns are judged on, unseen.")]
Workers = Annotated[int, typer.Option(help="Processes that make towns and train the tasks.")]


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
    check_extra()
    config = read_config(config_file)
    tell = progress()
    gathered = gather(
        config, data or (), assumed_delay_h, (towns, calibrating, unseen), cache, workers
    )
    tell(gathered.words)
    facts = gathered.facts()
    work = [
        (task, out / name, gathered.by_task[task], facts, config) for task, name in FOLDERS.items()
    ]
    if workers < 2:
        for each in work:
            _train_one(*each, tell)
        return
    with ProcessPoolExecutor(len(work), mp_context=get_context("spawn")) as pool:
        for done in [pool.submit(_train_one, *each, tell) for each in work]:
            done.result()


def check_extra() -> None:
    """See to it that training can be done here.

    Raises:
        MissingExtra: a package is not installed.
    """
    for package in ("torch", "lightgbm"):
        if find_spec(package) is None:
            raise MissingExtra(package, "training")


def limit_threads() -> None:
    """One thread for arithmetic: on a busy machine more of them only wait for each other."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def progress() -> Tell:
    """Prints lines, each with the seconds since now."""
    return partial(_tell, time.monotonic())


def _tell(began: float, text: str) -> None:
    typer.echo(f"{time.monotonic() - began:6.0f} s  {text}")


def _train_one(
    task: str,
    folder: Path,
    networks: Sequence[Parts],
    facts: Mapping[str, Any],
    config: Config,
    tell: Tell,
) -> None:
    from gnn.training import bundling, run

    made = run.train(task, networks, config, tell)
    written = write_bundle(folder, bundling.bundle_of(made, config, facts))
    for each in written.manifest.decisions:
        state = "open" if each.gate_open else "shut"
        tell(f"{task} {each.level}: gate {state}, served by {each.served} {each.error:.4f}, "
             f"next {each.baseline} {each.baseline_error:.4f}")  # fmt: skip


__all__ = ["train"]
