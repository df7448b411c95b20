"""Commands that back the data folder up while it is in use, and bring it back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from graph_service import bootstrap
from graph_service.cli.output import Format, progress_bar, say, say_json
from graph_service.services.backups import BackupReport

OutputFormat = Annotated[Format, typer.Option("--format", help="How to print the answer.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(rich_help_panel="Service")(backup)
    app.command(rich_help_panel="Service")(restore)


def backup(
    context: typer.Context,
    target: Annotated[
        Path, typer.Argument(help="A new .tar or .tar.gz, or a new folder.", metavar="TARGET")
    ],
    output: OutputFormat = Format.TEXT,
) -> None:
    """Copy graph, records and readings at one point in time, while they go on being written."""
    with progress_bar() as tell:
        report = bootstrap.backups(context.obj).make(target, tell)
    _show(report, f"to {target}", output)


def restore(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(help="What `backup` made.", metavar="SOURCE")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Also where the data folder is not empty.")
    ] = False,
    output: OutputFormat = Format.TEXT,
) -> None:
    """Make the data folder what a backup holds; all of it is checked before."""
    with progress_bar() as tell:
        report = bootstrap.backups(context.obj).restore(source, replace=replace, progress=tell)
    _show(report, f"from {source}", output)


def _show(report: BackupReport, place: str, output: Format) -> None:
    if output is Format.JSON:
        say_json(asdict(report))
        return
    counts = report.counts
    say(
        f"revision {report.revision}, {counts['elements']:,} elements, "
        f"{counts['readings']:,} readings, {report.bytes_copied / 1e6:.1f} MB {place} "
        f"in {report.seconds:.1f} s"
    )
    if report.before:
        say(f"what was there before is in {report.before}")
