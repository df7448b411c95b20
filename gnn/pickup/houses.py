"""Simulated houses after an outage: heaters, boilers and chargers that all come back at once.

Each heater is a room with a thermostat (physically based model of cold load pick-up: Ihara and
Schweppe, IEEE Trans. Power Apparatus and Systems PAS-100, 1981), one heat capacity, one loss:

    d theta / dt = (T_out + on P / UA - theta) / tau,   on at set - 0.5 K, off at set + 0.5 K

A boiler, a fridge or a charger owes energy that its use adds to, and pays with its rated power from
a threshold on until nothing is owed; without supply the debt grows to what the tank, the fridge or
the battery holds. What remains follows the hour and is not changed by an outage. The same houses
are run a second time without the outage: that is the load as if nothing had happened.

Limits: ranges are round figures of this project, no network's; every room of a house is as warm as
the others; nobody turns anything off by hand, and solar power is left out.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

STEP_MIN: Final = 2.0
WARM_UP_H: Final = 6.0
AFTER_H: Final = 10.0
AVERAGED: Final = 5
"""Steps over which a peak is averaged: ten minutes."""
_STEADY: Final = 30
"""Steps after which what is no appliance changes."""
_DESIGN_C: Final = -12.0
_HALF_BAND_K: Final = 0.5
_SETTLED: Final = 1.1
_SHAPE: Final = np.array(
    [0.55, 0.5, 0.48, 0.48, 0.5, 0.6, 0.85, 1.05, 1.0, 0.95, 0.95, 1.0,
     1.05, 1.0, 0.95, 0.95, 1.05, 1.3, 1.55, 1.6, 1.5, 1.3, 1.0, 0.75]
)  # fmt: skip
"""What is no thermostat and no charger, by hour over its mean."""
_HOME: Final = np.array([*[0.0] * 15, 0.03, 0.08, 0.14, 0.14, 0.1, 0.06, 0.04, 0.02, 0.01])
"""Share of cars that come home and are plugged in, by hour."""


@dataclass(frozen=True, slots=True, eq=False)
class Houses:
    """Houses of several transformers, one row a house.

    Attributes:
        owner: Transformer of each, int64[h].
        heats: Whether it is heated by electricity, bool[h].
        ua_kw, tau_h, set_c, rated_kw, cop: Of its heating, float64[h].
        boiler_kw, car_kw: Rated powers, 0 where there is none, float64[h].
        base_kw: Mean of the rest, float64[h].
    """

    owner: Codes
    heats: NDArray[np.bool_]
    ua_kw: Floats
    tau_h: Floats
    set_c: Floats
    rated_kw: Floats
    cop: Floats
    boiler_kw: Floats
    car_kw: Floats
    base_kw: Floats

    def __len__(self) -> int:
        return len(self.owner)

    def per_transformer(self, values: Floats, where: slice | Codes = slice(None)) -> Floats:
        """Sums of values of all houses, or of those with an index, by transformer, float64[t]."""
        size = int(self.owner[-1]) + 1
        return np.bincount(self.owner[where], values, size).astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Loads from the moment of restoration on, by step and transformer, kW float64[steps, t].

    Attributes:
        after: With the outage.
        usual: As if nothing had happened.
    """

    after: Floats
    usual: Floats

    def peaks(self) -> Floats:
        """The highest ten-minute mean after, kW float64[t]."""
        found: Floats = _averaged(self.after).max(axis=0)
        return found

    def hours_to_settle(self) -> Floats:
        """Until the ten-minute mean is within a tenth of the usual load, hours float64[t]."""
        high = _averaged(self.after) > _SETTLED * _averaged(self.usual)
        calm = ~high
        first = np.where(calm.any(axis=0), calm.argmax(axis=0), len(calm))
        return first * STEP_MIN / 60


def draw_houses(transformers: int, chance: np.random.Generator) -> Houses:
    """Transformers with 8 to 120 houses; how many of them heat with electricity differs a lot."""
    sizes = chance.integers(8, 120, transformers)
    owner = np.repeat(np.arange(transformers), sizes)
    heating, charging = chance.beta(0.8, 1.4, transformers), chance.beta(1.0, 8.0, transformers)
    count = len(owner)
    heats = chance.random(count) < heating[owner]
    ua = chance.uniform(0.08, 0.3, count)
    pump = chance.random(count) < 0.5
    cop = np.where(pump, chance.uniform(2.0, 3.2, count), 1.0)
    sized = chance.uniform(1.15, 1.7, count)
    return Houses(
        owner=owner,
        heats=heats,
        ua_kw=ua,
        tau_h=chance.uniform(15, 60, count),
        set_c=chance.uniform(19.5, 22, count),
        rated_kw=ua * (21 - _DESIGN_C) * sized,
        cop=cop,
        boiler_kw=np.where(chance.random(count) < 0.35, 2.0, 0.0),
        car_kw=np.where(chance.random(count) < charging[owner], 3.7, 0.0),
        base_kw=chance.uniform(0.15, 0.5, count),
    )


def run(
    houses: Houses,
    minutes: float | Floats,
    outdoor_c: float | Floats,
    hour: float | Floats,
    chance: np.random.Generator,
) -> Curves:
    """Run all houses through an outage of some minutes that ends at an hour of the day; each of the
    three is the same for all, or one figure a house."""
    off, outdoor, ends = (
        np.broadcast_to(np.asarray(each, dtype=np.float64), len(houses))
        for each in (np.round(np.asarray(minutes) / STEP_MIN), outdoor_c, hour)
    )
    begins, after_steps = -int(off.max()), round(AFTER_H * 60 / STEP_MIN)
    first = begins - round(WARM_UP_H * 60 / STEP_MIN)
    ours = _Appliances(houses, off, outdoor, chance)
    twin = ours
    noise = np.exp(
        0.3 * chance.standard_normal(((after_steps - first) // _STEADY + 1, len(houses))) - 0.045
    )
    after, usual = [], []
    for since in range(first, after_steps):
        if since == begins:
            twin = ours.copy()
        clock = ((ends + since * STEP_MIN / 60) % 24).astype(np.int64)
        draws = chance.random(ours.cars)
        load = ours.step(since, clock, draws)
        if since >= begins:
            as_usual = twin.step(0, clock, draws)
        if since >= 0:
            base = houses.base_kw * _SHAPE[clock] * noise[(since - first) // _STEADY]
            rest = houses.per_transformer(base)
            after.append(load + rest)
            usual.append(as_usual + rest)
    return Curves(np.array(after), np.array(usual))


class _Appliances:
    """Everything in the houses that an outage changes, each kind only where there is one.

    Args:
        houses: Whose.
        off: Steps without supply of each house.
        outdoor_c: Of each house.
        chance: Of the state at the begin.
    """

    def __init__(self, houses: Houses, off: Floats, outdoor_c: Floats, chance: np.random.Generator):
        every = np.arange(len(houses))
        heated, boilers, cars = (
            np.flatnonzero(has) for has in (houses.heats, houses.boiler_kw > 0, houses.car_kw > 0)
        )
        self._houses, self._off, self._boilers, self._cars = houses, off, boilers, cars
        self.cars = len(cars)
        self._heaters = _Heaters(houses, heated, outdoor_c[heated], chance)
        self._debts = (
            _Debts(boilers, houses.boiler_kw[boilers], 6.0, 0.5, chance),
            _Debts(every, np.full(len(every), 0.15), 0.4, 0.03, chance),
            _Debts(cars, houses.car_kw[cars], 30.0, 0.0, None),
        )

    def copy(self) -> _Appliances:
        """The same state, that goes its own way from here on."""
        return deepcopy(self, {id(self._houses): self._houses})

    def step(self, since: int, clock: Codes, draws: Floats) -> Floats:
        """Load of each transformer in a step, kW; `since` is counted from restoration on."""
        dark = (self._off >= -since) & (since < 0)
        houses, step_h = self._houses, STEP_MIN / 60
        home = _HOME[clock[self._cars]] * step_h
        added: tuple[float | Floats, ...] = (
            0.25 * _SHAPE[clock[self._boilers]] * step_h,
            0.05 * step_h,
            (draws < home) * (3.0 + 14.0 * draws / np.maximum(home, 1e-9)),
        )
        heaters = self._heaters
        found = houses.per_transformer(heaters.step(dark[heaters.where]), heaters.where)
        for debts, more in zip(self._debts, added, strict=True):
            found += houses.per_transformer(debts.step(more, dark[debts.where]), debts.where)
        return found


class _Heaters:
    """Rooms with a thermostat; `where` says whose, an index of a house each."""

    def __init__(
        self,
        houses: Houses,
        where: Codes,
        outdoor_c: Floats,
        chance: np.random.Generator,
    ):
        self.where, self._outdoor_c = where, outdoor_c
        self._set_c, self._rated = houses.set_c[where], houses.rated_kw[where]
        self._electric = self._rated / houses.cop[where]
        self._lift = self._rated / houses.ua_kw[where]
        self._share = STEP_MIN / 60 / houses.tau_h[where]
        need = np.clip((self._set_c - outdoor_c) / self._lift, 0, 1)
        self._theta = self._set_c + chance.uniform(-_HALF_BAND_K, _HALF_BAND_K, len(where))
        self._on = chance.random(len(where)) < need

    def step(self, dark: NDArray[np.bool_]) -> Floats:
        """Electric power of each, kW."""
        above = self._theta - self._set_c
        self._on = (above < -_HALF_BAND_K) | (self._on & (above <= _HALF_BAND_K))
        runs = self._on & ~dark
        self._theta += self._share * (self._outdoor_c + runs * self._lift - self._theta)
        found: Floats = runs * self._electric
        return found


class _Debts:
    """Boilers, fridges or chargers: energy that is owed, and paid from a threshold on.

    Args:
        where: Whose, an index of a house each.
        rated_kw: Of each.
        most_kwh: More is never owed.
        begins_kwh: From where on it is paid.
        chance: Of what is owed at the begin, up to the threshold; nothing without.
    """

    def __init__(
        self,
        where: Codes,
        rated_kw: Floats,
        most_kwh: float,
        begins_kwh: float,
        chance: np.random.Generator | None,
    ):
        self.where, self._rated = where, rated_kw
        self._most, self._begins = most_kwh, begins_kwh
        count = len(where)
        self._owed = chance.uniform(0, begins_kwh, count) if chance else np.zeros(count)
        self._paying = np.zeros(count, dtype=bool)

    def step(self, added: float | Floats, dark: NDArray[np.bool_]) -> Floats:
        """Power of each, kW, after some kWh were added to what is owed."""
        self._owed = np.minimum(self._owed + added, self._most)
        self._paying = (self._paying & (self._owed > 0)) | (self._owed > self._begins)
        pays: Floats = (self._paying & ~dark) * self._rated
        self._owed = np.maximum(self._owed - pays * (STEP_MIN / 60), 0.0)
        return pays


def _averaged(loads: Floats) -> Floats:
    running = np.concatenate([np.zeros((1, loads.shape[1])), np.cumsum(loads, axis=0)])
    found: Floats = (running[AVERAGED:] - running[:-AVERAGED]) / AVERAGED
    return found
