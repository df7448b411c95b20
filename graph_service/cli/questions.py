"""Commands that ask: a trace, any GraphQL query, and what is in the store."""

from __future__ import annotations

import asyncio
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from graph_service import bootstrap
from graph_service.api.schema import execute
from graph_service.cli.output import Format, say, say_json, say_table
from graph_service.domain.access import EVERYTHING
from graph_service.domain.filters import MOST_PER_PAGE, ElementFilter
from graph_service.domain.layers import Layer
from graph_service.domain.switching import State
from graph_service.domain.traces import StopReason, TraceKind
from graph_service.services.access import OPEN_CALLER
from graph_service.services.house import Services
from graph_service.services.network import default_layers
from graph_service.services.traces import Step, TraceQuestion

OutputFormat = Annotated[Format, typer.Option("--format", help="How to print the answer.")]


class KindOption(StrEnum):
    """The kinds of trace as words on the command line."""

    CONNECTED = "connected"
    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"
    PATH_TO_SOURCE = "path-to-source"
    SHORTEST_PATH = "shortest-path"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("status", rich_help_panel="Begin")(status)
    app.command("trace", rich_help_panel="Questions")(trace)
    app.command("query", rich_help_panel="Questions")(query)


def trace(
    context: typer.Context,
    start: Annotated[str, typer.Argument(help="The element to start at.", metavar="MRID")],
    kind: Annotated[
        KindOption, typer.Option(case_sensitive=False, help="Which way.")
    ] = KindOption.DOWNSTREAM,
    state: Annotated[
        State, typer.Option(case_sensitive=False, help="As designed, or now.")
    ] = State.PRESENT,
    layer: Annotated[
        list[Layer] | None,
        typer.Option(
            case_sensitive=False,
            help="Layers to walk, may be repeated; default: that of the start.",
        ),
    ] = None,
    to: Annotated[
        str | None, typer.Option(help="The target of a shortest-path.", metavar="MRID")
    ] = None,
    list_kind: Annotated[
        list[str] | None,
        typer.Option("--only", help="List only this kind; may be repeated.", metavar="KIND"),
    ] = None,
    first: Annotated[int, typer.Option(min=0, max=MOST_PER_PAGE, help="Steps to show.")] = 50,
    output: OutputFormat = Format.TEXT,
) -> None:
    """Walk the network from an element and list what is met."""
    if kind is KindOption.SHORTEST_PATH and to is None:
        raise typer.BadParameter("a shortest-path needs its other end: --to MRID")
    with bootstrap.open_services(context.obj) as house:
        element = house.network.element(start, EVERYTHING)
        target = house.network.element(to, EVERYTHING).number if to else None
        question = TraceQuestion(
            kind=TraceKind[kind.name],
            state=state,
            layers=tuple(layer) if layer else default_layers(element),
            target=target,
            kinds=frozenset(list_kind) if list_kind else None,
        )
        found = house.network.trace([element.number], question, EVERYTHING)
        steps, more = found.page(first)
        rows = _rows(house, steps)
    counts = dict(found.count_by_kind())
    if output is Format.JSON:
        members = {"revision": found.revision, "totalCount": found.total, "countByKind": counts}
        say_json({**members, "truncated": found.truncated, "steps": rows, "hasNextPage": more})
        return
    say(f"{found.total:,} elements at revision {found.revision}")
    say_table(["kind", "count"], counts.items())
    columns = ["depth", "kind", "name", "mRID", "stopReason"]
    if rows:
        say_table(columns, ([row[c] for c in columns] for row in rows))
    if rows and more:
        say(f"... the first {first} of {found.total:,}")


def query(
    context: typer.Context,
    text: Annotated[
        str, typer.Argument(help="GraphQL, @FILE, or - for standard input.", metavar="QUERY")
    ],
    variables: Annotated[
        str, typer.Option("--variables", "-v", help="JSON object, or @FILE.", metavar="JSON")
    ] = "{}",
) -> None:
    """Ask a GraphQL query without a server; prints the answer as JSON."""
    values = _json(_given(variables))
    with bootstrap.open_services(context.obj) as house:
        answer = asyncio.run(execute(house, _given(text), values, OPEN_CALLER))
    say_json(answer)
    if answer.get("errors"):
        raise typer.Exit(1)


def status(context: typer.Context, output: OutputFormat = Format.TEXT) -> None:
    """Say what is in the store: model sets, kinds, readings, the last imports."""
    with bootstrap.open_services(context.obj) as house:
        members = _status(house)
    if output is Format.JSON:
        say_json(members)
        return
    say(f"data folder {members['data']}, revision {members['revision']}")
    say(f"{members['values']:,} readings in {members['series']:,} series")
    if members["waiting"]:
        say(f"{members['waiting']:,} identifiers wait in quarantine for their elements")
    sets = members["modelSets"]
    titles = ["name", "documents", "elements", "links", "pending"]
    say_table(["model set", *titles[1:]], ([row[title] for title in titles] for row in sets))
    kinds = sorted(members["kinds"].items(), key=lambda pair: (-pair[1], pair[0]))
    say_table(["kind", "elements"], kinds[:20])
    runs = ([run["startedAt"], run["state"], run["modelSet"], run["id"]] for run in members["runs"])
    say_table(["import", "state", "model set", "id"], runs)


def _status(house: Services) -> dict[str, Any]:
    series, values = house.timelines.counts()
    return {
        "data": str(house.data),
        "revision": house.network.revision(),
        "modelSets": [
            {
                "name": kept.name,
                "documents": kept.documents,
                "elements": kept.elements,
                "links": kept.links,
                "pending": kept.pending,
            }
            for kept in house.network.model_sets()
        ],
        "kinds": house.network.count_by_kind(ElementFilter(), EVERYTHING),
        "series": series,
        "values": values,
        "waiting": house.intake.waiting_count(),
        "runs": [
            {
                "id": run.id,
                "state": run.state.value,
                "modelSet": run.model_set,
                "startedAt": run.started_at.isoformat(timespec="seconds"),
            }
            for run in house.imports.runs(5)
        ],
    }


def _rows(house: Services, steps: list[Step]) -> list[dict[str, Any]]:
    elements = house.network.elements([step.number for step in steps], EVERYTHING)
    return [
        {
            "depth": step.depth,
            "stopReason": "" if step.stop_reason is StopReason.NONE else step.stop_reason.name,
            "mRID": element.mrid,
            "kind": element.kind,
            "name": element.name,
        }
        for step, element in zip(steps, elements, strict=True)
        if element is not None
    ]


def _given(text: str) -> str:
    if text == "-":
        return sys.stdin.read()
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_text(encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"cannot read {text[1:]}: {error.strerror}") from error


def _json(text: str) -> dict[str, Any]:
    try:
        values = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise typer.BadParameter(f"the variables are no JSON: {error}") from error
    if not isinstance(values, dict):
        raise typer.BadParameter("the variables must be a JSON object")
    return values
