"""`gridstrata-gnn train-faults` and `evaluate-faults`: where faults are, with every baseline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from gnn.cli.fault_towns import LEARNED, Town, ask_fault_towns, ask_folder, joined
from gnn.cli.training import Cache, Data, Workers, limit_threads, progress
from gnn.datasets.cache import content_hash
from gnn.errors import MissingExtra, NothingToLearn
from gnn.faults.asking import Asked
from gnn.faults.bundle import FOLDER, read_fault_bundle, write_fault_bundle
from gnn.faults.card import card
from gnn.faults.figure import rank_figure
from gnn.faults.judging import judge
from gnn.faults.table import SPLITS, Row, markdown, rows_of

LEARNED_TOWNS, UNSEEN_TOWNS = 10, 6
FAULTS_LEARNED, FAULTS_JUDGED = 15, 24
Seeds = Annotated[int, typer.Option(help="Networks and rankers, one a seed.")]
Towns = Annotated[int, typer.Option(help="How many generated towns are learned from.")]
Unseen = Annotated[int, typer.Option(help="How many more towns are judged on, unseen.")]
Faults = Annotated[
    int, typer.Option(help="Faults learned from, a network, switching state and share of sensors.")
]
Judged = Annotated[int, typer.Option(help="Faults judged, a network and share of sensors.")]


def train_faults(
    out: Annotated[Path, typer.Argument(help="Where the bundle goes.", metavar="DIR")],
    data: Data = None,
    towns: Towns = LEARNED_TOWNS,
    unseen: Unseen = UNSEEN_TOWNS,
    faults: Faults = FAULTS_LEARNED,
    judged: Judged = FAULTS_JUDGED,
    seeds: Seeds = 3,
    cache: Cache = None,
    workers: Workers = 2,
) -> None:
    """Learn where faults are, judge beside every baseline, and bundle."""
    limit_threads()
    try:
        from gnn.training.fault_bundling import fault_bundle_of
        from gnn.training.faults import train
    except ImportError as error:
        raise MissingExtra(error.name or "torch", "training") from error
    tell = progress()
    wanted = wanted_towns(towns, unseen, faults, judged)
    made = [ask_fault_towns(wanted, workers, cache)] if wanted else []
    for seed, folder in enumerate(data or ()):
        made.append(ask_folder(folder, faults, judged, seed, cache))
    asked, words = joined(made), _words(towns + unseen, data or ())
    tell(f"{words}: {sum(map(len, asked.values())):,} faults")
    learned = asked.pop(LEARNED, [])
    if not learned:
        raise NothingToLearn(
            "neither a data folder nor towns were given", hint="give --data FOLDER or --towns N"
        )
    trained = train(learned, asked, range(1, seeds + 1), tell)
    facts = {"words": words, "networks": towns + unseen + len(data or ()), "hash": _hash(learned)}
    written = write_fault_bundle(out / FOLDER, fault_bundle_of(trained, facts))
    for each in written.manifest.decisions:
        state = "open" if each.gate_open else "shut"
        tell(f"F1 {each.level}: gate {state}, served by {each.served} {each.top1:.1%}, "
             f"next {each.baseline} {each.baseline_top1:.1%}")  # fmt: skip


def evaluate_faults(
    bundles: Annotated[Path, typer.Argument(help="The folder with the bundle.", metavar="DIR")],
    data: Data = None,
    judged: Judged = FAULTS_JUDGED,
    cache: Cache = None,
    write: Annotated[
        Path | None, typer.Option(help="Also write the table, card and figure into this folder.")
    ] = None,
) -> None:
    """Print how a bundle locates faults; with --data judge it on those networks instead."""
    limit_threads()
    bundle = read_fault_bundle(bundles / FOLDER)
    rows = rows_of(bundle.manifest.evaluation)
    if data:
        found = joined([ask_folder(f, 0, judged, n, cache) for n, f in enumerate(data)])
        rows = [row for split, asked in found.items() for row in judge(bundle, split, asked)]
    typer.echo(markdown(rows))
    if write is not None:
        write_fault_report(write, rows)
        (write / f"card-{FOLDER}.md").write_text(card(bundle.manifest), encoding="utf-8")


def wanted_towns(towns: int, unseen: int, faults: int, judged: int) -> list[Town]:
    """Towns that are learned from, and judged a little; then those that are judged alone."""
    found = [Town(number, faults, judged // 4 or 1) for number in range(towns)]
    return found + [Town(towns + number, 0, judged) for number in range(unseen)]


def write_fault_report(folder: Path, rows: Sequence[Row]) -> None:
    """The table as Markdown and the figure of ranks into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    page = (
        "# Where faults are: the whole table\n\n"
        "Written by `gridstrata-gnn evaluate-faults`; run it again, do not change this page. The "
        "best of a split is bold, `=` is a tie with it (within the spread over seeds, or a "
        "standard error).\n\n"
    )
    (folder / "faults.md").write_text(page + markdown(rows), encoding="utf-8")
    (folder / "rank-F1.svg").write_text(rank_figure(rows, SPLITS), encoding="utf-8")


def _words(towns: int, folders: Sequence[Path]) -> str:
    words = [folder.name for folder in folders]
    return " and ".join([*words, *([f"{towns} generated towns"] if towns else [])])


def _hash(learned: Sequence[Asked]) -> str:
    return content_hash(each.columns.tobytes() for each in learned)
