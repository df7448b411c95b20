"""Which format a file is in, told by what it holds, never by its name.

Compressed files (gzip) are told the same way, by what is inside.
"""

from __future__ import annotations

import re
from typing import BinaryIO, Final

from graph_service.domain.errors import UnreadableInput
from graph_service.services.formats import (
    json_events,
    line_files,
    long_csv,
    meter_readings,
    wide_csv,
)
from graph_service.services.formats.addressed import Read
from graph_service.services.formats.mapping import Mapping

_PARQUET: Final = b"PAR1"
_LOOKED_AT: Final = 64 * 1024
_LINE: Final = re.compile(rb"[^\s,]+(?:,\S+)? +[^\s=]+=\S")
_CSV: Final = ",".join(wide_csv.HEADER)


def reader_of(file: BinaryIO, name: str, mapping: Mapping) -> Read:
    """How to read a file; it is left at its beginning.

    Raises:
        UnreadableInput: it is in none of the formats, or needs an extra that is not installed.
    """
    file.seek(0)
    first = file.read(_LOOKED_AT)
    file.seek(0)
    if not first.strip():
        raise _unreadable(name, "it is empty")
    if first.startswith(_PARQUET):
        return _parquet(name)
    text = first.decode("utf-8-sig", "replace").lstrip()
    if text.startswith("<") or first.startswith((b"\xff\xfe", b"\xfe\xff")):
        return meter_readings.read
    if text.startswith(("{", "[")):
        return json_events.read
    return _of_lines(first, text, name, mapping)


def _of_lines(first: bytes, text: str, name: str, mapping: Mapping) -> Read:
    line = text.partition("\n")[0].strip()
    header = [cell.strip().strip('"').lower() for cell in line.split(",")]
    if tuple(header[: len(wide_csv.HEADER)]) == wide_csv.HEADER:
        return wide_csv.read
    if long_csv.columns_of(header) is not None:
        return long_csv.read
    written = (part for part in first.split(b"\n") if part.strip() and part[:1] != b"#")
    if _LINE.match(next(written, b"").strip()):
        return line_files.reader(mapping)
    raise _unreadable(name, f"it begins with '{line[:80]}'")


def _parquet(name: str) -> Read:
    try:
        from graph_service.services.formats import parquet
    except ImportError as error:
        raise UnreadableInput(
            f"{name} is Parquet, and the package pyarrow is not installed",
            subject=name,
            hint="install GridStrata with the extra: pip install 'gridstrata[parquet]'",
        ) from error
    return parquet.read


def _unreadable(name: str, reason: str) -> UnreadableInput:
    return UnreadableInput(
        f"{name} cannot be read as readings or events: {reason}",
        subject=name,
        hint=f"give CSV with the header {_CSV},values... or element,quantity,time,value, "
        "line protocol, Parquet, JSON events, or MeterReadings as XML",
    )
