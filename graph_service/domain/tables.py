"""What GridStrata knows about CIM: which kinds there are, and what each is for.

The facts are in two tables beside this module: `classes.csv` says which class is a kind of
which, `kinds.csv` says in which layer an element or link is and what it does there. Both are
read once. Every function here is pure and answers for unknown names too: a kind that no table
knows has no superclasses, no layer and no role.

An element takes each of layer, role and source rank from the nearest class upwards that says
something about it.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypeVar

from graph_service.domain.layers import Layer

__all__ = [
    "EventRow",
    "KindRow",
    "LinkRow",
    "PropertyRow",
    "QuantityRow",
    "event_kind",
    "event_kinds",
    "is_a",
    "kind_names",
    "kind_row",
    "kind_rows",
    "known_kind",
    "layer_of",
    "link_names",
    "link_row",
    "link_rows",
    "most_specific",
    "properties",
    "property_row",
    "quantities",
    "quantity",
    "role_of",
    "source_rank",
    "subclasses",
    "superclasses",
    "versions_of",
]

T = TypeVar("T")

_OTHER_END = {"": "", "source": "target", "target": "source"}


@dataclass(frozen=True, slots=True)
class KindRow:
    """What the table says about one kind itself; `""` and `None` mean that it says nothing."""

    name: str
    layer: str
    role: str
    source_rank: int | None
    meaning: str


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link by the name it is written with, such as `Terminal.ConductingEquipment`.

    A link leads from the element that it is written in (its source) to the one that it names
    (its target).

    Attributes:
        name: The name of the link.
        layer: The layer in which traces walk the link; `None` when they never do.
        role: How it is walked: `conducts`, `serves:END`, `towards:END` or `""`.
        inverse: The name of the same association written from the other end, or `""`.
        inherits: The end, `source` or `target`, that hands its owner to the other, or `""`.
        meaning: What the target is to the source.
    """

    name: str
    layer: Layer | None
    role: str
    inverse: str
    inherits: str
    meaning: str

    @property
    def how(self) -> str:
        """The role without its end: `conducts`, `serves`, `towards` or `""`."""
        return self.role.partition(":")[0]

    @property
    def upstream_end(self) -> str:
        """The end nearer the supply, head end or owner: `source`, `target` or `""`."""
        return self.role.partition(":")[2]

    def reversed(self) -> "LinkRow":
        """The same association, written from its other end."""
        end = _OTHER_END[self.upstream_end]
        return LinkRow(
            name=self.inverse,
            layer=self.layer,
            role=f"{self.how}:{end}" if end else self.how,
            inverse=self.name,
            inherits=_OTHER_END[self.inherits],
            meaning=f"The inverse of {self.name}",
        )


@dataclass(frozen=True, slots=True)
class QuantityRow:
    """A quantity that a series can be of; its role is energy, power, level or counter."""

    name: str
    unit: str
    role: str
    meaning: str


@dataclass(frozen=True, slots=True)
class EventRow:
    """A kind of event that a timeline can hold; one that `lasts` goes on until its end is known."""

    name: str
    meaning: str
    lasts: bool = False


@dataclass(frozen=True, slots=True)
class PropertyRow:
    """A numeric property of a kind and the SI unit of its quantity, whatever a file uses."""

    name: str
    unit: str
    meaning: str


def superclasses(kind: str) -> tuple[str, ...]:
    """The classes that `kind` is a kind of, nearest first, without itself."""
    return _ancestors().get(kind, ())


def subclasses(kind: str) -> frozenset[str]:
    """`kind` and all kinds of it; an unknown kind is alone."""
    return _descendants().get(kind, frozenset((kind,)))


def is_a(kind: str, ancestor: str) -> bool:
    """Whether `kind` is `ancestor` or a kind of it."""
    return kind == ancestor or ancestor in superclasses(kind)


def layer_of(kind: str) -> Layer | None:
    """The layer that elements of this kind are members of, if any."""
    return _layers().get(kind)


def role_of(kind: str) -> str:
    """What elements of this kind do in their layer; `""` when nothing special."""
    return _roles().get(kind, "")


def source_rank(kind: str) -> int:
    """How strongly this kind feeds its layer: 1 is the first choice, 0 is no source."""
    return _source_ranks().get(kind, 0)


def most_specific(kinds: Iterable[str]) -> str:
    """The kind that says most about an element that files give several kinds.

    Args:
        kinds: At least one kind.

    Returns:
        One that is no superclass of another; the first by alphabet where several are left.
    """
    given = set(kinds)
    general = {ancestor for kind in given for ancestor in superclasses(kind)}
    return min(given - general)


def known_kind(name: str) -> bool:
    """Whether the class table has this kind."""
    return name in _classes()


def kind_names() -> tuple[str, ...]:
    """All kinds of the class table, by alphabet."""
    return tuple(sorted(_classes()))


def versions_of(kind: str) -> tuple[str, ...]:
    """The CIM versions that have this kind; `gs` marks our own, `NC` the network codes'."""
    return _classes()[kind][1] if kind in _classes() else ()


def kind_row(name: str) -> KindRow | None:
    """What the table says about this kind itself; `None` when it only inherits."""
    return _kind_rows().get(name)


def kind_rows() -> tuple[KindRow, ...]:
    """The rows about kinds, in the order of the table."""
    return tuple(_kind_rows().values())


def link_row(name: str) -> LinkRow | None:
    """The link of this name, whichever end the association is written from."""
    return _link_rows_both_ways().get(name)


def link_rows() -> tuple[LinkRow, ...]:
    """The rows about links, in the order of the table, each in the direction it lists."""
    return tuple(_link_rows().values())


def link_names() -> tuple[str, ...]:
    """All names of links, inverse ones included, by alphabet."""
    return tuple(sorted(_link_rows_both_ways()))


def quantity(name: str) -> QuantityRow | None:
    """The quantity of this name."""
    return _quantity_rows().get(name)


def quantities() -> tuple[QuantityRow, ...]:
    """All quantities, in the order of the table."""
    return tuple(_quantity_rows().values())


def event_kind(name: str) -> EventRow | None:
    """The kind of event of this name."""
    return _event_rows().get(name)


def event_kinds() -> tuple[EventRow, ...]:
    """All kinds of events, in the order of the table."""
    return tuple(_event_rows().values())


def property_row(name: str) -> PropertyRow | None:
    """The property of this name, such as `Conductor.length`."""
    return _property_rows().get(name)


def properties() -> tuple[PropertyRow, ...]:
    """All properties whose unit is known, in the order of the table."""
    return tuple(_property_rows().values())


# --- the tables, read once -------------------------------------------------------------------


def _read(table: str) -> Iterator[dict[str, str]]:
    text = files(__package__).joinpath(table).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())


@cache
def _classes() -> Mapping[str, tuple[str, tuple[str, ...]]]:
    return {
        row["kind"]: (row["parent"], tuple(row["versions"].split(";")))
        for row in _read("classes.csv")
    }


@cache
def _ancestors() -> Mapping[str, tuple[str, ...]]:
    return {kind: tuple(_climb(kind)) for kind in _classes()}


def _climb(kind: str) -> Iterator[str]:
    parent = _classes()[kind][0]
    while parent:
        yield parent
        parent = _classes()[parent][0]


@cache
def _descendants() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {kind: {kind} for kind in _classes()}
    for kind, ancestors in _ancestors().items():
        for ancestor in ancestors:
            found[ancestor].add(kind)
    return {kind: frozenset(kinds) for kind, kinds in found.items()}


@cache
def _rows() -> Mapping[str, tuple[dict[str, str], ...]]:
    families: dict[str, list[dict[str, str]]] = {}
    for row in _read("kinds.csv"):
        families.setdefault(row["family"], []).append(row)
    return {family: tuple(rows) for family, rows in families.items()}


@cache
def _kind_rows() -> Mapping[str, KindRow]:
    return {
        row["name"]: KindRow(
            name=row["name"],
            layer=row["layer"],
            role=row["role"],
            source_rank=int(row["source_rank"]) if row["source_rank"] else None,
            meaning=row["meaning"],
        )
        for row in _rows()["element"]
    }


@cache
def _link_rows() -> Mapping[str, LinkRow]:
    return {
        row["name"]: LinkRow(
            name=row["name"],
            layer=Layer(row["layer"]) if row["layer"] else None,
            role=row["role"],
            inverse=row["inverse"],
            inherits=row["inherits"],
            meaning=row["meaning"],
        )
        for row in _rows()["link"]
    }


@cache
def _link_rows_both_ways() -> Mapping[str, LinkRow]:
    inverses = (row.reversed() for row in _link_rows().values() if row.inverse)
    return {**{row.name: row for row in inverses}, **_link_rows()}


@cache
def _quantity_rows() -> Mapping[str, QuantityRow]:
    return {
        row["name"]: QuantityRow(row["name"], row["unit"], row["role"], row["meaning"])
        for row in _rows()["quantity"]
    }


@cache
def _event_rows() -> Mapping[str, EventRow]:
    return {
        row["name"]: EventRow(row["name"], row["meaning"], row["role"] == "lasting")
        for row in _rows()["event"]
    }


@cache
def _property_rows() -> Mapping[str, PropertyRow]:
    return {
        row["name"]: PropertyRow(row["name"], row["unit"], row["meaning"])
        for row in _rows()["property"]
    }


@cache
def _layers() -> Mapping[str, Layer]:
    said = {name: row.layer for name, row in _kind_rows().items() if row.layer}
    return {kind: Layer(layer) for kind, layer in _inherited(said).items()}


@cache
def _roles() -> Mapping[str, str]:
    return _inherited({name: row.role for name, row in _kind_rows().items() if row.role})


@cache
def _source_ranks() -> Mapping[str, int]:
    said = {r.name: r.source_rank for r in _kind_rows().values() if r.source_rank is not None}
    return _inherited(said)


def _inherited(said: Mapping[str, T]) -> dict[str, T]:
    """Give each kind what the nearest class upwards says, where one does."""
    lines = {kind: (kind, *ancestors) for kind, ancestors in _ancestors().items()}
    return {
        kind: said[next(name for name in line if name in said)]
        for kind, line in lines.items()
        if not said.keys().isdisjoint(line)
    }
