"""A small real predictor: every place gets what its customers used at the same hour of last week.

It stands for a package of somebody else: a class that answers `LoadQuestion`s over two stores.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from math import isnan

from graph_service.domain.access import EVERYTHING
from graph_service.domain.elements import Element
from graph_service.domain.filters import ElementFilter, PageRequest
from graph_service.domain.forecasts import Forecast
from graph_service.domain.readings import Aggregate, SeriesKey, Window
from graph_service.domain.traces import TraceKind
from graph_service.ports.graph_store import GraphStore
from graph_service.ports.predictor import (
    QUANTITY,
    Level,
    LoadForecast,
    LoadPredictorFactory,
    LoadQuestion,
    ModelFacts,
    Rung,
    ServedTask,
)
from graph_service.ports.timeline_store import TimelineStore
from graph_service.topology.projection import Projection
from graph_service.topology.tracing import TraceRequest, trace

HOUR_US = 3_600_000_000
WEEK_US = 168 * HOUR_US
FACTS = ModelFacts("last-week", "1", "nothing", 0.2, "class mean", 0.3, 0.8)


class LastWeek:
    """Last week's load; quantile q is twice q times it."""

    def __init__(self, graph: GraphStore, timeline: TimelineStore) -> None:
        self._graph, self._timeline = graph, timeline

    def tasks(self) -> tuple[ServedTask, ...]:
        """Nothing was evaluated."""
        return ()

    def loads(self, question: LoadQuestion) -> list[LoadForecast]:
        """One answer an element; transformers where none is named."""
        projection = Projection.build(self._graph.scan())
        return [self._load(element, projection, question) for element in self._elements(question)]

    def _elements(self, question: LoadQuestion) -> Sequence[Element]:
        if not question.elements:
            kinds = ElementFilter(kinds=frozenset({"PowerTransformer"}))
            return self._graph.find(kinds, PageRequest(500), EVERYTHING).elements
        mrids = [element.partition("/")[2] for element in question.elements]
        return [found[0] for found in self._graph.by_mrid(mrids, EVERYTHING)]

    def _load(
        self, element: Element, projection: Projection, question: LoadQuestion
    ) -> LoadForecast:
        below = trace(projection, TraceRequest((element.number,), TraceKind.DOWNSTREAM)).numbers
        keys = [str(key) for key in self._graph.keys(below.tolist())]
        series = self._timeline.series(keys, "ENERGY_IN")
        begin = question.issued_us - question.issued_us % HOUR_US
        first = begin if question.hours else begin - HOUR_US
        window = Window(first, first + max(question.hours, 1) * HOUR_US)
        before = Window(window.start_us - WEEK_US, window.stop_us - WEEK_US)
        known_us = question.issued_us if question.known_us is None else question.known_us
        watts = self._watts(series, before, known_us)
        if not series or any(isnan(watt) for watt in watts):
            why = "nothing was read a week before"
            return LoadForecast(str(element.key), None, None, Rung.NOTHING, None, reason=why)
        key = SeriesKey(str(element.key), QUANTITY, FACTS.name)
        times = array("q", range(window.start_us, window.stop_us, HOUR_US))
        columns = tuple(array("d", [2 * q * w for w in watts]) for q in question.quantiles)
        said = Forecast(key, question.issued_us, times, question.quantiles, columns)
        return LoadForecast(
            key.element, said, Level.TRANSFORMER, Rung.LAST_WEEK, FACTS,
            ("the weather",), "there is no model", len(series), len(series),
        )  # fmt: skip

    def _watts(self, series: Sequence[SeriesKey], window: Window, known_us: int) -> array[float]:
        if not series:
            return array("d")
        [found] = self._timeline.aggregate(
            series, window, HOUR_US, Aggregate.SUM, known_us=known_us
        )
        return found.values


def last_week() -> LoadPredictorFactory:
    """Finds the predictor, as the installed one is found."""
    return LastWeek
