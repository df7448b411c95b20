"""Meter readings from a file into the timeline: one row a usage point, quantity and day.

The file is CSV, plain or gzip (told by its content), UTF-8, with a header:

    usage_point,quantity,source,start,resolution,values...
    7c6b…,ENERGY_IN,meter,2026-01-01T00:00:00Z,PT1H,412,398,,405

After mRID, quantity, source, start and resolution (ISO 8601) a row has its values, one an
interval, in the unit of the quantity; an empty one is missing. The file is read as a stream.

Guarantees: a row that cannot be understood is put aside whole, with line number and reason, and
the others are stored; no time is invented (a start without time zone is refused); rows are
stored in batches, each durable before the next is read; loading a file again changes nothing.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
import time
import zlib
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from graph_service.domain import tables
from graph_service.domain.durations import parse_resolution
from graph_service.domain.errors import BadResolution, UnreadableInput
from graph_service.domain.readings import (
    AppendResult,
    Quality,
    ReadingColumns,
    SeriesKey,
    from_us,
    to_us,
)
from graph_service.domain.statements import normalise
from graph_service.ports.exchange import Progress
from graph_service.ports.timeline_store import TimelineStore

HEADER: Final = ("usage_point", "quantity", "source", "start", "resolution")
"""The first columns of a file of readings; the values follow."""

ROWS_A_BATCH: Final = 2_000
_GZIP: Final = b"\x1f\x8b"
_LONGEST_LINE: Final = 4_000_000
_TASK: Final = "reading meter values"

Row = tuple[SeriesKey, ReadingColumns]


class PutAside(NamedTuple):
    """A line that was not taken, and why."""

    line: int
    reason: str


@dataclass(slots=True)
class IngestReport:
    """What became of a file of readings.

    Attributes:
        rows: Rows taken.
        series: How many different series they are of.
        stored: New values.
        duplicates: Values that were known already.
        corrected: Other values for times known already; the older ones are kept.
        rejected: The lines put aside, in the order of the file.
        seconds: How long it took.
    """

    rows: int = 0
    series: int = 0
    stored: int = 0
    duplicates: int = 0
    corrected: int = 0
    rejected: list[PutAside] = field(default_factory=list)
    seconds: float = 0.0


def load_readings(
    store: TimelineStore, path: Path, model_set: str, progress: Progress | None = None
) -> IngestReport:
    """Store the readings of a file.

    Args:
        store: where they go.
        path: the file.
        model_set: the model set the usage points are in.
        progress: told after every batch how many bytes of the file are read.

    Raises:
        UnreadableInput: the file is missing, empty, has another header, or breaks off; the batches
            before that are kept.
        StoreError: the store could not keep a batch; the batches before it are kept.
    """
    begun = time.monotonic()
    with _opened(path) as file:
        reader = _Reader(_text(file), path, model_set)
        series: set[SeriesKey] = set()
        for batch in reader.batches():
            _count(reader.report, batch, store.append(batch))
            series.update(key for key, _ in batch)
            if progress is not None:
                progress(_TASK, file.tell(), path.stat().st_size)
    reader.report.series = len(series)
    reader.report.seconds = time.monotonic() - begun
    return reader.report


def _count(report: IngestReport, batch: Sequence[Row], result: AppendResult) -> None:
    report.rows += len(batch)
    report.stored += result.stored
    report.duplicates += result.duplicates
    report.corrected += result.corrected


# --- the file ----------------------------------------------------------------------------------


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        reason = error.strerror or str(error)
        raise _unreadable(path, reason) from error
    except (EOFError, zlib.error) as error:
        raise _unreadable(
            path, f"the compressed data break off or are damaged ({error})"
        ) from error


def _text(file: BinaryIO) -> io.TextIOWrapper:
    compressed = file.read(2) == _GZIP
    file.seek(0)
    plain = gzip.GzipFile(fileobj=file) if compressed else file
    return io.TextIOWrapper(plain, encoding="utf-8-sig", errors="replace", newline="")


def _unreadable(path: Path, reason: str) -> UnreadableInput:
    return UnreadableInput(
        f"{path.name} cannot be read as readings: {reason}",
        subject=str(path),
        hint=f"give a CSV file, gzip or not, with the header {','.join(HEADER)},values...",
    )


class _Reader:
    """Rows of one file, in batches; what cannot be understood goes to the report."""

    def __init__(self, text: io.TextIOWrapper, path: Path, model_set: str):
        self.report = IngestReport()
        self._text = text
        self._line = 0
        self._path = path
        self._known_us = to_us(datetime.now(UTC))
        self._prefix = f"{model_set}/"

    def batches(self) -> Iterator[list[Row]]:
        """Rows that were understood, some thousand at a time."""
        self._check_header()
        batch: list[Row] = []
        for cells in self._rows():
            try:
                batch.append(self._row(cells))
            except (ValueError, BadResolution) as error:
                self._put_aside(str(error))
            if len(batch) == ROWS_A_BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    def _check_header(self) -> None:
        header = next(self._rows(), None)
        if header is None:
            raise _unreadable(self._path, "it is empty")
        if tuple(name.strip().lower() for name in header[: len(HEADER)]) != HEADER:
            raise _unreadable(self._path, f"its header is '{','.join(header)[:80]}'")

    def _rows(self) -> Iterator[list[str]]:
        """The cells of each line that is CSV and not blank."""
        while line := self._text.readline(_LONGEST_LINE):
            self._line += 1
            try:
                cells = _cells(line, self._text)
            except (ValueError, csv.Error) as error:
                self._put_aside(str(error))
            else:
                if cells:
                    yield cells

    def _put_aside(self, reason: str) -> None:
        self.report.rejected.append(PutAside(self._line, reason))

    def _row(self, cells: list[str]) -> Row:
        if len(cells) <= len(HEADER):
            raise ValueError(f"{len(cells)} columns, at least {len(HEADER) + 1} are needed")
        mrid, quantity, source, start, resolution = cells[: len(HEADER)]
        key = self._key(mrid, quantity, source)
        values = cells[len(HEADER) :]
        times = _times(start, resolution, len(values))
        if "" in values:
            present = [at for at, text in enumerate(values) if text]
            times = array("q", [times[at] for at in present])
            values = [values[at] for at in present]
        return key, _columns(times, _numbers(values), self._known_us)

    def _key(self, mrid: str, quantity: str, source: str) -> SeriesKey:
        identity = normalise(mrid.strip())
        if not identity or "\ufffd" in identity:
            raise ValueError(f"'{mrid}' is no mRID")
        if not source or "\ufffd" in source:
            raise ValueError(f"'{source}' is no source")
        if tables.quantity(quantity) is None:
            raise ValueError(f"no quantity is called '{quantity}'")
        return SeriesKey(self._prefix + identity, quantity, source)


def _cells(line: str, text: io.TextIOWrapper) -> list[str]:
    """Each line by itself, so that a stray quotation mark does not swallow the lines after it."""
    if len(line) == _LONGEST_LINE:
        while line and not line.endswith("\n"):
            line = text.readline(_LONGEST_LINE)
        raise ValueError(f"the line is longer than {_LONGEST_LINE:,} characters")
    return next(csv.reader((line,), strict=True))


# --- columns -----------------------------------------------------------------------------------


def _columns(times: array[int], values: array[float], known_us: int) -> ReadingColumns:
    good, known = _constants(len(times), known_us)
    return ReadingColumns(times, values, good, known)


@lru_cache(maxsize=64)
def _constants(count: int, known_us: int) -> tuple[array[int], array[int]]:
    return array("B", [Quality.GOOD]) * count, array("q", [known_us]) * count


@lru_cache(maxsize=1024)
def _times(start: str, resolution: str, count: int) -> array[int]:
    """The times of a row; most rows of a file share them."""
    step_us = parse_resolution(resolution)
    first_us = _start(start)
    last_us = first_us + (count - 1) * step_us
    try:
        from_us(last_us)
    except OverflowError:
        raise ValueError(f"{count} times {resolution} from {start} leaves the calendar") from None
    return array("q", range(first_us, last_us + 1, step_us))


def _start(text: str) -> int:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is no time; write 2026-01-01T00:00:00Z") from None
    if at.tzinfo is None:
        raise ValueError(f"'{text}' has no time zone; write 2026-01-01T00:00:00Z")
    return to_us(at)


def _numbers(texts: Sequence[str]) -> array[float]:
    try:
        values = array("d", map(float, texts))
    except ValueError:
        raise ValueError(_first_wrong(texts)) from None
    if not all(map(math.isfinite, values)) or "_" in "".join(texts):
        raise ValueError(_first_wrong(texts))
    return values


def _first_wrong(texts: Sequence[str]) -> str:
    wrong = next((text for text in texts if not _is_number(text)), "")
    return f"'{wrong}' is no finite number"


def _is_number(text: str) -> bool:
    try:
        return "_" not in text and math.isfinite(float(text))
    except ValueError:
        return False
