"""The plain form of a CIM file: objects below the root, with values and references in them.

That is nearly all of every CIM file, so it is read in the quickest way that is safe. The text was
cut before every `<`; what a tag means is found out once and is one look-up from then on. Whatever
is not exactly of the form known here goes to the grammar, element by element.

The form known here is well-formed XML whatever its names and values are, as long as the characters
are legal: names are of ASCII letters, digits, `_`, `-` and `.`, with a prefix that the root binds;
a tag has one attribute at most, in double quotes; values have neither `&` nor `]]>`; every element
ends with its own end tag. So no parser needs to see it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from cim_import.gathered import RDF_TYPE, Gathered
from cim_import.grammar import Node
from cim_import.identifiers import RDF, identity, is_header, split_reference
from cim_import.namespaces import Namespaces
from cim_import.odd_places import OddPlaces, Unproven

_QNAME: Final = r"(?:[A-Za-z_][\w.\-]*:)?[A-Za-z_][\w.\-]*"
_NAME: Final = re.compile(_QNAME, re.ASCII)
_UP_TO_VALUE: Final = re.compile(rf"({_QNAME})[ \t]+({_QNAME})=", re.ASCII)


def read_plain(pieces: Iterator[str], gathered: Gathered, odd: OddPlaces, line: int) -> None:
    """Gather what stands below the root, whose start tag was read already and ends in `line`.

    One long function that shares its variables: it sees every piece of every file.

    Raises:
        Unproven: no parser has checked the pieces, and they may not be well-formed.
    """
    base, plain, namespaces = odd.grammar.base, odd.grammar.plain, odd.namespaces
    types_of, reference_of = _Objects(namespaces), _References(namespaces)
    meaning_of, lines_after = _Meanings(namespaces), _LinesAfter()
    form_of = _Forms(base)
    rows, facts = gathered.rows, gathered.facts
    keep_row, next_piece = rows.append, partial(next, pieces, "")

    for piece in pieces:
        if piece[:1] == "/":
            odd.close_root(piece, pieces)
            return
        halves = piece.split('"')
        if len(halves) != 3:
            line = odd.read([piece], pieces, line, None)
            continue
        head, written, tail = halves
        types, attribute, lines_after_end = types_of[head]
        lines = lines_after[tail]
        if not types or lines < 0 or "&" in written or "\n" in written or "\t" in written:
            line = odd.read([piece], pieces, line, None)
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
        line += lines
        if tail[0] == "/":
            continue

        for piece in pieces:
            if '"' in piece:
                halves = piece.split('"')
                if len(halves) == 3:
                    head, written, tail = halves
                    uri = reference_of[head]
                    lines = lines_after[tail]
                    if (
                        uri
                        and lines >= 0
                        and tail[0] == "/"
                        and "&" not in written
                        and "\n" not in written
                        and "\t" not in written
                    ):
                        if written[:2] == "#_":
                            facts += uri, "&#_", written[2:]
                        elif written[:9] == "urn:uuid:" and written[9:10] != "_":
                            facts += uri, "&urn:uuid:", written[9:]
                        else:
                            form, value = form_of[written]
                            facts += uri, form, value
                        line += lines
                        continue
            head, _, text = piece.partition(">")
            uri, lines_after_own_end = meaning_of[head]
            if uri:
                end = next_piece()
                lines = lines_after_own_end[end]
                if lines >= 0 and "&" not in text and "\n" not in text and "]]>" not in text:
                    facts += uri, plain, text
                    line += lines
                    continue
                first = [piece, end]
            elif head[:1] == "/":
                lines = lines_after_end[piece]
                odd.prove(lines >= 0)
                line = line + lines if lines >= 0 else odd.pass_text(text, line)
                break
            else:
                first = [piece]
            line = odd.read(first, pieces, line, _node(rows[-1], facts, plain))
    raise Unproven  # the root does not end


class _Objects(dict[str, tuple[tuple[str, ...], str, "_LinesAfterEnd"]]):
    """start tag up to its only value → types, identifying attribute, lines after its end tags.

    No types for odd ones.
    """

    def __init__(self, namespaces: Namespaces):
        super().__init__()
        self._namespaces = namespaces

    def __missing__(self, head: str) -> tuple[tuple[str, ...], str, _LinesAfterEnd]:
        tag = head.replace("\t", " ").partition(" ")[0]
        self[head] = (*self._look_at(head), _LinesAfterEnd(tag))
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
        if names is None or names[1] != "resource" or "".join(names[0]) == RDF_TYPE:
            return ""
        self[head] = "".join(names[0])
        return self[head]


class _Meanings(dict[str, tuple[str, "_LinesAfterEnd"]]):
    """start tag without attributes → property, lines after its end tags; empty for all else."""

    def __init__(self, namespaces: Namespaces):
        super().__init__()
        self._namespaces = namespaces

    def __missing__(self, head: str) -> tuple[str, _LinesAfterEnd]:
        names = self._namespaces.split(head) if _NAME.fullmatch(head) else None
        if names is None:
            return "", _NONE
        self[head] = "".join(names), _LinesAfterEnd(head)
        return self[head]


class _Forms(dict[str, tuple[str, str]]):
    """reference as written → form and value."""

    def __init__(self, base: str):
        super().__init__()
        self._base = base

    def __missing__(self, written: str) -> tuple[str, str]:
        self[written] = split_reference(written, self._base)
        return self[written]


class _LinesAfter(dict[str, int]):
    """end of a start tag with white space after it → its line ends; -1 where it is another."""

    def __missing__(self, tail: str) -> int:
        last, end, space = tail.partition(">")
        if not end or last not in ("", "/") or space.strip():
            return -1
        self[tail] = space.count("\n")
        return self[tail]


class _LinesAfterEnd(dict[str, int]):
    """end tag of an element with white space after it → its line ends; -1 where it is another."""

    def __init__(self, tag: str):
        super().__init__()
        self._end = f"/{tag}"

    def __missing__(self, piece: str) -> int:
        written, end, space = piece.partition(">")
        if not end or written.rstrip(" \t\n") != self._end or space.strip():
            return -1
        self[piece] = piece.count("\n")
        return self[piece]


_NONE: Final = _LinesAfterEnd("")


def _names(head: str, namespaces: Namespaces) -> tuple[tuple[str, str], str] | None:
    """Tag and RDF attribute of `tag attribute=`; None where it is not just that."""
    match = _UP_TO_VALUE.fullmatch(head)
    tag = namespaces.split(match[1]) if match else None
    attribute = namespaces.split(match[2]) if match and ":" in match[2] else None
    if tag is None or attribute is None or attribute[0] != RDF:
        return None
    return tag, attribute[1]


def _node(
    row: tuple[str, tuple[str, ...], str, str, int, int], facts: list[str], plain: str
) -> Node:
    """The plain object at hand, for the grammar to add to."""
    mrid, types, by, section, line, _ = row
    return Node(mrid, list(types), by, facts, plain, section, line, kept=True)
