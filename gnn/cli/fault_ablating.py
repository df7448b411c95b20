"""`gridstrata-gnn ablate-faults`: the network of sections with one idea changed at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gnn.cli.fault_towns import LEARNED, Town, ask_fault_towns
from gnn.cli.faults import (
    FAULTS_JUDGED,
    FAULTS_LEARNED,
    LEARNED_TOWNS,
    UNSEEN_TOWNS,
    Faults,
    Judged,
    Seeds,
    Towns,
    Unseen,
    wanted_towns,
)
from gnn.cli.training import Cache, Workers, check_extra, limit_threads, progress
from gnn.faults.ablation import ablation_page
from gnn.faults.table import SPLITS

_FEW_FAULTS = 5


def ablate_faults(
    towns: Towns = LEARNED_TOWNS,
    more: Annotated[int, typer.Option(help="Towns more, for what many networks bring.")] = 40,
    unseen: Unseen = UNSEEN_TOWNS,
    faults: Faults = FAULTS_LEARNED,
    judged: Judged = FAULTS_JUDGED,
    seeds: Seeds = 3,
    cache: Cache = None,
    workers: Workers = 2,
    write: Annotated[Path | None, typer.Option(help="Write the table into this folder.")] = None,
) -> None:
    """Print what each idea brings to where a fault is, on networks nothing was learned from."""
    limit_threads()
    check_extra()
    from gnn.training.section_ablating import ablate

    tell = progress()
    asked = ask_fault_towns(wanted_towns(towns, unseen, faults, judged), workers, cache)
    first = towns + unseen
    many = [Town(number, min(faults, _FEW_FAULTS), 0) for number in range(first, first + more)]
    further = ask_fault_towns(many, workers, cache)[LEARNED] if many else []
    learned = asked[LEARNED]
    tell(f"{len(learned)} and {len(further)} faults to learn from")
    those = {split: asked[split] for split in SPLITS[2:]}
    rows = ablate(
        learned, [*learned, *further] if further else [], those, range(1, seeds + 1), tell
    )
    words = f"{towns} generated towns ({towns + more} where many more), and judged on {unseen}"
    page = ablation_page(rows, words, seeds)
    typer.echo(page)
    if write is not None:
        write.mkdir(parents=True, exist_ok=True)
        (write / "ablation-faults.md").write_text(page, encoding="utf-8")
