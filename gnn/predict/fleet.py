"""Loads of a fleet, feeder by feeder: a feeder is the unit of work, here or on many machines.

`pieces` cuts a network at its medium-voltage feeders; `say_piece` answers one piece, reading only
the meters below it. Whoever runs it, inline or a worker of Dask, the same function gives the same
numbers, and the pieces come back in order. Memory follows the largest feeder.

Limits: a feeder knows its own meters only, so a class of customers that nobody reads there is
filled from the other classes of that feeder, where a predictor of the whole network would look next
door; places above feeders (substations) are not answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from gnn.bundle.file import Bundle, read_bundle
from gnn.errors import MissingExtra
from gnn.features.grid import LEVELS, Grid
from gnn.predict.answering import Answer
from gnn.predict.loads import FOLDERS, check, hours_known
from graph_service.ports.predictor import Level, LoadForecast, LoadQuestion
from graph_service.ports.timeline_store import TimelineStore

OpenTimeline = Callable[[], AbstractContextManager[TimelineStore]]
"""Opens the readings where it is called; must be picklable to reach a worker."""

_FEEDER: Final = LEVELS.index(Level.MV_FEEDER)


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A feeder as a worker gets it: its places and customers, and what is asked.

    Attributes:
        grid: The places at and below the feeder.
        question: Time, horizon and quantiles.
        bundles: Folder of the bundles, there where it is answered.
        timeline: Opens the readings there.
    """

    grid: Grid
    question: LoadQuestion
    bundles: Path
    timeline: OpenTimeline


def pieces(
    grid: Grid, question: LoadQuestion, bundles: Path, timeline: OpenTimeline
) -> Iterator[Piece]:
    """One piece a feeder, in order of the network; what lies below no feeder by its highest place.

    Raises:
        BadHorizon, BadQuantiles: horizon or quantiles are none.
    """
    check(question)
    for top in _tops(grid):
        yield Piece(_cut(grid, top), question, bundles, timeline)


def say_piece(piece: Piece) -> list[LoadForecast]:
    """The loads of all places of a feeder."""
    bundle = _bundle(piece.bundles, bool(piece.question.hours))
    with piece.timeline() as timeline:
        hours = hours_known(timeline, piece.grid, piece.question)
    answer = Answer(bundle, piece.grid, hours, piece.question)
    return [answer.of(key, place) for place, key in enumerate(piece.grid.keys)]


def say_fleet(asked: Iterable[Piece], client: Any = None) -> Iterator[list[LoadForecast]]:
    """The loads of all pieces, in their order; on a `distributed.Client` where one is given."""
    if client is None:
        yield from map(say_piece, asked)
        return
    futures = [client.submit(say_piece, piece, pure=False) for piece in asked]
    for future in futures:
        yield future.result()
        future.release()


def cluster(workers: int) -> Any:
    """A client of so many workers on this machine; to be closed.

    Raises:
        MissingExtra: distributed is not installed.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise MissingExtra("distributed", "several workers") from error
    local: Any = LocalCluster
    client: Any = Client
    return client(local(n_workers=workers, threads_per_worker=1, dashboard_address=None))


@lru_cache(maxsize=4)
def _bundle(folder: Path, ahead: bool) -> Bundle:
    return read_bundle(folder / FOLDERS["L2" if ahead else "L1"])


def _tops(grid: Grid) -> list[int]:
    """Feeders that lie in no other one, and the highest places that no feeder is above or below."""
    within = grid.within(Level.MV_FEEDER)
    tops = {int(place) for place in within if place >= 0}
    above = {int(up) for top in tops for up in _up(grid, top)}
    tops = {top for top in tops if not tops & set(_up(grid, top))}
    for place, feeder in enumerate(within.tolist()):
        parent = int(grid.parents[place])
        free = feeder < 0 and place not in above
        if free and (parent < 0 or parent in above):
            tops.add(place)
    return sorted(tops)


def _up(grid: Grid, place: int) -> Iterator[int]:
    while grid.parents[place] >= 0:
        place = int(grid.parents[place])
        yield place


def _cut(grid: Grid, top: int) -> Grid:
    """The places at and below one, and their customers."""
    inside = np.zeros(len(grid), dtype=bool)
    for place in range(len(grid)):
        parent = int(grid.parents[place])
        inside[place] = place == top or (parent >= 0 and inside[parent])
    kept = np.flatnonzero(inside)
    number = np.full(len(grid) + 1, -1, dtype=np.int32)
    number[kept] = np.arange(len(kept), dtype=np.int32)
    begin, end = int(grid.begins[top]), int(grid.ends[top])
    customers = grid.customers
    parents = number[grid.parents[kept]]
    parents[number[top]] = -1
    return replace(
        grid,
        keys=tuple(grid.keys[place] for place in kept),
        heads=tuple(grid.heads[place] for place in kept),
        levels=grid.levels[kept],
        parents=parents,
        begins=grid.begins[kept] - begin,
        ends=grid.ends[kept] - begin,
        radial=grid.radial[kept],
        networks=np.zeros(len(kept), dtype=np.int32),
        bounds=np.array([0, end - begin], dtype=np.int32),
        base=int((kept < grid.base).sum()),
        customers=replace(
            customers,
            keys=customers.keys[begin:end],
            sources=customers.sources[begin:end],
            expected_w=customers.expected_w[begin:end],
            classes=customers.classes[begin:end],
        ),
    )
