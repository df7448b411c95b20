"""Whether the graph is as the service left it: noticed where others wrote to it, and put right.

A running service counts elements and links when it starts and every ten minutes, and says in its
log and at `/ready` when there are others than its newest revision left. What counting does not show
(a property, a label, other owners) is found by `gridstrata resync`.
"""

from __future__ import annotations

import logging

from graph_service.domain.drift import Drift, Repair
from graph_service.ports.graph_store import GraphStore

log = logging.getLogger("gridstrata.drifting")


class Drifting:
    """Looks whether others wrote to the graph.

    Args:
        graph: looked at, and put right where that is asked.
    """

    def __init__(self, graph: GraphStore) -> None:
        self._graph = graph
        self._seen: Drift | None = None

    @property
    def seen(self) -> Drift | None:
        """What was found last; None where nobody looked yet."""
        return self._seen

    def look(self) -> Drift:
        """Count, and say in the log where something is other than at the last look."""
        before, now = self._seen, self._graph.drift()
        if not now.is_none and (before is None or before.is_none):
            log.warning(
                "the graph was written past the service: %s; `gridstrata resync` puts it right",
                ", ".join(told(now)),
            )
        self._seen = now
        return now

    def check(self) -> Drift:
        """Compare counts and checksums; reads all of the graph."""
        return self._graph.drift(thorough=True)

    def resync(self, author: str) -> Repair:
        """Make elements and links again what the documents say."""
        repair = self._graph.resync(author=author)
        self._seen = None
        return repair


def told(drift: Drift) -> list[str]:
    """How many more or fewer there are of what, in words."""
    return [
        f"{abs(more):,} {what} {'more' if more > 0 else 'fewer'} than revision {drift.revision}"
        for what, more in differences(drift).items()
        if more
    ]


def differences(drift: Drift) -> dict[str, int]:
    """How many more elements, links and packs there are than were kept."""
    kept, found = drift.kept, drift.found
    return {
        "elements": found.elements - kept.elements,
        "links": found.links - kept.links,
        "packs": found.packs - kept.packs,
    }
