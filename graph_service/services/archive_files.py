"""Parquet files of readings: what an archive writes and reads, some series at a time."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from graph_service.domain.errors import InvalidCall, UnreadableInput
from graph_service.domain.readings import Quality, ReadingColumns, SeriesKey

COLUMNS: Final = ("element", "quantity", "source", "valid_at", "value", "quality", "known_at")
"""model_set/mRID, name of the quantity, source, time stamp (us, UTC), double, name of the quality,
time stamp."""

_ROWS_AT_ONCE: Final = 200_000


class Lot(NamedTuple):
    """Readings of some series, in the same order."""

    keys: Sequence[SeriesKey]
    columns: Sequence[ReadingColumns]


class ParquetFiles:
    """Reads and writes files; made where pyarrow is installed."""

    def __init__(self) -> None:
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError as error:
            raise InvalidCall(
                "Parquet needs the package pyarrow, which is not installed",
                subject="pyarrow",
                hint="install GridStrata with the extra: pip install 'gridstrata[parquet]'",
            ) from error
        self._arrow: Any = pyarrow
        text = pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
        instant = pyarrow.timestamp("us", tz="UTC")
        types = (text, text, text, instant, pyarrow.float64(), text, instant)
        self._schema = pyarrow.schema(
            [pyarrow.field(*pair, nullable=False) for pair in zip(COLUMNS, types, strict=True)]
        )

    def write(self, path: Path, lots: Iterator[Lot]) -> int:
        """Write lots to a file; gives how many values. Without any there is no file."""
        part = path.with_name(path.name + ".part")
        writer, written = None, 0
        try:
            for lot in lots:
                batch = self._batch(lot)
                if not batch.num_rows:
                    continue
                if writer is None:
                    part.parent.mkdir(parents=True, exist_ok=True)
                    writer = self._arrow.parquet.ParquetWriter(
                        part, self._schema, compression="zstd"
                    )
                writer.write_batch(batch)
                written += batch.num_rows
        except BaseException:
            if writer is not None:
                writer.close()
            part.unlink(missing_ok=True)
            raise
        if writer is not None:
            writer.close()
            part.replace(path)
        return written

    def read(
        self, path: Path, into: str | None
    ) -> Iterator[tuple[int, int, list[tuple[SeriesKey, ReadingColumns]]]]:
        """(rows read, rows there are, readings by series) lot by lot."""
        try:
            with self._arrow.parquet.ParquetFile(path, read_dictionary=list(COLUMNS[:3])) as file:
                self._check(path, file.schema_arrow)
                rows, total = 0, file.metadata.num_rows
                for batch in file.iter_batches(_ROWS_AT_ONCE, columns=list(COLUMNS)):
                    rows += batch.num_rows
                    yield rows, total, self._by_series(batch, into, path)
        except (OSError, self._arrow.ArrowException) as error:
            raise unreadable(path, str(error).partition("\n")[0]) from error

    def _check(self, path: Path, found: Any) -> None:
        lacking = [name for name in COLUMNS if name not in found.names]
        if lacking:
            raise unreadable(path, f"it has no column {', '.join(lacking)}")
        for name in ("valid_at", "known_at"):
            if getattr(found.field(name).type, "tz", None) is None:
                raise unreadable(path, f"{name} is no time stamp with a zone")

    def _batch(self, lot: Lot) -> Any:
        arrow = self._arrow
        counts = np.array([len(columns) for columns in lot.columns], np.int64)
        series = np.repeat(np.arange(len(lot.keys), dtype=np.int32), counts)
        names = [
            self._named([key[at] for key in lot.keys], series)
            for at in range(len(SeriesKey._fields))
        ]
        valid, values, quality, known = (
            np.frombuffer(b"".join(getattr(c, name) for c in lot.columns), kind)
            for name, kind in _KINDS.items()
        )
        qualities = self._named([quality.name for quality in Quality], quality.astype(np.int32))
        instant = self._schema.field("valid_at").type
        times = [arrow.array(us).cast(instant) for us in (valid, known)]
        columns = [*names, times[0], arrow.array(values), qualities, times[1]]
        return arrow.record_batch(columns, schema=self._schema)

    def _named(self, names: Sequence[str], indices: np.ndarray[Any, Any]) -> Any:
        """A column of texts, each once in its dictionary."""
        known = list(dict.fromkeys(names))
        place = {name: at for at, name in enumerate(known)}
        codes = np.array([place[name] for name in names], np.int32)[indices]
        text = self._arrow.array(known, self._arrow.string())
        return self._arrow.DictionaryArray.from_arrays(self._arrow.array(codes), text)

    def _by_series(
        self, batch: Any, into: str | None, path: Path
    ) -> list[tuple[SeriesKey, ReadingColumns]]:
        if not batch.num_rows:
            return []
        if any(batch.column(name).null_count for name in COLUMNS):
            raise unreadable(path, "a row of it has an empty cell")
        codes, names = zip(*(self._codes(batch.column(name)) for name in COLUMNS[:3]), strict=True)
        valid, known = (self._us(batch.column(name)) for name in ("valid_at", "known_at"))
        values = batch.column("value").cast(self._arrow.float64()).to_numpy(zero_copy_only=False)
        quality = self._qualities(batch.column("quality"), path)
        order = np.lexsort((known, valid, *codes[::-1]))
        changes = np.any([np.diff(column[order]) != 0 for column in codes], axis=0)
        starts = [0, *(np.flatnonzero(changes) + 1).tolist(), len(order)]
        found = []
        for start, stop in pairwise(starts):
            rows = order[start:stop]
            key = SeriesKey(*(names[at][codes[at][rows[0]]] for at in range(3)))
            columns = ReadingColumns(
                array("q", valid[rows].tobytes()),
                array("d", values[rows].tobytes()),
                array("B", quality[rows].tobytes()),
                array("q", known[rows].tobytes()),
            )
            found.append((_moved(key, into), columns))
        return found

    def _codes(self, column: Any) -> tuple[Any, list[str]]:
        if not self._arrow.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        return column.indices.to_numpy(zero_copy_only=False), column.dictionary.to_pylist()

    def _us(self, column: Any) -> Any:
        instant = self._schema.field("valid_at").type
        return column.cast(instant).cast(self._arrow.int64()).to_numpy(zero_copy_only=False)

    def _qualities(self, column: Any, path: Path) -> Any:
        codes, names = self._codes(column)
        try:
            known = np.array([Quality[name] for name in names], np.uint8)
        except KeyError as error:
            raise unreadable(path, f"no quality is called {error}") from error
        return known[codes]


_KINDS: Final = {
    "valid_us": np.int64,
    "values": np.float64,
    "quality": np.uint8,
    "known_us": np.int64,
}


def _moved(key: SeriesKey, into: str | None) -> SeriesKey:
    if into is None:
        return key
    return key._replace(element=f"{into}/{key.element.partition('/')[2]}")


def unreadable(path: Path, reason: str) -> UnreadableInput:
    """A file that cannot be taken."""
    return UnreadableInput(
        f"{path} cannot be read as readings: {reason}",
        subject=str(path),
        hint="give files or folders that `gridstrata readings export` wrote",
    )
