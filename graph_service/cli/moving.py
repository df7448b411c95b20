"""The command that copies everything from one place to another: folder to servers, and back."""

from __future__ import annotations

import os
import re
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pydantic import ValidationError

from graph_service import bootstrap
from graph_service.cli.output import Format, progress_bar, say, say_json, say_table
from graph_service.services.copying import Comparison, Copied
from graph_service.settings import Settings

_ADDRESS: Final = re.compile(r"([a-z0-9+]+)://[^/]")
_SECRETS: Final = ("graph_password", "timeline_token")
_GRAPHS: Final = ("bolt", "neo4j")
_TIMELINES: Final = ("http", "https")

OutputFormat = Annotated[Format, typer.Option("--format", help="How to print the answer.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(rich_help_panel="Service")(copy)


def copy(
    source: Annotated[
        str,
        typer.Option("--from", help="What to copy; see --to.", metavar="PLACE", show_default=False),
    ],
    target: Annotated[
        str,
        typer.Option(
            "--to",
            help="Where to: a data folder, or bolt://HOST:7687,http://HOST:8086, or a folder and "
            "one of them. Users, passwords and tokens come from the settings.",
            metavar="PLACE",
            show_default=False,
        ),
    ],
    compare_only: Annotated[
        bool, typer.Option("--compare-only", help="Copy nothing, only compare both.")
    ] = False,
    output: OutputFormat = Format.TEXT,
) -> None:
    """Copy graph with its history, records and timelines; run again it goes on where it was."""
    settings = settings_of(source, "FROM"), settings_of(target, "TO")
    with bootstrap.copying(*settings) as copying, progress_bar() as tell:
        if compare_only:
            comparison, copied = copying.compare(tell), None
        else:
            copied = copying.copy(tell)
            comparison = copied.comparison
    if output is Format.JSON:
        say_json(_members(comparison) if copied is None else asdict(copied))
    else:
        if copied is not None:
            _say_copied(copied)
        _say_compared(comparison, again=copied is not None)
    if not comparison.is_same:
        raise typer.Exit(1)


def settings_of(place: str, side: str) -> Settings:
    """The settings that a place means: those of the environment, with its stores in their place.

    `GRIDSTRATA_FROM_...` and `GRIDSTRATA_TO_...` count more than `GRIDSTRATA_...`, each for its
    side.
    """
    given: dict[str, Any] = {"graph": "", "timeline": ""}
    for part in place.split(","):
        name = _name_of(part)
        if given.get(name):
            raise typer.BadParameter(f"'{place}' names two places for the same")
        given[name] = Path(part) if name == "data" else part
    if "data" not in given and not (given["graph"] and given["timeline"]):
        lacking, example = (
            ("timeline", "http://host:8086") if given["graph"] else ("graph", "bolt://host:7687")
        )
        raise typer.BadParameter(
            f"'{place}' says nothing of the {lacking}: add a data folder or {example} after a comma"
        )
    try:
        return Settings(**(_of_side(side) | given))
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(map(str, first["loc"])).upper()
        raise typer.BadParameter(f"GRIDSTRATA_{side}_{name}: {first['msg']}") from error


def _of_side(side: str) -> dict[str, Any]:
    """What the environment says of one side alone; a secret of its own takes the other's place."""
    found: dict[str, Any] = {
        name: os.environ[variable]
        for name in Settings.model_fields
        if (variable := f"GRIDSTRATA_{side}_{name.upper()}") in os.environ
    }
    for secret in _SECRETS:
        both = (secret, f"{secret}_file")
        if any(name in found for name in both):
            found = dict.fromkeys(both) | found
    return found


def _name_of(part: str) -> str:
    """Which setting a part of a place is for."""
    found = _ADDRESS.match(part)
    if found is None and part and "://" not in part:
        return "data"
    scheme = found[1].partition("+")[0] if found else ""
    if scheme in _GRAPHS:
        return "graph"
    if scheme in _TIMELINES:
        return "timeline"
    raise typer.BadParameter(
        f"'{part}' is no place: give a folder, bolt://host:7687 or http://host:8086"
    )


def _say_copied(copied: Copied) -> None:
    verb = "went on with the copy" if copied.resumed else "copied"
    say(f"{verb} from {copied.source} to {copied.target} in {copied.seconds:.1f} s")
    for reason in copied.refused:
        say(f"  not taken: {reason}")
    if copied.refusals > len(copied.refused):
        say(f"  ... {copied.refusals - len(copied.refused):,} more were not taken")


def _say_compared(comparison: Comparison, *, again: bool) -> None:
    rows = [(row.what, row.source, row.target, row.equal) for row in comparison.rows]
    say_table(["what", "source", "target", "equal"], rows)
    if comparison.is_same:
        say("everything is equal")
        return
    say(f"not equal: {', '.join(comparison.differing)}")
    if again:
        say("run it again to bring what came meanwhile")


def _members(comparison: Comparison) -> dict[str, Any]:
    return {"is_same": comparison.is_same, "rows": [asdict(row) for row in comparison.rows]}
