"""The whole grammar of RDF/XML, for the few places of a file that need it.

The reader knows the plain form by heart: objects below the root, with values and references in
them. Anything else (headers, sections of difference models, nested or nameless objects,
languages, datatypes) is handed over here, element by element, and handed back afterwards.

It is a tolerant reader with CIM's rules: what RDF/XML would reject is kept where it means
something, and reported where it does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from xml.parsers.expat import XMLParserType
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
from cim_import.limits import MOST_LEVELS
from cim_import.namespaces import Uris
from graph_service.domain.statements import (
    DATATYPE,
    LANGUAGE,
    LITERAL,
    REFERENCE,
    local_name,
)

_IDENTITIES: Final = {f"{RDF}{name}": name for name in ("ID", "about", "nodeID")}
_QUIET: Final = frozenset({f"{XML}space", f"{XML}id"})


class TooDeep(Exception):
    """Elements nest deeper than any CIM document."""


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


@dataclass(slots=True)
class Grammar:
    """Reads an odd place, then gives the parser back to the handlers it had before."""

    parser: XMLParserType
    uris: Uris
    gathered: Gathered
    text: list[str]
    base: str = ""
    plain: str = LITERAL
    _stack: list[Node | _Property] = field(default_factory=list)
    _floor: int = 0
    _resume: Callable[[], None] | None = None
    _blanks: dict[str, int] = field(default_factory=dict)

    def enter_object(self, tag: str, attributes: list[str], resume: Callable[[], None]) -> None:
        """Read an object below the root, of which the start tag was just met."""
        self._enter(None, resume)
        self._open_node(tag, attributes)

    def enter_property(
        self, node: Node, tag: str, attributes: list[str], resume: Callable[[], None]
    ) -> None:
        """Read a property of a plain object, of which the start tag was just met."""
        self._enter(node, resume)
        self._open_property(node, tag, attributes)

    def enter_nested(
        self, node: Node, outer: str, tag: str, attributes: list[str], resume: Callable[[], None]
    ) -> None:
        """Read on where an object stands in a property (of URI `outer`) of a plain object."""
        self._enter(node, resume)
        self._stack.append(_Property(node, outer, node.plain))
        self._start(tag, attributes)

    def _enter(self, node: Node | None, resume: Callable[[], None]) -> None:
        self._stack = [node] if node else []
        self._floor = len(self._stack)
        self._resume = resume
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _start(self, tag: str, attributes: list[str]) -> None:
        top = self._stack[-1]
        if len(self._stack) >= MOST_LEVELS:
            raise TooDeep
        if isinstance(top, Node):
            self._open_property(top, tag, attributes)
        elif top.markup is not None:
            self._open_markup(top, tag, attributes)
        else:
            self._clear_stray()
            self._open_node(tag, attributes)

    def _end(self, tag: str) -> None:
        top = self._stack[-1]
        if isinstance(top, _Property):
            if top.levels:
                self._close_markup(top, tag)
                return
            self._stack.pop()
            self._close_property(top)
        else:
            self._close_node()
            if top.implied:
                self._end(tag)
                return
        if len(self._stack) == self._floor and self._resume:
            self._resume()

    # --- objects ---------------------------------------------------------------------------

    def _open_node(self, tag: str, attributes: list[str]) -> None:
        given = self.uris.take_declarations(attributes)
        namespace, local = self.uris.split(tag)
        outer = self._stack[-1] if self._stack else None
        node = Node("", [], "", [], self.plain, line=self.parser.CurrentLineNumber)
        if isinstance(outer, _Property):
            node.plain, node.section = outer.node.plain, outer.section or outer.node.section
            node.header = outer.node.header and not node.section
        if namespace + local != f"{RDF}Description":
            node.types.append(namespace + local)
        node.header = node.header or is_header(local, namespace)
        given.sort(key=lambda pair: not pair[0].endswith("lang"))  # literals depend on it
        for name, value in given:
            self._take_node_attribute(node, name, value)
        self._stack.append(node)

    def _take_node_attribute(self, node: Node, name: str, value: str) -> None:
        uri = self._attribute(name)
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
        (self.gathered.headers if node.header else self.gathered.aside).append((row, node.facts))

    # --- properties ------------------------------------------------------------------------

    def _open_property(self, node: Node, tag: str, attributes: list[str]) -> None:
        self._clear_stray()
        given = self.uris.take_declarations(attributes)
        held = _Property(node, self.uris[tag], node.plain)
        self._stack.append(held)
        for name, value in given:
            self._take_property_attribute(held, name, value)

    def _take_property_attribute(self, held: _Property, name: str, value: str) -> None:
        uri = self._attribute(name)
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
            line = self.parser.CurrentLineNumber
            inner = Node("", [], "", [], held.node.plain, held.node.section, line)
            inner.header, inner.implied = held.node.header, True
            self._stack.append(inner)
        elif value == "Collection":
            self._leave_out(f"{RDF}parseType='Collection'")
        else:
            held.form, held.markup = DATATYPE + XML_LITERAL, []

    def _settle(self, held: _Property, form: str, value: str) -> None:
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
            value = "".join(self.text)
            self.text.clear()
        held.node.facts.extend((held.uri, held.form, value))

    # --- XML literals ----------------------------------------------------------------------

    def _open_markup(self, held: _Property, tag: str, attributes: list[str]) -> None:
        assert held.markup is not None  # noqa: S101 - asked by the caller
        self._flush_markup(held.markup)
        held.levels += 1
        if held.levels >= MOST_LEVELS:
            raise TooDeep
        given = self.uris.take_declarations(attributes)
        pairs = "".join(f" {self.uris.written(n)}={quoteattr(v)}" for n, v in given)
        held.markup.append(f"<{self.uris.written(tag)}{pairs}>")

    def _close_markup(self, held: _Property, tag: str) -> None:
        assert held.markup is not None  # noqa: S101 - levels are counted only in markup
        self._flush_markup(held.markup)
        held.levels -= 1
        held.markup.append(f"</{self.uris.written(tag)}>")

    def _flush_markup(self, markup: list[str]) -> None:
        markup.append(escape("".join(self.text)))
        self.text.clear()

    # --- what both need --------------------------------------------------------------------

    def _attribute(self, name: str) -> str:
        """The URI of an attribute; empty for one without a prefix, which has no name space."""
        return self.uris[name] if self.uris.is_qualified(name) else ""

    def _leave_out(self, what: str) -> None:
        if what not in _QUIET:
            line = self.parser.CurrentLineNumber
            self.gathered.report("UNREAD_ATTRIBUTE", f"{what} was left out", line=line)

    def _clear_stray(self) -> None:
        if self.text:
            self.gathered.report_stray(self.text, self.parser.CurrentLineNumber)
            self.text.clear()


def _form_towards(node: Node) -> str:
    """The form of a reference to a nested object, from how that was identified."""
    attribute, _, prefix = node.identified_by.partition(" ")
    if attribute == "about":
        return REFERENCE + prefix
    return REFERENCE + (f"#{prefix}" if attribute == "ID" else f"{BLANK}{prefix}")
