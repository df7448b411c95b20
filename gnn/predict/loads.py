"""Loads now and ahead for places of the network: the predictor behind the entry point `load`.

It answers from two bundles, one for the load now (L1) and one for loads ahead (L2): those that
are shipped, or those in the folder that GRIDSTRATA_BUNDLES names (`load-now`, `load-ahead`).
Numpy and scipy do all the work; torch is never imported.

What was read and said for one time of issue is kept for some questions, so that the next feeder
asked from the same time costs next to nothing; it is made anew as soon as the timeline holds more
values, the network changes or the time known differs.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import Final

import gnn
from gnn.bundle.file import Bundle, read_bundle
from gnn.bundle.renewed import Renewed
from gnn.errors import BadHorizon, BadQuantiles
from gnn.features.grid import Grid, read_grid
from gnn.features.hours import (
    LOOKED_BACK_H,
    Hours,
    read_hours,
    window_before,
)
from gnn.models.sage import QUANTILES
from gnn.predict.answering import Answer
from gnn.predict.facts import served_tasks
from graph_service.domain.access import EVERYTHING
from graph_service.domain.switching import State
from graph_service.ports.graph_store import GraphStore
from graph_service.ports.predictor import (
    LONGEST_HOURS,
    Level,
    LoadForecast,
    LoadQuestion,
    Rung,
    ServedTask,
)
from graph_service.ports.timeline_store import TimelineStore
from graph_service.topology.projection import Projection

BUNDLES: Final = "GRIDSTRATA_BUNDLES"
FOLDERS: Final = {"L1": "load-now", "L2": "load-ahead"}
_MOST_QUANTILES: Final = 20
_MOST_ANSWERS: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """The network of one revision, which place each element is, and the elements added to it."""

    projection: Projection
    grid: Grid
    places: dict[str, int]
    added: tuple[int, ...] = ()


def open_predictor(graph: GraphStore, timeline: TimelineStore) -> RenewedLoads:
    """The predictor over two stores, with the bundles shipped or set, also exchanged later.

    Raises:
        BundleError: a bundle is missing, damaged, or made for another program.
    """
    folder = Path(os.environ.get(BUNDLES) or Path(gnn.__file__).parent / "shipped")
    folders = [folder / FOLDERS[task] for task in ("L1", "L2")]
    return RenewedLoads(
        folders, lambda: BundledLoads(graph, timeline, *(read_bundle(each) for each in folders))
    )


class BundledLoads:
    """A `LoadPredictor` that answers from bundles.

    Args:
        graph: The network.
        timeline: The readings.
        now: Bundle of the task L1.
        ahead: Bundle of the task L2.
    """

    def __init__(self, graph: GraphStore, timeline: TimelineStore, now: Bundle, ahead: Bundle):
        self._graph, self._timeline = graph, timeline
        self._now, self._ahead = now, ahead
        self._lock = Lock()
        self._kept: _View | None = None
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()

    def tasks(self) -> tuple[ServedTask, ...]:
        """What is served, by task, then level."""
        return (*served_tasks(self._now.manifest), *served_tasks(self._ahead.manifest))

    def loads(self, question: LoadQuestion) -> list[LoadForecast]:
        """Answer a question, one forecast an element; see the port."""
        check(question)
        view = self._view(question.elements)
        elements = question.elements or view.grid.keys
        if not len(view.grid):
            return [_nothing(element) for element in elements]
        answer = self._answer(view, question)
        found = [view.places.get(element, -1) for element in elements]
        return [
            answer.of(element, place) if place >= 0 else _nothing(element)
            for element, place in zip(elements, found, strict=True)
        ]

    def _answer(self, view: _View, question: LoadQuestion) -> Answer:
        alike = replace(question, elements=())
        key = (view.projection.revision, view.added, alike, self._timeline.counts())
        with self._lock:
            found = self._answers.pop(key, None)
        if found is None:
            lately = self.hours(view.grid, question)
            found = Answer(self.bundle(question.hours), view.grid, lately, question)
        with self._lock:
            self._answers[key] = found
            while len(self._answers) > _MOST_ANSWERS:
                self._answers.popitem(last=False)
        return found

    def bundle(self, hours: int) -> Bundle:
        """The bundle for a horizon."""
        return self._ahead if hours else self._now

    def hours(self, grid: Grid, question: LoadQuestion) -> Hours:
        """What was known of the time before the issue."""
        return hours_known(self._timeline, grid, question)

    def _view(self, elements: Sequence[str]) -> _View:
        """The network, with other equipment among the elements as added places."""
        base = self._base_view()
        others = [element for element in dict.fromkeys(elements) if element not in base.places]
        numbers = self._numbers(others)
        if not numbers:
            return base
        added = tuple(sorted(numbers))
        grid = read_grid(self._graph, base.projection, State.PRESENT, added)
        return _View(base.projection, grid, _places(grid), added)

    def _base_view(self) -> _View:
        with self._lock:
            kept, revision = self._kept, self._graph.revision()
            if kept is None or kept.projection.revision != revision:
                projection = Projection.build(self._graph.scan())
                grid = read_grid(self._graph, projection)
                kept = self._kept = _View(projection, grid, _places(grid))
            return kept

    def _numbers(self, elements: Sequence[str]) -> set[int]:
        parted = [element.partition("/") for element in elements]
        found = self._graph.by_mrid([mrid for _, _, mrid in parted], EVERYTHING)
        return {
            each.number
            for (model_set, _, _), those in zip(parted, found, strict=True)
            for each in those
            if each.key.model_set == model_set
        }


class RenewedLoads(Renewed[BundledLoads]):
    """The same with whatever bundles lie there, see `Renewed`."""

    def tasks(self) -> tuple[ServedTask, ...]:
        """What is served, by task, then level."""
        return self.now().tasks()

    def loads(self, question: LoadQuestion) -> list[LoadForecast]:
        """Answer a question, one forecast an element; see the port."""
        return self.now().loads(question)


def hours_known(timeline: TimelineStore, grid: Grid, question: LoadQuestion) -> Hours:
    """The readings of a grid that a question may be answered from."""
    known_us = question.issued_us if question.known_us is None else question.known_us
    window = window_before(question.issued_us, LOOKED_BACK_H)
    return read_hours(timeline, grid, window, known_us)


def _places(grid: Grid) -> dict[str, int]:
    """Place of each element; an element that is head of a feeder, too, is the place itself."""
    return {key: place for place, key in reversed(list(enumerate(grid.keys)))}


def _nothing(element: str) -> LoadForecast:
    why = "no customer that is energised is supplied through this element, or it is not there"
    return LoadForecast(element, None, None, Rung.NOTHING, None, reason=why)


def check(question: LoadQuestion) -> None:
    """See to it that a question can be answered.

    Raises:
        BadHorizon, BadQuantiles: horizon or quantiles are none.
    """
    if not 0 <= question.hours <= LONGEST_HOURS:
        raise BadHorizon(question.hours, LONGEST_HOURS)
    asked = question.quantiles
    ascending = all(a < b for a, b in pairwise(asked))
    within = asked and QUANTILES[0] <= asked[0] and asked[-1] <= QUANTILES[-1]
    if not (ascending and within and len(asked) <= _MOST_QUANTILES):
        raise BadQuantiles(asked)


__all__ = ["BundledLoads", "Level", "open_predictor"]
