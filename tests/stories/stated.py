"""What the files of a delivery state, read with lxml (tests/oracle.py), independent of us.

Where documents disagree about a value, the later scenario time counts, then the higher version,
then the later name, as docs/reference says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from lxml import etree

from tests import oracle

AT_ONE_PLACE = {
    "Terminal.ConductingEquipment",
    "Terminal.ConnectivityNode",
    "Terminal.TopologicalNode",
}


@dataclass
class Stated:
    """All files together: classes, values and references by element and local name."""

    classes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    values: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    references: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))

    def of(self, *kinds: str) -> set[str]:
        """The elements that some file gives one of these classes."""
        return {mrid for mrid, classes in self.classes.items() if classes & set(kinds)}

    def links(self, *names: str) -> list[tuple[str, str]]:
        """The references of these names between elements that the files define."""
        return [
            (source, target)
            for name in names
            for source, target in self.references[name]
            if target in self.classes
        ]

    def all_links(self) -> set[tuple[str, str, str]]:
        """All references (source, name, target) that find their element.

        Ids in one attribute are several; a UUID may differ in case; a terminal is at one place,
        where the document that counts most says.
        """
        by_case: dict[str, list[str]] = defaultdict(list)
        for mrid in self.classes:
            by_case[mrid.lower()].append(mrid)
        found: dict[tuple[str, ...], tuple[str, str, str]] = {}
        for name, pairs in self.references.items():
            for source, written in pairs:
                for target in written.replace("#_", "#").split("#"):
                    key = (name, source) if name in AT_ONE_PLACE else (name, source, target)
                    near = by_case[target.lower()]
                    met = [target] if target in self.classes else near[: len(near) == 1]
                    found.update((key, (source, name, other)) for other in met)
        return set(found.values())

    def value(self, mrid: str, name: str) -> str:
        """A value of an element, empty where it has none."""
        return self.values[mrid].get(name, "") if mrid in self.values else ""


@lru_cache(maxsize=6)
def read(*paths: Path) -> Stated:
    """Read deliveries: files, folders or zips."""
    documents = [
        (_precedence(header, name), body)
        for path in paths
        for name, data in oracle.delivered(path)
        for body, header in _facts(data)
    ]
    stated = Stated()
    for _, body in sorted(documents, key=lambda document: document[0]):
        _take(stated, body)
    return stated


def _facts(data: bytes) -> Iterable[tuple[set[oracle.Fact], set[oracle.Fact]]]:
    try:
        yield oracle.facts(data)
    except etree.XMLSyntaxError:
        return


def _precedence(header: set[oracle.Fact], name: str) -> tuple[str, str, str]:
    said = {_local(uri): value[1] for _, _, uri, value in header}
    version = said.get("Model.version", "").rjust(12, "0")
    return said.get("Model.scenarioTime", ""), version, name


def _take(stated: Stated, body: set[oracle.Fact]) -> None:
    for section, subject, uri, value in body:
        if section:
            continue
        name, form, text = _local(uri), value[0], value[1]
        if name == "type":
            stated.classes[subject].add(_local(text))
        elif form == "ref":
            stated.references[name].append((subject, text))
        else:
            stated.values[subject][name] = text


def _local(uri: str) -> str:
    return uri[max(uri.rfind("#"), uri.rfind("/")) + 1 :]
