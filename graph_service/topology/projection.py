"""The network in memory: a snapshot of the graph as flat arrays, made for walking through it.

Guarantees: a projection never changes, so readers need no lock; it carries the revision it was
built from; element `i` is the one with the `i`-th smallest number (its *position*). Limits: it
holds topology only (no names, no properties), and int32 everywhere.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from graph_service.domain import tables
from graph_service.domain.columns import GraphColumns
from graph_service.domain.layers import Layer
from graph_service.topology.csr import Bytes, Ints, grouped, rows_of

T = TypeVar("T")

LAYER_BITS: Final[Mapping[Layer, int]] = {layer: 1 << bit for bit, layer in enumerate(Layer)}
"""layer → its bit in `Projection.layers`"""

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """Links by element: those of position `i` are entries `indptr[i]` to `indptr[i + 1]`.

    `others` holds the position at the other end, `names` the index into `link_names`.
    """

    indptr: Ints
    others: Ints
    names: Ints

    @classmethod
    def by(cls, size: int, ends: Ints, others: Ints, names: Ints) -> Links:
        """Group links by one of their ends."""
        indptr, entries = grouped(size, ends)
        return cls(indptr, others[entries], names[entries])


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """The graph as arrays; all arrays are read-only.

    Attributes:
        revision: The revision of the store it was built from.
        kind_names: Kinds by code.
        link_names: Names of links by code.
        model_set_names: Model sets by code.
        numbers: Element numbers, ascending, int32[n].
        kinds: Codes of kinds, int32[n].
        layers: Bits of `LAYER_BITS`, uint8[n].
        model_sets: Codes of model sets, int32[n].
        states: Bits of `domain.switching.StateBits`, uint8[n].
        phases: Bits of `domain.phases`, uint8[n].
        outgoing: Links by the element they are written at.
        incoming: Links by the element they name.
        owner_indptr: Owners of position `i` are entries `owner_indptr[i]` to `[i + 1]`.
        owners: Numbers of the owning organisations, int32.
    """

    revision: int
    kind_names: tuple[str, ...]
    link_names: tuple[str, ...]
    model_set_names: tuple[str, ...]
    numbers: Ints
    kinds: Ints
    layers: Bytes
    model_sets: Ints
    states: Bytes
    phases: Bytes
    outgoing: Links
    incoming: Links
    owner_indptr: Ints
    owners: Ints
    _of_links: dict[Hashable, Any] = field(default_factory=dict, repr=False)
    _of_states: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for values in _arrays(self).values():
            values.setflags(write=False)

    @classmethod
    def build(cls, columns: GraphColumns) -> Projection:
        """Build the projection of a whole graph.

        Links and owners that name elements the columns do not have are left out.
        """
        numbers = _ints(columns.numbers)
        size, where = len(numbers), _Where(numbers)
        sources, targets = where(_ints(columns.sources)), where(_ints(columns.targets))
        names, known = _ints(columns.names), (sources >= 0) & (targets >= 0)
        if not known.all():
            sources, targets, names = sources[known], targets[known], names[known]
        owned, owner = where(_ints(columns.owned)), _ints(columns.owner)
        owner_indptr, pairs = grouped(size, owned[owned >= 0])
        kinds = _ints(columns.kinds)
        return cls(
            revision=columns.revision,
            kind_names=tuple(columns.kind_names),
            link_names=tuple(columns.link_names),
            model_set_names=tuple(columns.model_set_names),
            numbers=numbers,
            kinds=kinds,
            layers=_layers(columns.kind_names, kinds),
            model_sets=_ints(columns.model_sets),
            states=_ints(columns.states).astype(np.uint8),
            phases=_ints(columns.phases).astype(np.uint8),
            outgoing=Links.by(size, sources, targets, names),
            incoming=Links.by(size, targets, sources, names),
            owner_indptr=owner_indptr,
            owners=owner[owned >= 0][pairs],
        )

    def __len__(self) -> int:
        return len(self.numbers)

    def index_of(self, numbers: Sequence[int] | NDArray[np.integer[Any]]) -> Ints:
        """The positions of elements, int32, in the order asked; -1 where there is none."""
        wanted = np.asarray(numbers, dtype=np.int32)
        if not len(self):
            return np.full(len(wanted), -1, dtype=np.int32)
        at = np.minimum(np.searchsorted(self.numbers, wanted), len(self) - 1)
        return np.where(self.numbers[at] == wanted, at, -1).astype(np.int32)

    def kind_of(self, number: int) -> str | None:
        """The kind of an element; None where there is no such element."""
        position = int(self.index_of([number])[0])
        return self.kind_names[self.kinds[position]] if position >= 0 else None

    def links(self) -> tuple[Ints, Ints, Ints]:
        """All links: source position, target position, code of the name."""
        return rows_of(self.outgoing.indptr), self.outgoing.others, self.outgoing.names

    def with_states(self, states: Mapping[int, int], *, revision: int | None = None) -> Projection:
        """The same network with other state bits for some elements; shares everything else.

        Args:
            states: element number → bits of `domain.switching.StateBits`; numbers of no element
                are passed over.
            revision: The revision of the new projection; None for the same.
        """
        changed, positions = self.states.copy(), self.index_of(list(states))
        bits = np.fromiter(states.values(), dtype=np.uint8, count=len(states))
        changed[positions[positions >= 0]] = bits[positions >= 0]
        revision = self.revision if revision is None else revision
        return replace(self, states=changed, revision=revision, _of_states={})

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Keep what `make` derives from the links; kept by all states of this network."""
        return _once(self._of_links, key, make)

    def once_per_state(self, key: Hashable, make: Callable[[], T]) -> T:
        """Keep what `make` derives from links and states."""
        return _once(self._of_states, key, make)

    def to_buffers(self) -> dict[str, NDArray[Any]]:
        """The projection as named plain arrays, to be kept on disk; see `from_buffers`."""
        facts = {
            "format": _FORMAT,
            "revision": self.revision,
            "kind_names": self.kind_names,
            "link_names": self.link_names,
            "model_set_names": self.model_set_names,
        }
        text = np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8)
        return {"facts": text, **_arrays(self)}

    @classmethod
    def from_buffers(cls, buffers: Mapping[str, NDArray[Any]]) -> Projection:
        """Take up what `to_buffers` gave; the arrays may be memory-mapped, none is copied.

        Raises:
            ValueError: the buffers are of another format, incomplete, or do not fit together.
        """
        try:
            facts = json.loads(bytes(buffers["facts"]))
            if facts["format"] != _FORMAT:
                raise ValueError(f"format {facts['format']} is not {_FORMAT}")
            values: dict[str, Any] = {name: tuple(facts[name]) for name in _NAMES}
            values |= {name: buffers[name] for name in _PLAIN}
            values |= {side: _links_from(buffers, side) for side in ("outgoing", "incoming")}
            made = cls(revision=facts["revision"], **values)
        except KeyError as missing:
            raise ValueError(f"the cached projection lacks {missing}") from None
        _check(made)
        return made


_NAMES: Final = ("kind_names", "link_names", "model_set_names")
_PLAIN: Final = (
    "numbers",
    "kinds",
    "layers",
    "model_sets",
    "states",
    "phases",
    "owner_indptr",
    "owners",
)
_PER_ELEMENT: Final = ("kinds", "layers", "model_sets", "states", "phases")


class _Where:
    """From numbers to positions, by table where numbers are dense and by search where not."""

    def __init__(self, numbers: Ints):
        self.numbers = numbers
        top = int(numbers[-1]) if len(numbers) else -1
        self.table: Ints | None = None
        if top < 4 * len(numbers) + 1024:
            self.table = np.full(top + 2, -1, dtype=np.int32)
            self.table[numbers] = np.arange(len(numbers), dtype=np.int32)

    def __call__(self, wanted: Ints) -> Ints:
        if self.table is not None:
            last = len(self.table) - 1
            return self.table[np.where((wanted < 0) | (wanted > last), last, wanted)]
        at = np.minimum(np.searchsorted(self.numbers, wanted), len(self.numbers) - 1)
        return np.where(self.numbers[at] == wanted, at, -1).astype(np.int32)


def _ints(column: array[int]) -> Ints:
    return np.array(column, dtype=np.int32)


def _layers(kind_names: Sequence[str], kinds: Ints) -> Bytes:
    found = [tables.layer_of(kind) for kind in kind_names]
    bits = np.array([LAYER_BITS[layer] if layer else 0 for layer in found], dtype=np.uint8)
    return bits[kinds]


def _once(kept: dict[Hashable, Any], key: Hashable, make: Callable[[], T]) -> T:
    """Two threads may both make it; both then use the one that was kept first."""
    if key not in kept:
        kept.setdefault(key, make())
    return cast(T, kept[key])


def _arrays(projection: Projection) -> dict[str, NDArray[Any]]:
    found = {name: getattr(projection, name) for name in _PLAIN}
    for side in ("outgoing", "incoming"):
        links = getattr(projection, side)
        found |= {f"{side}_{column.name}": getattr(links, column.name) for column in fields(Links)}
    return found


def _links_from(buffers: Mapping[str, NDArray[Any]], side: str) -> Links:
    return Links(*(buffers[f"{side}_{column.name}"] for column in fields(Links)))


def _check(made: Projection) -> None:
    size = len(made)
    fits = all(len(getattr(made, name)) == size for name in _PER_ELEMENT)
    for indptr, values in (
        (made.outgoing.indptr, made.outgoing.others),
        (made.outgoing.indptr, made.outgoing.names),
        (made.incoming.indptr, made.incoming.others),
        (made.incoming.indptr, made.incoming.names),
        (made.owner_indptr, made.owners),
    ):
        fits = fits and len(indptr) == size + 1 and int(indptr[-1]) == len(values)
    if not fits:
        raise ValueError("the arrays of the cached projection do not fit together")
