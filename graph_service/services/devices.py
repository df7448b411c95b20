"""The devices of a scope: the elements whose readings are judged, exported, counted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from graph_service.domain.access import Scope
from graph_service.domain.scopes import OfTrace, ScopeQuestion
from graph_service.services.network import Network, default_layers
from graph_service.services.scopes import Scopes
from graph_service.services.traces import TraceQuestion, kind_mask
from graph_service.topology.visibility import visible_mask


class Devices(NamedTuple):
    """Elements, `model_set/mRID`; `truncated` where there were more than a scope may hold."""

    keys: list[str]
    truncated: bool


def devices_of(
    network: Network, scopes: Scopes, asked: ScopeQuestion | None, scope: Scope, kind: str | None
) -> Devices:
    """The devices of a scope, or of all that the caller sees where `asked` is None.

    Args:
        network: where walks are.
        scopes: finds the elements of scopes.
        asked: the scope; a trace without limit of hops is never truncated.
        scope: what the caller sees.
        kind: the class of the devices; None for the elements that are named, or usage points.

    Raises:
        UnknownElement, AmbiguousElement, InvalidCall: see `Scopes.members`.
    """
    if asked is None:
        return Devices(_everywhere(network, scope, kind or "UsagePoint"), truncated=False)
    if isinstance(asked, OfTrace) and asked.hops is None:
        return _walked(network, asked, scope, kind or "UsagePoint")
    members = scopes.members(asked, scope)
    return Devices(members.keys_of(kind), members.truncated)


def _everywhere(network: Network, scope: Scope, kind: str) -> list[str]:
    projection = network.projection()
    wanted = kind_mask(projection, frozenset({kind}))[projection.kinds]
    visible = visible_mask(projection, scope)
    if visible is not None:
        wanted &= visible
    numbers = projection.numbers[np.flatnonzero(wanted)].tolist()
    return [str(key) for key in network.keys(numbers)]


def _walked(network: Network, asked: OfTrace, scope: Scope, kind: str) -> Devices:
    start = network.element(asked.start, scope)
    question = TraceQuestion(asked.kind, asked.state, asked.layers or default_layers(start))
    found = network.trace([start.number], question, scope)
    keys = network.keys(found.numbers_of(kind).tolist())
    return Devices([str(key) for key in keys], found.truncated)
