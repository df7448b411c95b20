"""Pieces: the text of an XML file cut before every `<`: a piece is a tag and the text after it.

Cutting a stretch of a file takes one quick call. Comments, CDATA sections and instructions may
have a `<` inside; whoever meets one has it put together again by `marks`.

Nothing here looks for mistakes: in text that no XML parser has checked, marks may be cut wrongly.
They are then no well-formed element, or none that ends, when put together again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_START_TAG: Final = re.compile(r"""[^"'>]*+(?:"[^"]*+"[^"'>]*+|'[^']*+'[^"'>]*+)*+>""")
_ENDS: Final = {"!-": "-->", "![": "]]>"}


class Mark(NamedTuple):
    """A tag, comment, CDATA section or instruction as it stands, and the text after it.

    `opens` tells how many elements it opens: 1 a start tag, -1 an end tag, 0 all others.
    """

    written: str
    after: str
    opens: int


def marks(pieces: Iterator[str]) -> Iterator[Mark]:
    """Give the marks that stand in the pieces."""
    for piece in pieces:
        if piece[:1] in ("!", "?"):
            yield _put_together(piece, pieces)
        elif piece[:1] == "/":
            tag, end, after = piece.partition(">")
            yield Mark(f"<{tag}{end}", after, -1)
        else:
            tag = found[0] if (found := _START_TAG.match(piece)) else piece
            yield Mark(f"<{tag}", piece[len(tag) :], 0 if tag.endswith("/>") else 1)


def _put_together(piece: str, pieces: Iterator[str]) -> Mark:
    end = _ENDS.get(piece[:2], "?>")
    written = ["<"]
    while end not in piece:
        written += piece, "<"
        piece = next(pieces, end)  # where the file ends within, its root does not end either
    last, _, after = piece.partition(end)
    return Mark("".join((*written, last, end)), after, 0)
