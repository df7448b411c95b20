"""`gridstrata-gnn bundle`: check a bundle of any task and say what it serves, and why."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gnn.bundle.file import read_bundle
from gnn.bundle.folder import MANIFEST
from gnn.errors import BundleError
from gnn.failures.bundle import read_failure_bundle
from gnn.faults.bundle import read_fault_bundle
from gnn.pickup.bundle import read_pickup_bundle

_READERS: Final[Mapping[str, Callable[[Path], Any]]] = {
    "L1": read_bundle,
    "L2": read_bundle,
    "L3": read_pickup_bundle,
    "F1": read_fault_bundle,
    "F2": read_failure_bundle,
}
_FIGURES: Final = ("error", "top1", "average_precision")
"""What a decision is made by, whatever the task."""


def bundle(
    folder: Annotated[Path, typer.Argument(help="A folder with a bundle.", metavar="DIR")],
) -> None:
    """Check a bundle whole and print what it is and what it serves."""
    found = _reader(folder)(folder).manifest
    features = found.features if hasattr(found, "features") else found.columns
    name = f", {found.architecture}" if hasattr(found, "architecture") else ""
    typer.echo(f"{found.task} version {found.version}{name}, {found.licence}")
    typer.echo(f"trained on {found.data['words']}, data {found.data['hash'][:12]}")
    typer.echo(f"seeds {', '.join(map(str, found.seeds))}; {len(features)} features")
    typer.echo(f"arrays {found.arrays_sha256}")
    for each in found.decisions if hasattr(found, "decisions") else (found.decision,):
        for line in _decision(each):
            typer.echo(line)


def _reader(folder: Path) -> Callable[[Path], Any]:
    """What reads the bundle in a folder, by the task its manifest states.

    Raises:
        BundleError: there is none, or of a task that this program does not know.
    """
    try:
        given = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return read_bundle  # which says what is wrong
    task = str(given.get("task")) if isinstance(given, dict) else "none"
    if task not in _READERS:
        raise BundleError(
            f"the bundle in {folder} is of the task {task}, this program knows"
            f" {', '.join(_READERS)}",
            subject=str(folder),
            hint="it was made by another program; train one here",
        )
    return _READERS[task]


def _decision(each: Any) -> Iterator[str]:
    level, gate = getattr(each, "level", "all places"), "open" if each.gate_open else "shut"
    figure = next(name for name in _FIGURES if hasattr(each, name))
    beside = "baseline_precision" if figure == "average_precision" else f"baseline_{figure}"
    what = ", ".join([figure.replace("_", " "), *filter(None, [getattr(each, "judged", "")])])
    text = (
        f"{level:<12} gate {gate}: {each.served} {getattr(each, figure):.4f},"
        f" next {each.baseline} {getattr(each, beside):.4f} ({what})"
    )
    covers = getattr(each, "coverage_80", None)
    yield text if covers is None else f"{text}; 80 % covers {covers:.1%}"
    for split, said in each.verdicts.items():
        yield f"{'':<12}   {split}: {said}"
