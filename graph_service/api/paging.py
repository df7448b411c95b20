"""Pages: how a long list is cut, and the cursors that go on where a page ended.

A cursor holds the position of an entry (its order value and number) and a fingerprint of the
question, so that it cannot be taken for another one. It stays valid when elements come and go,
because it names a place in the order, not a count.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from typing import Annotated, Any

import orjson
import strawberry

from graph_service.domain.errors import BadCursor, BadPage
from graph_service.domain.filters import MOST_PER_PAGE

First = Annotated[int, strawberry.argument(description=f"How many at most, 0 to {MOST_PER_PAGE}.")]
After = Annotated[
    str | None, strawberry.argument(description="The `endCursor` of the page before.")
]

Position = tuple[str | int, int]
"""The order value of an entry, and its number."""


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    """Relay's page info."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


def check_first(first: int) -> int:
    """Give the page size back if a page may have it.

    Raises:
        BadPage: it is negative or more than a page may hold.
    """
    if not 0 <= first <= MOST_PER_PAGE:
        raise BadPage(first, MOST_PER_PAGE)
    return first


def fingerprint(*question: Any) -> str:
    """A short mark that differs between questions; bytes count as they are, the rest as text."""
    digest = blake2b(digest_size=6)
    for piece in question:
        digest.update(piece if isinstance(piece, bytes) else repr(piece).encode())
        digest.update(b"\0")
    return digest.hexdigest()


def cursor(mark: str, position: Position) -> str:
    """The cursor of an entry."""
    return urlsafe_b64encode(orjson.dumps([mark, *position])).decode().rstrip("=")


def position_of(given: str | None, mark: str) -> Position | None:
    """The position a cursor names, or None where none is given.

    Raises:
        BadCursor: it is damaged, or belongs to another question.
    """
    if given is None:
        return None
    try:
        padded = given + "=" * (-len(given) % 4)
        found, value, number = orjson.loads(urlsafe_b64decode(padded.encode("ascii")))
    except (ValueError, TypeError) as error:
        raise BadCursor(given) from error
    if found != mark or not isinstance(number, int) or not isinstance(value, (str, int)):
        raise BadCursor(given)
    return value, number


def page_info(cursors: tuple[str, str] | None, after: str | None, has_next: bool) -> PageInfo:
    """The page info of a page with these first and last cursors; None for an empty page."""
    start, end = cursors or (None, None)
    return PageInfo(
        has_next_page=has_next,
        has_previous_page=after is not None,
        start_cursor=start,
        end_cursor=end,
    )
