"""`gridstrata-gnn bundle`: check a bundle and say what it serves, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gnn.bundle.file import read_bundle


def bundle(
    folder: Annotated[Path, typer.Argument(help="A folder with a bundle.", metavar="DIR")],
) -> None:
    """Check a bundle whole and print what it is and what it serves."""
    found = read_bundle(folder).manifest
    typer.echo(f"{found.task} version {found.version}, {found.architecture}, {found.licence}")
    typer.echo(f"trained on {found.data['words']}, data {found.data['hash'][:12]}")
    typer.echo(f"seeds {', '.join(map(str, found.seeds))}; {len(found.features)} features")
    for each in found.decisions:
        gate = "open" if each.gate_open else "shut"
        typer.echo(
            f"{each.level:<12} gate {gate}: {each.served} {each.error:.4f}, "
            f"next {each.baseline} {each.baseline_error:.4f} ({each.judged}); "
            f"80 % covers {each.coverage_80:.1%}"
        )
        for split, said in each.verdicts.items():
            typer.echo(f"{'':<12}   {split}: {said}")
