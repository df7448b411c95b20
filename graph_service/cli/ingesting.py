"""The command that loads readings and events from files, in any format that is known."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from graph_service import bootstrap
from graph_service.cli.output import Format, progress_bar, say, say_json
from graph_service.services.access import OPEN_CALLER
from graph_service.services.intake import IngestReport
from graph_service.settings import Settings

SHOWN_REASONS = 10


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("ingest", rich_help_panel="Models and readings")(ingest)


def ingest(
    context: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="CSV, line protocol, Parquet, JSON events, MeterReadings XML; gzip too.",
            metavar="PATH...",
        ),
    ],
    mapping: Annotated[
        Path | None,
        typer.Option(help="What line protocol means (GRIDSTRATA_MAPPING).", metavar="FILE"),
    ] = None,
    into: Annotated[
        str | None,
        typer.Option(
            help="The model set the elements are in; not needed where there is one.",
            metavar="NAME",
        ),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Read from the beginning, whatever was read before.")
    ] = False,
    output: Annotated[Format, typer.Option("--format", help="How to print the answer.")] = (
        Format.TEXT
    ),
) -> None:
    """Load readings and events; a run that was broken off is gone on with."""
    settings: Settings = context.obj
    if mapping is not None:
        settings = settings.model_copy(update={"mapping": mapping})
    reports: dict[str, IngestReport] = {}
    with bootstrap.open_services(settings) as house, progress_bar() as tell:
        name = house.intake.model_set(into or "") if into is None else into
        for path in paths:
            reports[str(path)] = house.intake.load(
                path, OPEN_CALLER, name, again=again, progress=tell
            )
    if output is Format.JSON:
        say_json({path: asdict(report) for path, report in reports.items()})
        return
    for name, report in reports.items():
        if len(reports) > 1:
            say(name)
        show_loaded(report)


def show_loaded(loaded: IngestReport) -> None:
    """Print what became of a file, and the first lines that were put aside."""
    if loaded.already_taken:
        say("taken already by an earlier run; --again reads it once more")
        return
    if loaded.resumed_at:
        say(f"gone on after line {loaded.resumed_at:,}")
    if loaded.format == "json_events":
        what = f"{loaded.stored:,} events"
    else:
        what = f"{loaded.stored:,} readings of {loaded.series:,} series"
    say(
        f"{what} stored, {loaded.duplicates:,} known already, {loaded.corrected:,} corrected, "
        f"{loaded.rejected_count:,} lines put aside"
    )
    if loaded.quarantined:
        say(f"{loaded.quarantined:,} of them wait for elements that are not known yet")
    for line, reason in loaded.rejected[:SHOWN_REASONS]:
        say(f"  line {line}: {reason}")
