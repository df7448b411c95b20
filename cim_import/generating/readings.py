"""Readings of the town: hourly energy of its meters, and the temperature outdoors.

One line a usage point, quantity and day: `usage_point,quantity,source,start,resolution,values`,
the values being 24 whole watt-hours, an empty one where nothing arrived. Who has panels has a
second line for what he gives. The temperature (degrees Celsius) hangs on the first substation. A
few meters never report, single hours and stretches are missing everywhere, and a whole gateway is
now and then away. Noise comes from `Chance`, so the bytes never change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, TextIO

import numpy as np
import numpy.typing as npt

from cim_import.generating.chance import Chance
from cim_import.generating.customers import Metered
from cim_import.generating.storm_plan import Interval
from cim_import.generating.usage import MISSING, Usage

Integers = npt.NDArray[np.int64]

READINGS_COLUMNS: Final = ("usage_point", "quantity", "source", "start", "resolution", "values")
TAKEN: Final = "ENERGY_IN"
GIVEN: Final = "ENERGY_OUT"
SOURCE: Final = "meter"
TEMPERATURE: Final = "TEMP_OUTDOOR"
WEATHER_SOURCE: Final = "weather-service"
RESOLUTION: Final = "PT1H"

_HOURS_PER_STEP: Final = 300_000
_STRETCHES_PER_MILLE_DAYS: Final = 18
_OUTAGE_PER_MILLE: Final = 60


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
        self._usage = Usage(seed, start, days)
        self._stations = 0
        self.lines = 0
        file.write(",".join(READINGS_COLUMNS) + "\n")

    def weather(self, substation: str) -> None:
        """Write the temperature of all days as readings of a substation."""
        days = _degrees(self._usage.temperature)
        self._write([*self._lines(substation, TEMPERATURE, WEATHER_SOURCE, days)])

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
            metered = [load.metered for load in group]
            taken, panels, given = self._usage.of(metered, chance, cut_off)
            self._remove(taken, group, chance, outage)
            given[taken[panels] == MISSING] = MISSING
            self._write_meters(metered, taken, dict(zip(panels.tolist(), given, strict=True)))

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

    def _remove(
        self, values: Integers, loads: Sequence[Load], chance: Chance, outage: slice
    ) -> None:
        """Take away what never arrived: the hours of an outage, and stretches here and there."""
        by_hour = values.reshape(len(loads), -1)
        for row, load in enumerate(loads):
            if load.gateway == 0:
                by_hour[row, outage] = MISSING
        thousandths = len(loads) * self._days * _STRETCHES_PER_MILLE_DAYS
        stretches = thousandths // 1000 + chance.happens(thousandths % 1000)
        for _ in range(stretches):
            row, first = chance.below(len(loads)), chance.below(self._days * 24)
            by_hour[row, first : first + chance.between(1, 9)] = MISSING

    def _write_meters(
        self, meters: Sequence[Metered], taken: Integers, given: Mapping[int, Integers]
    ) -> None:
        lines: list[str] = []
        for row, metered in enumerate(meters):
            lines += self._lines(metered.usage_point, TAKEN, SOURCE, _energies(taken[row]))
            if row in given:
                lines += self._lines(metered.usage_point, GIVEN, SOURCE, _energies(given[row]))
        self._write(lines)

    def _lines(self, mrid: str, quantity: str, source: str, days: Iterable[str]) -> Iterator[str]:
        prefix = f"{mrid},{quantity},{source},"
        for start, values in zip(self._starts, days, strict=True):
            yield f"{prefix}{start},{RESOLUTION},{values}\n"

    def _write(self, lines: Sequence[str]) -> None:
        self.lines += len(lines)
        self._file.write("".join(lines))


def _energies(days: Integers) -> Iterator[str]:
    for hours in days.tolist():
        row = ",".join(map(str, hours))
        yield row.replace(str(MISSING), "") if min(hours) < 0 else row


def _degrees(days: Integers) -> Iterator[str]:
    for tenths in days.tolist():
        yield ",".join(f"{tenth / 10:.1f}" for tenth in tenths)
