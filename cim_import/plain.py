"""The plain form of a CIM file: objects below the root, with values and references in them.

That is nearly all of every CIM file, so it is read in the quickest way that is safe. The XML
parser checks every byte and cuts the text into pieces (a tag, a stretch of text, a line end); a
piece that was met before, such as the tag of a property, is known by heart and costs one look-up.
Whatever is not exactly of the form known here goes to the grammar, element by element.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import Final

from cim_import.gathered import RDF_TYPE, Gathered
from cim_import.grammar import Node
from cim_import.identifiers import RDF, identity, is_header, split_reference
from cim_import.namespaces import Namespaces
from cim_import.odd_places import CDATA_END, CDATA_START, OddPlaces
from graph_service.domain.statements import URI

_HEAD: Final = re.compile(r"<([^\s\"/>=]+)[ \t]+([^\s\"/>=]+)=")
_BARE_TAG: Final = re.compile(r"<([^\s\"'/>=!?]+)>")
_LINE_ENDS: Final = ("\n", "\r\n", "\r")

_SPACE: Final[tuple[str, ...]] = ()
_LINE_END: Final = ("\n",)
_OBJECT_END: Final = ("</", "", "", "")

Known = dict[str, tuple[str, ...]]
"""What a piece in an object means, by the length of the tuple: 0 or 1 white space with so many
line ends; 2 the start of a value (property, end tag); 3 a whole statement; 4 the object's end."""


def read_plain(pieces: Iterator[str], gathered: Gathered, odd: OddPlaces, line: int) -> None:
    """Gather what stands below the root, whose start tag was read already and ends in `line`.

    One long function that shares its variables: it sees every piece of every file.
    """
    base, plain = odd.grammar.base, odd.grammar.plain
    types_of, reference_of = _Objects(odd.namespaces), _References(odd.namespaces)
    known: Known = {}
    told_of, next_piece = known.get, pieces.__next__
    rows, facts = gathered.rows, gathered.facts
    keep_row, keep_fact = rows.append, facts.extend
    tails, not_data = (">", "/>"), "<&\r\n"
    space, line_end, line_ends, spaces = _SPACE, _LINE_END, _LINE_ENDS, set(_LINE_ENDS)

    for piece in pieces:
        if piece in spaces:
            line += piece in line_ends
            continue
        halves = piece.split('"')
        if len(halves) != 3:
            line = _between_objects(piece, pieces, spaces, gathered, odd, line)
            continue
        head, written, tail = halves
        types, attribute = types_of[head]
        if (
            not types
            or "&" in written
            or "\n" in written
            or "\t" in written
            or "\r" in written
            or tail not in tails
        ):
            line = _between_objects(piece, pieces, spaces, gathered, odd, line)
            continue
        if attribute == "ID":
            mrid, by = (written[1:], "ID _") if written[:1] == "_" else (written, "ID ")
        elif written[:2] == "#_":
            mrid, by = written[2:], "about #_"
        elif written[:9] == "urn:uuid:" and written[9:10] != "_":
            mrid, by = written[9:], "about urn:uuid:"
        else:
            mrid, by = identity(attribute, written, base)
        keep_row((mrid, types, by, "", line, len(facts)))
        if tail == "/>":
            continue

        for piece in pieces:
            told = told_of(piece)
            if told is None:
                halves = piece.split('"')
                if len(halves) == 3 and halves[2] == "/>":
                    uri, written = reference_of[halves[0]], halves[1]
                    if (
                        uri
                        and "&" not in written
                        and "\n" not in written
                        and "\t" not in written
                        and "\r" not in written
                    ):
                        if written[:2] == "#_":
                            keep_fact((uri, "&#_", written[2:]))
                            continue
                        if written[:9] == "urn:uuid:" and written[9:10] != "_":
                            keep_fact((uri, "&urn:uuid:", written[9:]))
                            continue
                        form, value = split_reference(written, base)
                        keep_fact((uri, form, value))
                        if form == URI:
                            known[piece] = (uri, form, value)
                        continue
                told = _learn(piece, known, odd.namespaces)
                if told is None:
                    node = _node(rows[-1], facts, plain)
                    line = _in_object(piece, pieces, gathered, odd, line, node)
                    continue
            if told is line_end:
                line += 1
            elif told is space:
                continue
            elif len(told) == 2:
                text = next_piece()
                if text == told[1]:
                    keep_fact((told[0], plain, ""))
                    continue
                if text[0] in not_data:
                    first = [piece, text]
                else:
                    after = next_piece()
                    if after == told[1]:
                        keep_fact((told[0], plain, text))
                        continue
                    first = [piece, text, after]
                node = _node(rows[-1], facts, plain)
                line = odd.read(first, pieces, line, node)
            elif len(told) == 3:
                keep_fact(told)
            else:
                break


class _Objects(dict[str, tuple[tuple[str, ...], str]]):
    """start tag up to its only value → types and identifying attribute; no types for odd ones."""

    def __init__(self, namespaces: Namespaces):
        super().__init__()
        self._namespaces = namespaces

    def __missing__(self, head: str) -> tuple[tuple[str, ...], str]:
        self[head] = self._look_at(head)
        return self[head]

    def _look_at(self, head: str) -> tuple[tuple[str, ...], str]:
        names = _names(head, self._namespaces)
        if names is None:
            return (), ""
        (namespace, local), attribute = names
        if namespace == RDF or is_header(local, namespace) or attribute not in ("ID", "about"):
            return (), ""
        return (namespace + local,), attribute


class _References(dict[str, str]):
    """start tag up to its only value → property; empty for what is no plain reference."""

    def __init__(self, namespaces: Namespaces):
        super().__init__()
        self._namespaces = namespaces

    def __missing__(self, head: str) -> str:
        names = _names(head, self._namespaces)
        plain = names is not None and names[1] == "resource"
        uri = "".join(names[0]) if names and plain else ""
        self[head] = "" if uri == RDF_TYPE else uri
        return self[head]


def _names(head: str, namespaces: Namespaces) -> tuple[tuple[str, str], str] | None:
    """Tag and RDF attribute of `<tag attribute=`; None where it is not just that."""
    match = _HEAD.fullmatch(head)
    tag = namespaces.split(match[1]) if match else None
    attribute = namespaces.split(match[2]) if match and ":" in match[2] else None
    if tag is None or attribute is None or attribute[0] != RDF:
        return None
    return tag, attribute[1]


def _learn(piece: str, known: Known, namespaces: Namespaces) -> tuple[str, ...] | None:
    """Find out what a piece in an object means, for all times it comes again; None if odd."""
    told: tuple[str, ...] | None = None
    if piece[0] != "<":
        if piece.isspace():
            told = _LINE_END if piece in _LINE_ENDS else _SPACE
    elif piece[1] == "/":
        told = _OBJECT_END
    elif match := _BARE_TAG.fullmatch(piece):
        names = namespaces.split(match[1])
        told = ("".join(names), f"</{match[1]}>") if names else None
    if told is not None:
        known[piece] = told
    return told


def _between_objects(
    piece: str,
    pieces: Iterator[str],
    spaces: set[str],
    gathered: Gathered,
    odd: OddPlaces,
    line: int,
) -> int:
    """Deal with what is no plain object; gives the line after it."""
    if piece[0] != "<" and piece.isspace():
        spaces.add(piece)
        return line
    return _in_object(piece, pieces, gathered, odd, line, None)


def _in_object(
    piece: str,
    pieces: Iterator[str],
    gathered: Gathered,
    odd: OddPlaces,
    line: int,
    node: Node | None,
) -> int:
    """Deal with an odd piece: text out of place, a comment, or an element for the grammar."""
    if piece[0] != "<" or piece == CDATA_START:
        stray = [piece]
        if piece == CDATA_START:
            stray = list(takewhile(lambda text: text != CDATA_END, pieces))
        gathered.report_stray(stray, line)
        return line + "".join(stray).count("\n")
    if piece[1] in "!?/":
        return line + piece.count("\n")
    return odd.read([piece], pieces, line, node)


def _node(
    row: tuple[str, tuple[str, ...], str, str, int, int], facts: list[str], plain: str
) -> Node:
    """The plain object at hand, for the grammar to add to."""
    mrid, types, by, section, line, _ = row
    return Node(mrid, list(types), by, facts, plain, section, line, kept=True)
