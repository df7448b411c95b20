"""The commands that train, judge and show bundles; errors without tracebacks, as in `gridstrata`.

Exit codes: 0 done; 1 it could not be done, one message with a hint; 2 the command was misused.
"""

from __future__ import annotations

import sys

import typer

from gnn.cli import (
    ablating,
    failing,
    fault_ablating,
    faults,
    fleet,
    foreign,
    judging,
    picking_up,
    showing,
    training,
)
from graph_service.domain.errors import GridStrataError

app = typer.Typer(
    name="gridstrata-gnn",
    help="Predictions on the graph: train on networks with readings, judge against every baseline, "
    "bundle. Training needs the extra `gnn`; predicting with a bundle does not.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("train")(training.train)
app.command("evaluate")(judging.evaluate)
app.command("ablate")(ablating.ablate)
app.command("bundle")(showing.bundle)
app.command("train-faults")(faults.train_faults)
app.command("fleet")(fleet.fleet)
app.command("train-failures")(failing.train_failures)
app.command("train-pickup")(picking_up.train_pickup)
app.command("evaluate-faults")(faults.evaluate_faults)
app.command("ablate-faults")(fault_ablating.ablate_faults)
app.command("simbench")(foreign.simbench)


def main() -> None:
    """Run the command line; the entry point of the package."""
    try:
        app(prog_name="gridstrata-gnn")
    except GridStrataError as error:
        typer.secho(f"error: {error.message}", fg="red", err=True)
        if error.hint:
            typer.echo(f"hint: {error.hint}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
