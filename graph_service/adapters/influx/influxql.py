"""The questions that InfluxDB is asked in its older language, because it answers them quicker.

Flux makes a table of each series and a pipeline of each question; for what is short (where series
begin and end, which there are, their readings of a day) that costs three to ten times as much as
the answer itself. Guarantees: those of `flux.py`; values get in through `any_of`, and as numbers.

Limits: a field that has numbers of several types is read as one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

_LETTERS: Final = re.compile("[^a-z0-9_]")


def stamps(subjects: Iterable[str]) -> str:
    """What stamps writers of some subjects left last."""
    wanted = " OR ".join(f"subject = '{_name(subject)}'" for subject in subjects)
    return f"SELECT stamp FROM writes WHERE {wanted} GROUP BY subject"  # noqa: S608


def marks(subject: str, parts: Iterable[str], quantities: str = "") -> str:
    """Some of the marks of a subject; `quantities` as `flux.any_of` made it, or "" for any."""
    fields = ", ".join(_name(part) for part in parts)
    chosen = f"time = 0 AND subject = '{_name(subject)}'{_tags({'quantity': quantities})}"
    return f"SELECT {fields} FROM touched WHERE {chosen} GROUP BY quantity"  # noqa: S608


def arrivals(field: str, since_ns: int) -> str:
    """What writers left for who follows, from a time on; the field `writer` or `what`."""
    return f"SELECT {_name(field)} FROM arrivals WHERE time >= {since_ns:d}"  # noqa: S608


def kept(measurement: str, tags: Mapping[str, str]) -> str:
    """Which series there are, as rows of `kept`, element, quantity, source; tags as in `flux`."""
    condition = f"time = 0{_tags(tags)}"
    return f'SELECT kept, element, quantity, source FROM "{_name(measurement)}" WHERE {condition}'  # noqa: S608


def first_and_last(tags: Mapping[str, str]) -> str:
    """The first reading of all these series, and the last."""
    condition = f"time >= {_FIRST_NS} AND time <= {_LAST_NS}{_tags(tags)}"
    return ";".join(
        f"SELECT {how}(value) FROM readings WHERE {condition}"  # noqa: S608
        for how in ("first", "last")
    )


def readings(tags: Mapping[str, str], stretch: tuple[int, int], most: int) -> str:
    """The newest version of the readings of each series, at most so many of each.

    Args:
        tags: tag → an expression that `flux.any_of` made.
        stretch: nanoseconds, half-open.
        most: how many of each series.
    """
    condition = f"time >= {stretch[0]:d} AND time < {stretch[1]:d}{_tags(tags)}"
    return (
        f"SELECT value, quality FROM readings WHERE {condition}"  # noqa: S608
        f" GROUP BY element, quantity, source LIMIT {most:d}"
    )


def in_order(
    field: str,
    measurement: str,
    stretch: tuple[int, int],
    tags: Mapping[str, str],
    most: int,
    *,
    descending: bool,
) -> str:
    """One field of the first points in the order of time, of all series together.

    Args:
        field: the one field wanted.
        measurement: exact name.
        stretch: nanoseconds, half-open.
        tags: as in `readings`.
        most: how many points.
        descending: whether the latest come first.
    """
    condition = f"time >= {stretch[0]:d} AND time < {stretch[1]:d}{_tags(tags)}"
    order = "DESC" if descending else "ASC"
    return (
        f"SELECT {_name(field)} FROM {_name(measurement)} WHERE {condition}"  # noqa: S608
        f" ORDER BY time {order} LIMIT {most:d}"
    )


def _tags(tags: Mapping[str, str]) -> str:
    return "".join(f" AND {_name(tag)} =~ {choice}" for tag, choice in tags.items() if choice)


def _name(text: str) -> str:
    return _LETTERS.sub("", text)


_FIRST_NS: Final = -9_223_372_036_854_775_806
_LAST_NS: Final = 9_223_372_036_854_775_806
"""All that can be kept; without them InfluxQL stops at the present."""
