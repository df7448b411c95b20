"""A timeline in plain dictionaries: what any store must answer, and batches to try it with."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import groupby
from random import Random

from hypothesis import strategies as st

from graph_service.domain.readings import (
    Aggregate,
    AppendResult,
    Quality,
    ReadingColumns,
    SeriesKey,
    Window,
)
from tests.contracts.timeline_cases import DAY, HOUR, KNOWN, METER, MONDAY, OTHER, rows_of

Batch = list[tuple[SeriesKey, ReadingColumns]]
Version = tuple[int, float, int]
"""Known time, value, quality."""
Reading = tuple[int, float, int, int]
"""Valid time, value, quality, known time."""


@st.composite
def batches(draw) -> Batch:
    """Batches of a few series whose times often meet, in one day or around midnight."""
    return draw(st.lists(st.tuples(st.sampled_from([METER, OTHER]), columns()), max_size=3))


@st.composite
def columns(draw) -> ReadingColumns:
    step = draw(st.sampled_from([HOUR, HOUR // 4, HOUR // 60]))
    count = draw(st.sampled_from([0, 1, 3, 12, 25, 300]))
    first = draw(st.integers(-30, 30))
    chance = Random(draw(st.integers(0, 1_000)))  # noqa: S311 - no secret depends on it
    places = sorted(chance.randint(first, first + max(20, count)) for _ in range(count))
    return ReadingColumns(
        array("q", [MONDAY + place * step for place in places]),
        array("d", [chance.choice(_VALUES) for _ in places]),
        array("B", [chance.choice((0, 0, 0, 1, 2, 3, 4)) for _ in places]),
        array("q", [KNOWN + chance.randint(0, 3) for _ in places]),
    )


_VALUES = [0.0, 1.0, 2.5, 17.0, 1 / 3, 1e12]


@dataclass
class TimelineModel:
    """Series → valid time → versions by known time; and the days whose readings were taken away."""

    series: dict[SeriesKey, dict[int, list[Version]]] = field(default_factory=dict)
    gone: set[tuple[SeriesKey, int]] = field(default_factory=set)

    # --- in ------------------------------------------------------------------------------------

    def append(self, batch: Batch) -> AppendResult:
        ends = {key: max(self.series.get(key, {0: 0}), default=0) for key, _ in batch}
        ends = {key: end if key in self.series else -1 for key, end in ends.items()}
        before = {key: self._said(key) for key in ends}
        rows = [(key, *row) for key, columns in batch for row in rows_of(columns)]
        kept = [row for row in rows if not self.is_gone(row[0], row[1])]
        stored, dropped = self._learn_all(kept)
        rejected = [(key, valid, "") for key, valid, *_ in rows if self.is_gone(key, valid)]
        changed = []
        for key, end in ends.items():
            times = {valid for valid, *_ in self._said(key) ^ before[key]}
            changed += [(key, start, stop) for start, stop in stretches(times, end)]
        corrected = len(kept) - stored - dropped
        return AppendResult(stored, dropped, corrected, tuple(rejected), tuple(changed))

    def _said(self, key: SeriesKey) -> set[tuple[int, float, int]]:
        return {(valid, value, quality) for valid, value, quality, _ in self.read(key)}

    def _learn_all(self, rows: list[tuple[SeriesKey, int, int, float, int]]) -> tuple[int, int]:
        new: dict[tuple[SeriesKey, int], list[Version]] = {}
        for key, valid_us, *version in rows:
            new.setdefault((key, valid_us), []).append(tuple(version))
        stored = sum(valid not in self.series.get(key, {}) for key, valid in new)
        return stored, sum(self._learn(*place, versions) for place, versions in new.items())

    def _learn(self, key: SeriesKey, valid_us: int, new: list[Version]) -> int:
        values = self.series.setdefault(key, {})
        history = sorted(values.get(valid_us, []) + new, key=lambda version: version[0])
        kept = [
            version
            for at, version in enumerate(history)
            if at == 0 or version[1:] != history[at - 1][1:]
        ]
        values[valid_us] = kept
        return len(history) - len(kept)

    def rename(self, old: str, new: str) -> int:
        moved = [key for key in self.series if key.element == old]
        for key in moved:
            for valid_us, versions in self.series.pop(key).items():
                self._learn(key._replace(element=new), valid_us, versions)
        return len(moved)

    def forget(self, before_us: int, *, levels: bool) -> int:
        places = [(k, valid) for k in self.series for valid in self.series[k] if valid < before_us]
        count = sum(not self.is_gone(*place) for place in places)
        for key, valid_us in places:
            if levels:
                del self.series[key][valid_us]
            else:
                self.gone.add((key, valid_us // DAY))
        self.series = {key: values for key, values in self.series.items() if values}
        self.gone = {(k, day) for k, day in self.gone if not levels or day * DAY >= before_us}
        return count

    def is_gone(self, key: SeriesKey, valid_us: int) -> bool:
        return (key, valid_us // DAY) in self.gone

    # --- out -----------------------------------------------------------------------------------

    def read(self, key: SeriesKey, known_us: int = 2**60, *, levels: bool = False) -> list[Reading]:
        """What is known of a series at a time; with `levels` of days that went as well."""
        found = []
        silent = self._silent_days(key, known_us if levels else -1)
        for valid_us, versions in sorted(self.series.get(key, {}).items()):
            at = bisect_right(versions, known_us, key=lambda version: version[0])
            if at and valid_us // DAY not in silent:
                known, value, quality = versions[at - 1]
                found.append((valid_us, value, quality, known))
        return found

    def _silent_days(self, key: SeriesKey, known_us: int) -> set[int]:
        """Days that went, and whose levels know more than was known at a time."""
        known: dict[int, int] = {}
        for valid_us, versions in self.series.get(key, {}).items():
            day = valid_us // DAY
            known[day] = max(known.get(day, 0), versions[-1][0])
        return {day for day in known if (key, day) in self.gone and known[day] > known_us}

    def usable(
        self, key: SeriesKey, window: Window, every_us: int, known_us: int
    ) -> dict[int, list[Reading]]:
        """The usable readings of each interval that has any."""
        whole = window.start_us % HOUR == 0 and every_us % HOUR == 0
        usable = [
            reading
            for reading in self.read(key, known_us, levels=whole)
            if window.start_us <= reading[0] < window.stop_us and reading[2] <= Quality.SUSPECT
        ]
        return {
            at: list(readings)
            for at, readings in groupby(usable, lambda r: (r[0] - window.start_us) // every_us)
        }

    def counts(self) -> tuple[int, int]:
        values = [(key, valid) for key in self.series for valid in self.series[key]]
        return len(self.series), sum(not self.is_gone(*place) for place in values)


def aggregated(readings: list[Reading], within: Aggregate) -> tuple[float, int, int]:
    """The value of an interval, how many readings it is made of, how many of them are doubtful."""
    values = [value for _, value, _, _ in readings]
    value = {
        Aggregate.SUM: sum(values),
        Aggregate.MEAN: sum(values) / len(values),
        Aggregate.MIN: min(values),
        Aggregate.MAX: max(values),
        Aggregate.COUNT: float(len(values)),
        Aggregate.LAST: values[-1],
    }[within]
    return value, len(values), sum(quality != Quality.GOOD for _, _, quality, _ in readings)


def stretches(changed: set[int], end_us: int) -> list[tuple[int, int]]:
    """From the first to the last time changed, of each run of adjacent days, none after the end."""
    found: list[tuple[int, int]] = []
    for valid_us in sorted(valid for valid in changed if valid <= end_us):
        if found and valid_us // DAY - found[-1][1] // DAY <= 1:
            found[-1] = (found[-1][0], valid_us)
        else:
            found.append((valid_us, valid_us))
    return [(first, last + 1) for first, last in found]
