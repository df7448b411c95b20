"""`gridstrata-gnn fleet`: loads of a network feeder by feeder, on one or several workers."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

import gnn
from gnn.cli.training import limit_threads
from gnn.features.grid import read_grid
from gnn.predict.fleet import cluster, pieces, say_fleet
from graph_service.bootstrap.stores import open_stores
from graph_service.domain.readings import parsed_time, to_us
from graph_service.ports.predictor import LONGEST_HOURS, LoadForecast, LoadQuestion
from graph_service.ports.timeline_store import TimelineStore
from graph_service.settings import Settings
from graph_service.topology.projection import Projection


def fleet(
    data: Annotated[Path, typer.Argument(help="A data folder.", metavar="DATA")],
    at: Annotated[str | None, typer.Option(help="The time it is asked from, with zone.")] = None,
    known: Annotated[str | None, typer.Option(help="Look at what was known then.")] = None,
    hours: Annotated[int, typer.Option(help="How many hours ahead; 0 for now.")] = LONGEST_HOURS,
    workers: Annotated[
        int, typer.Option(min=0, help="Workers of Dask; 0 answers in this process.")
    ] = 0,
    bundles: Annotated[Path | None, typer.Option(help="Other bundles than the shipped.")] = None,
    write: Annotated[
        Path | None, typer.Option(help="Write what is said here, a line of JSON a place.")
    ] = None,
) -> None:
    """Say the loads of a network, a feeder at a time: inline, or on workers of Dask."""
    limit_threads()
    settings = Settings(data=data)
    issued, known_at = parsed_time(at) or datetime.now(UTC), parsed_time(known)
    known_us = None if known_at is None else to_us(known_at)
    question = LoadQuestion((), to_us(issued), hours, known_us=known_us)
    folder = bundles or Path(gnn.__file__).parent / "shipped"
    with ExitStack() as closing:
        graph = open_stores(settings, closing).graph
        grid = read_grid(graph, Projection.build(graph.scan()))
        asked = list(pieces(grid, question, folder, partial(open_timeline, settings)))
        client = closing.enter_context(cluster(workers)) if workers else None
        out = closing.enter_context(write.open("w", encoding="utf-8")) if write else None
        began, places = time.monotonic(), 0
        for said in say_fleet(asked, client):
            places += len(said)
            if out is not None:
                out.writelines(json.dumps(_line(one)) + "\n" for one in said)
        taken = time.monotonic() - began
    where = f"{workers} workers" if workers else "one process"
    typer.echo(f"{len(asked)} feeders, {places} places, {taken:.2f} s on {where}")


@contextmanager
def open_timeline(settings: Settings) -> Iterator[TimelineStore]:
    """The readings of a data folder or server, read where this is called."""
    with ExitStack() as closing:
        yield open_stores(settings, closing, read_only=True).timeline


def _line(one: LoadForecast) -> dict[str, Any]:
    said = one.forecast
    return {
        "element": one.element,
        "rung": one.rung.name,
        "model": one.model.name if one.model else None,
        "valid_us": list(said.valid_us) if said else [],
        "quantiles": list(said.quantiles) if said else [],
        "values": [list(column) for column in said.values] if said else [],
    }
