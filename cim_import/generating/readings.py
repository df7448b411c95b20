"""Readings of the town's meters: hourly energy as people, shops, heating and cars would use it.

One line a usage point and day: `usage_point,quantity,source,start,resolution,values`, where the
values are 24 whole watt-hours, an empty one where nothing arrived. A few meters never report,
single hours and stretches are missing everywhere, and a whole gateway is now and then away. Who
is cut off by the storm of the last day uses nothing: whole hours are missing, others are less.
All arithmetic is on integers and the noise comes from `Chance`, so the bytes never change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, TextIO

import numpy as np
import numpy.typing as npt

from cim_import.generating.chance import Chance
from cim_import.generating.customers import Metered
from cim_import.generating.storm_plan import HOUR_S, Interval, seconds_out_by_hour

Integers = npt.NDArray[np.int64]

READINGS_COLUMNS: Final = ("usage_point", "quantity", "source", "start", "resolution", "values")
QUANTITY: Final = "ENERGY_IN"
SOURCE: Final = "meter"
RESOLUTION: Final = "PT1H"

_MISSING: Final = -1
_HEATING_LIMIT: Final = 160
"""Tenths of a degree Celsius above which nobody heats."""
_HOURS_PER_STEP: Final = 300_000
_STRETCHES_PER_MILLE_DAYS: Final = 18
_OUTAGE_PER_MILLE: Final = 60

_SHAPES: Final = {
    "home": (
        (
            50, 42, 38, 36, 36, 42, 68, 98, 96, 84, 80, 86,
            98, 90, 80, 80, 92, 124, 160, 172, 160, 136, 104, 72,
        ),
        (
            58, 48, 42, 38, 36, 38, 46, 66, 96, 118, 124, 132,
            142, 128, 112, 104, 108, 128, 152, 160, 150, 132, 108, 80,
        ),
    ),
    "shop": (
        (
            40, 38, 38, 38, 40, 48, 70, 110, 150, 172, 178, 180,
            178, 174, 174, 174, 172, 168, 140, 90, 66, 52, 44, 40,
        ),
        (
            40, 38, 38, 38, 38, 40, 44, 60, 90, 118, 124, 124,
            116, 96, 76, 62, 54, 50, 48, 46, 44, 42, 40, 40,
        ),
    ),
    "work": (
        (
            34, 32, 32, 34, 42, 76, 140, 196, 208, 206, 204, 200,
            150, 190, 204, 196, 150, 84, 52, 42, 38, 36, 34, 34,
        ),
        (
            34, 32, 32, 32, 34, 36, 42, 50, 56, 58, 58, 54,
            48, 44, 42, 40, 38, 38, 36, 36, 34, 34, 34, 34,
        ),
    ),
    "shift": (
        (
            70, 68, 68, 70, 78, 104, 140, 150, 152, 152, 150, 140,
            142, 150, 150, 146, 138, 130, 126, 122, 118, 104, 84, 74,
        ),
        (
            62, 60, 60, 60, 60, 62, 66, 70, 72, 72, 72, 70,
            70, 70, 70, 68, 66, 66, 66, 64, 64, 62, 62, 62,
        ),
    ),
}  # fmt: skip
"""shape → parts of the load by hour (UTC) on working days and on Saturdays and Sundays."""
_MONTH_MEAN: Final = (14, 19, 49, 91, 138, 168, 188, 183, 144, 99, 55, 25)
"""Mean temperature of the months in tenths of a degree."""
_DAILY_SWING: Final = (
    -22, -26, -29, -32, -34, -34, -30, -20, -6, 10, 24, 34,
    40, 42, 40, 34, 24, 12, 2, -4, -9, -13, -16, -19,
)  # fmt: skip
_HEATING_BY_HOUR: Final = (
    70, 66, 64, 64, 70, 96, 124, 126, 116, 106, 100, 96,
    94, 92, 92, 96, 106, 120, 126, 122, 112, 100, 86, 76,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Load:
    """A metered customer: `gateway` is the index of its gateway in the station, -1 for none."""

    metered: Metered
    gateway: int


class ReadingsWriter:
    """Writes the lines of one station after the other; keeps nothing but the weather."""

    def __init__(self, file: TextIO, seed: int, start: date, days: int):
        self._file, self._seed, self._days = file, seed, days
        self._starts = [f"{start + timedelta(days=day)}T00:00:00Z" for day in range(days)]
        weekend = [int((start + timedelta(days=day)).weekday() >= 5) for day in range(days)]
        self._shapes = {name: _shape(parts, weekend) for name, parts in _SHAPES.items()}
        self._deficit = np.maximum(_HEATING_LIMIT - _weather(seed, start, days), 0)
        self._stations = 0
        self.lines = 0
        file.write(",".join(READINGS_COLUMNS) + "\n")

    def station(self, loads: Sequence[Load], cut_off: Sequence[Interval] = ()) -> None:
        """Write the readings of the meters of one station.

        Args:
            loads: Who is metered there.
            cut_off: When the station has no supply on the last day.
        """
        self._stations += 1
        if not self._days:
            return
        chance = Chance(self._seed, f"readings/{self._stations}")
        outage = self._outage(chance)
        reporting = self._reporting(loads)
        step = max(1, _HOURS_PER_STEP // (24 * self._days))
        for first in range(0, len(reporting), step):
            group = reporting[first : first + step]
            values = self._energy_wh(group, chance)
            if cut_off:
                _take_away(values, cut_off)
            self._remove(values, group, chance, outage)
            self._write(values, group)

    def _reporting(self, loads: Sequence[Load]) -> list[Load]:
        """All but the silent meters; the last meter of the first station is silent, too."""
        reporting = [load for load in loads if not load.metered.customer.silent]
        return reporting[:-1] if self._stations == 1 and len(reporting) > 1 else reporting

    def _outage(self, chance: Chance) -> slice:
        """The hours for which the first gateway is away: none at most stations, some of the last
        day at the first, so that there is something to see."""
        happens, hour = chance.happens(_OUTAGE_PER_MILLE), chance.below(self._days * 24)
        if self._stations == 1:
            hour = (self._days - 1) * 24 + 6 + hour % 12
        elif not happens:
            return slice(0, 0)
        return slice(hour, hour + chance.between(2, 11))

    def _energy_wh(self, loads: Sequence[Load], chance: Chance) -> Integers:
        """Energy by meter and hour, shape (meters, days, 24)."""
        size = (len(loads), self._days, 24)
        drawn = np.frombuffer(chance.bytes(2 * size[0] * size[1] * size[2]), dtype="<u2")
        noise = drawn.astype(np.int64).reshape(size)
        customers = [load.metered.customer for load in loads]
        shape = np.stack([self._shapes[customer.kind.shape] for customer in customers])
        energy = _column([customer.mean_w for customer in customers]) * shape
        energy = energy * (600 + (noise >> 6) * 800 // 1024) // 1_000_000
        heating = _column([customer.heating_w_per_k for customer in customers])
        energy += heating * self._deficit * np.array(_HEATING_BY_HOUR) // 1000
        charger = _column([customer.charger_w for customer in customers])
        return energy + charger * _charging(noise)

    def _remove(
        self, values: Integers, loads: Sequence[Load], chance: Chance, outage: slice
    ) -> None:
        """Take away what never arrived: the hours of an outage, and stretches here and there."""
        by_hour = values.reshape(len(loads), -1)
        for row, load in enumerate(loads):
            if load.gateway == 0:
                by_hour[row, outage] = _MISSING
        thousandths = len(loads) * self._days * _STRETCHES_PER_MILLE_DAYS
        stretches = thousandths // 1000 + chance.happens(thousandths % 1000)
        for _ in range(stretches):
            row, first = chance.below(len(loads)), chance.below(self._days * 24)
            by_hour[row, first : first + chance.between(1, 9)] = _MISSING

    def _write(self, values: Integers, loads: Sequence[Load]) -> None:
        lines = []
        for load, days in zip(loads, values.tolist(), strict=True):
            prefix = f"{load.metered.usage_point},{QUANTITY},{SOURCE},"
            for start, hours in zip(self._starts, days, strict=True):
                row = ",".join(map(str, hours))
                if min(hours) < 0:
                    row = row.replace(str(_MISSING), "")
                lines.append(f"{prefix}{start},{RESOLUTION},{row}\n")
        self.lines += len(lines)
        self._file.write("".join(lines))


def _take_away(values: Integers, cut_off: Sequence[Interval]) -> None:
    """Without supply nothing is used, and a meter without supply measures nothing."""
    out_s = np.array(seconds_out_by_hour(cut_off), dtype=np.int64)
    last_day = values[:, -1, :]
    last_day[:] = last_day * (HOUR_S - out_s) // HOUR_S
    last_day[:, out_s == HOUR_S] = _MISSING


def _shape(parts: tuple[tuple[int, ...], tuple[int, ...]], weekend: list[int]) -> Integers:
    """Thousandths of the mean load by day and hour; the mean is that of a working day."""
    whole = sum(parts[0])
    return np.array(
        [[part * 24_000 // whole for part in parts[day]] for day in weekend], dtype=np.int64
    ).reshape(len(weekend), 24)


def _column(values: list[int]) -> Integers:
    return np.array(values, dtype=np.int64).reshape(-1, 1, 1)


def _charging(noise: Integers) -> Integers:
    """1 in the hours in which a car charges: some evenings, from one of four hours on."""
    evening = noise[:, :, :1]
    begin, length = 17 + (evening >> 6) % 4, 1 + (evening >> 8) % 3
    hour = np.arange(24)
    charging = (evening % 64 < 22) & (hour >= begin) & (hour < begin + length)
    return charging.astype(np.int64)


def _weather(seed: int, start: date, days: int) -> Integers:
    """Temperature in tenths of a degree by day and hour, shape (days, 24)."""
    chance, drift = Chance(seed, "weather"), 0
    table = np.zeros((days, 24), dtype=np.int64)
    for day in range(days):
        drift = drift * 7 // 10 + chance.between(-22, 22)
        table[day] = _month_mean(start + timedelta(days=day)) + drift
    return table + np.array(_DAILY_SWING, dtype=np.int64)


def _month_mean(day: date) -> int:
    """The mean of the season, drawn straight from the middle of one month to the next."""
    month = day.month - 1
    other, weight = ((month + 1) % 12, day.day - 15) if day.day >= 15 else (month - 1, 15 - day.day)
    return (_MONTH_MEAN[month] * (31 - weight) + _MONTH_MEAN[other] * weight) // 31
