"""Readings given as columns in a call: item by item the same checks as in files."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from graph_service.domain.readings import Quality, ReadingColumns
from graph_service.services.formats import checks
from graph_service.services.formats.addressed import (
    Address,
    BadLine,
    Batch,
    Lot,
    PutAside,
    Reading,
    Target,
)


@dataclass(frozen=True, slots=True)
class Columns:
    """Readings of one series as they were given.

    Attributes:
        address: The element.
        quantity, source, unit: As in files; an empty unit is that of the quantity.
        times: ISO 8601 with a zone.
        values: As many; None is refused.
        quality: As many, or None where all are good.
    """

    address: Address
    quantity: str
    source: str
    unit: str
    times: Sequence[str]
    values: Sequence[float | None]
    quality: Sequence[Quality] | None


def batch_of(items: Sequence[Columns], reading: Reading) -> tuple[Batch, list[tuple[int, int]]]:
    """A batch of some items; and which item, and which value of it, each line number means.

    Lines are counted over all items from 1; an item that is wrong as a whole has one line.
    """
    batch = Batch()
    lots: list[Lot] = []
    places: list[tuple[int, int]] = []
    for number, item in enumerate(items):
        try:
            lots += _lots(item, number, reading, batch, places)
        except BadLine as error:
            places.append((number, -1))
            batch.rejected.append(PutAside(len(places), str(error)))
    batch.lots = lots
    batch.rows = batch.values
    return batch, places


def _lots(
    item: Columns, number: int, reading: Reading, batch: Batch, places: list[tuple[int, int]]
) -> list[Lot]:
    factor, offset = checks.converted(item.quantity, item.unit)
    target = Target(item.address, item.quantity, checks.name(item.source, "source"))
    quality = item.quality or [Quality.GOOD] * len(item.times)
    if not len(item.times) == len(item.values) == len(quality):
        raise BadLine("`times`, `values` and `quality` are not equally long")
    first = len(places) + 1
    rows: list[tuple[int, float, int]] = []
    for at, (time, value) in enumerate(zip(item.times, item.values, strict=True)):
        places.append((number, at))
        try:
            us = checks.reading_us(time, reading.now_us)
            rows.append((us, _number(value) * factor + offset, quality[at]))
        except BadLine as error:
            batch.rejected.append(PutAside(len(places), str(error)))
    rows.sort(key=lambda row: row[0])
    columns = ReadingColumns(
        array("q", [row[0] for row in rows]),
        array("d", [row[1] for row in rows]),
        array("B", [row[2] for row in rows]),
        array("q", [reading.now_us]) * len(rows),
    )
    return [Lot(target, columns, first)] if rows else []


def _number(value: float | None) -> float:
    if value is None:
        raise BadLine("there is no value")
    return checks.finite(value)
