"""`gridstrata-gnn ablate`: the same run with one idea changed at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gnn.cli.gathering import gather
from gnn.cli.training import (
    Cache,
    Calibrating,
    ConfigFile,
    Towns,
    Unseen,
    Workers,
    check_extra,
    limit_threads,
)
from gnn.config import read_config
from gnn.evaluation.ablation import WHOLE, ablation_page

_TOGETHER: Final = ("single", "together", "usual_miss", "unread")
CHANGES: Final[dict[str, dict[str, Any]]] = {
    "no neighbours": {"layers": 0},
    "one sweep (one layer)": {"layers": 1},
    "three sweeps": {"layers": 3},
    "corrects the allocation": {"corrected": "allocation"},
    "corrects the state estimate": {"corrected": "state estimation"},
    "corrects last week": {"corrected": "last week"},
    "not told of measured places above": {"without": ("factor", "gap", "measured")},
    "not told of its own misses": {"without": ("missed",)},
    "not told who is not read, by class": {"without": ("unseen ",)},
    "not told how customers move together": {"without": _TOGETHER},
    "spread as of independent customers": {"without": _TOGETHER, "apart": True},
    "not told sums and sizes": {"without": ("customers", "expected", "spread")},
}
"""Each idea by what its absence, or the other choice, changes."""


def ablate(
    config_file: ConfigFile = None,
    cache: Cache = None,
    towns: Towns = 10,
    calibrating: Calibrating = 8,
    unseen: Unseen = 12,
    workers: Workers = 2,
    write: Annotated[Path | None, typer.Option(help="Write the table into this folder.")] = None,
) -> None:
    """Print what each idea brings: the loss on unseen networks, by task and level."""
    limit_threads()
    check_extra()
    from gnn.training.ablating import Bench

    config = read_config(config_file)
    gathered = gather(config, (), None, (towns, calibrating, unseen), cache, workers)
    found = {}
    for task, parts in gathered.by_task.items():
        bench = Bench(task, parts, config)
        whole = bench.networks()
        found[WHOLE, task] = bench.together(whole)
        found["one network, not the mean of all", task] = bench.alone(whole)
        found["sums reconciled", task] = bench.reconciled(whole)
        for name, changes in CHANGES.items():
            found[name, task] = bench.trained(**changes)
            typer.echo(f"{task} {name}: done")
    page = ablation_page(found, gathered.words, len(config.model.seeds), config.model.rounds)
    typer.echo(page)
    if write is not None:
        write.mkdir(parents=True, exist_ok=True)
        (write / "ablation.md").write_text(page, encoding="utf-8")
