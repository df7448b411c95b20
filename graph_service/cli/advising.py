"""The command that advises on limits that are likely to be exceeded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from graph_service import bootstrap
from graph_service.cli.output import Format, say, say_json
from graph_service.cli.predicting import OutputFormat
from graph_service.domain.access import EVERYTHING
from graph_service.domain.readings import from_us, parsed_time
from graph_service.domain.scopes import OfContainer, OfElements, ScopeQuestion
from graph_service.ports.predictor import LONGEST_HOURS
from graph_service.services.advice import Action, Advice, AdviceAnswer
from graph_service.services.advising import (
    LEAST,
    MOST_ADVICE,
    POWER_FACTOR,
    AdviceQuestion,
)
from graph_service.services.house import Services
from graph_service.services.predictions import QUANTILES, ForecastQuestion


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(rich_help_panel="Questions")(advice)


def advice(
    context: typer.Context,
    elements: Annotated[
        list[str] | None,
        typer.Argument(help="Places to look at; default: all.", metavar="MRID..."),
    ] = None,
    within: Annotated[
        str | None,
        typer.Option(help="Look at what lies in this container.", metavar="MRID"),
    ] = None,
    hours: Annotated[
        int, typer.Option(min=0, max=LONGEST_HOURS, help="How many hours ahead; 0 for now.")
    ] = LONGEST_HOURS,
    probability: Annotated[
        float, typer.Option(help="From which probability on a limit counts as exceeded.")
    ] = LEAST,
    power_factor: Annotated[
        float, typer.Option(help="Active over apparent power, assumed for all places.")
    ] = POWER_FACTOR,
    first: Annotated[int, typer.Option(min=0, max=MOST_ADVICE, help="Places to show.")] = 20,
    at: Annotated[
        str | None,
        typer.Option(help="The time it is asked from, with its zone. Default: now."),
    ] = None,
    known: Annotated[
        str | None,
        typer.Option(help="Look at what was known then. Default: the time it is asked from."),
    ] = None,
    output: OutputFormat = Format.TEXT,
) -> None:
    """Say what is likely to exceed its limit, when, why, and what could be done about it."""
    asked_at, known_at = parsed_time(at) or datetime.now(UTC), parsed_time(known)
    with bootstrap.open_services(context.obj) as house:
        asked = AdviceQuestion(
            _about(elements, within),
            ForecastQuestion(hours, QUANTILES, asked_at, known_at),
            probability,
            power_factor,
            first=first,
        )
        found = house.advising.advise(asked, EVERYTHING)
        names = _names(house, found)
    if output is Format.JSON:
        say_json(_answer(found))
        return
    say(
        f"{found.exceeding} of {found.checked} places; {found.without_limit} have no limit,"
        f" {found.without_forecast} no forecast (power factor {power_factor:g})"
    )
    if found.reason:
        say(found.reason)
    for one in found.advice:
        _show(one, names)


def _about(elements: list[str] | None, within: str | None) -> ScopeQuestion | None:
    if within is not None:
        return OfContainer(within)
    return OfElements(tuple(elements)) if elements else None


def _names(house: Services, found: AdviceAnswer) -> dict[str, str]:
    keys = sorted(
        {k for a in found.advice for k in (a.element, *(c.element for c in a.contributions))}
    )
    met = house.neighbourhood.by_keys(keys, EVERYTHING)
    return {k: (e.name or e.mrid) if e else k for k, e in zip(keys, met, strict=True)}


def _show(one: Advice, names: dict[str, str]) -> None:
    start, stop, peak = map(from_us, (one.start_us, one.stop_us, one.peak_us))
    say(f"\n{names[one.element]}  {one.probability:.0%}  ({one.limit.stated})")
    say(
        f"  {one.hours} h from {start:%Y-%m-%d %H:%M} to {stop:%m-%d %H:%M} UTC, worst at"
        f" {peak:%H:%M}: {one.peak_w / 1e3:,.1f} kW, up to {one.peak_high_w / 1e3:,.1f},"
        f" loading {one.loading:.0%}"
    )
    for part in one.contributions:
        say(f"    {part.share:4.0%}  {part.watts / 1e3:8,.1f} kW  {names[part.element]}")
    said = one.said
    say(f"  {said.rung.name}{f': {said.reason}' if said.reason else ''}")
    for missing in said.missing:
        say(f"  without: {missing}")
    for action in one.actions:
        after = "" if action.probability is None else f"  -> {action.probability:.0%}"
        say(f"  {action.kind.name}: {action.text}{after}")
    say(f"  until {from_us(one.expires_us):%Y-%m-%d %H:%M} UTC")


def _answer(found: AdviceAnswer) -> dict[str, Any]:
    return {
        "exceeding": found.exceeding,
        "checked": found.checked,
        "withoutLimit": found.without_limit,
        "withoutForecast": found.without_forecast,
        "reason": found.reason,
        "advice": [_members(one) for one in found.advice],
    }


def _members(one: Advice) -> dict[str, Any]:
    return {
        "element": one.element,
        "limit": {"va": one.limit.va, "stated": one.limit.stated},
        "probability": one.probability,
        "peakAt": from_us(one.peak_us).isoformat(),
        "peak": one.peak_w,
        "peakHigh": one.peak_high_w,
        "loading": one.loading,
        "from": from_us(one.start_us).isoformat(),
        "to": from_us(one.stop_us).isoformat(),
        "hours": one.hours,
        "contributions": [
            {"element": part.element, "watts": part.watts, "share": part.share}
            for part in one.contributions
        ],
        "unread": one.unread,
        "rung": one.said.rung.name,
        "reason": one.said.reason,
        "missingInputs": list(one.said.missing),
        "actions": [_action(action) for action in one.actions],
        "expiresAt": from_us(one.expires_us).isoformat(),
    }


def _action(action: Action) -> dict[str, Any]:
    return {
        "kind": action.kind.name,
        "text": action.text,
        "elements": list(action.elements),
        "steps": [{"element": step.element, "open": step.is_open} for step in action.steps],
        "watts": action.watts,
        "probability": action.probability,
        "takerProbability": action.taker_probability,
    }
