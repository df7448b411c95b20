"""What customers use and give hour by hour: habits, heating, cars, panels, and after an outage.

Own use of a roof's power lowers what is taken; the rest is given to the network, and an hour has
either of them. Without supply nothing is used and inverters are off. What heating, boilers,
refrigerators and cars missed is owed, and half of what is owed is paid back in each hour with
supply: the exponential decay of a cold load pick-up (Ihara and Schweppe, IEEE Trans. Power
Apparatus and Systems PAS-100, 1981) with a half-life of one hour.

All arithmetic is on integers, so the bytes never change. Limits: no fuse and no rated power cuts
the pick-up, batteries are left out, and what is not back by midnight of the last day never is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from cim_import.generating.chance import Chance
from cim_import.generating.customers import Metered
from cim_import.generating.holidays import DayKind, day_kind
from cim_import.generating.storm_plan import HOUR_S, Interval, seconds_out_by_hour
from cim_import.generating.weather import irradiance, temperature

Integers = npt.NDArray[np.int64]

MISSING: Final = -1
HEATING_LIMIT: Final = 160
"""Tenths of a degree Celsius above which nobody heats."""
OF_THE_SUN_PER_MILLE: Final = 850
"""What of the sun's power reaches the meter: modules are rated at 1,000 W/m²."""
DEFERRED_PER_MILLE: Final = {"home": 200}
"""shape → the part of its load that boilers and refrigerators make, and take later."""

_QUIET_SHAPES: Final = ("work", "shift")
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
"""shape → parts of the load by hour (UTC) on working days and on days of rest."""
_HEATING_BY_HOUR: Final = (
    70, 66, 64, 64, 70, 96, 124, 126, 116, 106, 100, 96,
    94, 92, 92, 96, 106, 120, 126, 122, 112, 100, 86, 76,
)  # fmt: skip


class Used(NamedTuple):
    """Whole watt-hours by meter, day and hour, `MISSING` where there was no supply at all.

    Attributes:
        taken: Of all meters, shape (meters, days, 24).
        panels: Which of them have panels.
        given: What these give to the network, shape (len(panels), days, 24).
    """

    taken: Integers
    panels: Integers
    given: Integers


class Usage:
    """The days of a town; keeps nothing but its weather and the shapes of its days."""

    def __init__(self, seed: int, start: date, days: int):
        self.days = days
        self.temperature = temperature(seed, start, days)
        self._deficit = np.maximum(HEATING_LIMIT - self.temperature, 0)
        self._sun = irradiance(seed, start, days)
        kinds = [day_kind(start + timedelta(days=day)) for day in range(days)]
        self._shapes = {name: _shape(name, kinds) for name in _SHAPES}

    def of(self, customers: Sequence[Metered], chance: Chance, cut_off: Sequence[Interval]) -> Used:
        """What customers use and give; `cut_off` is when they have no supply on the last day."""
        taken, deferred = self._load(customers, chance)
        panels = np.flatnonzero(np.array([metered.solar_w for metered in customers]))
        peak = _column([customers[row].solar_w for row in panels.tolist()])
        made = peak * self._sun * OF_THE_SUN_PER_MILLE // 1_000_000
        out_s = np.array(seconds_out_by_hour(cut_off), dtype=np.int64)
        for last_day in (taken[:, -1], made[:, -1]):
            last_day[:] = last_day * (HOUR_S - out_s) // HOUR_S
        _pick_up(taken[:, -1], deferred, out_s)
        net = taken[panels] - made
        taken[panels], given = np.maximum(net, 0), np.maximum(-net, 0)
        for last_day in (taken[:, -1], given[:, -1]):
            last_day[:, out_s == HOUR_S] = MISSING
        return Used(taken, panels, given)

    def _load(self, customers: Sequence[Metered], chance: Chance) -> tuple[Integers, Integers]:
        """The load by meter and hour, and what of that of the last day can be taken later."""
        size = (len(customers), self.days, 24)
        drawn = np.frombuffer(chance.bytes(2 * size[0] * size[1] * size[2]), dtype="<u2")
        noise = drawn.astype(np.int64).reshape(size)
        who = [metered.customer for metered in customers]
        shape = np.stack([self._shapes[customer.kind.shape] for customer in who])
        load = _column([customer.mean_w for customer in who]) * shape
        load = load * (600 + (noise >> 6) * 800 // 1024) // 1_000_000
        later = _column([DEFERRED_PER_MILLE.get(customer.kind.shape, 0) for customer in who])
        deferred = load[:, -1] * later[:, 0] // 1000
        heating = _column([customer.heating_w_per_k for customer in who])
        heating = heating * self._deficit * np.array(_HEATING_BY_HOUR) // 1000
        charging = _column([customer.charger_w for customer in who]) * _charging(noise)
        for part in (heating, charging):
            load += part
            deferred += part[:, -1]
        return load, deferred


def _pick_up(load: Integers, deferred: Integers, out_s: Integers) -> None:
    """Add to the load of a day what was deferred in earlier hours of it, shape (meters, 24)."""
    owed = np.zeros(len(load), dtype=np.int64)
    for hour, out in enumerate(out_s.tolist()):
        owed += deferred[:, hour] * out // HOUR_S
        paid = owed // 2 * (HOUR_S - out) // HOUR_S
        load[:, hour] += paid
        owed -= paid


def _shape(name: str, kinds: Sequence[DayKind]) -> Integers:
    """Thousandths of the mean load by day and hour; the mean is that of a working day."""
    work, rest = np.array(_SHAPES[name], dtype=np.int64)
    quiet = (work + rest) // 2 if name in _QUIET_SHAPES else work
    by_kind = {DayKind.WORK: work, DayKind.REST: rest, DayKind.QUIET: quiet}
    parts = [by_kind[kind] * 24_000 // work.sum() for kind in kinds]
    return np.array(parts, dtype=np.int64).reshape(len(kinds), 24)


def _column(values: Sequence[int]) -> Integers:
    return np.array(values, dtype=np.int64).reshape(-1, 1, 1)


def _charging(noise: Integers) -> Integers:
    """1 in the hours in which a car charges: some evenings, from one of four hours on."""
    evening = noise[:, :, :1]
    begin, length = 17 + (evening >> 6) % 4, 1 + (evening >> 8) % 3
    hour = np.arange(24)
    charging = (evening % 64 < 22) & (hour >= begin) & (hour < begin + length)
    return charging.astype(np.int64)
