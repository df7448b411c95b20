"""Writing: a document and its parts back into CIM RDF/XML, always in the same way.

Guarantees: the same statements give the same bytes (sorted by class, id, property, form and
value); every id, reference and literal is written as it was received, under the prefixes of the
document; the header stands first, the sections of a difference model inside it. UTF-8. A stream:
one part is in memory at a time, but for difference models, whose sections are gathered first.

Not kept, because it says nothing: the order of the received file, indentation, comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import BinaryIO, Final

from cim_import.identifiers import BLANK, RDF, XML_LITERAL, is_nc_name
from graph_service.domain.statements import (
    DATATYPE,
    LANGUAGE,
    LITERAL,
    REFERENCE,
    Document,
    Part,
    local_name,
)

_SPECIAL: Final = re.compile("[&<>\r]")
_SPECIAL_IN_ATTRIBUTE: Final = re.compile('[&<>"\t\n\r]')
_BUFFERED_LINES: Final = 4096
_SECTIONS: Final = ("forwardDifferences", "reverseDifferences", "preconditions")


def write_document(document: Document, parts: Iterable[Part], out: BinaryIO) -> int:
    """Write a document; gives the number of bytes written.

    `parts` come in the order of `part_order`, as a graph store gives them.
    """
    written = 0
    lines: list[str] = []
    for piece in _pieces(document, parts):
        lines.append(piece)
        if len(lines) >= _BUFFERED_LINES:
            written += out.write("".join(lines).encode())
            lines.clear()
    return written + out.write("".join(lines).encode())


def part_order(part: Part) -> tuple[str, str, str]:
    """The sort key of parts in a written file."""
    return (part.types[0] if part.types else "", part.section, part.mrid)


def namespaces_of(parts: Iterable[Part]) -> dict[str, str]:
    """Make prefixes for parts that came from no file: `cim`, `rdf` and `ns1`, `ns2`, ..."""
    found = {uri[: len(uri) - len(local_name(uri))] for part in parts for uri in _uris(part)}
    others = sorted(uri for uri in found if "CIM" not in uri and uri != RDF)
    made = {f"ns{number}": uri for number, uri in enumerate(others, 1)}
    for number, uri in enumerate(sorted(uri for uri in found if "CIM" in uri)):
        made[f"cim{number or ''}"] = uri
    return {"rdf": RDF, **made}


def _uris(part: Part) -> Iterator[str]:
    yield from part.types
    for statement in part.statements:
        yield statement.property


def _pieces(document: Document, parts: Iterable[Part]) -> Iterator[str]:
    form = _Form(document.namespaces)
    yield _opening(form.namespaces, document.base)
    plain = iter(parts)
    if any(_is_difference(part) for part in document.header):
        held = list(plain)
        plain = (part for part in held if not part.section)
        yield from _header(document, form, [part for part in held if part.section])
    else:
        for part in sorted(document.header, key=part_order):
            yield form.element(part)
    for part in plain:
        yield form.element(part)
    yield f"</{form.rdf}:RDF>\n"


def _opening(namespaces: Mapping[str, str], base: str) -> str:
    root = next(prefix for prefix, uri in sorted(namespaces.items()) if uri == RDF and prefix)
    declared = [
        f'\n\txmlns{":" if prefix else ""}{prefix}="{_attribute(uri)}"'
        for prefix, uri in sorted(namespaces.items())
    ]
    based = f'\n\txml:base="{_attribute(base)}"' if base else ""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}:RDF{"".join(declared)}{based}>\n'


def _header(document: Document, form: _Form, held: list[Part]) -> Iterator[str]:
    """Write the headers; the sections go into the difference model among them."""
    for part in sorted(document.header, key=part_order):
        if not _is_difference(part):
            yield form.element(part)
            continue
        namespace = next(_namespace(uri) for uri in part.types if _is_difference_class(uri))
        opening, closing = form.tag(part)
        yield opening
        yield form.properties(part)
        yield from _sections(form, namespace, held)
        yield closing


def _sections(form: _Form, namespace: str, held: list[Part]) -> Iterator[str]:
    present = {section: list(members) for section, members in groupby(_by_section(held), _section)}
    for section in dict.fromkeys((*_SECTIONS[:2], *present)):
        name = form.name(namespace + section)
        yield f'\t<{name} {form.rdf}:parseType="Statements">\n'
        for part in present.get(section, ()):
            yield form.element(part)
        yield f"\t</{name}>\n"


def _by_section(parts: list[Part]) -> list[Part]:
    return sorted(parts, key=lambda part: (part.section, part_order(part)))


def _section(part: Part) -> str:
    return part.section


def _is_difference(part: Part) -> bool:
    return any(map(_is_difference_class, part.types))


def _is_difference_class(uri: str) -> bool:
    return local_name(uri) == "DifferenceModel"


def _namespace(uri: str) -> str:
    return uri[: len(uri) - len(local_name(uri))]


class _Form:
    """How things are written under the prefixes of one document."""

    def __init__(self, namespaces: Mapping[str, str]):
        self.namespaces = dict(namespaces)
        if not any(uri == RDF and prefix for prefix, uri in self.namespaces.items()):
            self.namespaces[_unused("rdf", self.namespaces)] = RDF
        self.rdf = min(p for p, uri in self.namespaces.items() if uri == RDF and p)
        self._by_length = sorted(self.namespaces.items(), key=lambda item: (-len(item[1]), item[0]))
        self._names: dict[str, str] = {}
        self._frames: dict[tuple[str, str], tuple[str, str]] = {}

    def element(self, part: Part) -> str:
        """A whole element."""
        opening, closing = self.tag(part)
        return opening + self.properties(part) + closing

    def tag(self, part: Part) -> tuple[str, str]:
        """The start tag and the end tag of an element."""
        attribute, _, prefix = part.identified_by.partition(" ")
        name = self.name(part.types[0] if part.types else f"{RDF}Description")
        by = f' {self.rdf}:{attribute}="{_attribute(prefix + part.mrid)}"' if attribute else ""
        return f"<{name}{by}>\n", f"</{_bare(name)}>\n"

    def properties(self, part: Part) -> str:
        """The lines inside an element: further types, then the statements."""
        frames = self._frames
        lines = [self._type(uri) for uri in part.types[1:]]
        for statement in sorted(part.statements):
            uri, form, value = statement
            frame = frames.get((uri, form)) or self._frame(uri, form)
            if form[:1] == REFERENCE or form == "<":
                text = _attribute(value)
            elif form == DATATYPE + XML_LITERAL:
                text = value
            else:
                text = _SPECIAL.sub(_escape, value) if _SPECIAL.search(value) else value
            lines.append(frame[0] + text + frame[1])
        return "".join(lines)

    def name(self, uri: str) -> str:
        """The prefixed name of a class or property, with a declaration where it needs one."""
        known = self._names.get(uri)
        if known is None:
            known = self._names[uri] = self._shorten(uri)
        return known

    def _shorten(self, uri: str) -> str:
        for prefix, namespace in self._by_length:
            local = uri[len(namespace) :]
            if namespace and uri.startswith(namespace) and is_nc_name(local):
                return f"{prefix}:{local}" if prefix else local
        prefix = _unused("ns1", self.namespaces)
        return f'{prefix}:{local_name(uri)} xmlns:{prefix}="{_attribute(_namespace(uri))}"'

    def _type(self, uri: str) -> str:
        return f'\t<{self.rdf}:type {self.rdf}:resource="{_attribute(uri)}"/>\n'

    def _frame(self, uri: str, form: str) -> tuple[str, str]:
        """What stands before and after the value of a statement."""
        name, kind = self.name(uri), form[:1]
        if form.startswith(REFERENCE + BLANK):
            frame = f'\t<{name} {self.rdf}:nodeID="{_attribute(form[3:])}', '"/>\n'
        elif kind in (REFERENCE, "<"):
            frame = f'\t<{name} {self.rdf}:resource="{_attribute(form[1:])}', '"/>\n'
        else:
            frame = f"\t<{name}{self._literal_attribute(form)}>", f"</{_bare(name)}>\n"
        self._frames[uri, form] = frame
        return frame

    def _literal_attribute(self, form: str) -> str:
        if form == LITERAL:
            return ""
        if form[:1] == LANGUAGE:
            return f' xml:lang="{_attribute(form[1:])}"'
        if form == DATATYPE + XML_LITERAL:
            return f' {self.rdf}:parseType="Literal"'
        return f' {self.rdf}:datatype="{_attribute(form[1:])}"'


def _attribute(text: str) -> str:
    return _SPECIAL_IN_ATTRIBUTE.sub(_escape, text) if _SPECIAL_IN_ATTRIBUTE.search(text) else text


def _escape(found: re.Match[str]) -> str:
    return _ESCAPES[found[0]]


def _bare(name: str) -> str:
    return name.partition(" ")[0]


def _unused(prefix: str, taken: Mapping[str, str]) -> str:
    while prefix in taken:
        prefix += "_"
    return prefix


_ESCAPES: Final = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\t": "&#9;",
    "\n": "&#10;",
    "\r": "&#13;",
}
