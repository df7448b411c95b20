"""The whole grammar of RDF/XML, for the few places of a file that need it.

Anything but the plain form: headers, sections of difference models, nested or nameless objects,
languages, datatypes, entities in text, prefixes bound below the root. Names come here with their
name space.

It is a tolerant reader with CIM's rules: what RDF/XML would reject is kept where it means
something, and reported where it does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from cim_import.gathered import RDF_TYPE, Gathered, Row
from cim_import.identifiers import (
    BLANK,
    RDF,
    XML,
    XML_LITERAL,
    content_id,
    identity,
    is_header,
    split_reference,
)
from cim_import.namespaces import SEPARATOR, Namespaces
from graph_service.domain.statements import (
    DATATYPE,
    LANGUAGE,
    LITERAL,
    REFERENCE,
    local_name,
)

_IDENTITIES: Final = {f"{RDF}{name}": name for name in ("ID", "about", "nodeID")}
_QUIET: Final = frozenset({f"{XML}space", f"{XML}id"})


@dataclass(slots=True)
class Node:
    """An element that stands for an object.

    `facts` is the list its statements go to; `plain` the form of its literals, which an
    xml:lang may have changed. A `kept` node has its row already; an `implied` one has no tag of
    its own, because its property says parseType="Resource".
    """

    mrid: str
    types: list[str]
    identified_by: str
    facts: list[str]
    plain: str = LITERAL
    section: str = ""
    line: int = 0
    header: bool = False
    kept: bool = False
    implied: bool = False


@dataclass(slots=True)
class _Property:
    """An element that stands for a property of `node`; `markup` collects an XML literal."""

    node: Node
    uri: str
    form: str
    section: str = ""
    settled: bool = False
    markup: list[str] | None = None
    levels: int = 0


class OtherRoot(Exception):
    """The root of the file is not rdf:RDF."""


class Grammar:
    """What start tags, text and end tags mean, one element after another.

    `text` is where the parser puts text; `line` tells the line of the file it is in.
    """

    def __init__(
        self,
        gathered: Gathered,
        namespaces: Namespaces,
        text: list[str],
        line: Callable[[], int],
    ):
        self.base = ""
        self.plain = LITERAL
        self._gathered = gathered
        self._namespaces = namespaces
        self._text = text
        self._line = line
        self._stack: list[Node | _Property] = []
        self._blanks: dict[str, int] = {}

    def root(self, tag: str, attributes: list[str]) -> None:
        """Take the start tag of the file's root.

        Raises:
            OtherRoot: it is not rdf:RDF.
        """
        if _uri(tag) != f"{RDF}RDF":
            raise OtherRoot(self._namespaces.written(tag))
        for name, value in _pairs(attributes):
            uri = _uri(name)
            if uri == f"{XML}base" and f"{value}#" not in self._namespaces.all.values():
                self.base = value
            elif uri == f"{XML}lang" and value:
                self.plain = LANGUAGE + value

    def stand_in(self, node: Node | None) -> None:
        """Say which object the next element is a property of; None for an object of its own."""
        self._stack = [node] if node else []

    def start(self, tag: str, attributes: list[str]) -> None:
        """Take a start tag."""
        top = self._stack[-1] if self._stack else None
        if isinstance(top, Node):
            self._open_property(top, tag, attributes)
        elif top and top.markup is not None:
            self._open_markup(top, tag, attributes)
        else:
            self._clear_stray()
            self._open_node(tag, attributes)

    def end(self, tag: str) -> None:
        """Take an end tag."""
        top = self._stack[-1]
        if isinstance(top, Node):
            self._close_node()
            if top.implied:
                self.end(tag)
        elif top.levels:
            self._close_markup(top, tag)
        else:
            self._stack.pop()
            self._close_property(top)

    # --- objects ---------------------------------------------------------------------------

    def _open_node(self, tag: str, attributes: list[str]) -> None:
        namespace, _, local = tag.rpartition(SEPARATOR)
        outer = self._stack[-1] if self._stack else None
        node = Node("", [], "", [], self.plain, line=self._line())
        if isinstance(outer, _Property):
            node.plain, node.section = outer.node.plain, outer.section or outer.node.section
            node.header = outer.node.header and not node.section
        if namespace + local != f"{RDF}Description":
            node.types.append(namespace + local)
        node.header = node.header or is_header(local, namespace)
        given = _pairs(attributes)
        given.sort(key=lambda pair: not pair[0].endswith("lang"))  # literals depend on it
        for name, value in given:
            self._take_node_attribute(node, name, value)
        self._stack.append(node)

    def _take_node_attribute(self, node: Node, name: str, value: str) -> None:
        uri = _uri(name) if SEPARATOR in name else ""
        if uri in _IDENTITIES and not node.identified_by:
            node.mrid, node.identified_by = identity(_IDENTITIES[uri], value, self.base)
        elif uri == f"{XML}lang":
            node.plain = LANGUAGE + value if value else LITERAL
        elif uri == RDF_TYPE:
            node.types.append(value)
        elif not uri or uri.startswith((RDF, XML)):
            self._leave_out(uri or name)
        else:
            node.facts.extend((uri, node.plain, value))

    def _close_node(self) -> None:
        self._clear_stray()
        node = self._stack.pop()
        assert isinstance(node, Node)  # noqa: S101 - the stack alternates
        outer = self._stack[-1] if self._stack else None
        refers = isinstance(outer, _Property) and not outer.section
        if not node.identified_by:
            node.mrid = content_id(node.types, node.facts, self._blanks)
            node.identified_by = "nodeID " if refers else ""
        if refers and isinstance(outer, _Property):
            outer.node.facts.extend((outer.uri, _form_towards(node), node.mrid))
            outer.settled = True
        row = Row(node.mrid, tuple(node.types), node.identified_by, node.section, node.line)
        (self._gathered.headers if node.header else self._gathered.aside).append((row, node.facts))

    # --- properties ------------------------------------------------------------------------

    def _open_property(self, node: Node, tag: str, attributes: list[str]) -> None:
        self._clear_stray()
        held = _Property(node, _uri(tag), node.plain)
        self._stack.append(held)
        for name, value in _pairs(attributes):
            self._take_property_attribute(held, name, value)

    def _take_property_attribute(self, held: _Property, name: str, value: str) -> None:
        uri = _uri(name) if SEPARATOR in name else ""
        if uri == f"{RDF}resource":
            self._settle(held, *split_reference(value, self.base))
        elif uri == f"{RDF}nodeID":
            mrid, written = identity(BLANK, value)
            self._settle(held, REFERENCE + written.replace(" ", ""), mrid)
        elif uri == f"{RDF}datatype":
            held.form = DATATYPE + value
        elif uri == f"{XML}lang":
            if not held.form.startswith(DATATYPE):
                held.form = LANGUAGE + value if value else LITERAL
        elif uri == f"{RDF}parseType":
            self._take_parse_type(held, value)
        else:
            self._leave_out(uri or name)

    def _take_parse_type(self, held: _Property, value: str) -> None:
        if value == "Statements":
            held.section, held.settled = local_name(held.uri), True
            held.node.header = not held.node.kept
        elif value == "Resource":
            inner = Node("", [], "", [], held.node.plain, held.node.section, self._line())
            inner.header, inner.implied = held.node.header, True
            self._stack.append(inner)
        elif value == "Collection":
            self._leave_out(f"{RDF}parseType='Collection'")
        else:
            held.form, held.markup = DATATYPE + XML_LITERAL, []

    def _settle(self, held: _Property, form: str, value: str) -> None:
        self._gathered.types_stated |= held.uri == RDF_TYPE
        held.node.facts.extend((held.uri, form, value))
        held.settled = True

    def _close_property(self, held: _Property) -> None:
        if held.settled:
            self._clear_stray()
            return
        if held.markup is not None:
            self._flush_markup(held.markup)
            value = "".join(held.markup)
        else:
            value = "".join(self._text)
            self._text.clear()
        held.node.facts.extend((held.uri, held.form, value))

    # --- XML literals ----------------------------------------------------------------------

    def _open_markup(self, held: _Property, tag: str, attributes: list[str]) -> None:
        assert held.markup is not None  # noqa: S101 - asked by the caller
        self._flush_markup(held.markup)
        held.levels += 1
        written = self._namespaces.written
        pairs = "".join(f" {written(n)}={quoteattr(v)}" for n, v in _pairs(attributes))
        held.markup.append(f"<{written(tag)}{pairs}>")

    def _close_markup(self, held: _Property, tag: str) -> None:
        assert held.markup is not None  # noqa: S101 - levels are counted only in markup
        self._flush_markup(held.markup)
        held.levels -= 1
        held.markup.append(f"</{self._namespaces.written(tag)}>")

    def _flush_markup(self, markup: list[str]) -> None:
        markup.append(escape("".join(self._text)))
        self._text.clear()

    # --- what both need --------------------------------------------------------------------

    def _leave_out(self, what: str) -> None:
        if what not in _QUIET:
            self._gathered.report("UNREAD_ATTRIBUTE", f"{what} was left out", line=self._line())

    def _clear_stray(self) -> None:
        if self._text:
            self._gathered.report_stray("".join(self._text), self._line())
            self._text.clear()


def _form_towards(node: Node) -> str:
    """The form of a reference to a nested object, from how that was identified."""
    attribute, _, prefix = node.identified_by.partition(" ")
    if attribute == "about":
        return REFERENCE + prefix
    return REFERENCE + (f"#{prefix}" if attribute == "ID" else f"{BLANK}{prefix}")


def _uri(name: str) -> str:
    return name.replace(SEPARATOR, "", 1)


def _pairs(attributes: list[str]) -> list[tuple[str, str]]:
    return list(zip(attributes[::2], attributes[1::2], strict=True))
