"""The network: elements, traces over the graph in memory, switching, undo.

Traces walk the graph in memory (`in_memory.py`). Elements are remembered as long as nothing about
them changed (`looked_up.py`). While the stores are followed (`following.py`) and the store is away,
what the graph in memory holds is answered all the same, and elements that were asked for before.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from graph_service.domain import tables
from graph_service.domain.access import Caller, Right, Scope
from graph_service.domain.elements import Element, ElementKey, ModelSet, Revision
from graph_service.domain.errors import (
    AmbiguousElement,
    BadFilter,
    BadPage,
    StoreUnavailable,
    UnknownElement,
    UnknownKind,
    UnknownModelSet,
)
from graph_service.domain.filters import MOST_PER_PAGE, ElementFilter, ElementPage, PageRequest
from graph_service.domain.layers import Layer
from graph_service.domain.statements import Document
from graph_service.domain.switching import OPERATIONS_DOCUMENT, boolean, state_bits
from graph_service.ports.graph_store import GraphStore
from graph_service.services import operations
from graph_service.services.access import require
from graph_service.services.chronicle import Chronicle
from graph_service.services.in_memory import InMemory
from graph_service.services.looked_up import LookedUp
from graph_service.services.notices import REVISIONS_TOPIC, Notice, Notices, RevisionChanged
from graph_service.services.traces import Trace, TraceQuestion, listing_only
from graph_service.topology.projection import Projection
from graph_service.topology.tracing import TraceRequest, trace, visible_mask

_LATEST: Final = 8  # revisions among which one's own is looked for


class Network:
    """Questions about the graph and the few things that change it."""

    def __init__(
        self,
        graph: GraphStore,
        notices: Notices,
        cache: Path | None = None,
        chronicle: Chronicle | None = None,
    ) -> None:
        self._graph = graph
        self._notices = notices
        self._chronicle = chronicle
        self._memory = InMemory(graph, cache)
        self._looked_up = LookedUp()
        notices.listen(REVISIONS_TOPIC, self._hear)

    @property
    def followed(self) -> bool:
        """Whether somebody takes new revisions in (`take_in`) as they come."""
        return self._memory.followed

    @followed.setter
    def followed(self, followed: bool) -> None:
        self._memory.followed = followed

    # elements

    def element(self, given: str, scope: Scope, model_set: str | None = None) -> Element:
        """The element an id means: an mRID, or `model_set/mRID`.

        Raises:
            UnknownElement: there is none, or none in this scope.
            AmbiguousElement: several model sets use the mRID.
            StoreUnavailable: the store is away, and it was not asked for before.
        """
        asked, known = (given, model_set, scope), self.known
        at, met = self._looked_up.met(asked)
        if met is not None and self.followed and at == known:
            return met
        try:
            found = self._element(given, scope, model_set)
        except StoreUnavailable:
            if met is None:
                raise
            return met
        self._looked_up.meet(asked, known, found)
        return found

    def _element(self, given: str, scope: Scope, model_set: str | None) -> Element:
        name, slash, mrid = given.partition("/")
        found, *others = self._graph.by_mrid([given, mrid] if slash else [given], scope, model_set)
        if not found and model_set in (None, name):
            found = [
                element for some in others for element in some if element.key.model_set == name
            ]
        if not found:
            raise UnknownElement(given)
        if len(found) > 1:
            raise AmbiguousElement(given, sorted(element.key.model_set for element in found))
        return found[0]

    def elements(self, numbers: Sequence[int], scope: Scope) -> list[Element | None]:
        """Elements by number, in the order asked; None where there is none."""
        if not (self.followed and scope.everything):
            return self._graph.elements(numbers, scope)
        find = partial(self._graph.elements, scope=scope)
        return self._looked_up.elements(numbers, self.known, find)

    def find(self, wanted: ElementFilter, page: PageRequest, scope: Scope) -> ElementPage:
        """A page of elements; kinds include their subclasses.

        Raises:
            BadPage: more than a page may hold, or a negative number.
            UnknownKind: neither the tables nor the store know it.
        """
        if not 0 <= page.first <= MOST_PER_PAGE:
            raise BadPage(page.first, MOST_PER_PAGE)
        expanded = self.expand(wanted)
        find = partial(self._graph.find, expanded, page, scope)
        if not self.followed:
            return find()
        return self._looked_up.page((expanded, page, scope), self.known, find)

    def count(self, wanted: ElementFilter, scope: Scope) -> int:
        """How many elements a filter chooses."""
        expanded = self.expand(wanted)
        find = partial(self._graph.count, expanded, scope)
        if not self.followed:
            return find()
        return self._looked_up.count((expanded, scope), self.known, find)

    def count_by_kind(self, wanted: ElementFilter, scope: Scope) -> dict[str, int]:
        """How many of each kind a filter chooses."""
        if wanted == ElementFilter():
            return _count_kinds(self.projection(), scope)
        return self._graph.count_by_kind(self.expand(wanted), scope)

    def keys(self, numbers: Sequence[int]) -> list[ElementKey]:
        """The keys of elements, in the order asked; looked up once for each network in memory."""
        current = self.in_memory
        known: dict[int, ElementKey] = current.once("keys", dict) if current else {}
        unknown = [number for number in numbers if number not in known]
        if unknown:
            known.update(zip(unknown, self._graph.keys(unknown), strict=True))
        return [known[number] for number in numbers]

    def expand(self, wanted: ElementFilter) -> ElementFilter:
        """Put subclasses beside the kinds of a filter and of those within it."""
        return replace(
            wanted,
            kinds=None if wanted.kinds is None else self._with_subclasses(wanted.kinds),
            all_of=tuple(map(self.expand, wanted.all_of)),
            any_of=tuple(map(self.expand, wanted.any_of)),
            none_of=tuple(map(self.expand, wanted.none_of)),
        )

    def model_sets(self) -> list[ModelSet]:
        """The model sets, by name."""
        return self._graph.model_sets()

    def only_model_set(self) -> str:
        """The name of the model set, where there is exactly one.

        Raises:
            UnknownModelSet: the store is empty, or has several to choose from.
        """
        known = [known.name for known in self._graph.model_sets()]
        if len(known) != 1:
            raise UnknownModelSet("", known)
        return known[0]

    def documents(self, model_set: str) -> list[Document]:
        """The documents of a model set.

        Raises:
            UnknownModelSet: there is none of this name.
        """
        known = [known.name for known in self._graph.model_sets()]
        if model_set not in known:
            raise UnknownModelSet(model_set, known)
        return self._graph.documents(model_set)

    # traces

    def projection(self) -> Projection:
        """The graph in memory at the newest revision; an older one only where the store is away."""
        return self._memory.projection()

    def take_in(self, revision: int) -> None:
        """Bring the graph in memory to a revision; others are answered from it from then on."""
        if self._memory.at_least(revision).revision >= revision:
            self._hear(RevisionChanged(revision))

    def catch_up(self, revision: int, within_s: float) -> int:
        """Come to a revision that a caller has been told of; gives the one that is known then.

        A caller who was told of it by a store that has been replaced since waits in vain.

        Raises:
            RevisionNotReached: it did not come in time.
        """
        return self._memory.catch_up(revision, within_s)

    def trace(
        self,
        starts: Sequence[int],
        question: TraceQuestion,
        scope: Scope,
        projection: Projection | None = None,
    ) -> Trace:
        """Walk from one or several elements, given by number; through the newest graph if none."""
        if projection is None:
            projection = self._projection_with(starts)
        request = TraceRequest(
            starts=tuple(starts),
            kind=question.kind,
            state=question.state,
            layers=question.layers,
            target=question.target,
            visible=visible_mask(projection, scope),
            max_steps=question.max_steps,
            max_ms=question.max_ms,
        )
        result = walked = trace(projection, request)
        if question.kinds is not None:
            self._check_kinds(question.kinds)
            result = listing_only(walked, projection, question.kinds)
        return Trace(projection, question, scope, result, walked)

    # changes

    def set_switch(self, switch: Element, is_open: bool, caller: Caller) -> Element:
        """Open or close a switch in the present state.

        The position goes into the document of operations of its model set, which outranks what
        files said. A switch that already stands so is left alone.

        Raises:
            AccessDenied: the caller may not switch.
            BadFilter: the element is no switch.
        """
        require(caller, Right.SWITCH)
        if not tables.is_a(switch.kind, "Switch"):
            raise BadFilter(
                f"'{switch.mrid}' is a {switch.kind}, which cannot be opened or closed",
                subject=switch.mrid,
                hint="give the mRID of a Breaker, Disconnector, Fuse or another Switch",
            )
        text = "true" if is_open else "false"
        if boolean(switch.text("Switch.open")) is not is_open:
            self._operate(switch, text, caller)
        return self._graph.elements([switch.number], caller.scope)[0] or switch

    def undo(self, revision: int, caller: Caller) -> Revision:
        """Take a revision back, as a new revision.

        Raises:
            AccessDenied: the caller may not import.
            UnknownRevision, Conflict: as the store says.
        """
        require(caller, Right.IMPORT)
        undone = self._graph.undo(revision, author=caller.name)
        if self._chronicle:
            self._chronicle.undone(undone)
        self._notices.publish(REVISIONS_TOPIC, RevisionChanged(undone.number))
        return undone

    def revision(self) -> int:
        """The newest revision, asked of the store; the newest known where that is away."""
        return self._memory.revision()

    @property
    def known(self) -> int:
        """The newest revision that was told to anybody; nothing is asked."""
        return self._memory.known

    @property
    def in_memory(self) -> Projection | None:
        """The graph in memory as it is; None before the first question. Nothing is asked."""
        return self._memory.current

    def newest(self) -> int:
        """The newest revision that is known; asked of the store where nobody follows it."""
        return self._memory.newest()

    def revisions(self, first: int, before: int | None = None) -> list[Revision]:
        """Revisions, newest first."""
        return self._graph.revisions(first, before)

    def _operate(self, switch: Element, text: str, caller: Caller) -> None:
        model_set = switch.key.model_set
        part = operations.position(switch, text)
        message = f"{'open' if text == 'true' else 'close'} {switch.name or switch.mrid}"
        known = {document.name for document in self._graph.documents(model_set)}
        with self._graph.transaction(author=caller.name, message=message) as change:
            if OPERATIONS_DOCUMENT in known:
                change.put_parts(model_set, OPERATIONS_DOCUMENT, [part])
            else:
                change.put_document(operations.document(model_set), [part])
        revision = self._landed(caller.name, message)
        self._flip(switch, text, revision)
        if self._chronicle:
            self._chronicle.switched(switch, revision, caller.name, is_open=text == "true")
        self._notices.publish(REVISIONS_TOPIC, RevisionChanged(revision))

    def _landed(self, author: str, message: str) -> int:
        """The revision that was just made here; others may have made some since."""
        rows = self._graph.revisions(_LATEST)
        own = (row.number for row in rows if (row.author, row.message) == (author, message))
        return next(own, rows[0].number)

    def _flip(self, switch: Element, text: str, revision: int) -> None:
        """Take a switch's new position into the graph in memory, where it is all that changed."""
        state = state_bits({**switch.properties, "Switch.open": text})
        ahead = partial(self._looked_up.switched, switch.number, revision)
        self._memory.move({switch.number: state}, revision, ahead)

    def _projection_with(self, numbers: Sequence[int]) -> Projection:
        """The graph in memory, so new that it has these elements if the store has them."""
        projection = self.projection()
        if self.followed and (projection.index_of(numbers) < 0).any():
            return self._memory.at_least(self.revision())
        return projection

    def _hear(self, notice: Notice) -> None:
        """Whoever tells of a revision makes it the newest that is known."""
        if isinstance(notice, RevisionChanged):
            self._memory.know(notice.revision)

    def _with_subclasses(self, kinds: frozenset[str]) -> frozenset[str]:
        self._check_kinds(kinds)
        return frozenset().union(*(tables.subclasses(kind) for kind in kinds))

    def _check_kinds(self, kinds: frozenset[str]) -> None:
        for kind in kinds:
            if not tables.known_kind(kind) and kind not in self.projection().kind_names:
                near = difflib.get_close_matches(kind, sorted(tables.kind_names()), n=3)
                raise UnknownKind(kind, near)


def default_layers(start: Element) -> tuple[Layer, ...]:
    """The layer a trace walks when none is named: that of its start, else the physical one."""
    return (start.layer or Layer.PHYSICAL,)


def _count_kinds(projection: Projection, scope: Scope) -> dict[str, int]:
    """How many elements of each kind a caller may see."""
    visible = visible_mask(projection, scope)
    kinds = projection.kinds if visible is None else projection.kinds[visible]
    counts = np.bincount(kinds, minlength=len(projection.kind_names)).tolist()
    return {kind: n for kind, n in zip(projection.kind_names, counts, strict=True) if n}
