"""The commands' common ground: global options, errors without tracebacks, exit codes.

Exit codes: 0 done; 1 it could not be done, one message with a hint; 2 the command was misused.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from graph_service.cli import demo, models, questions, serving, tokens
from graph_service.domain.errors import GridStrataError
from graph_service.settings import Settings

app = typer.Typer(
    name="gridstrata",
    help="Graph-centric asset intelligence for electric utilities: CIM network models in a "
    "layered graph, joined with timelines, asked through GraphQL.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def options(
    context: typer.Context,
    data: Annotated[
        Path | None,
        typer.Option(help="The data folder (GRIDSTRATA_DATA); made when it is not there."),
    ] = None,
) -> None:
    """Options that every command understands."""
    context.obj = Settings() if data is None else Settings(data=data)


models.register(app)
questions.register(app)
serving.register(app)
tokens.register(app)
demo.register(app)


def main() -> None:
    """Run the command line; the entry point of the package."""
    try:
        app()
    except GridStrataError as error:
        _report(error)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output has left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _report(error: GridStrataError) -> None:
    typer.secho(f"error: {error.message}", fg="red", err=True)
    if error.hint:
        typer.echo(f"hint: {error.hint}", err=True)
