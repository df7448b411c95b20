"""A small real fault locator: every line is as likely as its depth below what tripped tells.

It stands for a package of somebody else: lines downstream of the switches that tripped share the
odds by name, the first twice as much as the next.
"""

from __future__ import annotations

from graph_service.domain.access import EVERYTHING
from graph_service.domain.filters import ElementFilter, PageRequest
from graph_service.domain.traces import TraceKind
from graph_service.ports.fault_locator import (
    Choice,
    FaultKind,
    FaultObservations,
    FaultPlace,
    LocatorFacts,
    Rehearsal,
    Rehearsed,
    SectionOdds,
    SensorReading,
)
from graph_service.ports.graph_store import GraphStore
from graph_service.ports.predictor import Rung
from graph_service.topology.projection import Projection
from graph_service.topology.tracing import TraceRequest, trace

FACTS = LocatorFacts("by-name", "1", "nothing", "sensors 30 %", 0.5, 0.75, 120.0, "guess", 0.25)


class ByName:
    """Locates by what tripped alone."""

    def __init__(self, graph: GraphStore) -> None:
        self._graph = graph

    def locate(self, observations: FaultObservations) -> FaultPlace:
        """Lines below, halved from one to the next."""
        lines = self._lines_below(observations.tripped)
        if not lines:
            return FaultPlace((), 0.0, Rung.NOTHING, None, reason="no line is below what tripped")
        weights = [0.5**at for at in range(len(lines))]
        sections = tuple(
            SectionOdds(line, weight / sum(weights), 100.0, FaultKind.AG, 1.5)
            for line, weight in zip(lines, weights, strict=True)
        )
        return FaultPlace(
            sections,
            50.0,
            Rung.BASELINE,
            FACTS,
            others=(Choice("guess", lines[-1], 0.1),),
            evidence=(f"{len(observations.sensors)} sensors", f"{len(observations.silent)} silent"),
            missing=("the weather",),
            reason="there is no model",
        )

    def rehearse(self, rehearsal: Rehearsal) -> Rehearsed:
        """One sensor at the section, which is the first line where none is named."""
        kinds = ElementFilter(kinds=frozenset({"ACLineSegment"}))
        first = self._graph.find(kinds, PageRequest(1), EVERYTHING).elements[0]
        section = rehearsal.section or str(first.key)
        reading = SensorReading(section, volts=(100.0, 200.0, None))
        return Rehearsed(section, FaultObservations((reading,)))

    def _lines_below(self, tripped: tuple[str, ...]) -> list[str]:
        projection = Projection.build(self._graph.scan())
        found = self._graph.by_mrid([key.partition("/")[2] for key in tripped], EVERYTHING)
        starts = tuple(element.number for those in found for element in those)
        if not starts:
            return []
        below = trace(projection, TraceRequest(starts, TraceKind.DOWNSTREAM)).numbers
        elements = self._graph.elements(below.tolist(), EVERYTHING)
        return sorted(str(e.key) for e in elements if e is not None and e.kind == "ACLineSegment")


def by_name() -> type[ByName]:
    """As a service finds it."""
    return ByName
