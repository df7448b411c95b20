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

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEP_MIN: Final = 2.0
WARM_UP_H: Final = 6.0
AFTER_H: Final = 10.0
AVERAGED: Final = 5
"""Steps over which a peak is averaged: ten minutes."""
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

    owner: NDArray[np.int64]
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

    def per_transformer(self, values: Floats) -> Floats:
        """Sums by transformer, float64[t]."""
        return np.bincount(self.owner, values).astype(np.float64)


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
    houses: Houses, minutes: float, outdoor_c: float, hour: float, chance: np.random.Generator
) -> Curves:
    """Run all houses through an outage of some minutes that ends at an hour of the day."""
    before, off = round(WARM_UP_H * 60 / STEP_MIN), round(minutes / STEP_MIN)
    steps = before + off + round(AFTER_H * 60 / STEP_MIN)
    rooms = [_Rooms(houses, outdoor_c, chance) for _ in range(2)]
    rooms[1].copy_of(rooms[0])
    noise = np.exp(0.3 * chance.standard_normal((steps // 30 + 1, len(houses))) - 0.045)
    after, usual = [], []
    for step in range(steps):
        clock = (hour + (step - before - off) * STEP_MIN / 60) % 24
        draws = chance.random(len(houses))
        base = houses.base_kw * _SHAPE[int(clock)] * noise[step // 30]
        is_off = before <= step < before + off
        loads = [room.step(clock, draws, dark=is_off and not n) for n, room in enumerate(rooms)]
        if step >= before + off:
            after.append(houses.per_transformer(loads[0] + base))
            usual.append(houses.per_transformer(loads[1] + base))
    return Curves(np.array(after), np.array(usual))


class _Rooms:
    """Everything in the houses that an outage changes; `step` gives its load, kW float64[h]."""

    def __init__(self, houses: Houses, outdoor_c: float, chance: np.random.Generator):
        self.houses, self.outdoor_c = houses, outdoor_c
        count = len(houses)
        need = np.clip(houses.ua_kw * (houses.set_c - outdoor_c) / houses.rated_kw, 0, 1)
        self.theta = houses.set_c + chance.uniform(-_HALF_BAND_K, _HALF_BAND_K, count)
        self.on = chance.random(count) < need
        self.owed = np.zeros((3, count))
        self.owed[0] = chance.uniform(0, 0.5, count) * (houses.boiler_kw > 0)
        self.owed[1] = chance.uniform(0, 0.03, count)
        self.paying = np.zeros((3, count), dtype=bool)
        self.power = np.stack([houses.boiler_kw, np.full(count, 0.15), houses.car_kw])
        self.most = np.stack([np.full(count, 6.0), np.full(count, 0.4), np.full(count, 30.0)])
        self.begins = np.array([0.5, 0.03, 0.0])[:, None]

    def copy_of(self, other: _Rooms) -> None:
        """Begin as another one does."""
        self.theta, self.on = other.theta.copy(), other.on.copy()
        self.owed, self.paying = other.owed.copy(), other.paying.copy()

    def step(self, clock: float, draws: Floats, *, dark: bool) -> Floats:
        houses, step_h = self.houses, STEP_MIN / 60
        self.on = np.where(self.theta < houses.set_c - _HALF_BAND_K, True, self.on)
        self.on = np.where(self.theta > houses.set_c + _HALF_BAND_K, False, self.on)
        heating = self.on & houses.heats & (not dark)
        lift = np.where(heating | ~houses.heats, houses.rated_kw * self.on, 0.0) / houses.ua_kw
        self.theta += step_h / houses.tau_h * (self.outdoor_c + lift - self.theta)
        self._owe(clock, draws, step_h)
        self.paying = (self.paying & (self.owed > 0)) | (self.owed > self.begins)
        pays = np.where(self.paying & (not dark), self.power, 0.0)
        self.owed = np.maximum(self.owed - pays * step_h, 0.0)
        found: Floats = heating * houses.rated_kw / houses.cop + pays.sum(axis=0)
        return found

    def _owe(self, clock: float, draws: Floats, step_h: float) -> None:
        """What use adds: hot water by the hour, a fridge evenly, a car when it comes home."""
        houses = self.houses
        self.owed[0] += (houses.boiler_kw > 0) * 0.25 * _SHAPE[int(clock)] * step_h
        self.owed[1] += 0.05 * step_h
        home = (houses.car_kw > 0) & (draws < _HOME[int(clock)] * step_h)
        self.owed[2] += home * (3.0 + 14.0 * (draws / max(_HOME[int(clock)] * step_h, 1e-9)))
        np.minimum(self.owed, self.most, out=self.owed)


def _averaged(loads: Floats) -> Floats:
    running = np.concatenate([np.zeros((1, loads.shape[1])), np.cumsum(loads, axis=0)])
    found: Floats = (running[AVERAGED:] - running[:-AVERAGED]) / AVERAGED
    return found
