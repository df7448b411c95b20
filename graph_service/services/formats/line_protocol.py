"""Line protocol into readings: many short lines, most of them alike, as fast as Python can.

What stands before the first space of a line (measurement and tags) repeats from batch to batch,
so its meaning is worked out once and found again by its bytes. A plain line (numbers only, no
escapes, a time stamp) is two splits and two look-ups; values and times are turned into numbers a
column at a time. Every other line is read by the grammar.

Guarantees: a line is taken whole or put aside whole, with its number and the reason; both ways of
reading give the same; no time is invented.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from graph_service.domain.readings import Quality
from graph_service.domain.units import Conversion
from graph_service.services.formats import checks, line_grammar
from graph_service.services.formats.addressed import BadLine, Batch, PutAside, Target
from graph_service.services.formats.line_columns import Bools, Columns, Floats, Ints
from graph_service.services.formats.mapping import Mapping, Rule

PRECISIONS: Final = ("ns", "us", "ms", "s")
_US_A_UNIT: Final = {"us": 1, "ms": 1_000, "s": 1_000_000}
_MOST_HEADS: Final = 1_000_000
_NUMBERS: Final = re.compile(
    rb"(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?,|-?\d{1,19}i,|\d{1,20}u,)*"
)
_STAMPS: Final = re.compile(rb"(?:-?\d{1,18},|-?[0-8]\d{18},)*")
_NINE: Final = ord("9")

_LEFT_OUT: Final = -1  # a field that the mapping does not take
_BY_GRAMMAR: Final = -2  # a field that says how far the others may be trusted


class LineReader:
    """Reads bodies of line protocol for one model set; may be used by several threads.

    Args:
        mapping: which line is which series.
        model_set: where the elements are.
    """

    def __init__(self, mapping: Mapping, model_set: str):
        self.slots = _Slots(model_set)
        self.heads = _Heads(mapping, self.slots)

    def read(self, body: bytes, precision: str, now_us: int) -> Batch:
        """Understand the lines of a body; `now_us` is when it arrived."""
        if len(self.heads) > _MOST_HEADS:
            self.heads.clear()
        return _Body(self, precision, now_us).read(body)


class _Slots:
    """Every series met so far: its target and how its values are converted, by number."""

    def __init__(self, model_set: str):
        self.model_set = model_set
        self.targets: list[Target] = []
        self._known: dict[tuple[Target, Conversion], int] = {}
        self._factors = np.ones(0)
        self._offsets = np.zeros(0)
        self._conversions: list[Conversion] = []

    def slot(self, rule: Rule, tags: dict[str, str], name: str) -> int:
        """The number of a field's series; see `Rule.target` for what is raised."""
        found = rule.target(self.model_set, tags, name)
        slot = self._known.get(found)
        if slot is None:
            self.targets.append(found[0])
            self._conversions.append(found[1])
            slot = self._known.setdefault(found, len(self.targets) - 1)
        return slot

    def convert(self, slots: Ints, values: Floats) -> Floats:
        """Values in the units of their quantities."""
        if len(self._factors) < len(self._conversions):
            given = np.array(self._conversions, np.float64)
            self._factors, self._offsets = given[:, 0].copy(), given[:, 1].copy()
        return values * self._factors[slots] + self._offsets[slots]


class _Heads(dict[bytes, "_Fields | None"]):
    """What stands before the first space → its fields; None where it is left out."""

    def __init__(self, mapping: Mapping, slots: _Slots):
        super().__init__()
        self._mapping = mapping
        self._slots = slots

    def __missing__(self, head: bytes) -> _Fields | None:
        measurement, tags = line_grammar.head(head)
        found = self.fields(measurement, tags)
        self[head] = found
        return found

    def fields(self, measurement: str, tags: dict[str, str]) -> _Fields | None:
        """The fields of a measurement with these tags.

        Raises:
            BadLine: no rule takes it.
        """
        if self._mapping.ignores(measurement):
            return None
        return _Fields(self._mapping.rule(measurement, tags), tags, self._slots)


class _Fields(dict[bytes, int]):
    """Field → the number of its series, `_LEFT_OUT` or `_BY_GRAMMAR`."""

    def __init__(self, rule: Rule, tags: dict[str, str], slots: _Slots):
        super().__init__()
        self.rule = rule
        self._tags = tags
        self._slots = slots

    def __missing__(self, name: bytes) -> int:
        found = self.slot(name.decode("utf-8", "replace"))
        self[name] = found
        return found

    def slot(self, name: str) -> int:
        """The number of a field by name; see `Rule.target` for what is raised."""
        if name and name == self.rule.quality:
            return _BY_GRAMMAR
        if not self.rule.knows(name):
            return _LEFT_OUT
        return self._slots.slot(self.rule, self._tags, name)


class _Body:
    """The state of reading one body: columns that grow together."""

    def __init__(self, reader: LineReader, precision: str, now_us: int):
        self._reader = reader
        self._precision = precision
        self._now_us = now_us
        self._rejected: dict[int, str] = {}
        # what plain lines gave: values and times still as bytes
        self._plain: tuple[list[int], list[bytes], list[bytes], list[int]] = ([], [], [], [])
        # what the grammar gave: series, value, time, quality, line
        self._read: list[tuple[int, float, int, int, int]] = []

    def read(self, body: bytes) -> Batch:
        """Go through the lines, then through the columns."""
        if b'"' in body or b"\\" in body:
            for number, line in line_grammar.lines(body):
                self._other(number, line)
        else:
            self._plain_lines(body.replace(b"\r\n", b"\n").split(b"\n"))
        columns = self._taken()
        rejected = [PutAside(line, self._rejected[line]) for line in sorted(self._rejected)]
        rows = len(np.unique(columns.lines))
        block = columns.block(self._reader.slots.targets, self._now_us)
        return Batch(block=block, rejected=rejected, rows=rows, position=len(body))

    def _plain_lines(self, lines: list[bytes]) -> None:
        """This loop sees every line, so it calls as little as it can."""
        heads = self._reader.heads
        slots, texts, stamps, numbers = self._plain
        add_slot, add_text = slots.append, texts.append
        add_stamp, add_number = stamps.append, numbers.append
        for number, line in enumerate(lines, start=1):
            try:
                head, fields, stamp = line.split(b" ")
                name, text = fields.split(b"=")
                slot = heads[head][name]  # type: ignore[index]
            except (ValueError, TypeError):  # BadLine is a ValueError, it will be raised again
                self._other(number, line)
                continue
            if slot < 0:
                self._other(number, line)
                continue
            add_slot(slot)
            add_text(text)
            add_stamp(stamp)
            add_number(number)

    def _other(self, number: int, line: bytes) -> None:
        """Read a line that has not one plain field."""
        line = line.strip(b"\r ")
        if not line or line.startswith(b"#"):
            return
        try:
            if b'"' in line or b"\\" in line or not self._several(number, line):
                self._by_grammar(number, line)
        except BadLine as error:
            self._rejected[number] = str(error)

    def _several(self, number: int, line: bytes) -> bool:
        """Take a line of several plain fields; False where the grammar must read it."""
        try:
            head, fields, stamp = line.split(b" ")
            found = self._reader.heads[head]
            slots, texts = [], []
            for field in fields.split(b","):
                name, text = field.split(b"=")
                slots.append(found[name])  # type: ignore[index]
                texts.append(text)
        except (ValueError, TypeError):
            return False
        if min(slots) < 0 or len(set(slots)) < len(slots):
            return False
        self._plain[0].extend(slots)
        self._plain[1].extend(texts)
        self._plain[2].extend([stamp] * len(slots))
        self._plain[3].extend([number] * len(slots))
        return True

    def _by_grammar(self, number: int, line: bytes) -> None:
        point = line_grammar.point(line)
        found = self._reader.heads.fields(point.measurement, point.tags)
        if found is None:
            return
        slots = [(found.slot(name), name, value) for name, value in point.fields.items()]
        us = self._time(point.stamp, found.rule)
        quality = _quality(point.fields.get(found.rule.quality))
        self._read += [
            (slot, _value(name, value), us, quality, number)
            for slot, name, value in slots
            if slot >= 0
        ]

    def _time(self, stamp: int | None, rule: Rule) -> int:
        if stamp is not None:
            factor = _US_A_UNIT.get(self._precision)
            us = stamp // 1_000 if factor is None else stamp * factor
            if not checks.FIRST_US <= us < checks.END_US:
                raise BadLine(f"the time stamp {stamp} leaves the calendar")
            return us
        if rule.arrival_time:
            return self._now_us
        raise BadLine(
            "the line has no time stamp, and none is invented"
            " (a mapping may say arrival_time = true)"
        )

    # --- columns ---------------------------------------------------------------------------

    def _taken(self) -> Columns:
        """The columns without the lines put aside, by series and time."""
        columns = self._columns()
        self._put_aside(~np.isfinite(columns.values), columns, "the value is no finite number")
        for at in np.flatnonzero(columns.us > self._now_us + checks.FUTURE_US).tolist():
            self._rejected.setdefault(int(columns.lines[at]), checks.too_far(int(columns.us[at])))
        order = np.lexsort((columns.us, columns.slots))
        if self._rejected:
            wrong = np.fromiter(self._rejected, np.int64)
            order = order[~np.isin(columns.lines[order], wrong)]
        return columns.take(order)

    def _put_aside(self, wrong: Bools, columns: Columns, reason: str) -> None:
        for line in columns.lines[wrong].tolist():
            self._rejected.setdefault(line, reason)

    def _columns(self) -> Columns:
        self._put_wrong_aside()
        slots, texts, stamps, lines = self._plain
        values = [
            float(text) if text[-1] <= _NINE else float(text[:-1])  # behind digits: i, u
            for text in texts
        ]
        columns = Columns(
            np.array(slots, np.int64),
            np.array(values, np.float64),
            self._microseconds(np.array(list(map(int, stamps)), np.int64), lines),
            np.full(len(lines), Quality.GOOD, np.uint8),
            np.array(lines, np.int64),
        )
        if self._read:
            columns = columns.and_(Columns.of(self._read))
        converted = self._reader.slots.convert(columns.slots, columns.values)
        return columns._replace(values=converted)

    def _put_wrong_aside(self) -> None:
        """Put lines aside whose value or time is none; in most bodies there is no such line."""
        slots, texts, stamps, lines = self._plain
        good = _NUMBERS.fullmatch(b",".join([*texts, b""]))
        if good and _STAMPS.fullmatch(b",".join([*stamps, b""])):
            return
        for text, stamp, line in zip(texts, stamps, lines, strict=True):
            if not text or not _NUMBERS.fullmatch(text + b","):
                self._rejected[line] = f"'{_shown(text)}' is no number"
            elif not stamp or not _STAMPS.fullmatch(stamp + b","):
                self._rejected[line] = f"'{_shown(stamp)}' is no time stamp"
        kept = [at for at, line in enumerate(lines) if line not in self._rejected]
        self._plain = (
            [slots[at] for at in kept],
            [texts[at] for at in kept],
            [stamps[at] for at in kept],
            [lines[at] for at in kept],
        )

    def _microseconds(self, stamps: Ints, lines: list[int]) -> Ints:
        factor = _US_A_UNIT.get(self._precision)
        if factor is None:
            return stamps // 1_000
        possible = (stamps >= checks.FIRST_US // factor) & (stamps < checks.END_US // factor)
        for at in np.flatnonzero(~possible).tolist():
            reason = f"the time stamp {stamps[at]} leaves the calendar"
            self._rejected.setdefault(lines[at], reason)
        return np.where(possible, stamps, 0) * factor


def _value(name: str, value: line_grammar.Value) -> float:
    if isinstance(value, bool | str):
        kind = "text" if isinstance(value, str) else "true or false"
        raise BadLine(f"the field '{name}' is {kind}, where a number belongs")
    return value


def _quality(value: line_grammar.Value | None) -> Quality:
    if value is None:
        return Quality.GOOD
    if isinstance(value, str):
        return checks.quality(value)
    if not isinstance(value, bool) and value in tuple(Quality):
        return Quality(int(value))
    raise BadLine(f"'{value}' is no quality; one of {', '.join(checks.QUALITIES)}")


def _shown(text: bytes) -> str:
    return text[:60].decode("utf-8", "replace")
