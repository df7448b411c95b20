"""How this process stands: alive, ready, and what it says of itself; without a token, no secrets.

`/health` asks nothing: who answers is alive. `/ready` tells whether everything can be asked: the
stores answer, the graph is in memory, and the process does not leave.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from graph_service.api import http
from graph_service.api.leaving import Leaving
from graph_service.services.drifting import differences
from graph_service.services.health import Health
from graph_service.services.house import Services


class Standing:
    """Answers `/health` and `/ready`."""

    def __init__(self, house: Services, leaving: Leaving) -> None:
        self._house = house
        self._leaving = leaving

    async def health(self, request: Request) -> Response:
        """Alive."""
        return http.json_response({"status": "ok"})

    async def ready(self, request: Request) -> Response:
        """Ready, or why not."""
        reason = self._reason()
        network, following = self._house.network, self._house.following
        graph = network.in_memory
        members: dict[str, Any] = {
            "status": "not ready" if reason else "ready",
            "reason": reason,
            "revision": {"store": network.known, "projection": graph and graph.revision},
            "ageSeconds": _rounded(following.graph_health.age_s),
            "stores": {
                health.name: "does not answer" if health.away else "answers"
                for health in (following.graph_health, following.timeline_health)
            },
        }
        seen = self._house.drifting.seen
        if seen is not None and not seen.is_none:
            members["drift"] = differences(seen)
        if troubles := self._house.troubles():
            members["predictors"] = troubles
        response = http.json_response(members, 503 if reason else 200)
        if reason:
            response.headers["retry-after"] = "1"
        return response

    def _reason(self) -> str | None:
        following = self._house.following
        if self._leaving.begun:
            return "this process is about to end"
        away = [h for h in (following.graph_health, following.timeline_health) if h.away]
        if away:
            return f"the {away[0].name} store does not answer"
        if self._house.network.in_memory is None or following.graph_health.age_s is None:
            return "the graph is not in memory yet"
        return None


def stale(house: Services) -> dict[str, Any] | None:
    """What an answer says of itself while the graph store is away; None while it is there."""
    health: Health = house.following.graph_health
    if health.away is None:
        return None
    graph = house.network.in_memory
    return {
        "stale": {
            "revision": house.network.known if graph is None else graph.revision,
            "ageSeconds": _rounded(health.age_s),
            "reason": f"the {health.name} store does not answer",
        }
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
