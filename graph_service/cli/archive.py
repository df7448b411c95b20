"""Commands that write readings to Parquet files and read them back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from graph_service import bootstrap
from graph_service.cli.output import Format, progress_bar, say, say_json
from graph_service.cli.qualities import (
    ContainerOption,
    ElementOption,
    OutputFormat,
    OwnerOption,
    QuantityOption,
    TraceOption,
    scope_of,
    window_of,
)
from graph_service.domain.access import EVERYTHING
from graph_service.services.devices import devices_of

readings = typer.Typer(help="Readings to Parquet files and back.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(readings, name="readings", rich_help_panel="Models and readings")


@readings.command("export")
def export(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(help="A new or empty folder.", metavar="DIR")],
    trace: TraceOption = None,
    container: ContainerOption = None,
    owner: OwnerOption = None,
    element: ElementOption = None,
    quantity: QuantityOption = None,
    start: Annotated[
        str, typer.Option("--from", help="The first day (UTC), or an instant.", metavar="TIME")
    ] = "",
    stop: Annotated[
        str, typer.Option("--to", help="Up to this day or instant, exclusive.", metavar="TIME")
    ] = "",
    newest: Annotated[
        bool, typer.Option("--newest", help="Only the newest version of each reading.")
    ] = False,
    output: OutputFormat = Format.TEXT,
) -> None:
    """Write the readings of usage points, or of elements named, a file for each month."""
    scope = scope_of(trace, container, owner, element)
    window = window_of(start or "0001-01-02", stop or "9999-12-31") if start or stop else None
    with bootstrap.open_services(context.obj) as house, progress_bar() as tell:
        chosen = None
        if scope is not None:
            chosen = devices_of(house.network, house.scopes, scope, EVERYTHING, None).keys
        done = house.archive.give(
            directory,
            chosen,
            quantity=quantity,
            window=window,
            newest_only=newest,
            progress=tell,
        )
    if output is Format.JSON:
        say_json(asdict(done))
    else:
        say(
            f"{done.values:,} values of {done.series:,} series in {len(done.files)} files, "
            f"{done.bytes_written / 1e6:.1f} MB, to {directory} in {done.seconds:.1f} s"
        )


@readings.command("import")
def import_(
    context: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(help="Files or folders that were exported.", metavar="PATH...")
    ],
    into: Annotated[
        str | None, typer.Option(help="Another model set than their own.", metavar="NAME")
    ] = None,
    output: OutputFormat = Format.TEXT,
) -> None:
    """Store exported readings; what is there already is only counted."""
    with bootstrap.open_services(context.obj) as house, progress_bar() as tell:
        done = house.archive.take(paths, into=into, progress=tell)
    if output is Format.JSON:
        say_json(asdict(done))
        return
    say(
        f"{done.values:,} values of {done.files} files: {done.stored:,} stored, "
        f"{done.duplicates:,} known already, {done.corrected:,} other versions, "
        f"{done.rejected:,} put aside"
    )
    for reason in done.reasons:
        say(f"  {reason}")
