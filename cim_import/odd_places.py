"""Odd places: elements that are not of the plain form, read by a second parser as they come.

The pieces of an element are put together and given to a parser that knows name spaces and calls
the grammar. What an element says is the same wherever it stands, so the parser sees the root,
then only the odd elements, one after another, and the end of the root: together they are a
document. What stands between elements it does not see; unless another parser has checked that,
only white space is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Final
from xml.parsers import expat

from cim_import.gathered import Gathered
from cim_import.grammar import Grammar, Node
from cim_import.limits import MOST_LEVELS
from cim_import.namespaces import SEPARATOR, Namespaces
from cim_import.pieces import marks

_BATCH: Final = 2_000
"""How many texts are put together before the parser gets them."""


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


class Unproven(Exception):
    """Nobody has checked the file, and here is what may not be well-formed."""


class OddPlaces:
    """Reads the root and then odd elements of one file.

    Args:
        gathered: where what they say is gathered.
        namespaces: the prefixes of the file.
        is_checked: a parser has checked all that is read.
    """

    def __init__(self, gathered: Gathered, namespaces: Namespaces, *, is_checked: bool):
        text: list[str] = []
        self.grammar = Grammar(gathered, namespaces, text, self._line)
        self.namespaces = namespaces
        self._gathered = gathered
        self._is_checked = is_checked
        self._offset = 0
        self._parser = expat.ParserCreate("utf-8", SEPARATOR)
        self._parser.ordered_attributes = True
        self._parser.buffer_text = True
        self._parser.StartNamespaceDeclHandler = self._declare
        self._parser.StartElementHandler = self.grammar.root
        self._parser.CharacterDataHandler = text.append

    def open_root(self, pieces: Iterator[str]) -> int:
        """Read to the end of the start tag of the root; gives the line after it.

        Raises:
            OtherRoot: it is not rdf:RDF.
            BadNames: it uses a prefix that is not bound.
            Unproven: text may stand behind it.
        """
        line = 1 + next(pieces).count("\n")
        for written, after, _ in marks(pieces):
            if written[1] not in "!?":
                self._offset = line - 1
                line += self._parse(written)
                self.namespaces.close_root()
                self._parser.StartElementHandler = self.grammar.start
                self._parser.EndElementHandler = self.grammar.end
                return self.pass_text(after, line)
            line += written.count("\n") + after.count("\n")
        return line

    def read(self, first: list[str], more: Iterator[str], line: int, node: Node | None) -> int:
        """Read one element, comment, ... and the text after it; gives the line after that.

        `first` are its first pieces; `more` gives the others. `node` is the object that the
        element is a property of; None for an object below the root.

        Raises:
            TooDeep: it nests too deep.
            BadNames: it uses a prefix that is not bound, or it is not well-formed.
            Unproven: it does not end, or text stands behind it.
        """
        self._offset = line - self._parser.CurrentLineNumber
        self.grammar.stand_in(node)
        batch: list[str] = []
        levels = 0
        for written, after, opens in marks(chain(first, more)):
            if levels == 0 and written.startswith("<![CDATA["):
                return self.pass_text(written + after, line)
            batch.append(written)
            levels += opens
            if levels == 0:
                return self.pass_text(after, line + self._parse("".join(batch)))
            batch.append(after)
            if levels > MOST_LEVELS:
                raise TooDeep(line + "".join(batch).count("\n"))
            if len(batch) >= _BATCH:
                line += self._parse("".join(batch))
                batch.clear()
        raise Unproven

    def close_root(self, piece: str, more: Iterator[str]) -> None:
        """Read the end tag of the root and what is behind it.

        Raises:
            BadNames: it is another end tag, or what is behind it may not be there.
        """
        self.close()
        for written in chain([piece], more):
            self._parse(f"<{written}")
        self._parse("", is_last=True)

    def prove(self, is_well_formed: bool) -> None:
        """Go on only where something is well-formed, or a parser has checked it.

        Raises:
            Unproven: neither is so.
        """
        if not (is_well_formed or self._is_checked):
            raise Unproven

    def pass_text(self, text: str, line: int) -> int:
        """Pass over text between elements, which should be white space; gives the line after it.

        Raises:
            Unproven: it is not, and nobody has checked it.
        """
        self.prove(not text.strip())
        end = line + text.count("\n")
        self._gathered.report_stray(text, end)
        return end

    def close(self) -> None:
        """Cut the circle of parser and handlers, so that memory is free at once."""
        parser = self._parser
        parser.StartElementHandler = parser.EndElementHandler = None
        parser.StartNamespaceDeclHandler = parser.CharacterDataHandler = None

    def _parse(self, text: str, *, is_last: bool = False) -> int:
        """Parse a stretch; gives how many line ends it has."""
        try:
            self._parser.Parse(text, is_last)
        except expat.ExpatError as error:
            line = error.lineno + self._offset
            raise BadNames(expat.ErrorString(error.code), line) from None
        return text.count("\n")

    def _line(self) -> int:
        return self._parser.CurrentLineNumber + self._offset

    def _declare(self, prefix: str | None, uri: str | None) -> None:
        self.namespaces.declare(prefix or "", uri or "")
