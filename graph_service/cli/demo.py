"""The demo: a town out of nothing, imported like any delivery, asked, foretold, served."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer

from graph_service import bootstrap
from graph_service.api.schema import execute
from graph_service.cli.fault_demo import locate_simulated_fault
from graph_service.cli.ingesting import show_loaded
from graph_service.cli.models import show_report
from graph_service.cli.output import progress_bar, say
from graph_service.cli.serving import run_server
from graph_service.domain.access import EVERYTHING
from graph_service.services.access import OPEN_CALLER
from graph_service.services.examples import BELOW, Example, examples
from graph_service.services.house import Services
from graph_service.settings import Settings

TOWN = "town"
AHEAD = """\
query ($start: ID!, $at: DateTime!, $now: DateTime!) {
  forecast(scope: { element: $start }, horizon: "PT24H", asOf: $at, knownAt: $now) {
    times quantiles { quantile values } rung reason customers metered
    model { name error } baseline { name error }
  }
}"""
BAR_WIDTH = 40
TEXT_WIDTH = 72


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(rich_help_panel="Begin")(demo)


def demo(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="End after the answers.")] = False,
    meters: Annotated[int, typer.Option(help="How many meters the town has.")] = 2000,
    days: Annotated[int, typer.Option(help="Days of hourly readings.")] = 14,
    seed: Annotated[int, typer.Option(help="The same seed gives the same town.")] = 1,
) -> None:
    """Generate a town, import it, load readings and events, ask four questions, serve."""
    settings: Settings = context.obj
    delivery = settings.data / TOWN
    with bootstrap.open_services(settings) as house:
        if not any(kept.name == TOWN for kept in house.network.model_sets()):
            _make_town(house, delivery, meters, days, seed)
        if not house.timelines.counts()[0]:
            _load(house, "3  readings", delivery / "readings.csv")
            _load(house, "4  events", delivery / "events.jsonl")
        every = examples(house, EVERYTHING)
        asked = (each for each in every if each.query != BELOW)
        for number, question in enumerate(asked, start=1):
            _ask(house, number, question)
        for question in (each for each in every if each.query == BELOW):
            _foretell(house, question)
        locate_simulated_fault(house)
        say()
        if not once:
            run_server(house, settings)


def _make_town(house: Services, delivery: Path, meters: int, days: int, seed: int) -> None:
    say(f"1  a town of {meters:,} meters with {days} days of readings, seed {seed}")
    with progress_bar() as tell:
        bootstrap.generate_town(delivery, meters=meters, seed=seed, days=days, progress=tell)
    say(f"2  import {delivery}")
    with progress_bar() as tell:
        _, report = house.imports.take([delivery], OPEN_CALLER, into=TOWN, progress=tell)
    show_report(report)


def _load(house: Services, title: str, path: Path) -> None:
    say(title)
    with progress_bar() as tell:
        loaded = house.intake.load(path, OPEN_CALLER, TOWN, progress=tell)
    show_loaded(loaded)


def _ask(house: Services, number: int, question: Example) -> None:
    say(f"\n--- question {number}: {question.title}\n")
    say(question.query.rstrip())
    answer = asyncio.run(execute(house, question.query, question.variables, OPEN_CALLER))
    for error in answer.get("errors", ()):
        say(f"error: {error['message']}")
    data = answer["data"] or {}
    say("\nanswer:")
    if "timeline" in data:
        _show_timeline(data["timeline"])
        _show_around(data["around"])
        return
    found = data["trace"]
    if "series" in found:
        _show_series(found["series"])
    elif "gateways" in found:
        say(f"  {found['totalCount']} meters")
        _show_steps(found["gateways"])
        for owner in found["owners"]:
            say(f"     owned by {owner['name']}")
    else:
        counts = ", ".join(f"{row['count']} {row['kind']}" for row in found["countByKind"])
        say(f"  {found['totalCount']} elements: {counts}")
        _show_steps(found)


def _foretell(house: Services, question: Example) -> None:
    """The load of the day that follows the readings, asked from their end with what is known."""
    say("\n--- and the load of the day ahead\n")
    say(AHEAD)
    at, now = question.variables["to"], datetime.now(UTC).isoformat()
    variables = {"start": question.variables["start"], "at": at, "now": now}
    answer = asyncio.run(execute(house, AHEAD, variables, OPEN_CALLER))
    for error in answer.get("errors", ()):
        say(f"error: {error['message']}")
    say("\nanswer:")
    found = (answer["data"] or {}).get("forecast")
    if found:
        _show_forecast(found)


def _show_forecast(found: dict[str, Any]) -> None:
    said = f"{found['customers']} customers, {found['metered']} of them read; {found['rung']}"
    model, baseline = found["model"], found["baseline"]
    say(f"  {said}" + (f" {model['name']}" if model else f": {found['reason']}"))
    if model and baseline:
        say(f"  usual error {_error(model)}; the best other one, {_error(baseline)}")
    low, middle, high = [column["values"] for column in found["quantiles"]] or [[], [], []]
    for time, *watts in zip(_hours(found["times"]), low, middle, high, strict=True):
        least, likely, most = (watt / 1000 for watt in watts)
        say(f"  {time} {likely:8.1f} kW   8 of 10 times {least:6.1f} to {most:6.1f}")


def _error(one: dict[str, Any]) -> str:
    error = "unknown" if one["error"] is None else f"{one['error']:.2%} of the load"
    return f"{one['name']} {error}"


def _hours(times: Any) -> list[str]:
    return [datetime.fromisoformat(str(time)).strftime("%H:%M") for time in times]


def _show_steps(found: dict[str, Any]) -> None:
    for step in found["steps"]["nodes"]:
        element = step["element"]
        say(f"  {step['depth']:>3}  {element['kind']:<20} {element['name'] or element['mRID']}")


def _show_timeline(found: dict[str, Any]) -> None:
    for entry in found["nodes"]:
        text, distance = _shortened(entry["text"]), entry["distance"]
        say(f"  {_clock(entry)}  {entry['kind']:<9} {entry['severity']:<8} {distance:>3}  {text}")
    if found["pageInfo"]["hasNextPage"]:
        say("  ...")


def _show_around(found: dict[str, Any]) -> None:
    """One line for entries of a kind that came equally near and often: the first of them."""
    say("\nand what was out of the ordinary within an hour:")
    ranked = groupby(found["nodes"], key=lambda n: (n["entry"]["kind"], n["entry"]["relation"]))
    for _, (first, *_) in ranked:
        entry, often = (
            first["entry"],
            f"{first['observed']} where {first['expected']:.2f} are usual",
        )
        seen = often if first["observed"] else f"lasts since {_clock(entry)}"
        text = _shortened(entry["text"])
        say(f"  {first['surprise']:5.1f}  {seen:<24} {entry['kind']:<15} {text}")


def _clock(entry: dict[str, Any]) -> str:
    return datetime.fromisoformat(entry["start"]).strftime("%H:%M:%S")


def _shortened(text: str) -> str:
    return text if len(text) <= TEXT_WIDTH else text[: TEXT_WIDTH - 3] + "..."


def _show_series(series: dict[str, Any]) -> None:
    say(f"  {series['memberCount']} usage points, {series['reportingCount']} reporting")
    most = max((value for value in series["values"] if value is not None), default=0) or 1
    for time, value, covered in zip(
        series["times"], series["values"], series["coverage"], strict=True
    ):
        hour = datetime.fromisoformat(time).strftime("%H:%M")
        if value is None:
            say(f"  {hour}        no reading")
            continue
        bar = "#" * round(BAR_WIDTH * value / most)
        say(f"  {hour} {value / 1000:8.1f} kWh  {covered:4.0%}  {bar}")
