"""The commands' common ground: global options, errors without tracebacks, exit codes.

Exit codes: 0 done; 1 it could not be done, one message with a hint; 2 the command was misused.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from graph_service.cli import (
    advising,
    archive,
    backups,
    demo,
    ingesting,
    locating,
    models,
    moving,
    predicting,
    qualities,
    questions,
    resyncing,
    retention,
    serving,
    tokens,
)
from graph_service.domain.errors import GridStrataError
from graph_service.settings import Settings

app = typer.Typer(
    name="gridstrata",
    help="CIM network models of electric utilities in a graph of three layers, joined with meter "
    "readings, asked through GraphQL. `gridstrata demo` shows it on a generated town.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gridstrata {version('gridstrata')}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    data: Annotated[
        Path | None,
        typer.Option(help="The data folder (GRIDSTRATA_DATA); made when it is not there."),
    ] = None,
    _version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_tell_version, help="Say it and end."),
    ] = False,
) -> None:
    """Options that every command understands."""
    given: dict[str, Any] = {} if data is None else {"data": data}
    try:
        context.obj = Settings(**given)
    except ValidationError as error:
        raise typer.BadParameter(_settings_trouble(error)) from error


demo.register(app)
models.register(app)
ingesting.register(app)
questions.register(app)
qualities.register(app)
predicting.register(app)
advising.register(app)
locating.register(app)
archive.register(app)
retention.register(app)
backups.register(app)
moving.register(app)
resyncing.register(app)
serving.register(app)
tokens.register(app)


def main() -> None:
    """Run the command line; the entry point of the package."""
    try:
        app(prog_name="gridstrata")
    except GridStrataError as error:
        _report(error.message, error.hint)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output has left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        _report(f"{place}{error.strerror or error}", "check the path and the rights on it")
        sys.exit(1)


def _report(message: str, hint: str | None) -> None:
    typer.secho(f"error: {message}", fg="red", err=True)
    if hint:
        typer.echo(f"hint: {hint}", err=True)


def _settings_trouble(error: ValidationError) -> str:
    first = error.errors()[0]
    name = "_".join(str(part) for part in first["loc"]).upper()
    return f"GRIDSTRATA_{name} is '{first['input']}': {first['msg']}"
