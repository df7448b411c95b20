"""The commands about faults: where one is, and what a simulated one looks like."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from graph_service import bootstrap
from graph_service.cli.output import Format, say, say_json, say_table
from graph_service.cli.predicting import OutputFormat
from graph_service.domain.access import EVERYTHING
from graph_service.domain.errors import InvalidCall
from graph_service.domain.events import Event, entry_id
from graph_service.domain.readings import parsed_time
from graph_service.ports.fault_locator import (
    NO_VALUES,
    FaultKind,
    FaultObservations,
    FaultPlace,
    Rehearsal,
    SensorReading,
    Three,
)
from graph_service.services.fault_places import FaultQuestion
from graph_service.services.house import Services

_LISTS = ("volts", "amperes", "volt_angles", "ampere_angles", "amperes_before")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(rich_help_panel="Questions")(locate)
    app.command(rich_help_panel="Questions")(rehearse)


def locate(
    context: typer.Context,
    observations: Annotated[
        Path | None,
        typer.Argument(help="What was observed, as `rehearse` writes it.", metavar="FILE"),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            help="When the fault began, with its zone: signs of it are taken from the timeline.",
            metavar="TIME",
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(help="Up to when signs are looked for. Default: a minute.", metavar="TIME"),
    ] = None,
    known: Annotated[
        str | None,
        typer.Option(help="Look at what was known then. Default: now.", metavar="TIME"),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep what is said, as a PREDICTION event.")
    ] = False,
    first: Annotated[int, typer.Option(min=0, help="Sections to show.")] = 10,
    output: OutputFormat = Format.TEXT,
) -> None:
    """Say on which line of medium voltage a fault is, from what was observed."""
    given = FaultObservations() if observations is None else _read(observations)
    asked = FaultQuestion(given, parsed_time(since), parsed_time(until), parsed_time(known))
    with bootstrap.open_services(context.obj) as house:
        if keep:
            found, event = house.fault_places.keep(asked, EVERYTHING)
        else:
            found, event = house.fault_places.locate(asked, EVERYTHING), None
        if output is Format.JSON:
            say_json(_plain(found, event, first))
            return
        show_place(house, found, first)
    if event is not None:
        say(f"kept as {entry_id(event.source, event.id)}")


def rehearse(
    context: typer.Context,
    section: Annotated[
        str, typer.Argument(help="The line it is on; default: one is drawn.", metavar="MRID")
    ] = "",
    share: Annotated[float, typer.Option(help="How far along the line, 0 to 1.")] = 0.5,
    kind: Annotated[FaultKind, typer.Option(help="Which phases it joins.")] = FaultKind.ABC,
    ohm: Annotated[float, typer.Option(help="Its resistance, 0.01 to 50.")] = 1.0,
    sensors: Annotated[
        float, typer.Option(min=0, max=1, help="Share of nodes that have a sensor.")
    ] = 0.3,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same answer.")] = 1,
) -> None:
    """Simulate a fault and print what is observed of it, as JSON for `locate`."""
    asked = Rehearsal(section, share, kind, ohm, sensors, seed)
    with bootstrap.open_services(context.obj) as house:
        made = house.fault_places.rehearse(asked, EVERYTHING)
    say_json({"section": made.section, **_observations(made.observations)})


def show_place(house: Services, found: FaultPlace, first: int) -> None:
    """Print where a fault is: the sections with their odds, who says so, and what others say."""
    if found.facts is None:
        say(f"nothing can be said: {found.reason}")
        return
    facts = found.facts
    say(
        f"{found.rung.name} {facts.name}: right {facts.top1:.0%} of the time with {facts.level};"
        f" the best other one, {facts.baseline}, {facts.baseline_top1:.0%}"
    )
    sections = found.sections[:first]
    names = _names(house, [*(s.element for s in sections), *(c.element for c in found.others)])
    rows = [
        [f"{each.probability:.1%}", names[each.element], f"{each.length_m:,.0f} m",
         each.kind.value, f"{each.ohm:.2f}"]
        for each in sections
    ]  # fmt: skip
    say_table(["odds", "section", "length", "fault", "ohm"], rows)
    say(f"on the average {found.walk_m:,.0f} m to walk")
    for other in found.others:
        say(f"{other.name} says {names[other.element]}, odds {other.probability:.1%}")
    for words in found.evidence:
        say(f"seen: {words}")
    for words in found.missing:
        say(f"missing: {words}")


def _names(house: Services, keys: Sequence[str]) -> dict[str, str]:
    found = house.neighbourhood.by_keys(keys, EVERYTHING)
    return {
        key: (element.name or element.mrid) if element else key
        for key, element in zip(keys, found, strict=True)
    }


def _read(path: Path) -> FaultObservations:
    hint = "give a file as `gridstrata rehearse` writes it"
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        sensors = tuple(_sensor(each) for each in given.get("sensors", ()))
        tripped, silent = (tuple(map(str, given.get(name, ()))) for name in ("tripped", "silent"))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InvalidCall(
            f"{path} holds no observations: {error}", subject=str(path), hint=hint
        ) from error
    return FaultObservations(sensors, tripped, silent)


def _sensor(given: Mapping[str, Any]) -> SensorReading:
    lists = {name: _three(given.get(_camel(name))) for name in _LISTS}
    return SensorReading(str(given["element"]), **lists)


def _three(given: Sequence[float | None] | None) -> Three:
    if given is None:
        return NO_VALUES
    a, b, c = (None if value is None else float(value) for value in given)
    return a, b, c


def _observations(seen: FaultObservations) -> dict[str, Any]:
    sensors = [{_camel(name): value for name, value in asdict(s).items()} for s in seen.sensors]
    return {"sensors": sensors, "tripped": list(seen.tripped), "silent": list(seen.silent)}


def _plain(found: FaultPlace, event: Event | None, first: int) -> dict[str, Any]:
    facts = found.facts
    return {
        "rung": found.rung.name,
        "reason": found.reason,
        "model": None if facts is None else {_camel(n): v for n, v in asdict(facts).items()},
        "walkM": found.walk_m,
        "sections": [
            {
                "element": each.element,
                "probability": each.probability,
                "lengthM": each.length_m,
                "kind": each.kind.value,
                "ohm": each.ohm,
            }
            for each in found.sections[:first]
        ],
        "baselines": [asdict(each) for each in found.others],
        "evidence": list(found.evidence),
        "missingInputs": list(found.missing),
        "entry": None if event is None else entry_id(event.source, event.id),
    }


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
