"""Who may be told a forecast: who may see all that its number is made of.

A forecast of one place is made of readings of every customer that is connected with it, and of
whatever else there is measured. So a caller with bounds is told only where every usage point that
is connected in the present state may be seen, and nothing else there that is hidden has readings.
Who may not see the element itself does not get so far: it is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graph_service.domain.access import EVERYTHING, Scope
from graph_service.domain.elements import Element
from graph_service.domain.traces import TraceKind
from graph_service.ports.timeline_store import TimelineStore
from graph_service.services.network import Network
from graph_service.services.traces import TraceQuestion, kind_mask
from graph_service.topology.containment import hanging, reached, with_contents
from graph_service.topology.csr import Ints
from graph_service.topology.projection import Projection
from graph_service.topology.visibility import visible_mask


class ForecastRights:
    """Decides who may be told.

    Args:
        network: what is connected.
        timeline: what has readings.
    """

    def __init__(self, network: Network, timeline: TimelineStore) -> None:
        self._network = network
        self._timeline = timeline

    def may_see(self, element: Element, scope: Scope) -> bool:
        """Tell whether all that a forecast of an element is made of may be seen."""
        return self._all_seen(self._network.projection(), element.number, scope)

    def _all_seen(self, projection: Projection, number: int, scope: Scope) -> bool:
        visible = visible_mask(projection, scope)
        if visible is None:
            return True
        made_of = self._made_of(projection, number)
        hidden = made_of[~visible[made_of]]
        points = kind_mask(projection, frozenset({"UsagePoint"}))
        if points[projection.kinds[hidden]].any():
            return False
        keys = self._network.keys(projection.numbers[hidden].tolist())
        return not (keys and self._timeline.series([str(key) for key in keys]))

    def may_see_each(
        self, projection: Projection, positions: Sequence[int], scope: Scope
    ) -> set[int]:
        """Those of some equipment, by position, of which a forecast may be told.

        What is connected with each other has the same answer, which is found once.
        """
        if visible_mask(projection, scope) is None:
            return set(positions)
        told, wanted = set[int](), set(positions)
        while wanted:
            number = int(projection.numbers[next(iter(wanted))])
            alike = wanted & set(self._made_of(projection, number).tolist())
            if self._all_seen(projection, number, scope):
                told |= alike
            wanted -= alike
        return told

    def _made_of(self, projection: Projection, number: int) -> Ints:
        """Positions of what is connected with an element or its contents, and hangs on that."""
        begin = with_contents(projection, number)
        numbers = projection.numbers[begin].tolist()
        question = TraceQuestion(TraceKind.CONNECTED)
        met = self._network.trace(numbers, question, EVERYTHING, projection).walked.numbers
        there = np.union1d(begin, projection.index_of(met))
        return np.union1d(there, reached(hanging(projection), there)[0])
