"""Scopes of a question: which elements are meant, and how each of them stands to the one asked for.

A timeline is asked of an element, a list of elements, a trace, a container or an owner. Whatever
was asked, the answer is a set of elements, each with its distance and its relation to the start,
so that an entry of the timeline can say "two hops upstream" or "in the same container".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from graph_service.domain.layers import Layer
from graph_service.domain.switching import State
from graph_service.domain.traces import TraceKind


class Relation(Enum):
    """How an element stands to the one that was asked for; the first that holds counts."""

    START = "start"
    DOWNSTREAM = "downstream"
    UPSTREAM = "upstream"
    CONNECTED = "connected"
    CONTAINER = "container"
    COMMUNICATION_PATH = "communication path"
    SAME_GATEWAY = "same gateway"
    SAME_CONTAINER = "same container"
    CONTAINED = "contained"
    OWNED = "owned"


@dataclass(frozen=True, slots=True)
class OfElements:
    """Elements by id, an mRID or `model_set/mRID`; each is a start."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfTrace:
    """All that a walk meets from an element, at most `hops` away; None for however far.

    `layers` None means the layer of the start.
    """

    start: str
    kind: TraceKind
    state: State = State.PRESENT
    layers: tuple[Layer, ...] | None = None
    hops: int | None = None


@dataclass(frozen=True, slots=True)
class OfContainer:
    """A container, what lies in it through containers of containers, and what hangs on that."""

    container: str


@dataclass(frozen=True, slots=True)
class OfOwner:
    """An organisation and all that belongs to it, stated or inherited."""

    owner: str


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What is around some elements in every layer, at most `hops` away where the network is walked.

    Upstream, downstream and connected within the hops; the containers they lie in and what else
    lies in the nearest of them; the way their data take to the head end and what else reports
    through the same gateways.
    """

    starts: tuple[str, ...]
    hops: int


ScopeQuestion = OfElements | OfTrace | OfContainer | OfOwner | Neighbourhood
