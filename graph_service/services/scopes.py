"""Which elements a question is about: an element, a list, a trace, a container, an owner's share.

One service resolves them all, for series, timelines and subscriptions alike. Each element comes
with its distance from the start and its relation to it. What the caller may not see is not there.

Limits: a scope holds at most `MOST_MEMBERS` elements, the nearest first, and says `truncated` when
there were more.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from typing import Final

import numpy as np

from graph_service.domain.access import Scope
from graph_service.domain.errors import AmbiguousElement, InvalidCall, UnknownElement
from graph_service.domain.layers import Layer
from graph_service.domain.scopes import (
    Neighbourhood,
    OfContainer,
    OfElements,
    OfOwner,
    OfTrace,
    Relation,
    ScopeQuestion,
)
from graph_service.domain.traces import TraceKind
from graph_service.services import neighbourhood
from graph_service.services.members import CODES, Members, Steps, codes, once_each, steps_at
from graph_service.services.network import Network, default_layers
from graph_service.services.traces import TraceQuestion, kind_mask
from graph_service.topology.containment import contents, hanging, holders, reached
from graph_service.topology.csr import Ints
from graph_service.topology.projection import Projection
from graph_service.topology.visibility import visible_mask

MOST_MEMBERS: Final = 100_000
MOST_HOPS: Final = 1_000
_REMEMBERED: Final = 64

_OF_TRACE: Final = {
    TraceKind.DOWNSTREAM: Relation.DOWNSTREAM,
    TraceKind.UPSTREAM: Relation.UPSTREAM,
    TraceKind.PATH_TO_SOURCE: Relation.UPSTREAM,
    TraceKind.CONNECTED: Relation.CONNECTED,
    TraceKind.SHORTEST_PATH: Relation.CONNECTED,
}


class _Newer(Exception):
    """An element is there that the graph in memory does not have yet."""


class Scopes:
    """Finds the elements of scopes.

    Args:
        network: where elements and walks are.
        around: looks up several elements at once.
        most: how many elements a scope may hold.
    """

    def __init__(
        self, network: Network, around: neighbourhood.Neighbourhood, most: int = MOST_MEMBERS
    ) -> None:
        self._network = network
        self._around = around
        self._most = most
        self._known: OrderedDict[Hashable, Members] = OrderedDict()
        self._lock = Lock()

    def members(self, asked: ScopeQuestion, scope: Scope) -> Members:
        """The elements a question is about, as far as the caller may see them.

        Found once for each revision of the graph; asked again it costs nothing.

        Raises:
            UnknownElement, AmbiguousElement: an id means none, or several.
            InvalidCall: no elements are named, too many, or more hops than may be walked.
        """
        projection = self._network.projection()
        key = (asked, scope, projection.revision)
        try:
            return self._once(key, lambda: self._find(asked, scope, projection))
        except _Newer:
            return self.members(asked, scope)

    def visible(self, scope: Scope) -> Members | None:
        """All that a caller may see; None where that is everything."""
        projection = self._network.projection()
        mask = visible_mask(projection, scope)
        if mask is None:
            return None
        steps = steps_at(np.flatnonzero(mask), 0, Relation.OWNED)
        key = (None, scope, projection.revision)
        return self._once(key, lambda: self._made(projection, scope, [steps], chosen=False))

    def _once(self, key: Hashable, find: Callable[[], Members]) -> Members:
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        found = find()
        with self._lock:
            self._known[key] = found
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return found

    def _find(self, asked: ScopeQuestion, scope: Scope, projection: Projection) -> Members:
        if isinstance(asked, OfElements):
            return self._elements(asked, scope, projection)
        if isinstance(asked, OfTrace):
            return self._trace(asked, scope, projection)
        if isinstance(asked, OfContainer):
            return self._container(asked, scope, projection)
        if isinstance(asked, OfOwner):
            return self._owner(asked, scope, projection)
        return self._neighbourhood(asked, scope, projection)

    def _elements(self, asked: OfElements, scope: Scope, projection: Projection) -> Members:
        steps = steps_at(self._positions(asked.ids, scope, projection), 0, Relation.START)
        return self._made(projection, scope, [steps], chosen=True)

    def _trace(self, asked: OfTrace, scope: Scope, projection: Projection) -> Members:
        start = self._network.element(asked.start, scope)
        layers = asked.layers or default_layers(start)
        question = TraceQuestion(asked.kind, asked.state, layers)
        steps, truncated = self._walk([start.number], question, scope, asked.hops, projection)
        return self._made(projection, scope, [steps], chosen=False, truncated=truncated)

    def _container(self, asked: OfContainer, scope: Scope, projection: Projection) -> Members:
        begin = self._position(asked.container, scope, projection)
        pieces = [
            steps_at(begin, 0, Relation.START),
            *_within(projection, begin, Relation.CONTAINED),
        ]
        return self._made(projection, scope, pieces, chosen=False)

    def _owner(self, asked: OfOwner, scope: Scope, projection: Projection) -> Members:
        begin = self._position(asked.owner, scope, projection)
        owned = _owned_by(projection, int(projection.numbers[begin[0]]))
        pieces = [steps_at(begin, 0, Relation.START), steps_at(owned, 1, Relation.OWNED)]
        return self._made(projection, scope, pieces, chosen=False)

    def _neighbourhood(self, asked: Neighbourhood, scope: Scope, projection: Projection) -> Members:
        begin = self._positions(asked.starts, scope, projection)
        numbers = projection.numbers[begin].tolist()
        pieces, truncated = [steps_at(begin, 0, Relation.START)], False
        for kind in (TraceKind.DOWNSTREAM, TraceKind.UPSTREAM, TraceKind.CONNECTED):
            steps, cut = self._walk(numbers, TraceQuestion(kind), scope, asked.hops, projection)
            pieces.append(steps)
            truncated |= cut
        above, levels = reached(holders(projection), begin)
        pieces.append(Steps(above, levels, codes(len(above), Relation.CONTAINER)))
        pieces += self._communication(begin, scope, projection)
        nearest = above[levels == 1]
        pieces += _within(projection, nearest, Relation.SAME_CONTAINER, levels_up=1)
        return self._made(projection, scope, pieces, chosen=False, truncated=truncated)

    def _communication(self, begin: Ints, scope: Scope, projection: Projection) -> list[Steps]:
        """The way of the start's data to the head end, and who shares its gateway."""
        devices = np.concatenate([begin, reached(hanging(projection), begin)[0]])
        towards = TraceQuestion(TraceKind.UPSTREAM, layers=(Layer.COMMUNICATION,))
        numbers = projection.numbers[devices].tolist()
        way = self._network.trace(numbers, towards, scope, projection).result
        path = projection.index_of(way.numbers)
        gateways = path[kind_mask(projection, frozenset({"Gateway"}))[projection.kinds[path]]]
        pieces = [Steps(path, way.depths, codes(len(path), Relation.COMMUNICATION_PATH))]
        if len(gateways):
            away = TraceQuestion(TraceKind.DOWNSTREAM, layers=(Layer.COMMUNICATION,))
            doors = projection.numbers[gateways].tolist()
            sharing = self._network.trace(doors, away, scope, projection).result
            at = projection.index_of(sharing.numbers)
            up = int(way.depths[np.isin(path, gateways)].min())
            pieces.append(Steps(at, sharing.depths + up, codes(len(at), Relation.SAME_GATEWAY)))
        return pieces

    def _walk(
        self,
        starts: Sequence[int],
        question: TraceQuestion,
        scope: Scope,
        hops: int | None,
        projection: Projection,
    ) -> tuple[Steps, bool]:
        if hops is not None and not 0 <= hops <= MOST_HOPS:
            hint = f"give 0 to {MOST_HOPS:,}, or leave it out"
            raise InvalidCall(f"{hops} hops were asked", subject=str(hops), hint=hint)
        self._require(starts, projection)
        found = self._network.trace(starts, question, scope, projection)
        numbers, depths = found.result.numbers, found.result.depths
        if hops is not None:
            numbers, depths = numbers[depths <= hops], depths[depths <= hops]
        relations = np.where(depths == 0, CODES[Relation.START], CODES[_OF_TRACE[question.kind]])
        positions = projection.index_of(numbers)
        return Steps(positions, depths, relations.astype(np.uint8)), found.truncated

    def _positions(self, ids: Sequence[str], scope: Scope, projection: Projection) -> Ints:
        """Where elements are in the projection, each once, ascending."""
        if not 0 < len(ids) <= self._most:
            raise InvalidCall(
                f"a scope of {len(ids)} elements was asked",
                hint=f"name 1 to {self._most:,} elements, or a trace, a container or an owner",
            )
        numbers = []
        for given, meant in zip(ids, self._around.by_ids(ids, scope), strict=True):
            if not meant:
                raise UnknownElement(given)
            if len(meant) > 1:
                raise AmbiguousElement(given, sorted(e.key.model_set for e in meant))
            numbers.append(meant[0].number)
        self._require(numbers, projection)
        found = np.unique(projection.index_of(numbers))
        return found[found >= 0]

    def _require(self, numbers: Sequence[int], projection: Projection) -> None:
        """See to it that the graph in memory is not older than elements just found."""
        missing = (projection.index_of(numbers) < 0).any()
        if missing and self._network.revision() > projection.revision:
            raise _Newer

    def _position(self, given: str, scope: Scope, projection: Projection) -> Ints:
        """Where one element is, int32[1]."""
        found = self._positions([given], scope, projection)
        if not len(found):
            raise UnknownElement(given)
        return found

    def _made(
        self,
        projection: Projection,
        scope: Scope,
        pieces: Sequence[Steps],
        *,
        chosen: bool,
        truncated: bool = False,
    ) -> Members:
        steps = once_each(pieces, visible_mask(projection, scope))
        kept = slice(self._most)
        numbers = projection.numbers[steps.positions[kept]]
        return Members(
            projection,
            numbers,
            steps.distances[kept],
            steps.relations[kept],
            truncated=truncated or len(steps.positions) > self._most,
            chosen=chosen,
            keys=[str(key) for key in self._network.keys(numbers.tolist())],
        )


def _within(
    projection: Projection, begin: Ints, relation: Relation, levels_up: int = 0
) -> list[Steps]:
    """What lies in containers, and, behind all that, what hangs on it: usage points, meters."""
    inside, levels = reached(contents(projection), begin)
    hung, steps = reached(hanging(projection), np.concatenate([begin, inside]))
    below = levels_up + int(levels.max(initial=0))
    return [
        Steps(inside, levels + levels_up, codes(len(inside), relation)),
        Steps(hung, steps + below, codes(len(hung), relation)),
    ]


def _owned_by(projection: Projection, organisation: int) -> Ints:
    entries = np.flatnonzero(projection.owners == organisation)
    owned = np.searchsorted(projection.owner_indptr, entries, side="right") - 1
    return owned.astype(np.int32)
