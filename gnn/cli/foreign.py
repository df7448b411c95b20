"""`gridstrata-gnn simbench`: a network of SimBench with its profiles, as anybody's delivery."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gnn.errors import BadConfig, MissingExtra
from graph_service import bootstrap

_YEAR: Final = 2016


def simbench(
    code: Annotated[str, typer.Argument(help="Of SimBench, such as 1-LV-rural3--0-no_sw.")],
    out: Annotated[Path, typer.Argument(help="Where the files go.", metavar="DIR")],
    start: Annotated[str, typer.Option(help="First day, within 2016.")] = "2016-03-01",
    days: Annotated[int, typer.Option(min=1, help="How many days.")] = 53,
    noise: Annotated[float, typer.Option(help="Spread of the noise of single loads.")] = 0.3,
    generation: Annotated[bool, typer.Option(help="With what is generated.")] = True,
) -> None:
    """Write a SimBench network as CIM, and its profiles as readings, to import and ingest."""
    net = _network(code)
    if not generation:
        net.sgen = net.sgen.iloc[:0]
    begin = _first_day(start)
    files = (
        *bootstrap.write_pandapower(net, out),
        bootstrap.write_profiles(net, out, begin, days, noise, seed=1),
    )
    for path in files:
        typer.echo(f"{path.name}  {path.stat().st_size:,} bytes")


def _first_day(text: str) -> datetime:
    try:
        begin = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        begin = datetime.min.replace(tzinfo=UTC)
    if begin.year != _YEAR:
        raise BadConfig(
            f"{text} is no day of {_YEAR}", subject=text, hint="the profiles are those of that year"
        )
    return begin


def _network(code: str) -> Any:
    try:
        import simbench as package
    except ImportError as error:
        raise MissingExtra("simbench", "a network of SimBench") from error
    if code not in package.collect_all_simbench_codes():
        raise BadConfig(
            f"SimBench has no network '{code}'", subject=code, hint="such as 1-LV-rural3--0-no_sw"
        )
    net = package.get_simbench_net(code)
    net.name = code
    return net
