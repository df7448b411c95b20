"""Reads a CIM delivery with lxml, independent of the importer, as tests look at it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
PREFIXES = {"http://iec.ch/TC57/CIM100#": "cim", "https://gridstrata.org/ns/1#": "gs"}


@dataclass
class Thing:
    """An element as the files of a delivery state it together; names carry their prefix."""

    mrid: str
    kind: str
    file: str
    values: dict[str, list[str]] = field(default_factory=dict)
    references: list[tuple[str, str]] = field(default_factory=list)

    def to(self, name: str) -> list[str]:
        """The mRIDs that a reference of this name leads to."""
        return [target for link, target in self.references if link == name]

    def value(self, name: str) -> str:
        """The one value of a property."""
        (only,) = self.values[name]
        return only


@dataclass
class Delivery:
    """A folder of CIM files, parsed whole."""

    things: dict[str, Thing] = field(default_factory=dict)
    headers: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    stated: list[tuple[str, str, str]] = field(default_factory=list)
    """(file, kind, property) of every statement"""
    repeated: list[str] = field(default_factory=list)

    def of(self, *kinds: str) -> list[Thing]:
        """The elements of some kinds."""
        return [thing for thing in self.things.values() if thing.kind in kinds]

    def counts(self) -> Counter[str]:
        """Elements by kind, without prefixes."""
        return Counter(thing.kind.partition(":")[2] for thing in self.things.values())

    def dangling(self) -> list[tuple[str, str]]:
        """References that lead nowhere."""
        return [r for t in self.things.values() for r in t.references if r[1] not in self.things]


def read_delivery(directory: Path) -> Delivery:
    """Parse every XML file of a folder."""
    delivery = Delivery()
    for path in sorted(directory.glob("*.xml")):
        for node in etree.parse(str(path)).getroot():
            _take(delivery, path.name, node)
    return delivery


def _take(delivery: Delivery, file: str, node: etree._Element) -> None:
    about = node.get(RDF + "about", "")
    if node.tag.endswith("}FullModel"):
        header = delivery.headers.setdefault(file, {"id": [about]})
        for entry in node:
            name = etree.QName(entry).localname
            header.setdefault(name, []).append(entry.get(RDF + "resource") or entry.text or "")
        return
    kind, defined = _prefixed(node.tag), node.get(RDF + "ID", "")
    mrid = (defined or about).removeprefix("#").removeprefix("_")
    if defined and mrid in delivery.things and delivery.things[mrid].file:
        delivery.repeated.append(mrid)
    thing = delivery.things.setdefault(mrid, Thing(mrid, kind, ""))
    thing.file = file if defined else thing.file
    for name, value, is_reference in _statements(node):
        delivery.stated.append((file, kind, name))
        if is_reference:
            thing.references.append((name, value.removeprefix("#_")))
        else:
            thing.values.setdefault(name, []).append(value)


def _statements(node: etree._Element) -> Iterator[tuple[str, str, bool]]:
    for entry in node:
        resource = entry.get(RDF + "resource")
        value = entry.text or "" if resource is None else resource
        yield _prefixed(entry.tag), value, value.startswith("#_")


def _prefixed(tag: str) -> str:
    name = etree.QName(tag)
    return f"{PREFIXES[name.namespace or '']}:{name.localname}"
