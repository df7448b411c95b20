"""The whole grammar of RDF/XML, for the few places of a file that need it.

Anything but the plain form (headers, sections of difference models, nested or nameless objects,
languages, datatypes, entities in text, prefixes bound below the root) is handed over here,
element by element, and read with an XML parser that knows name spaces.

It is a tolerant reader with CIM's rules: what RDF/XML would reject is kept where it means
something, and reported where it does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final
from xml.parsers import expat
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


_BATCH_PIECES: Final = 2_000

CDATA_START: Final = "<![CDATA["
CDATA_END: Final = "]]>"


class OtherRoot(Exception):
    """The root of the file is not rdf:RDF."""


class TooDeep(Exception):
    """Elements nest deeper than in any CIM document."""

    def __init__(self, line: int):
        super().__init__(line)
        self.line = line


class BadNames(Exception):
    """A prefix is not bound, or one attribute stands twice under two prefixes."""

    def __init__(self, why: str, line: int):
        super().__init__(why)
        self.line = line


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


class Grammar:
    """Reads odd elements of one file, one after another, as they come."""

    def __init__(self, gathered: Gathered, namespaces: Namespaces):
        self.gathered = gathered
        self.namespaces = namespaces
        self.base = ""
        self.plain = LITERAL
        self._text: list[str] = []
        self._stack: list[Node | _Property] = []
        self._blanks: dict[str, int] = {}
        self._offset = 0
        self._parser = expat.ParserCreate("utf-8", SEPARATOR)
        self._parser.ordered_attributes = True
        self._parser.buffer_text = True
        self._parser.StartNamespaceDeclHandler = self._declare
        self._parser.StartElementHandler = self._root
        self._parser.CharacterDataHandler = self._text.append

    @property
    def line(self) -> int:
        """The line of the file that is being read."""
        return self._parser.CurrentLineNumber + self._offset

    def open_root(self, tag: str, line: int) -> int:
        """Read the start tag of the root; gives the line after it.

        Raises:
            OtherRoot: it is not rdf:RDF.
        """
        self._offset = line - 1
        self._parse(tag)
        self.namespaces.close_root()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        return line + tag.count("\n")

    def read(self, first: list[str], more: Iterator[str], line: int, node: Node | None) -> int:
        """Read one element; gives the line after it.

        `first` are its first pieces, its start tag and perhaps more; `more` gives the others.
        `node` is the object that the element is a property of; None for an object below the root.
        """
        self._offset = line - self._parser.CurrentLineNumber
        self._stack = [node] if node else []
        batch: list[str] = []
        for piece, levels in _levels(chain(first, more)):
            batch.append(piece)
            if levels == 0:
                break
            if levels > MOST_LEVELS:
                raise TooDeep(line + "".join(batch).count("\n"))
            if len(batch) >= _BATCH_PIECES:
                line += self._parse("".join(batch))
                batch.clear()
        return line + self._parse("".join(batch))

    def close(self) -> None:
        """Cut the circle of parser and handlers, so that memory is free at once."""
        parser = self._parser
        parser.StartElementHandler = parser.EndElementHandler = None
        parser.StartNamespaceDeclHandler = parser.CharacterDataHandler = None

    def _parse(self, text: str) -> int:
        try:
            self._parser.Parse(text, False)
        except expat.ExpatError as error:
            line = error.lineno + self._offset
            raise BadNames(expat.ErrorString(error.code), line) from None
        return text.count("\n")

    def _declare(self, prefix: str | None, uri: str | None) -> None:
        self.namespaces.declare(prefix or "", uri or "")

    def _root(self, tag: str, attributes: list[str]) -> None:
        if _uri(tag) != f"{RDF}RDF":
            raise OtherRoot(self.namespaces.written(tag))
        for name, value in _pairs(attributes):
            uri = _uri(name)
            if uri == f"{XML}base" and f"{value}#" not in self.namespaces.all.values():
                self.base = value
            elif uri == f"{XML}lang" and value:
                self.plain = LANGUAGE + value

    def _start(self, tag: str, attributes: list[str]) -> None:
        top = self._stack[-1] if self._stack else None
        if isinstance(top, Node):
            self._open_property(top, tag, attributes)
        elif top and top.markup is not None:
            self._open_markup(top, tag, attributes)
        else:
            self._clear_stray()
            self._open_node(tag, attributes)

    def _end(self, tag: str) -> None:
        top = self._stack[-1]
        if isinstance(top, Node):
            self._close_node()
            if top.implied:
                self._end(tag)
        elif top.levels:
            self._close_markup(top, tag)
        else:
            self._stack.pop()
            self._close_property(top)

    # --- objects ---------------------------------------------------------------------------

    def _open_node(self, tag: str, attributes: list[str]) -> None:
        namespace, _, local = tag.rpartition(SEPARATOR)
        outer = self._stack[-1] if self._stack else None
        node = Node("", [], "", [], self.plain, line=self.line)
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
        (self.gathered.headers if node.header else self.gathered.aside).append((row, node.facts))

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
            inner = Node("", [], "", [], held.node.plain, held.node.section, self.line)
            inner.header, inner.implied = held.node.header, True
            self._stack.append(inner)
        elif value == "Collection":
            self._leave_out(f"{RDF}parseType='Collection'")
        else:
            held.form, held.markup = DATATYPE + XML_LITERAL, []

    def _settle(self, held: _Property, form: str, value: str) -> None:
        self.gathered.types_stated |= held.uri == RDF_TYPE
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
        written = self.namespaces.written
        pairs = "".join(f" {written(n)}={quoteattr(v)}" for n, v in _pairs(attributes))
        held.markup.append(f"<{written(tag)}{pairs}>")

    def _close_markup(self, held: _Property, tag: str) -> None:
        assert held.markup is not None  # noqa: S101 - levels are counted only in markup
        self._flush_markup(held.markup)
        held.levels -= 1
        held.markup.append(f"</{self.namespaces.written(tag)}>")

    def _flush_markup(self, markup: list[str]) -> None:
        markup.append(escape("".join(self._text)))
        self._text.clear()

    # --- what both need --------------------------------------------------------------------

    def _leave_out(self, what: str) -> None:
        if what not in _QUIET:
            self.gathered.report("UNREAD_ATTRIBUTE", f"{what} was left out", line=self.line)

    def _clear_stray(self) -> None:
        if self._text:
            self.gathered.report_stray(self._text, self.line)
            self._text.clear()


def _form_towards(node: Node) -> str:
    """The form of a reference to a nested object, from how that was identified."""
    attribute, _, prefix = node.identified_by.partition(" ")
    if attribute == "about":
        return REFERENCE + prefix
    return REFERENCE + (f"#{prefix}" if attribute == "ID" else f"{BLANK}{prefix}")


def _levels(pieces: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Each piece of XML with how many elements are open after it."""
    levels, in_cdata = 0, False
    for piece in pieces:
        if piece in (CDATA_START, CDATA_END):
            in_cdata = piece == CDATA_START
        elif piece[0] == "<" and not in_cdata:
            levels += _opened(piece)
        yield piece, levels


def _opened(tag: str) -> int:
    """How many levels a tag opens: 1 a start tag, -1 an end tag, else 0."""
    if tag[1] == "/":
        return -1
    return 0 if tag[1] in "!?" or tag[-2] == "/" else 1


def _uri(name: str) -> str:
    return name.replace(SEPARATOR, "", 1)


def _pairs(attributes: list[str]) -> list[tuple[str, str]]:
    return list(zip(attributes[::2], attributes[1::2], strict=True))
