"""`gridstrata-gnn evaluate`: the table of the bundles, or of them on other networks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from gnn.bundle.card import card
from gnn.bundle.file import Bundle, read_bundle
from gnn.cli.gathering import open_network
from gnn.cli.other_tasks import others
from gnn.cli.training import ConfigFile, Data, Delay, limit_threads
from gnn.config import read_config
from gnn.datasets.prepare import ask, lately
from gnn.evaluation.figures import figures
from gnn.evaluation.report import as_json, markdown, rows_of
from gnn.evaluation.table import Row
from gnn.predict.judging import judge
from gnn.predict.loads import FOLDERS
from gnn.predict.replay import replay


def evaluate(
    bundles: Annotated[Path, typer.Argument(help="A folder with both bundles.", metavar="DIR")],
    data: Data = None,
    assumed_delay_h: Delay = None,
    config_file: ConfigFile = None,
    write: Annotated[
        Path | None, typer.Option(help="Also write the table and figures into this folder.")
    ] = None,
) -> None:
    """Print the evaluation of the bundles; with --data judge them on those networks instead."""
    limit_threads()
    found = {task: read_bundle(bundles / name) for task, name in FOLDERS.items()}
    rows = _judged(found, data, assumed_delay_h, config_file) if data else _stated(found)
    typer.echo(markdown(rows))
    beside = list(others(bundles))
    for _, table, _ in beside:
        typer.echo(table)
    if write is not None:
        write_report(write, rows)
        for name, _, text in beside:
            (write / f"card-{name}.md").write_text(text, encoding="utf-8")
        for task, name in FOLDERS.items():
            path = write / f"card-{name}.md"
            path.write_text(card(found[task].manifest), encoding="utf-8")


def write_report(folder: Path, rows: Sequence[Row]) -> None:
    """Markdown, JSON and figures into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "table.md").write_text(_page(markdown(rows)), encoding="utf-8")
    (folder / "table.json").write_text(as_json(rows), encoding="utf-8")
    for name, drawing in figures(rows).items():
        (folder / f"{name}.svg").write_text(drawing, encoding="utf-8")


def _stated(found: dict[str, Bundle]) -> list[Row]:
    return [row for each in found.values() for row in rows_of(each.manifest.evaluation)]


def _judged(
    found: dict[str, Bundle], folders: Sequence[Path], delay_h: float | None, file: Path | None
) -> list[Row]:
    config = read_config(file)
    rows = []
    for folder in folders:
        network = open_network(folder, config, delay_h)
        for task, bundle in found.items():
            asked = ask(network, task, config.data, config.data.metered, "test")
            known = lately(network, task, config.data, config.data.metered, "test")
            rows += judge(bundle, asked, replay(bundle, network.grid, known))
    return rows


def _page(tables: str) -> str:
    return (
        "# Predictions: the whole table\n\n"
        "Written by `gridstrata-gnn evaluate`; run it again, do not change this page. Losses are "
        "divided by the mean load of the level; the best of a split is bold, `=` is a tie with it "
        "(within the spread over seeds).\n\n" + tables
    )
