"""What every format gives: values addressed by what was written, not yet by element.

A meter may be written by its mRID, its name, a serial number; an `Address` keeps what was written
and how it is to be looked up, so that parsing needs no store and waiting needs no element.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Final, NamedTuple

from graph_service.domain.events import Event
from graph_service.domain.readings import ReadingBlock, ReadingColumns, SeriesKey

MOST_REASONS: Final = 10_000
"""How many reasons are kept for one file; beyond that lines are only counted."""


class Lookup(NamedTuple):
    """How an identifier means an element.

    Attributes:
        by: `mrid`; `name` (IdentifiedObject.name); `names` (a CIM Name of the element);
            `property`; or `any` of the first three, in this order.
        kind: Only elements of this kind or its subclasses; `""` for any.
        property: The property compared where `by` is `property`, such as `Asset.serialNumber`.
        follow: A link to step across from the element found, such as `EndDevice.UsagePoint`.
    """

    by: str = "mrid"
    kind: str = ""
    property: str = ""
    follow: str = ""

    def __str__(self) -> str:
        said = self.property if self.by == "property" else self.by
        kind = f" of {self.kind}" if self.kind else ""
        return f"{said}{kind}{' -> ' + self.follow if self.follow else ''}"


BY_MRID: Final = Lookup()


class Address(NamedTuple):
    """An identifier as it was written, the model set it is looked for in, and how."""

    model_set: str
    value: str
    lookup: Lookup = BY_MRID


class Target(NamedTuple):
    """The series that values are for, as far as a file tells."""

    address: Address
    quantity: str
    source: str


class Lot(NamedTuple):
    """Readings of one series, and the first line they stood in."""

    target: Target
    columns: ReadingColumns
    line: int


@dataclass(slots=True)
class Block:
    """Readings of many series in one piece; `domain.readings.ReadingBlock` before addressing.

    Attributes:
        targets: The series, each once.
        lines: For each the first line it stood in.
        series: For each reading the index of its series, ascending.
        valid_us, values, quality, known_us: As in `ReadingColumns`.
    """

    targets: list[Target]
    lines: list[int]
    series: array[int]
    valid_us: array[int]
    values: array[float]
    quality: array[int]
    known_us: array[int]

    def under(self, keys: Sequence[SeriesKey]) -> ReadingBlock:
        """The same readings under these keys, one for each target."""
        return ReadingBlock(
            keys, self.series, self.valid_us, self.values, self.quality, self.known_us
        )

    def lots(self) -> list[Lot]:
        """The same readings series by series."""
        numbers = [SeriesKey(str(at), "", "") for at in range(len(self.targets))]
        return [
            Lot(self.targets[int(key.element)], columns, self.lines[int(key.element)])
            for key, columns in self.under(numbers)
        ]


class EventLot(NamedTuple):
    """An event whose subjects are still addresses, and its line."""

    event: Event
    subjects: tuple[Address, ...]
    line: int


class PutAside(NamedTuple):
    """A line that was not taken, and why."""

    line: int
    reason: str


class BadLine(ValueError):
    """What is wrong with one line."""


@dataclass(slots=True)
class Batch:
    """What was understood of some lines.

    Attributes:
        lots: Readings series by series.
        block: Readings in one piece, where there are few of each series.
        events: Events.
        rejected: The lines put aside.
        rows: Lines, rows or items understood.
        position: Where a reader goes on after this batch; its meaning belongs to the format.
        line: The number of the last line before that.
    """

    lots: Sequence[Lot] = ()
    block: Block | None = None
    events: Sequence[EventLot] = ()
    rejected: list[PutAside] = field(default_factory=list)
    rows: int = 0
    position: int = 0
    line: int = 0

    @property
    def values(self) -> int:
        """How many readings there are."""
        return sum(len(lot.columns) for lot in self.lots) + len(
            self.block.valid_us if self.block else ()
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader of files is told.

    Attributes:
        model_set: Where the elements are.
        now_us: When the values are known: now.
        name: Of the file, for errors.
    """

    model_set: str
    now_us: int
    name: str


Read = Callable[[BinaryIO, Reading, int, int], Iterator[Batch]]
"""A reader of one format: file, what it is told, position and line to go on from → batches."""
