"""Examining: a fingerprint of what a document says, and what is odd about it.

Everything here was already read without complaint; nothing is changed. Findings name the mRID
and the line where the element begins.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from cim_import.identifiers import is_nc_name
from cim_import.reading import Reading
from graph_service.domain import tables
from graph_service.domain.findings import Finding, finding
from graph_service.domain.statements import (
    LITERAL,
    REFERENCE,
    Document,
    Part,
    local_name,
    normalise,
)

_MRID: Final = "IdentifiedObject.mRID"
_FIELD, _STATEMENT = "\x1f", "\x1e"
"""Control characters that no XML file can contain."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A document with its fingerprint, and what was found and counted in it.

    `classes` counts objects by the local name of their classes.
    """

    document: Document
    findings: tuple[Finding, ...]
    classes: Counter[str]


def examine(reading: Reading) -> Examined:
    """Go through a document that was read."""
    document = reading.document
    work = _Work(document.name)
    digests = sorted(map(work.look_at, reading.parts))
    digests.extend(sorted(map(digest, document.header)))
    fingerprint = hashlib.sha256(b"".join(digests)).hexdigest()
    classes = work.local_classes()
    found = (*reading.findings, *work.findings, *work.unknown_classes(), *_about(document))
    return Examined(replace(document, fingerprint=fingerprint), found, classes)


def digest(part: Part) -> bytes:
    """The SHA-256 of what a part says, whatever the order it says it in."""
    said = [part.mrid, part.section, part.identified_by, *sorted(part.types)]
    said.extend(map(_FIELD.join, sorted(part.statements)))
    return hashlib.sha256(_STATEMENT.join(said).encode("utf-8", "surrogatepass")).digest()


@dataclass(slots=True)
class _Work:
    """What is known of a document while its parts go by."""

    file: str
    findings: list[Finding] = field(default_factory=list)
    _classes: Counter[str] = field(default_factory=Counter)
    _first_lines: dict[str, int] = field(default_factory=dict)
    _properties: set[str] = field(default_factory=set)
    """All that were seen, and those of them that say an mRID."""
    _mrid_properties: set[str] = field(default_factory=set)

    def look_at(self, part: Part) -> bytes:
        """Note what is odd about a part; gives its digest."""
        for uri in part.types:
            self._classes[uri] += 1
            self._first_lines.setdefault(uri, part.line)
        if part.identified_by[:2] == "ID":
            self._look_at_id(part)
        properties = {statement[0] for statement in part.statements}
        if len(properties) != len(part.statements):
            self._look_at_repeats(part)
        if not properties <= self._properties:
            self._properties |= properties
            self._mrid_properties.update(uri for uri in properties if uri.endswith(_MRID))
        if not properties.isdisjoint(self._mrid_properties):
            for uri, form, value in part.statements:
                if form == LITERAL and uri in self._mrid_properties:
                    self._look_at_mrid(part, value)
        return digest(part)

    def _look_at_id(self, part: Part) -> None:
        written = part.identified_by.partition(" ")[2] + part.mrid
        if not is_nc_name(written):
            self._report("ILLEGAL_ID", f"'{written}' is not allowed as rdf:ID", part)

    def _look_at_mrid(self, part: Part, text: str) -> None:
        if text != part.mrid and normalise(text).lower() != part.mrid.lower():
            self._report("MRID_DIFFERS", f"the text says '{text}'", part)

    def _look_at_repeats(self, part: Part) -> None:
        values: dict[str, set[str]] = {}
        for uri, form, value in part.statements:
            if form[:1] != REFERENCE:
                values.setdefault(uri, set()).add(value)
        for uri, different in values.items():
            if len(different) > 1:
                shown = ", ".join(map(repr, sorted(different)))
                self._report("REPEATED_VALUE", f"{local_name(uri)} is {shown}", part)

    def local_classes(self) -> Counter[str]:
        """How many objects there are of each class, by local name."""
        counted: Counter[str] = Counter()
        for uri, count in self._classes.items():
            counted[local_name(uri)] += count
        return counted

    def unknown_classes(self) -> Iterator[Finding]:
        """One finding for each class that the bundled tables do not have."""
        for uri, count in sorted(self._classes.items()):
            if not tables.known_kind(local_name(uri)):
                message = f"{count} of class {uri}"
                line = self._first_lines[uri]
                yield finding(
                    "UNKNOWN_CLASS", message, subject=local_name(uri), file=self.file, line=line
                )

    def _report(self, code: str, message: str, part: Part) -> None:
        self.findings.append(
            finding(code, message, subject=part.mrid, file=self.file, line=part.line)
        )


def _about(document: Document) -> Iterator[Finding]:
    """What the header, or the lack of one, gives reason to say."""
    name = document.name
    if not document.header:
        yield finding("NO_HEADER", "the file has no model header", subject=name, file=name)
    for part in document.header:
        if any(local_name(uri) == "DifferenceModel" for uri in part.types):
            message = "the differences were kept and not applied"
            yield finding("DIFFERENCE_MODEL", message, subject=part.mrid, file=name, line=part.line)
