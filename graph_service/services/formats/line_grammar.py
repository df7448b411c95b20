"""The grammar of InfluxDB line protocol: one line becomes a point, or a reason why it does not.

    measurement,tag=value,... field=value,... timestamp

Spaces, commas and equal signs in names are escaped by a backslash; texts stand in quotation marks
and may hold line ends. Fields are floats, integers (`1i`), unsigned ones (`1u`), booleans, texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from graph_service.services.formats.addressed import BadLine

Value = float | bool | str

_ESCAPED: Final = re.compile(r"\\([,= ])")
_MEASUREMENT: Final = re.compile(r"(?:\\[, ]|[^, ])+")
_NAME: Final = re.compile(r"(?:\\[,= ]|[^,= ])+")
_TEXT: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPED_IN_TEXT: Final = re.compile(r'\\(["\\])')
_PLAIN: Final = re.compile(r"[^, ]+")
_FLOAT: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_INTEGER: Final = re.compile(r"-?\d{1,19}i|\d{1,20}u")
_TIMESTAMP: Final = re.compile(r" +(-?\d{1,19})? *")
_BOOLEANS: Final = {
    **dict.fromkeys(("t", "T", "true", "True", "TRUE"), True),
    **dict.fromkeys(("f", "F", "false", "False", "FALSE"), False),
}
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Point:
    """One line: `stamp` in the precision of the request, None where the line has none."""

    measurement: str
    tags: dict[str, str]
    fields: dict[str, Value]
    stamp: int | None


def lines(body: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines of a body by number from 1, blank ones and comments left out.

    A text in quotation marks may go over several lines. Where one never ends, its first line
    stands alone, so that it does not swallow what follows.
    """
    physical = body.split(b"\n")
    at = 0
    while at < len(physical):
        line, first = physical[at].strip(b"\r "), at
        if line and not line.startswith(b"#"):
            if b'"' in line and _is_open(line):
                line, at = _closed(physical, at)
            yield first + 1, line.strip(b"\r ")
        at += 1


def point(line: bytes) -> Point:
    """Read one line.

    Raises:
        BadLine: it is not line protocol.
    """
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise BadLine("the line is no UTF-8") from None
    measurement, tags, at = _head(text)
    fields, at = _fields(text, at)
    found = _TIMESTAMP.fullmatch(text, at) if at < len(text) else None
    if at < len(text) and found is None:
        raise BadLine(f"'{_cut(text[at:].strip())}' is no time stamp")
    return Point(measurement, tags, fields, int(found[1]) if found and found[1] else None)


def head(line: bytes) -> tuple[str, dict[str, str]]:
    """Read the measurement and the tags, all that stands before the first space.

    Raises:
        BadLine: they are not line protocol.
    """
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise BadLine("the line is no UTF-8") from None
    measurement, tags, at = _head(text)
    if at < len(text):
        raise BadLine(f"'{_cut(text[at:])}' stands where tags belong")
    return measurement, tags


def _head(text: str) -> tuple[str, dict[str, str], int]:
    found = _MEASUREMENT.match(text)
    if found is None:
        raise BadLine("the measurement is missing")
    measurement, at = _unescape(found[0]), found.end()
    tags: dict[str, str] = {}
    while text[at : at + 1] == ",":
        key, at = _name(text, at + 1, "tag")
        value = _NAME.match(text, at)
        if value is None:
            raise BadLine(f"the tag '{key}' has no value")
        tags[key], at = _unescape(value[0]), value.end()
    return measurement, tags, at


def _name(text: str, at: int, what: str) -> tuple[str, int]:
    """A name with its equal sign."""
    found = _NAME.match(text, at)
    if found is None or text[found.end() : found.end() + 1] != "=":
        raise BadLine(f"a {what} is missing at '{_cut(text[at:])}'; write name=value")
    return _unescape(found[0]), found.end() + 1


def _fields(text: str, at: int) -> tuple[dict[str, Value], int]:
    start = at
    while text[at : at + 1] == " ":
        at += 1
    if at == start or at == len(text):
        raise BadLine("there are no fields")
    fields: dict[str, Value] = {}
    while True:
        key, at = _name(text, at, "field")
        fields[key], at = _value(text, at, key)
        if text[at : at + 1] != ",":
            return fields, at
        at += 1


def _value(text: str, at: int, key: str) -> tuple[Value, int]:
    if text[at : at + 1] == '"':
        quoted = _TEXT.match(text, at)
        if quoted is None:
            raise BadLine(f"the text of '{key}' does not end")
        return _ESCAPED_IN_TEXT.sub(r"\1", quoted[1]), quoted.end()
    found = _PLAIN.match(text, at)
    if found is None:
        raise BadLine(f"the field '{key}' has no value")
    return _plain(found[0], key), found.end()


def _plain(text: str, key: str) -> Value:
    if _FLOAT.fullmatch(text):
        return float(text)
    if _INTEGER.fullmatch(text):
        return float(text[:-1])
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    raise BadLine(f"'{_cut(text)}' is no value of '{key}'")


def _is_open(line: bytes) -> bool:
    """Whether a text begins in a line and does not end in it."""
    try:
        text = line.decode("utf-8", "replace")
        _, _, at = _head(text)
        _fields(text, at)
    except BadLine as error:
        return str(error).endswith("does not end")
    return False


def _closed(physical: list[bytes], at: int) -> tuple[bytes, int]:
    """A line with those that its text goes on in, and the index of the last of them."""
    line, last = physical[at], at
    while last + 1 < len(physical):
        last += 1
        line += b"\n" + physical[last]
        if b'"' in physical[last] and not _is_open(line):
            return line, last
    return physical[at], at


def _unescape(text: str) -> str:
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
