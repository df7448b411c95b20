"""The elements of a scope: numbers, keys, and how far each is from what was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph_service.domain.scopes import Relation
from graph_service.services.traces import kind_mask
from graph_service.topology.csr import Ints
from graph_service.topology.projection import Projection

_RELATIONS: Final = tuple(Relation)
CODES: Final[Mapping[Relation, int]] = {relation: code for code, relation in enumerate(Relation)}
"""relation → its code in columns"""


class Standing(NamedTuple):
    """How an element stands to the start: hops, or levels of containment, and in which relation."""

    distance: int
    relation: Relation


@dataclass(frozen=True, eq=False)
class Members:
    """The elements of a scope, the nearest first.

    Attributes:
        projection: The graph they were found in.
        numbers: Element numbers, int32[r], by distance, then number.
        distances: int32[r]
        relations: Codes of `Relation` in its order, uint8[r].
        truncated: True where there were more than a scope may hold.
        chosen: True where the caller named the elements; their series then count whatever kind
            they are of.
        keys: `model_set/mRID` of each, in the same order.
    """

    projection: Projection
    numbers: Ints
    distances: Ints
    relations: NDArray[np.uint8]
    truncated: bool
    chosen: bool
    keys: Sequence[str]

    @property
    def revision(self) -> int:
        """The revision of the graph they were found in."""
        return self.projection.revision

    @cached_property
    def standings(self) -> Mapping[str, Standing]:
        """How each element stands to the start, by `model_set/mRID`."""
        rows = zip(self.keys, self.distances.tolist(), self.relations.tolist(), strict=True)
        found = {key: Standing(distance, _RELATIONS[code]) for key, distance, code in rows}
        return MappingProxyType(found)

    @cached_property
    def subjects(self) -> frozenset[str]:
        """The elements as the filter of events wants them."""
        return frozenset(self.keys)

    def nearest(self, most: int) -> Members:
        """The first so many; these very members where there are no more."""
        if len(self.keys) <= most:
            return self
        columns = self.numbers[:most], self.distances[:most], self.relations[:most]
        return Members(self.projection, *columns, True, self.chosen, self.keys[:most])

    def keys_of(self, kind: str | None) -> list[str]:
        """The elements of this kind or a subclass; those the caller named where it is None."""
        if kind is None and self.chosen:
            return list(self.keys)
        wanted = kind_mask(self.projection, frozenset({kind or "UsagePoint"}))
        positions = self.projection.index_of(self.numbers)
        kept = np.flatnonzero(wanted[self.projection.kinds[positions]])
        return [self.keys[at] for at in kept.tolist()]


class Steps(NamedTuple):
    """Elements found by one rule, columns of equal length; position, distance, relation."""

    positions: Ints
    distances: Ints
    relations: NDArray[np.uint8]


def steps_at(positions: NDArray[np.integer[Any]], distance: int, relation: Relation) -> Steps:
    """Steps at these positions, all at one distance; -1 is no position."""
    known = positions[positions >= 0].astype(np.int32)
    distances = np.full(len(known), distance, dtype=np.int32)
    return Steps(known, distances, codes(len(known), relation))


def codes(count: int, relation: Relation) -> NDArray[np.uint8]:
    """A column of one relation."""
    return np.full(count, CODES[relation], dtype=np.uint8)


def once_each(pieces: Sequence[Steps], visible: NDArray[np.bool_] | None) -> Steps:
    """Each visible element once, by the first rule that found it; by distance, then position."""
    positions, distances, relations = (np.concatenate(c) for c in zip(*pieces, strict=True))
    _, first = np.unique(positions, return_index=True)
    if visible is not None:
        first = first[visible[positions[first]]]
    order = first[np.lexsort((positions[first], distances[first]))]
    return Steps(
        positions[order].astype(np.int32),
        distances[order].astype(np.int32),
        relations[order],
    )
