"""Files of readings and events: read as a stream, batch by batch, from where a run stopped.

How far a file was read is kept beside the graph, under its path, its size and its first bytes, its
model set and mapping. A run that is broken off, by whatever, is gone on with by the next one; a
batch that was stored and not noted is brought again, which changes nothing.
"""

from __future__ import annotations

import gzip
import hashlib
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, cast

from graph_service.domain.errors import UnreadableInput
from graph_service.ports.exchange import Progress
from graph_service.ports.record_store import RecordStore
from graph_service.services.formats.addressed import Batch, Reading, Target
from graph_service.services.formats.detecting import reader_of
from graph_service.services.formats.mapping import Mapping
from graph_service.services.intake.receipts import IngestReport, Receipt
from graph_service.services.intake.storing import now_us

OFFSETS: Final = "ingest_offsets"

_GZIP: Final = b"\x1f\x8b"
_HEAD_BYTES: Final = 64 * 1024
_NOTED_EVERY_S: Final = 1.0
_TASK: Final = "reading values"

Store = Callable[[Batch], Future[Receipt]]


class Files:
    """Reads files and remembers how far.

    Args:
        records: where that is kept.
    """

    def __init__(self, records: RecordStore):
        self._records = records

    def load(
        self,
        path: Path,
        model_set: str,
        mapping: Mapping,
        store: Store,
        *,
        again: bool = False,
        progress: Progress | None = None,
    ) -> IngestReport:
        """Store a file; see `Intake.load`."""
        begun = time.monotonic()
        report = IngestReport()
        with _opened(path) as (raw, plain):
            size = path.stat().st_size
            place = _Place(self._records, _key(raw, path, size, model_set, mapping), path)
            if again:
                place.forget()
            elif place.done:
                report.already_taken = True
            if not report.already_taken:
                report.resumed_at = place.line
                read = reader_of(plain, path.name, mapping)
                report.format = read.__module__.rpartition(".")[2]
                reading = Reading(model_set, now_us(), path.name)
                batches = read(plain, reading, place.position, place.line)
                for _ in _stored(batches, store, report, place):
                    if progress is not None:
                        progress(_TASK, min(raw.tell(), size), size)
                place.finish()
        report.seconds = time.monotonic() - begun
        return report


def _stored(
    batches: Iterator[Batch], store: Store, report: IngestReport, place: _Place
) -> Iterator[Batch]:
    """Store batch after batch, reading the next one while the last is written."""
    series: set[Target] = set()
    pending: tuple[Batch, Future[Receipt]] | None = None
    try:
        for batch in batches:
            if pending:
                yield _finished(*pending, report, place)
            series.update(lot.target for lot in batch.lots)
            series.update(batch.block.targets if batch.block else ())
            pending = (batch, store(batch))
    finally:
        if pending:
            _finished(*pending, report, place)
        report.series = len(series)
    yield Batch()


def _finished(batch: Batch, future: Future[Receipt], report: IngestReport, place: _Place) -> Batch:
    report.add(future.result())
    place.reach(batch)
    return batch


class _Place:
    """How far a file was read; noted once a second, since a repeated batch changes nothing."""

    def __init__(self, records: RecordStore, key: str, path: Path):
        self._records = records
        self._key = key
        self._path = path
        self._noted = time.monotonic()
        [known] = records.get(OFFSETS, [key])
        self.position = int(known["position"]) if known else 0
        self.line = int(known["line"]) if known else 0
        self.done = bool(known["done"]) if known else False

    def forget(self) -> None:
        """Begin at the beginning."""
        self._records.delete(OFFSETS, [self._key])
        self.position, self.line, self.done = 0, 0, False

    def reach(self, batch: Batch) -> None:
        """Come to the end of a batch that is durable."""
        self.position, self.line = batch.position, batch.line
        if time.monotonic() - self._noted > _NOTED_EVERY_S:
            self._note()

    def finish(self) -> None:
        """Come to the end of the file."""
        self.done = True
        self._note()

    def _note(self) -> None:
        self._noted = time.monotonic()
        record = {
            "path": str(self._path),
            "position": self.position,
            "line": self.line,
            "done": self.done,
        }
        self._records.put(OFFSETS, [(self._key, record)])


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """The file, and what is in it where it is compressed."""
    try:
        with path.open("rb") as raw:
            compressed = raw.read(2) == _GZIP
            raw.seek(0)
            plain = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if compressed else raw
            yield raw, plain
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        reason = f"the compressed data break off or are damaged ({error})"
        raise _unreadable(path, reason) from error
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error


def _key(raw: BinaryIO, path: Path, size: int, model_set: str, mapping: Mapping) -> str:
    raw.seek(0)
    head = hashlib.sha256(raw.read(_HEAD_BYTES)).hexdigest()
    raw.seek(0)
    said = "\n".join((str(path.resolve()), str(size), head, model_set, mapping.digest))
    return hashlib.sha256(said.encode()).hexdigest()


def _unreadable(path: Path, reason: str) -> UnreadableInput:
    return UnreadableInput(
        f"{path.name} cannot be read as readings or events: {reason}",
        subject=str(path),
        hint="give CSV, line protocol, Parquet, JSON events or MeterReadings, gzip or not",
    )
