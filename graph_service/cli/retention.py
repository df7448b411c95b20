"""Commands about keeping: how long things stay, and taking away what is older."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from graph_service import bootstrap
from graph_service.cli.output import Format, say, say_json, say_table
from graph_service.services.keeping import Outcome, Rule

OutputFormat = Annotated[Format, typer.Option("--format", help="How to print the answer.")]
Name = Annotated[
    str, typer.Argument(help="A quantity or a kind of event, such as MESSAGE.", metavar="NAME")
]

Forecasts = Annotated[
    bool, typer.Option("--forecasts", help="The forecasts of the quantity, not its readings.")
]

retention = typer.Typer(
    help="How long readings, forecasts and events are kept.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(retention, name="retention", rich_help_panel="Service")


@retention.command("set")
def set_rule(
    context: typer.Context,
    name: Name,
    keep: Annotated[str, typer.Argument(help="P3Y, P18M, P6W or P90D.", metavar="DURATION")],
    levels: Annotated[
        str,
        typer.Option(help="Keep hourly and daily aggregates only so long.", metavar="DURATION"),
    ] = "",
    forecasts: Forecasts = False,
) -> None:
    """Keep something only so long; it goes with the next run, see `apply`."""
    with bootstrap.open_services(context.obj) as house:
        house.keeping.state(Rule(name, keep, levels, forecasts))


@retention.command("list")
def list_rules(context: typer.Context, output: OutputFormat = Format.TEXT) -> None:
    """List the rules; what has none stays for ever."""
    with bootstrap.open_services(context.obj) as house:
        rules, last = house.keeping.rules(), house.keeping.last_applied()
    if output is Format.JSON:
        applied = last.isoformat() if last else None
        say_json({"rules": [_members(rule) for rule in rules], "lastApplied": applied})
        return
    rows = ([rule.about, rule.keep, _levels(rule)] for rule in rules)
    say_table(["of", "kept", "aggregates kept"], rows)
    say(f"applied last {last.isoformat(timespec='seconds')}" if last else "never applied yet")


@retention.command("remove")
def remove_rule(context: typer.Context, name: Name, forecasts: Forecasts = False) -> None:
    """Forget a rule: what it was about stays for ever from now on."""
    with bootstrap.open_services(context.obj) as house:
        there = house.keeping.remove(Rule(name, "", of_forecasts=forecasts).about)
    say("forgotten" if there else "there was none")


@retention.command("apply")
def apply_rules(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be removed.")
    ] = False,
    output: OutputFormat = Format.TEXT,
) -> None:
    """Remove what is older than its rule allows; a running service does it once a day."""
    with bootstrap.open_services(context.obj) as house:
        outcomes = house.keeping.apply(dry_run=dry_run)
    if output is Format.JSON:
        say_json([_outcome(one) for one in outcomes])
        return
    say_table(
        ["of", "before", "would be removed" if dry_run else "removed"],
        ([one.rule.about, one.before.date().isoformat(), one.removed] for one in outcomes),
    )


def _levels(rule: Rule) -> str:
    has_none = rule.is_of_events or rule.of_forecasts
    return "" if has_none else rule.keep_levels or "for ever"


def _members(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "forecasts": rule.of_forecasts,
        "keep": rule.keep,
        "keepLevels": rule.keep_levels or None,
    }


def _outcome(one: Outcome) -> dict[str, Any]:
    levels = one.levels_before.isoformat() if one.levels_before else None
    times = {"before": one.before.isoformat(), "levelsBefore": levels}
    return {**_members(one.rule), **times, "removed": one.removed}
