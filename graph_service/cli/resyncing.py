"""The command that finds what others wrote to the graph, and puts it right."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from graph_service import bootstrap
from graph_service.cli.output import Format, say, say_json, say_table
from graph_service.domain.drift import Drift, Repair

OutputFormat = Annotated[Format, typer.Option("--format", help="How to print the answer.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(rich_help_panel="Service")(resync)


def resync(
    context: typer.Context,
    check: Annotated[
        bool,
        typer.Option("--check", help="Only compare counts and checksums; exit code 1 if others."),
    ] = False,
    output: OutputFormat = Format.TEXT,
) -> None:
    """Make elements and links again what the documents say, where others wrote to the graph."""
    with bootstrap.open_services(context.obj) as house:
        if check:
            drift = house.drifting.check()
            _show_drift(drift, output)
            is_well = drift.is_none
        else:
            repair = house.drifting.resync("command line")
            _show_repair(repair, output)
            is_well = not repair.lost
    if not is_well:
        raise typer.Exit(1)


def _show_drift(drift: Drift, output: Format) -> None:
    kept, found = asdict(drift.kept), asdict(drift.found)
    if output is Format.JSON:
        members: dict[str, Any] = {"revision": drift.revision, "kept": kept, "found": found}
        say_json({**members, "differs": not drift.is_none})
        return
    say_table(["of", "kept", "found"], ([what, kept[what], found[what]] for what in kept))
    if drift.is_none:
        say(f"all is as the service left it with revision {drift.revision}")
    else:
        say("others wrote to the graph; `gridstrata resync` puts it right")


def _show_repair(repair: Repair, output: Format) -> None:
    if output is Format.JSON:
        say_json(asdict(repair))
        return
    if repair.revision is None:
        say("nothing to put right: elements and links are what the documents say")
        return
    say(
        f"revision {repair.revision}: {repair.added:,} elements came back, "
        f"{repair.changed:,} were put right, {repair.removed:,} removed; "
        f"{repair.links_added:,} links came back, {repair.links_removed:,} removed"
    )
    for lost in repair.lost:
        say(
            f"lost: {lost.parts:,} parts of {lost.document} in {lost.model_set}; "
            "import that file again"
        )
