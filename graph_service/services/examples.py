"""Questions ready to run: the demo's four and one more, about whatever network is in the store.

They start at the first transformer, by name, that feeds usage points, and ask about the day of its
newest reading, so that they have an answer on any imported model; where the timeline knows of a
fault, the last one asks what happened around it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from graph_service.domain.access import Scope
from graph_service.domain.elements import Element
from graph_service.domain.filters import ElementFilter, ElementOrder, PageRequest
from graph_service.domain.readings import from_us
from graph_service.domain.traces import TraceKind
from graph_service.services.house import Services
from graph_service.services.incidents import Incident, newest_incident
from graph_service.services.traces import Trace, TraceQuestion

BELOW: Final = """\
query Below($start: ID!, $from: DateTime!, $to: DateTime!) {
  trace(start: $start, kind: DOWNSTREAM, state: PRESENT) {
    revision totalCount truncated
    countByKind { kind count }
    steps(first: 100) {
      nodes { depth stopReason element { mRID kind name } }
      pageInfo { hasNextPage endCursor }
    }
    series(quantity: ENERGY_IN, start: $from, stop: $to, resolution: "PT1H", aggregate: SUM) {
      unit times values quality coverage memberCount reportingCount
      availableRange { start stop }
    }
  }
}
"""

HANGS_BELOW: Final = """\
query HangsBelow($start: ID!) {
  element(mRID: $start) { mRID kind name }
  trace(
    start: $start
    kind: DOWNSTREAM
    kinds: ["ConductingEquipment", "UsagePoint", "EndDevice"]
  ) {
    totalCount
    countByKind { kind count }
    steps(first: 10) { nodes { depth stopReason element { mRID kind name } } }
  }
}
"""

LOAD_BY_HOUR: Final = """\
query LoadByHour($start: ID!, $from: DateTime!, $to: DateTime!) {
  trace(start: $start, kind: DOWNSTREAM) {
    series(quantity: ENERGY_IN, start: $from, stop: $to, resolution: "PT1H", aggregate: SUM) {
      unit times values quality coverage memberCount reportingCount
      availableRange { start stop }
    }
  }
}
"""

CARRIES_AND_OWNS: Final = """\
query CarriesAndOwns($start: ID!) {
  trace(start: $start, kind: DOWNSTREAM, kinds: ["EndDevice"]) {
    totalCount
    gateways: onward(kind: UPSTREAM, layers: [COMMUNICATION], kinds: ["Gateway", "HeadEnd"]) {
      steps(first: 20) { nodes { depth element { mRID kind name } } }
    }
    owners { mRID kind name }
  }
}
"""

WHAT_HAPPENED: Final = """\
query WhatHappened($scope: ScopeInput!, $from: DateTime!, $to: DateTime!, $fault: ID!) {
  timeline(
    scope: $scope
    start: $from
    stop: $to
    kinds: [FAULT, ALARM, OUTAGE, SWITCHING, MESSAGE, WORK]
    first: 30
  ) {
    nodes { start end kind severity text distance relation }
    pageInfo { hasNextPage endCursor }
  }
  around(entry: $fault, before: "PT1H", after: "PT1H", first: 50) {
    totalCount
    nodes {
      surprise observed expected minutesApart
      entry { id start kind severity text distance relation }
    }
  }
}
"""


@dataclass(frozen=True, slots=True)
class Example:
    """A question with its variables."""

    title: str
    query: str
    variables: dict[str, Any]


def examples(house: Services, scope: Scope) -> list[Example]:
    """The questions, with variables that fit the store; none where nothing can be asked."""
    chosen = _first_feeding(house, scope)
    if chosen is None:
        return []
    transformer, below = chosen
    incident = newest_incident(house, scope)
    start = {"start": str(transformer.key)}
    window = _newest_day(house, below)
    name = transformer.name or transformer.mrid
    return [
        Example(f"What hangs below {name}?", HANGS_BELOW, start),
        Example(f"The load of {name} by hour", LOAD_BY_HOUR, start | window),
        Example("Which gateways carry its meters, and who owns them?", CARRIES_AND_OWNS, start),
        Example(f"Trace and timeline of {name} in one", BELOW, start | window),
        *([_what_happened(incident)] if incident else []),
    ]


def _what_happened(incident: Incident) -> Example:
    begin, end = map(_text, incident.hour)
    title = f"What happened around {incident.at:%H:%M} on {incident.place}?"
    variables = {"scope": incident.scope, "from": begin, "to": end, "fault": incident.entry}
    return Example(title, WHAT_HAPPENED, variables)


def _first_feeding(house: Services, scope: Scope) -> tuple[Element, Trace] | None:
    wanted = ElementFilter(kinds=frozenset({"PowerTransformer"}))
    page = house.network.find(wanted, PageRequest(first=100, order=ElementOrder.NAME), scope)
    best: tuple[Element, Trace] | None = None
    for transformer in page.elements:
        question = TraceQuestion(TraceKind.DOWNSTREAM)
        below = house.network.trace([transformer.number], question, scope)
        if not len(below.numbers_of("UsagePoint")):
            continue
        if len(below.numbers_of("PowerTransformer")) <= 1:
            return transformer, below
        if best is None or below.total < best[1].total:
            best = transformer, below
    return best


def _newest_day(house: Services, below: Trace) -> dict[str, str]:
    keys = house.network.keys(below.numbers_of("UsagePoint").tolist())
    available = house.timelines.available([str(key) for key in keys])
    newest = from_us(available[1] - 1) if available else datetime.fromisoformat("2026-01-02T00Z")
    stop = newest.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return {"from": _text(stop - timedelta(days=1)), "to": _text(stop)}


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
