"""`gridstrata-gnn ablate`: the same run with one idea left out at a time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from gnn.cli.gathering import gather
from gnn.cli.training import Cache, Calibrating, ConfigFile, Towns, Unseen, Workers, limit_threads
from gnn.config import Config, read_config
from gnn.errors import MissingExtra
from gnn.evaluation.ablation import ablation_table

IDEAS: dict[str, dict[str, object]] = {
    "everything": {},
    "without neighbours (no layers)": {"layers": 0},
    "one layer": {"layers": 1},
    "three layers": {"layers": 3},
    "without measured places above": {"without": ("factor", "measured")},
    "without what is unseen, by class": {"without": ("unseen ",)},
    "without the week before last": {"without": ("week_before",)},
    "without size (customers, expected power, spread)": {
        "without": ("customers", "expected", "spread")
    },
}
"""Each idea by what its absence changes in the configuration of the model."""


def ablate(
    config_file: ConfigFile = None,
    cache: Cache = None,
    towns: Towns = 40,
    calibrating: Calibrating = 8,
    unseen: Unseen = 8,
    workers: Workers = 2,
    write: Annotated[Path | None, typer.Option(help="Write the table into this folder.")] = None,
) -> None:
    """Print what each idea brings: the loss on unseen networks, by task and level."""
    limit_threads()
    try:
        from gnn.training.run import ablated
    except ImportError as error:
        raise MissingExtra(error.name or "torch", "training") from error
    config = read_config(config_file)
    gathered = gather(config, (), None, (towns, calibrating, unseen), cache, workers)
    found = {}
    for name, changes in IDEAS.items():
        changed = Config(replace(config.model, **changes), config.data)  # type: ignore[arg-type]
        for task, parts in gathered.by_task.items():
            found[name, task] = ablated(task, parts, changed)
            typer.echo(f"{task} {name}: done")
    table = ablation_table(found)
    typer.echo(table)
    if write is not None:
        write.mkdir(parents=True, exist_ok=True)
        (write / "ablation.md").write_text(table, encoding="utf-8")
