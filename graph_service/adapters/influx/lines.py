"""How names and values are written as lines of InfluxDB, and how names come back.

A name in a tag is the name itself, but for characters that lines cannot hold: `%`, backslash and
control characters are written `%25`, `%5C`, `%0A`; a name that is empty is a single `%`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from graph_service.domain.readings import SeriesKey

_UNFIT: Final = re.compile(r"[%\\\x00-\x1f\x7f]")
_FIT: Final = re.compile(r"%([0-9A-F]{2})")
_DELIMITERS: Final = re.compile(r"[, =]")


@lru_cache(maxsize=65_536)
def tag(name: str) -> str:
    """A name as the value of a tag, as answers and questions have it."""
    return _UNFIT.sub(lambda found: f"%{ord(found[0]):02X}", name) or "%"


@lru_cache(maxsize=65_536)
def name_of(value: str) -> str:
    """The name that `tag` wrote."""
    return "" if value == "%" else _FIT.sub(lambda found: chr(int(found[1], 16)), value)


def written_tag(name: str) -> str:
    """A name as the value of a tag within a line."""
    return _DELIMITERS.sub(_after_backslash, tag(name))


@lru_cache(maxsize=65_536)
def series_head(measurement: str, key: SeriesKey) -> str:
    """The beginning of a line of a series, up to where more tags or the fields follow."""
    element, quantity, source = map(written_tag, key)
    return f"{measurement},element={element},quantity={quantity},source={source}"


def text_field(text: str) -> str:
    """A text as the value of a field."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _after_backslash(found: re.Match[str]) -> str:
    return f"\\{found[0]}"
