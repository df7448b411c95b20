"""The command that issues forecasts of loads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from math import isnan
from typing import Annotated, Any, Final

import typer

from graph_service import bootstrap
from graph_service.cli.output import Format, say, say_json, say_table
from graph_service.domain.errors import InvalidCall
from graph_service.domain.readings import from_us, parsed_time
from graph_service.ports.predictor import LONGEST_HOURS, LoadForecast
from graph_service.services.predictions import QUANTILES, Run

OutputFormat = Annotated[Format, typer.Option("--format", help="How to print the answer.")]
_NO_PLACE: Final = "no place"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(rich_help_panel="Questions")(predict)


def predict(
    context: typer.Context,
    at: Annotated[
        str | None,
        typer.Option(
            help="The time it is asked from, with its zone; nothing later is looked at. "
            "Default: now.",
            metavar="TIME",
        ),
    ] = None,
    hours: Annotated[
        int,
        typer.Option(min=0, max=LONGEST_HOURS, help="How many hours ahead; 0 for the load now."),
    ] = LONGEST_HOURS,
    quantiles: Annotated[
        str, typer.Option(help="Which quantiles, ascending.", metavar="NUMBERS")
    ] = ",".join(map(str, QUANTILES)),
    known: Annotated[
        str | None,
        typer.Option(
            help="Look at what was known then; for a history that was loaded later than it speaks "
            "of. Default: the time it is asked from.",
            metavar="TIME",
        ),
    ] = None,
    output: OutputFormat = Format.TEXT,
) -> None:
    """Issue forecasts of the load of every transformer and feeder, and keep them."""
    issued_at, known_at, asked = parsed_time(at), parsed_time(known), _numbers(quantiles)
    with bootstrap.open_services(context.obj) as house:
        made = house.predictions.run(issued_at, hours, asked, known_at)
    if output is Format.JSON:
        say_json(_run(made))
        return
    said = sum(one.forecast is not None for one in made.answers)
    say(
        f"issued at {made.issued_at.isoformat(timespec='seconds')}:"
        f" {said:,} of {len(made.answers):,} places, {made.new:,} of them new"
    )
    titles = ["level", "rung", "said by", "version", "error", "baseline", "error there", "places"]
    say_table([*titles, "why"], (_row(some) for some in _groups(made.answers)))


def _groups(answers: Iterable[LoadForecast]) -> list[list[LoadForecast]]:
    """Answers of one level, rung, model and reason together, the best rungs first."""
    groups: dict[tuple[str, int, str, str], list[LoadForecast]] = defaultdict(list)
    for one in answers:
        level = one.level.value if one.level else _NO_PLACE
        name = one.model.name if one.model else ""
        groups[level, one.rung, name, one.reason].append(one)
    return [groups[key] for key in sorted(groups)]


def _row(some: list[LoadForecast]) -> list[object]:
    one = some[0]
    level = one.level.value if one.level else _NO_PLACE
    facts = one.model
    by: list[object] = ["", "", "", "", ""]
    if facts:
        by = [facts.name, facts.version, _share(facts.error)]
        by += [facts.baseline, _share(facts.baseline_error)]
    return [level, one.rung.name, *by, len(some), one.reason]


def _share(number: float) -> str:
    return "" if isnan(number) else f"{number:.4f}"


def _run(made: Run) -> dict[str, Any]:
    answers = [_answer(one) for one in made.answers]
    return {"issuedAt": made.issued_at.isoformat(), "new": made.new, "places": answers}


def _answer(one: LoadForecast) -> dict[str, Any]:
    said = one.forecast
    return {
        "element": one.element,
        "level": one.level and one.level.value,
        "rung": one.rung.name,
        "model": one.model and {"name": one.model.name, "version": one.model.version},
        "missingInputs": list(one.missing),
        "reason": one.reason,
        "customers": one.customers,
        "metered": one.metered,
        "times": [from_us(us).isoformat() for us in said.valid_us] if said else [],
        "quantiles": list(said.quantiles) if said else [],
        "values": [list(column) for column in said.values] if said else [],
    }


def _numbers(given: str) -> tuple[float, ...]:
    try:
        return tuple(float(number) for number in given.split(","))
    except ValueError as error:
        hint = "write numbers with commas between, such as 0.1,0.5,0.9"
        raise InvalidCall(f"'{given}' are no numbers", subject=given, hint=hint) from error
