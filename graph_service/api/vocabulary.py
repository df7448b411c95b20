"""The choices of the schema: layers, states, directions, qualities, as GraphQL enumerations.

Enumerations of the domain are registered with strawberry here, once, and used by their own names
everywhere else; importing this module is what makes them known.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

import strawberry

from graph_service.domain import tables
from graph_service.domain.events import EventSeverity
from graph_service.domain.filters import ElementOrder
from graph_service.domain.findings import Severity
from graph_service.domain.layers import Layer
from graph_service.domain.readings import Aggregate, Quality
from graph_service.domain.scopes import Relation
from graph_service.domain.switching import State
from graph_service.domain.traces import TraceKind
from graph_service.ports.predictor import Level, Rung
from graph_service.services.advice import ActionKind
from graph_service.services.imports import RunState

__all__ = [
    "STOP_REASONS",
    "ActionKind",
    "Aggregate",
    "ElementOrder",
    "EventKind",
    "EventSeverity",
    "Layer",
    "Level",
    "Quality",
    "Quantity",
    "Relation",
    "RunState",
    "Rung",
    "Severity",
    "State",
    "StopReason",
    "TraceKind",
]

strawberry.enum(Layer, description="The same network as wires, as data paths, or as property.")
strawberry.enum(State, description="Switching as designed, or as it is now.")
strawberry.enum(
    TraceKind,
    description="CONNECTED goes everywhere, UPSTREAM towards the sources, DOWNSTREAM away from "
    "them; PATH_TO_SOURCE is a shortest way to the nearest source, SHORTEST_PATH one to `target`. "
    "The source is the head end in the communication layer and the organisation in ownership.",
)
strawberry.enum(
    Aggregate, description="How values within an interval, and across members, become one."
)
strawberry.enum(ElementOrder, name="ElementOrderField", description="What elements are ordered by.")
strawberry.enum(
    RunState,
    description="Where an import stands: RUNNING, then LANDED with a revision, UNCHANGED, TRIED "
    "(a dry run), FAILED with a reason, or INTERRUPTED when its process ended.",
)
strawberry.enum(
    Severity, description="INFO counts, WARNING was worked around, ERROR lost its file."
)

strawberry.enum(
    Level,
    name="LoadLevel",
    description="What kind of place a load is said of; what carries current and is none of the "
    "rest is a SECTION.",
)
strawberry.enum(
    Rung,
    description="Which step of the ladder a forecast stands on: a MODEL that beat every baseline "
    "in its own evaluation, the best BASELINE, what flowed LAST_WEEK, what such customers use on "
    "average (CLASS_MEAN), or NOTHING.",
)
strawberry.enum(
    ActionKind,
    name="AdviceActionKind",
    description="What could be done: MOVE load to the other side of an open point, LOWER_VOLTAGE "
    "by a tap changer, LIMIT named loads, or MEASURE here, so that the band becomes narrower.",
)
strawberry.enum(EventSeverity, description="How much an event matters, in ascending order.")
strawberry.enum(
    Relation,
    description="How an element stands to the one asked for; the first that holds counts. "
    "START is itself; DOWNSTREAM, UPSTREAM, CONNECTED are what a walk found; CONTAINER holds it; "
    "COMMUNICATION_PATH carries its data, SAME_GATEWAY reports through the same gateway, "
    "SAME_CONTAINER lies in the same container; CONTAINED and OWNED are the elements of a "
    "container or an owner that was asked for.",
)


@strawberry.enum(description="Why a branch of a trace ends at a step.")
class StopReason(Enum):
    """`domain.traces.StopReason` without NONE, which is null here."""

    OPEN = strawberry.enum_value(1, description="an open switch or a disconnected terminal")
    OUT_OF_SERVICE = strawberry.enum_value(2, description="equipment out of service")
    BOUNDARY = strawberry.enum_value(3, description="the model ends here, the network does not")
    HEAD = strawberry.enum_value(4, description="a source")
    END = strawberry.enum_value(5, description="nothing lies beyond")
    BUDGET = strawberry.enum_value(6, description="it goes on, but the trace had to stop")


STOP_REASONS: Final[tuple[StopReason | None, ...]] = (None, *StopReason)
"""Indexed by the number of `domain.traces.StopReason`."""

if TYPE_CHECKING:

    class Quantity(Enum):
        """What a series measures; the members are the rows of the table of quantities."""

    class EventKind(Enum):
        """What an event is; the members are the rows of the table of kinds of events."""

else:
    Quantity = strawberry.enum(
        Enum(
            "Quantity",
            {
                row.name: strawberry.enum_value(row.name, description=f"{row.meaning} ({row.unit})")
                for row in tables.quantities()
            },
        ),
        description="What a series measures.",
    )
    EventKind = strawberry.enum(
        Enum(
            "EventKind",
            {
                row.name: strawberry.enum_value(row.name, description=row.meaning)
                for row in tables.event_kinds()
            },
        ),
        description="What an event is.",
    )
