"""Odd places: elements that are not of the plain form, read by a second parser as they come.

The pieces of an element are put together and given to a parser that knows name spaces and calls
the grammar. What an element says is the same wherever it stands, so the parser sees the root and
then only the odd elements, one after another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final
from xml.parsers import expat

from cim_import.gathered import Gathered
from cim_import.grammar import Grammar, Node
from cim_import.limits import MOST_LEVELS
from cim_import.namespaces import SEPARATOR, Namespaces

CDATA_START: Final = "<![CDATA["
CDATA_END: Final = "]]>"

_BATCH_PIECES: Final = 2_000


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


class OddPlaces:
    """Reads the root and then odd elements of one file."""

    def __init__(self, gathered: Gathered, namespaces: Namespaces):
        text: list[str] = []
        self.grammar = Grammar(gathered, namespaces, text, self._line)
        self.namespaces = namespaces
        self._offset = 0
        self._parser = expat.ParserCreate("utf-8", SEPARATOR)
        self._parser.ordered_attributes = True
        self._parser.buffer_text = True
        self._parser.StartNamespaceDeclHandler = self._declare
        self._parser.StartElementHandler = self.grammar.root
        self._parser.CharacterDataHandler = text.append

    def open_root(self, tag: str, line: int) -> int:
        """Read the start tag of the root; gives the line after it.

        Raises:
            OtherRoot: it is not rdf:RDF.
            BadNames: it uses a prefix that is not bound.
        """
        self._offset = line - 1
        line += self._parse(tag)
        self.namespaces.close_root()
        self._parser.StartElementHandler = self.grammar.start
        self._parser.EndElementHandler = self.grammar.end
        return line

    def read(self, first: list[str], more: Iterator[str], line: int, node: Node | None) -> int:
        """Read one element; gives the line after it.

        `first` are its first pieces, its start tag and perhaps more; `more` gives the others.
        `node` is the object that the element is a property of; None for an object below the root.

        Raises:
            TooDeep: it nests too deep.
            BadNames: it uses a prefix that is not bound.
        """
        self._offset = line - self._parser.CurrentLineNumber
        self.grammar.stand_in(node)
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
        """Parse a stretch; gives how many line ends it has."""
        try:
            self._parser.Parse(text, False)
        except expat.ExpatError as error:
            line = error.lineno + self._offset
            raise BadNames(expat.ErrorString(error.code), line) from None
        return text.count("\n")

    def _line(self) -> int:
        return self._parser.CurrentLineNumber + self._offset

    def _declare(self, prefix: str | None, uri: str | None) -> None:
        self.namespaces.declare(prefix or "", uri or "")


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
