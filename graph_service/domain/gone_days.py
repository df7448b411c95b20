"""Days whose readings retention took away: what a store still knows of them, in columns.

Times are microseconds since 1970-01-01T00:00Z; days and hours are those of UTC.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field


def _times() -> array[int]:
    return array("q")


def _values() -> array[float]:
    return array("d")


@dataclass(slots=True)
class GoneHours:
    """Aggregates of hours: columns of equal length, ascending in `start_us`.

    Attributes:
        start_us: Where the hour begins; hours without a usable reading are left out.
        sums, least, most: Of the usable readings.
        lasts: The last usable reading, of time `last_us`.
        readings: How many usable readings there were, `doubtful` of them not GOOD.
    """

    start_us: array[int] = field(default_factory=_times)  # 'q'
    sums: array[float] = field(default_factory=_values)  # 'd'
    least: array[float] = field(default_factory=_values)  # 'd'
    most: array[float] = field(default_factory=_values)  # 'd'
    lasts: array[float] = field(default_factory=_values)  # 'd'
    last_us: array[int] = field(default_factory=_times)  # 'q'
    readings: array[int] = field(default_factory=_times)  # 'q'
    doubtful: array[int] = field(default_factory=_times)  # 'q'


@dataclass(slots=True)
class GoneDays:
    """Days of one series that went: columns of equal length, ascending in `start_us`.

    Attributes:
        start_us: Where the day begins.
        known_us: When the last version of its readings became known.
        first_us: When its first reading was; its start where a store does not know it any more.
        last_us, values, quality, last_known_us: Its last reading, exact where it is the last
            one of the series, else the last usable one as far as its hours tell.
        hours: The hours of all these days.
    """

    start_us: array[int] = field(default_factory=_times)  # 'q'
    known_us: array[int] = field(default_factory=_times)  # 'q'
    first_us: array[int] = field(default_factory=_times)  # 'q'
    last_us: array[int] = field(default_factory=_times)  # 'q'
    values: array[float] = field(default_factory=_values)  # 'd'
    quality: array[int] = field(default_factory=lambda: array("B"))  # 'B', codes of Quality
    last_known_us: array[int] = field(default_factory=_times)  # 'q'
    hours: GoneHours = field(default_factory=GoneHours)

    def __len__(self) -> int:
        return len(self.start_us)
