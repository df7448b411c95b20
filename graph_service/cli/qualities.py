"""Commands about data quality: how good the readings are, and how often they are due."""

from __future__ import annotations

from datetime import datetime
from math import isnan
from typing import Annotated, Any

import typer

from graph_service import bootstrap
from graph_service.analysis.quality import Shares
from graph_service.cli.output import Format, say, say_json, say_table
from graph_service.domain.access import EVERYTHING
from graph_service.domain.calendars import zone_of
from graph_service.domain.durations import parse_resolution
from graph_service.domain.readings import Window, from_us, to_us
from graph_service.domain.scopes import OfContainer, OfElements, OfOwner, OfTrace, ScopeQuestion
from graph_service.domain.traces import TraceKind
from graph_service.services.devices import devices_of
from graph_service.services.house import Services
from graph_service.services.quality import Figures, QualityAnswer, QualityQuestion
from graph_service.services.schedules import Schedule

OutputFormat = Annotated[Format, typer.Option("--format", help="How to print the answer.")]
TraceOption = Annotated[
    str | None, typer.Option(help="All that hangs below this element.", metavar="MRID")
]
ContainerOption = Annotated[
    str | None, typer.Option(help="All that lies in this container.", metavar="MRID")
]
OwnerOption = Annotated[
    str | None, typer.Option(help="All that belongs to this organisation.", metavar="MRID")
]
ElementOption = Annotated[
    list[str] | None, typer.Option(help="This element; may be repeated.", metavar="MRID")
]
FromOption = Annotated[
    str, typer.Option("--from", help="The first day, or an instant with zone.", metavar="TIME")
]
ToOption = Annotated[
    str, typer.Option("--to", help="Up to this day or instant, exclusive.", metavar="TIME")
]
QuantityOption = Annotated[
    str | None, typer.Option(help="Only series of this quantity.", metavar="QUANTITY")
]
ZoneOption = Annotated[str, typer.Option(help="Whose days: a time zone.", metavar="ZONE")]

schedule = typer.Typer(help="How often series are to be read.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(rich_help_panel="Questions")(quality)
    app.add_typer(schedule, name="schedule", rich_help_panel="Models and readings")


def quality(
    context: typer.Context,
    start: FromOption,
    stop: ToOption,
    trace: TraceOption = None,
    container: ContainerOption = None,
    owner: OwnerOption = None,
    element: ElementOption = None,
    zone: ZoneOption = "UTC",
    quantity: QuantityOption = None,
    deadline: Annotated[
        str, typer.Option(help="How long after its interval a reading is on time.")
    ] = "PT24H",
    worst: Annotated[int, typer.Option(min=0, max=500, help="Devices to list.")] = 10,
    output: OutputFormat = Format.TEXT,
) -> None:
    """Say how complete, timely and valid readings are, by day, and which devices are worst."""
    asked = QualityQuestion(
        window_of(start, stop, zone), zone, quantity, parse_resolution(deadline)
    )
    scope = scope_of(trace, container, owner, element)
    with bootstrap.open_services(context.obj) as house:
        devices = devices_of(house.network, house.scopes, scope, EVERYTHING, None)
        found = house.quality.of_all(devices.keys, asked)
    if output is Format.JSON:
        say_json(_members(found, worst))
    else:
        _show(found, worst)
    if devices.truncated:
        say("only the nearest devices: there are more than a scope may hold")


@schedule.command("set")
def set_schedule(
    context: typer.Context,
    every: Annotated[str, typer.Argument(help="ISO 8601, at most P1D.", metavar="DURATION")],
    element: Annotated[str, typer.Option(help="Only of this element.", metavar="MRID")] = "",
    quantity: Annotated[str, typer.Option(help="Only of this quantity.")] = "",
    source: Annotated[str, typer.Option(help="Only from this source.")] = "",
) -> None:
    """State how often series are to be read."""
    with bootstrap.open_services(context.obj) as house:
        house.schedules.state(Schedule(every, _key(house, element), quantity, source))


@schedule.command("list")
def list_schedules(context: typer.Context, output: OutputFormat = Format.TEXT) -> None:
    """List what was stated; where nothing was, the readings themselves tell."""
    with bootstrap.open_services(context.obj) as house:
        stated = house.schedules.all()
    if output is Format.JSON:
        say_json([one._asdict() for one in stated])
    else:
        rows = ([one.every, *(name or "any" for name in one[1:])] for one in stated)
        say_table(["every", "element", "quantity", "source"], rows)


@schedule.command("remove")
def remove_schedule(
    context: typer.Context,
    element: Annotated[str, typer.Option(help="As it was set.", metavar="MRID")] = "",
    quantity: Annotated[str, typer.Option(help="As it was set.")] = "",
    source: Annotated[str, typer.Option(help="As it was set.")] = "",
) -> None:
    """Forget a schedule."""
    with bootstrap.open_services(context.obj) as house:
        there = house.schedules.remove(_key(house, element), quantity, source)
    say("forgotten" if there else "there was none")


def scope_of(
    trace: str | None, container: str | None, owner: str | None, element: list[str] | None
) -> ScopeQuestion | None:
    """The scope that options mean; None for everything."""
    if sum(bool(given) for given in (trace, container, owner, element)) > 1:
        raise typer.BadParameter("give one of --trace, --container, --owner and --element")
    if trace:
        return OfTrace(trace, TraceKind.DOWNSTREAM)
    if container:
        return OfContainer(container)
    if owner:
        return OfOwner(owner)
    return OfElements(tuple(element)) if element else None


def window_of(start: str, stop: str, zone: str = "UTC") -> Window:
    """The window between two days of a zone, or instants."""
    return Window(_instant(start, zone), _instant(stop, zone))


def _key(house: Services, element: str) -> str:
    return str(house.network.element(element, EVERYTHING).key) if element else ""


def _instant(text: str, zone: str) -> int:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"'{text}' is no time; write 2026-01-31") from error
    return to_us(at.replace(tzinfo=zone_of(zone)) if at.tzinfo is None else at)


def _show(found: QualityAnswer, worst: int) -> None:
    figures = found.overall
    say(f"{len(found.devices):,} devices, {found.silent:,} of them without any reading")
    say_table(["", *_TITLES[1:]], [["all", *_cells(figures, ())], *_by_energy(found)])
    say()
    days = [from_us(at).isoformat()[:16] + "Z" for at in found.days.starts_us]
    say_table(_TITLES, ([day, *_cells(found.by_day, at)] for at, day in enumerate(days)))
    listed = found.worst[:worst]
    if listed:
        say("\nthe worst")
        rows = ([found.devices[at], *_cells(found.by_device, at)] for at in listed)
        say_table(["device", *_TITLES[1:]], rows)


_TITLES = (
    "day from",
    "expected",
    "received",
    "complete",
    "in time",
    "valid",
    "estimated",
    "longest gap",
    "since",
)


def _by_energy(found: QualityAnswer) -> list[list[object]]:
    if found.weighted is None:
        return []
    return [["by energy", "", "", *(_percent(float(share)) for share in found.weighted), "", ""]]


def _cells(found: Figures, at: Any) -> list[object]:
    length = int(found.gaps.length_us[at])
    since = from_us(int(found.gaps.start_us[at])).isoformat()[:16] + "Z"
    shares = (_percent(float(column[at])) for column in found.shares)
    gap = [f"{length / 3.6e9:.1f} h", since] if length else ["", ""]
    return [int(found.counts.expected[at]), int(found.counts.received[at]), *shares, *gap]


def _percent(share: float) -> str:
    return "" if isnan(share) else f"{share:.1%}"


def _members(found: QualityAnswer, worst: int) -> dict[str, Any]:
    days = enumerate(found.days.starts_us)
    return {
        "devices": len(found.devices),
        "silent": found.silent,
        "overall": _figures(found.overall, ()),
        "weighted": None if found.weighted is None else _shares(found.weighted, ()),
        "days": [{"start": _time(at), **_figures(found.by_day, i)} for i, at in days],
        "worst": [
            {"element": found.devices[at], **_figures(found.by_device, at)}
            for at in found.worst[:worst]
        ],
    }


def _figures(found: Figures, at: Any) -> dict[str, Any]:
    length = int(found.gaps.length_us[at])
    start = _time(int(found.gaps.start_us[at]))
    return {
        "expected": int(found.counts.expected[at]),
        "received": int(found.counts.received[at]),
        **_shares(found.shares, at),
        "longestGap": {"start": start, "seconds": length / 1e6} if length else None,
    }


def _shares(found: Shares, at: Any) -> dict[str, float | None]:
    names = ("completeness", "timeliness", "validity", "estimatedShare")
    values = [float(column[at]) for column in found]
    return {
        name: None if isnan(value) else value for name, value in zip(names, values, strict=True)
    }


def _time(us: int) -> str:
    return from_us(us).isoformat().replace("+00:00", "Z")
