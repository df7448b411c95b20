"""Commands that make, take and give network models."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from graph_service import bootstrap
from graph_service.cli.output import Format, progress_bar, say, say_json, say_table
from graph_service.domain.findings import Severity
from graph_service.ports.exchange import ImportReport
from graph_service.services.access import OPEN_CALLER
from graph_service.settings import Settings

generate = typer.Typer(
    help="Generate a town, or an overlay over an imported model.", no_args_is_help=True
)

OutputFormat = Annotated[Format, typer.Option("--format", help="How to print the answer.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same bytes.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    panel = "Models and readings"
    app.command("import", rich_help_panel=panel)(import_)
    app.command("export", rich_help_panel=panel)(export)
    app.add_typer(generate, name="generate", rich_help_panel=panel)


@generate.command()
def town(
    directory: Annotated[Path, typer.Argument(help="A new or empty folder.", metavar="DIR")],
    meters: Annotated[int, typer.Option(help="How many meters.")] = 2000,
    seed: Seed = 1,
    days: Annotated[int, typer.Option(help="Days of hourly readings.")] = 14,
    start: Annotated[
        str | None, typer.Option(help="The first day of readings, YYYY-MM-DD.", metavar="DAY")
    ] = None,
    output: OutputFormat = Format.TEXT,
) -> None:
    """Write a whole town as a CIM delivery: network, meters, communication, owners, readings."""
    given: dict[str, Any] = {} if start is None else {"start": _day(start)}
    with progress_bar() as tell:
        made = bootstrap.generate_town(
            directory, meters=meters, seed=seed, days=days, progress=tell, **given
        )
    _show_generated(made, output)


@generate.command("overlay")
def overlay(
    context: typer.Context,
    model_set: Annotated[str, typer.Argument(help="The imported model.", metavar="MODEL")],
    directory: Annotated[Path, typer.Argument(help="A new or empty folder.", metavar="DIR")],
    seed: Seed = 1,
    output: OutputFormat = Format.TEXT,
) -> None:
    """Write communication and ownership for a model that has none; import them `--into MODEL`."""
    _show_generated(bootstrap.overlay(_settings(context), model_set, directory, seed), output)


def import_(
    context: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(help="Files, folders, zips, zips of zips.", metavar="PATH...")
    ],
    into: Annotated[
        str | None,
        typer.Option(help="The model set; default: named after the delivery.", metavar="NAME"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    output: OutputFormat = Format.TEXT,
) -> None:
    """Import a CIM delivery in one transaction: whole, or not at all."""
    with bootstrap.open_services(_settings(context)) as house, progress_bar() as tell:
        _, report = house.imports.take(
            paths, OPEN_CALLER, into=into, dry_run=dry_run, progress=tell
        )
    if output is Format.JSON:
        say_json(report_members(report))
    else:
        show_report(report)


def export(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(help="A new or empty folder.", metavar="DIR")],
    model_set: Annotated[
        str | None,
        typer.Option("--model-set", help="Which; not needed where there is one.", metavar="NAME"),
    ] = None,
    output: OutputFormat = Format.TEXT,
) -> None:
    """Write a model set back as the files it came in, every statement kept."""
    with bootstrap.open_services(_settings(context)) as house, progress_bar() as tell:
        name = model_set or house.network.only_model_set()
        report = house.imports.give(directory, OPEN_CALLER, model_set=name, progress=tell)
    if output is Format.JSON:
        say_json(asdict(report))
    else:
        mb = report.bytes_written / 1e6
        say(
            f"{report.model_set}: {_files(len(report.files))}, {report.statements:,} statements, "
            f"{mb:.1f} MB to {directory} in {report.seconds:.1f} s"
        )


def show_report(report: ImportReport) -> None:
    """Print an import report for a person."""
    changes = report.changes
    verb = "would be" if report.dry_run else "were"
    if report.unchanged:
        say(f"{report.model_set}: nothing changed, revision {report.revision}")
    else:
        say(
            f"{report.model_set}: {changes.added:,} elements {verb} added, "
            f"{changes.changed:,} changed, {changes.removed:,} removed"
            + ("" if report.dry_run else f"; revision {report.revision}")
        )
    pending = sum(report.pending.values())
    say(
        f"{_files(len(report.files))}, {report.objects:,} objects, "
        f"{report.statements:,} statements, {report.links:,} links"
        + (f" and {pending:,} that wait for their element" if pending else "")
        + f", {report.seconds:.1f} s"
    )
    if report.skipped:
        say(f"passed over: {', '.join(report.skipped[:10])}")
    kinds = sorted(report.kinds.items(), key=lambda pair: (-pair[1], pair[0]))
    say_table(["kind", "elements"], kinds[:12])
    _show_findings(report)


def report_members(report: ImportReport) -> dict[str, Any]:
    """The report as JSON members."""
    members = asdict(report)
    members["finding_counts"] = dict(report.finding_counts)  # asdict spoils a Counter
    for found in members["findings"]:
        found["severity"] = found["severity"].value
    return members


def _show_findings(report: ImportReport) -> None:
    if not report.findings:
        say("no findings")
        return
    say_table(["finding", "count"], sorted(report.finding_counts.items()))
    grave = [found for found in report.findings if found.severity is not Severity.INFO]
    for found in grave[:10]:
        place = ":".join(str(part) for part in (found.file, found.line, found.column) if part)
        say(f"{found.severity.value} {found.code} {place}: {found.message}")
    if len(grave) > 10:
        say(f"... {len(grave) - 10:,} more; --format json gives all")


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"


def _show_generated(made: Any, output: Format) -> None:
    members = {key: _plain(value) for key, value in asdict(made).items()}
    if output is Format.JSON:
        say_json(members)
        return
    for key, value in members.items():
        if isinstance(value, dict):
            say_table([key, "count"], value.items())
        elif isinstance(value, list):
            say(f"{key}: {', '.join(map(str, value))}")
        else:
            say(f"{key}: {value:,}" if isinstance(value, int) else f"{key}: {value}")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, int | float | None) else str(value)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"'{text}' is no day; write YYYY-MM-DD") from error


def _settings(context: typer.Context) -> Settings:
    settings: Settings = context.obj
    return settings
