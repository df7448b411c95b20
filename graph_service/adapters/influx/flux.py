"""Every question that InfluxDB is asked, as a few fixed Flux texts with places for values.

Guarantees: a value gets into a question through `literal` or `any_of` only, both of which escape;
nothing else builds Flux. Series are chosen by anchored regular expressions, which InfluxDB answers
from its index (`contains` reads everything). Sums and counts are left to the server where it does
them while it reads; all else comes here as rows.

Limits: Flux is the language of InfluxDB 2 only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from string import Template
from typing import Final

from graph_service.domain.readings import EPOCH, Window

FIRST_US: Final = -9_223_372_036_854_775
"""The first microsecond that InfluxDB can keep, in 1677."""
END_US: Final = 9_223_372_036_854_775
"""The end of what it can keep, in 2262."""
ALWAYS: Final = Window(FIRST_US, END_US)

Value = str | int | Window


def rows(names: Iterable[str], measurement: str, stretch: tuple[int, int], **tags: str) -> str:
    """Some fields of all points of a measurement within a stretch of time, as they are.

    Args:
        names: the fields.
        measurement: exact name.
        stretch: nanoseconds, half-open.
        tags: tag → an expression that `any_of` made, or "" for any value.
    """
    return _filled(_ROWS, measurement, stretch, tags, fields=any_of(names))


_ROWS: Final = """$from
  |> filter(fn: (r) => r._field =~ $fields)
  |> drop(columns: ["_start", "_stop", "_measurement"])
"""


def together(**questions: str) -> str:
    """Several questions as one; rows of the answer say in `result` which they answer."""
    named = (f"{text}  |> yield(name: {literal(name)})\n" for name, text in questions.items())
    return "\n".join(named)


def windowed(
    how: str, measurement: str, stretch: tuple[int, int], grid_us: tuple[int, int], **tags: str
) -> str:
    """The field `value` of each series within intervals, aggregated while it is read.

    Args:
        how: `sum` or `count`.
        measurement: exact name.
        stretch: nanoseconds, half-open.
        grid_us: how long an interval is, and when one of them begins.
        tags: as in `rows`.
    """
    every_us, start_us = grid_us
    steps = {"every": f"{every_us}us", "offset": f"{start_us % every_us}us"}
    return _filled(_WINDOWED, measurement, stretch, tags, how=how, **steps)


_WINDOWED: Final = """$from
  |> filter(fn: (r) => r._field == "value")
  |> aggregateWindow(
      every: $every, offset: $offset, fn: $how, timeSrc: "_start", createEmpty: false
  )
  |> drop(columns: ["_start", "_stop", "_measurement"])
"""


def ends(
    how: str, names: Iterable[str], measurement: str, stretch: tuple[int, int], **tags: str
) -> str:
    """The first or last point of each series."""
    return _filled(_ENDS, measurement, stretch, tags, fields=any_of(names), how=how)


_ENDS: Final = """$from
  |> filter(fn: (r) => r._field =~ $fields)
  |> $how()
  |> drop(columns: ["_start", "_stop", "_measurement"])
"""


def count(measurement: str, field: str, stretch: tuple[int, int], **tags: str) -> str:
    """How many points there are, of all series together."""
    return _filled(_COUNT, measurement, stretch, tags, field=literal(field))


_COUNT: Final = """$from
  |> filter(fn: (r) => r._field == $field)
  |> count()
  |> group()
  |> sum()
"""


def in_order(
    field: str,
    measurement: str,
    parts: Iterable[tuple[tuple[int, int], Mapping[str, str]]],
    most: int,
    *,
    descending: bool,
) -> str:
    """Points in the order of time, not more than so many, put together from parts.

    Args:
        field: the one field wanted.
        measurement: exact name.
        parts: stretch of time and tags of each part.
        most: how many points.
        descending: whether the latest come first.
    """
    streams = [
        _filled(
            _PART,
            measurement,
            stretch,
            tags,
            field=literal(field),
            cut="tail" if descending else "limit",
            most=str(most),
        )
        for stretch, tags in parts
    ]
    whole = streams[0] if len(streams) == 1 else f"union(tables: [{', '.join(streams)}])"
    return Template(_IN_ORDER).substitute(
        whole=whole, descending=str(descending).lower(), most=str(most)
    )


_PART: Final = """$from
  |> filter(fn: (r) => r._field == $field)
  |> $cut(n: $most)
  |> keep(columns: ["_time", "_value"])
"""

_IN_ORDER: Final = """$whole
  |> group()
  |> sort(columns: ["_time"], desc: $descending)
  |> limit(n: $most)
"""

_FROM: Final = """from(bucket: $bucket)
  |> range(start: $start, stop: $stop)
  |> filter(fn: (r) => r._measurement == $measurement$chosen)"""


def _filled(
    template: str,
    measurement: str,
    stretch: tuple[int, int],
    tags: Mapping[str, str],
    **parts: str,
) -> str:
    chosen = "".join(f" and r.{tag} =~ {choice}" for tag, choice in tags.items() if choice)
    source = Template(_FROM).substitute(
        bucket="bucket",
        start=moment(stretch[0]),
        stop=moment(stretch[1]),
        measurement=literal(measurement),
        chosen=chosen,
    )
    return Template(template).substitute({"from": source, **parts})


def script(bucket: str, question: str) -> str:
    """The whole text of a question to a bucket."""
    return f"bucket = {literal(bucket)}\n{question}"


# --- values ------------------------------------------------------------------------------------


def literal(text: str) -> str:
    """A text in quotes, as Flux and the predicates of deletions read it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "\\${")
    escaped = escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return f'"{escaped}"'


def any_of(texts: Iterable[str]) -> str:
    """An anchored regular expression that matches exactly these texts."""
    return f"/^(?:{'|'.join(_SPECIAL.sub(_escaped, text) for text in sorted(set(texts)))})$/"


_SPECIAL: Final = re.compile(r"[][\\.+*?()|{}^$/]")


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[0]}"


def moment(ns: int) -> str:
    """A time to the nanosecond."""
    us, rest = divmod(ns, 1000)
    at = EPOCH + timedelta(microseconds=us)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06}{rest:03}Z"


def stretch_of(window: Window) -> tuple[int, int]:
    """A window in nanoseconds, cut to what InfluxDB can keep; empty where nothing is left."""
    start, stop = max(window.start_us, FIRST_US), min(window.stop_us, END_US)
    return start * 1000, max(start, stop) * 1000
