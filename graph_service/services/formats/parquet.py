"""Parquet: the columns of long CSV, with types; needs the extra `parquet`.

`element`, `quantity`, `time` and `value` must be there; `source`, `unit`, `quality` (by name or
code) and `known_at` may be. Times are time stamps with a zone, or whole microseconds since 1970;
one without a zone is refused with the file, since it could mean anything.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from graph_service.domain.errors import UnreadableInput
from graph_service.domain.readings import Quality, ReadingColumns
from graph_service.services.formats import checks
from graph_service.services.formats.addressed import (
    BadLine,
    Batch,
    Lot,
    PutAside,
    Reading,
    Target,
)
from graph_service.services.formats.long_csv import NEEDED, columns_of, element_address
from graph_service.services.formats.mapping import DEFAULT_SOURCE

ROWS_A_BATCH: Final = 500_000

_KEYS: Final = ("element", "quantity", "source", "unit")

Ints = NDArray[np.int64]
Key = tuple[str, str, str, str]


def read(file: BinaryIO, reading: Reading, position: int = 0, line: int = 0) -> Iterator[Batch]:
    """The rows of a file, some hundred thousand at a time; `position` counts rows.

    Raises:
        UnreadableInput: it is no Parquet, lacks a column, or has times without a zone.
    """
    try:
        opened = pq.ParquetFile(file)
        columns = columns_of(opened.schema_arrow.names)
        if columns is None:
            raise _unreadable(reading, f"it needs the columns {', '.join(NEEDED)}")
        first = 0
        for table in opened.iter_batches(batch_size=ROWS_A_BATCH):
            if first >= position:
                chosen = {name: table.column(at) for name, at in columns.items()}
                yield _Rows(chosen, table.num_rows, first, reading).batch()
            first += table.num_rows
    except pa.ArrowException as error:
        raise _unreadable(reading, str(error)) from error


class _Rows:
    """Some rows of a file, as columns; what is wrong with one is kept by its number."""

    def __init__(self, columns: dict[str, Any], count: int, first: int, reading: Reading):
        self._columns = columns
        self._count = count
        self._first = first
        self._reading = reading
        self._reasons: dict[int, str] = {}

    def batch(self) -> Batch:
        """The lots of these rows."""
        values = self._values()
        us = self._times("time")
        known = self._times("known_at") if "known_at" in self._columns else None
        quality = self._quality()
        keys, series = self._series()
        self._refuse(us > self._reading.now_us + checks.FUTURE_US, "it lies in the future")
        if known is None:
            known = np.full(self._count, self._reading.now_us)
        self._refuse(known > self._reading.now_us, "it cannot be known yet")
        order = np.lexsort((us, series))
        order = order[~np.isin(order, np.fromiter(self._reasons, np.int64))]
        firsts = np.flatnonzero(np.diff(series[order], prepend=-1))
        lots = []
        for rows in np.split(order, firsts[1:]) if len(order) else ():
            target, factor, offset = keys[series[rows[0]]]
            columns = ReadingColumns(
                array("q", us[rows].tobytes()),
                array("d", (values[rows] * factor + offset).tobytes()),
                array("B", quality[rows].tobytes()),
                array("q", known[rows].tobytes()),
            )
            lots.append(Lot(target, columns, self._first + int(rows.min()) + 1))
        rejected = [PutAside(self._first + at + 1, self._reasons[at]) for at in self._reasons]
        position = self._first + self._count
        return Batch(
            lots, rejected=sorted(rejected), rows=len(order), position=position, line=position
        )

    def _refuse(self, wrong: NDArray[np.bool_], reason: str) -> None:
        for at in np.flatnonzero(wrong).tolist():
            self._reasons.setdefault(at, reason)

    def _values(self) -> NDArray[np.float64]:
        column = self._columns["value"]
        if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
            raise _unreadable(self._reading, f"its values are {column.type}, no numbers")
        values = np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)
        self._refuse(~np.isfinite(values), "the value is no finite number")
        return values

    def _times(self, name: str) -> Ints:
        column = self._columns[name]
        if pa.types.is_timestamp(column.type):
            if column.type.tz is None:
                raise _unreadable(self._reading, f"the times in '{name}' have no time zone")
            column = column.cast(pa.timestamp("us", tz="UTC"), safe=False).cast(pa.int64())
        elif not pa.types.is_integer(column.type):
            raise _unreadable(self._reading, f"'{name}' is {column.type}, no time stamp")
        self._refuse(_nulls(column), f"'{name}' is missing")
        return np.asarray(pc.fill_null(column, 0).to_numpy(zero_copy_only=False), np.int64)

    def _quality(self) -> NDArray[np.uint8]:
        if "quality" not in self._columns:
            return np.full(self._count, Quality.GOOD, np.uint8)
        coded = self._columns["quality"].dictionary_encode()
        codes = np.zeros(len(coded.dictionary) + 1, np.uint8)
        wrong = []
        for at, value in enumerate(coded.dictionary.to_pylist()):
            try:
                codes[at] = checks.quality(value) if isinstance(value, str) else Quality(value)
            except ValueError:
                wrong.append(at)
        indices = pc.fill_null(coded.indices, len(codes) - 1).to_numpy(zero_copy_only=False)
        self._refuse(np.isin(indices, wrong), "it has no quality that is known here")
        return np.asarray(codes[indices], np.uint8)

    def _series(self) -> tuple[list[tuple[Target, float, float]], Ints]:
        """The targets, and which row is of which; rows of none are refused."""
        texts, series = [], np.zeros(self._count, np.int64)
        for name in _KEYS:
            found, indices = self._text(name)
            series = series * len(found) + indices
            texts.append(found)
        numbers, series = np.unique(series, return_inverse=True)
        keys: list[tuple[Target, float, float]] = []
        for at, number in enumerate(numbers.tolist()):
            key = _key(number, texts)
            try:
                keys.append(_target(key, self._reading))
            except BadLine as error:
                keys.append((_NOBODY, 1.0, 0.0))
                self._refuse(series == at, str(error))
        return keys, series.astype(np.int64)

    def _text(self, name: str) -> tuple[list[str], Ints]:
        if name not in self._columns:
            return [""], np.zeros(self._count, np.int64)
        coded = self._columns[name].cast(pa.string()).dictionary_encode()
        found = [*coded.dictionary.to_pylist(), ""]
        indices = pc.fill_null(coded.indices, len(found) - 1)
        return found, np.asarray(indices.to_numpy(zero_copy_only=False), np.int64)


_NOBODY: Final = Target(element_address("nobody", ""), "", "")


def _key(number: int, texts: list[list[str]]) -> Key:
    found = []
    for known in reversed(texts):
        number, at = divmod(number, len(known))
        found.append(known[at])
    unit, source, quantity, element = found
    return element, quantity, source, unit


def _target(key: Key, reading: Reading) -> tuple[Target, float, float]:
    element, quantity, source, unit = key
    factor, offset = checks.converted(quantity, unit)
    address = element_address(element, reading.model_set)
    return Target(address, quantity, source or DEFAULT_SOURCE), factor, offset


def _nulls(column: Any) -> NDArray[np.bool_]:
    return np.asarray(column.is_null().to_numpy(zero_copy_only=False), np.bool_)


def _unreadable(reading: Reading, reason: str) -> UnreadableInput:
    return UnreadableInput(
        f"{reading.name} cannot be read as Parquet of readings: {reason}",
        subject=reading.name,
        hint="see docs/reference/ingest.md for the columns",
    )
