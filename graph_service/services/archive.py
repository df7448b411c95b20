"""Readings as Parquet files and back: the feed for training, and a copy that other tools read.

Files hold one UTC month each, `month=2026-01/readings.parquet`, sorted by series and time, with the
columns of `archive_files.COLUMNS`. What is imported again is to the bit what was exported: all
versions with their time of knowledge, or the newest of each.

Guarantees: memory stays bounded whatever the scope; a file is there whole or not at all; importing
twice changes nothing. Needs the extra `parquet`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from graph_service.domain.errors import UnreadableInput
from graph_service.domain.readings import (
    MICROSECONDS_PER_DAY,
    AppendResult,
    ReadingColumns,
    SeriesKey,
    Window,
    from_us,
    to_us,
)
from graph_service.ports.exchange import Progress
from graph_service.ports.timeline_store import TimelineStore
from graph_service.services.archive_files import Lot, ParquetFiles, unreadable

VALUES_AT_ONCE: Final = 1_000_000
"""About how many values are in memory at once."""

_A_DAY_HAS: Final = 96
_ELEMENTS_AT_ONCE: Final = 1_000
_FILE: Final = "readings.parquet"


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote."""

    files: tuple[str, ...]
    series: int
    values: int
    bytes_written: int
    seconds: float


@dataclass(slots=True)
class Imported:
    """What became of files: see `AppendResult`; `reasons` are of the first values rejected."""

    files: int = 0
    values: int = 0
    stored: int = 0
    duplicates: int = 0
    corrected: int = 0
    rejected: int = 0
    reasons: tuple[str, ...] = ()
    seconds: float = 0.0


class Archive:
    """Writes readings to Parquet and reads them back.

    Args:
        store: where they are.
    """

    def __init__(self, store: TimelineStore) -> None:
        self._store = store

    def give(
        self,
        directory: Path,
        elements: Sequence[str] | None,
        *,
        quantity: str | None = None,
        window: Window | None = None,
        newest_only: bool = False,
        progress: Progress | None = None,
    ) -> Exported:
        """Write the readings of some elements, or of all.

        Args:
            directory: new or empty.
            elements: `model_set/mRID`; None for all that have readings.
            quantity: only series of this quantity.
            window: only valid times within; None for all.
            newest_only: leave earlier versions out.
            progress: told after each month's lot how many of them are written.

        Raises:
            UnreadableInput: the folder holds other files.
            InvalidCall: pyarrow is not installed.
        """
        begun = time.monotonic()
        parquet = ParquetFiles()
        if directory.exists() and any(directory.iterdir()):
            raise UnreadableInput(
                f"{directory} is not empty", subject=str(directory), hint="name a new folder"
            )
        keys = self._keys(elements, quantity)
        files, values = [], 0
        for month in self._months(keys, window):
            path = directory / f"month={from_us(month.start_us):%Y-%m}" / _FILE
            written = parquet.write(path, self._lots(keys, month, newest_only, progress))
            values += written
            files += [path] if written else []
        return Exported(
            tuple(str(path.relative_to(directory)) for path in files),
            len(keys),
            values,
            sum(path.stat().st_size for path in files),
            time.monotonic() - begun,
        )

    def take(
        self, paths: Sequence[Path], *, into: str | None = None, progress: Progress | None = None
    ) -> Imported:
        """Store what `give` wrote.

        Args:
            paths: files, and folders with files.
            into: put the elements into this model set instead of their own.
            progress: told after each lot how many of the rows of a file are stored.

        Raises:
            UnreadableInput: a file is missing, no Parquet, or lacks a column; what was before it
                is stored.
            InvalidCall: pyarrow is not installed.
        """
        begun = time.monotonic()
        parquet = ParquetFiles()
        report = Imported()
        for path in _files(paths):
            report.files += 1
            for rows, total, batch in parquet.read(path, into):
                _count(report, batch, self._store.append(batch))
                if progress is not None:
                    progress(path.parent.name or path.name, rows, total)
        report.seconds = time.monotonic() - begun
        return report

    def _keys(self, elements: Sequence[str] | None, quantity: str | None) -> list[SeriesKey]:
        if elements is not None:
            return self._store.series(elements, quantity)
        keys: list[SeriesKey] = []
        after = ""
        while some := self._store.elements(after, _ELEMENTS_AT_ONCE):
            keys += self._store.series(some, quantity)
            after = some[-1]
        return keys

    def _months(self, keys: Sequence[SeriesKey], window: Window | None) -> Iterator[Window]:
        """The months of which there is anything."""
        there = self._store.available(keys) if keys else None
        if there is None:
            return
        start_us = max(there[0], window.start_us) if window else there[0]
        stop_us = min(there[1], window.stop_us) if window else there[1]
        while start_us < stop_us:
            at = from_us(start_us)
            next_month = datetime(at.year + at.month // 12, at.month % 12 + 1, 1, tzinfo=UTC)
            yield Window(start_us, min(to_us(next_month), stop_us))
            start_us = to_us(next_month)

    def _lots(
        self,
        keys: Sequence[SeriesKey],
        month: Window,
        newest_only: bool,
        progress: Progress | None,
    ) -> Iterator[Lot]:
        days = max(1.0, (month.stop_us - month.start_us) / MICROSECONDS_PER_DAY)
        lot = max(1, int(VALUES_AT_ONCE / _A_DAY_HAS / days))
        ask = self._store.read if newest_only else self._store.versions
        for begin in range(0, len(keys), lot):
            some = keys[begin : begin + lot]
            yield Lot(some, ask(some, month))
            if progress is not None:
                progress(f"{from_us(month.start_us):%Y-%m}", begin + len(some), len(keys))


def _files(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
        if not inside:
            raise unreadable(path, "there is no Parquet file in it")
        found += inside
    return found


def _count(
    report: Imported, batch: Sequence[tuple[SeriesKey, ReadingColumns]], result: AppendResult
) -> None:
    report.values += sum(len(columns) for _, columns in batch)
    report.stored += result.stored
    report.duplicates += result.duplicates
    report.corrected += result.corrected
    report.rejected += len(result.rejected)
    reasons = (reason for _, _, reason in result.rejected)
    report.reasons = tuple(dict.fromkeys((*report.reasons, *reasons)))[:10]
