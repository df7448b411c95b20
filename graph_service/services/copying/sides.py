"""The two sides of a copy: where things are, and where they go."""

from __future__ import annotations

from typing import NamedTuple

from graph_service.domain.events import EventFilter
from graph_service.ports.graph_store import GraphStore
from graph_service.ports.record_store import RecordStore
from graph_service.ports.timeline_store import TimelineStore


class Side(NamedTuple):
    """Stores that belong together, and how a person names them."""

    name: str
    graph: GraphStore
    records: RecordStore
    timeline: TimelineStore

    def is_empty(self) -> bool:
        """Whether nothing has ever been kept here."""
        return not (
            self.graph.revision()
            or self.records.collections()
            or self.timeline.elements(first=1)
            or self.timeline.events_available(EventFilter())
        )
