"""MeterReadings of IEC 61968-9 as XML: intervals and single readings of meters and usage points.

Read as a stream, whatever prefix or envelope the document has. A reading of a meter is one of the
usage point where it hangs. An interval's time stamp is its end, as the standard has it, and its
length comes from the reading type or a `timePeriod`; where neither tells, the reading is refused,
since no time is invented. The state of a register is of the time stamp. Values of single phases,
tariffs and extremes go to a source of their own (`meter/AN`).

Guarantees: a DOCTYPE is refused, elements may nest 32 deep, no entity is ever expanded.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import BinaryIO, Final

from graph_service.domain.readings import Quality, ReadingColumns
from graph_service.services.formats import checks
from graph_service.services.formats.addressed import (
    Address,
    BadLine,
    Batch,
    Lookup,
    Lot,
    PutAside,
    Reading,
    Target,
)
from graph_service.services.formats.reading_types import (
    ReadingType,
    code_of,
    is_code,
    quality_of,
    reading_type,
)
from graph_service.services.formats.walking import Walker

VALUES_A_BATCH: Final = 20_000
SOURCE: Final = "meter"
USAGE_POINT: Final = Lookup("any", kind="UsagePoint")
DEVICE: Final = Lookup("any", kind="EndDevice", follow="EndDevice.UsagePoint")

_VALUES: Final = ("IntervalBlocks/IntervalReadings", "Readings")


def read(file: BinaryIO, reading: Reading, position: int = 0, line: int = 0) -> Iterator[Batch]:
    """The readings of a document, some thousand at a time; `position` counts MeterReadings.

    Raises:
        UnreadableInput: it is no MeterReadings, not well-formed, or refused.
    """
    types = _Types(reading.name)
    for _ in types.parse(file):
        pass
    file.seek(0)
    readings = _Readings(reading, types.codes)
    for meters in readings.parse(file):
        if readings.meters > position and (readings.values >= VALUES_A_BATCH or meters is None):
            yield readings.batch()
        elif readings.meters <= position:
            readings.forget()


@dataclass(slots=True)
class _Value:
    """One reading as it stands in the document."""

    line: int
    stamp: str = ""
    start: str = ""
    text: str = ""
    quality: Quality = Quality.GOOD
    type: str = ""


@dataclass(slots=True)
class _Meter:
    """One MeterReading: who it is of, and its values; those of an open block wait for its type."""

    names: dict[str, str] = field(default_factory=dict)
    values: list[_Value] = field(default_factory=list)
    block: int = 0
    block_type: str = ""


class _Types(Walker):
    """The reading types that a document spells out: name → code, or the reason against it."""

    wanted = "ReadingType"

    def __init__(self, name: str):
        super().__init__(name)
        self.codes: dict[str, str] = {}
        self._members: dict[str, str] = {}

    def end(self, path: str, text: str) -> None:
        """Keep the members, and the whole when it ends."""
        if path:
            self._members[path] = text
            return
        names = [self._members.get(name, "") for name in ("mRID", "Names/name")]
        try:
            code = next(filter(is_code, names), "") or code_of(self._members)
        except BadLine as error:
            code = str(error)
        self.codes.update((name, code) for name in names if name)
        self._members = {}


class _Readings(Walker):
    """The readings of a document, by series."""

    wanted = "MeterReading"

    def __init__(self, reading: Reading, codes: dict[str, str]):
        super().__init__(reading.name)
        self.meters = 0
        self.values = 0
        self._reading = reading
        self._codes = codes
        self._meter = _Meter()
        self._series: dict[Target, list[tuple[int, float, int, int]]] = defaultdict(list)
        self._rejected: list[PutAside] = []

    def batch(self) -> Batch:
        """What was read since the last batch."""
        batch = Batch(
            [self._lot(target, rows) for target, rows in self._series.items()],
            rejected=self._rejected,
            rows=self.values,
            position=self.meters,
            line=self.parser.CurrentLineNumber,
        )
        self.forget()
        return batch

    def forget(self) -> None:
        """Begin a batch anew."""
        self._series, self._rejected, self.values = defaultdict(list), [], 0

    def begin(self, path: str, attributes: list[str]) -> None:
        """A new meter, a new value, or the type of one."""
        meter = self._meter
        if not path:
            self._meter = _Meter()
        elif path == "IntervalBlocks":
            meter.block, meter.block_type = len(meter.values), ""
        elif path in _VALUES:
            meter.values.append(_Value(self.parser.CurrentLineNumber))
            if path.startswith("IntervalBlocks"):
                meter.values[-1].type = meter.block_type
        elif path.endswith("/ReadingType") and "ref" in attributes[::2]:
            self._type(path, attributes[attributes.index("ref") + 1])
        elif meter.values and path.endswith("/ReadingQualityType") and "ref" in attributes[::2]:
            self._quality(attributes[attributes.index("ref") + 1])

    def end(self, path: str, text: str) -> None:
        """A member of a value or of a meter, or the meter itself."""
        owner, _, member = path.rpartition("/")
        if not path:
            self._take(self._meter)
        elif owner in _VALUES:
            self._member(self._meter.values[-1], member, text)
        elif self._meter.values and owner.endswith("/timePeriod") and member == "start":
            self._meter.values[-1].start = text
        elif owner.partition("/")[0] in ("UsagePoint", "Meter", "EndDevice"):
            if path.endswith(("/mRID", "/Names/name")) and path.count("/") < 3:
                self._meter.names.setdefault(path.replace("EndDevice", "Meter"), text)
        elif path.endswith("/ReadingType") and text:
            self._type(path, text)

    def _member(self, value: _Value, name: str, text: str) -> None:
        if name == "timeStamp":
            value.stamp = text
        elif name == "value":
            value.text = text

    def _type(self, path: str, ref: str) -> None:
        """A block's type is that of all values in it, those to come included."""
        values = self._meter.values
        if path.startswith("IntervalBlocks"):
            self._meter.block_type = ref
            values = values[self._meter.block :]
        for value in values[-1:] if path.startswith("Readings") else values:
            value.type = ref

    def _quality(self, code: str) -> None:
        """Of several qualities the worst counts."""
        value = self._meter.values[-1]
        value.quality = max(value.quality, quality_of(code))

    def _take(self, meter: _Meter) -> None:
        self.meters += 1
        try:
            address = self._address(meter.names)
        except BadLine as error:
            self._rejected.append(PutAside(self.parser.CurrentLineNumber, str(error)))
            return
        for value in meter.values:
            try:
                self._keep(address, value)
            except BadLine as error:
                self._rejected.append(PutAside(value.line, str(error)))

    def _address(self, names: dict[str, str]) -> Address:
        for owner, lookup in (("UsagePoint", USAGE_POINT), ("Meter", DEVICE)):
            if found := names.get(f"{owner}/mRID"):
                return Address(self._reading.model_set, checks.mrid(found), lookup)
            if found := names.get(f"{owner}/Names/name"):
                return Address(self._reading.model_set, found, lookup)
        raise BadLine("the MeterReading names neither a UsagePoint nor a Meter")

    def _keep(self, address: Address, value: _Value) -> None:
        if value.quality is Quality.MISSING and not value.text:
            return
        kind = self._kind(value.type)
        us = self._time(value, kind)
        if us > self._reading.now_us + checks.FUTURE_US:
            raise BadLine(checks.too_far(us))
        source = f"{SOURCE}/{kind.part}" if kind.part else SOURCE
        row = (us, checks.number(value.text) * kind.factor, int(value.quality), value.line)
        self._series[Target(address, kind.quantity, source)].append(row)
        self.values += 1

    def _kind(self, ref: str) -> ReadingType:
        code = ref if is_code(ref) else self._codes.get(ref, "")
        if not ref:
            raise BadLine("the reading has no type")
        if not code:
            raise BadLine(f"the document does not say what the reading type '{ref}' is")
        if not is_code(code):
            raise BadLine(code)
        return reading_type(code)

    def _time(self, value: _Value, kind: ReadingType) -> int:
        if value.start and not kind.is_register:
            return checks.time_us(value.start)
        if not value.stamp:
            raise BadLine("the reading has no time stamp, and none is invented")
        if kind.interval_us is None:
            raise BadLine("neither the reading nor its type says how long its interval is")
        return checks.time_us(value.stamp) - kind.interval_us

    def _lot(self, target: Target, rows: list[tuple[int, float, int, int]]) -> Lot:
        line = rows[0][3]
        rows.sort(key=itemgetter(0))
        columns = ReadingColumns(
            array("q", [row[0] for row in rows]),
            array("d", [row[1] for row in rows]),
            array("B", [row[2] for row in rows]),
            array("q", [self._reading.now_us]) * len(rows),
        )
        return Lot(target, columns, line)
