"""Profiles of a SimBench network as readings: hourly energy of loads, less what is generated there.

What is generated at the bus of a load runs through its meter, as behind a house's: the meter counts
what is taken in the hours in which more is used, and what is given in the others. Generation at a
bus without a load has no meter here. Profiles that many loads share are told apart by noise, one
factor a load and hour, log-normal with mean 1. Guarantee: equal calls give equal bytes.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cim_import.foreign.pandapower_net import mrid_of
from cim_import.generating.model_file import whole_file
from cim_import.generating.readings import READINGS_COLUMNS

Floats = npt.NDArray[np.float64]

_STARTS: Final = datetime(2016, 1, 1, tzinfo=UTC)
"""When the profiles begin; taken for UTC."""
_STEPS_AN_HOUR: Final = 4
_LAST: Final = _STARTS + timedelta(days=366)


def write_profiles(
    net: Any, directory: Path, start: datetime, days: int, noise: float, seed: int
) -> Path:
    """Write `readings.csv`, one line a load, quantity and day.

    Args:
        net: With `net.profiles` as SimBench gives them: quarters of an hour of 2016.
        directory: Where to.
        start: Midnight, UTC, in 2016.
        days: How many; cut at the end of the year.
        noise: Spread of the noise of single loads.
        seed: Of the noise.
    """
    days = min(days, (_LAST - start).days)
    taken = _net_watts(net, start, days, noise, seed)
    path = directory / "readings.csv"
    with whole_file(path) as file:
        file.write(",".join(READINGS_COLUMNS) + "\n")
        for load, watts in zip(net.load.index, taken, strict=True):
            for quantity, values in (("ENERGY_IN", watts), ("ENERGY_OUT", -watts)):
                if quantity == "ENERGY_IN" or (values > 0).any():
                    key = f"{mrid_of(net, 'load', load)},{quantity},meter"
                    file.writelines(_lines(key, start, np.rint(np.maximum(values, 0.0))))
    return path


def _lines(key: str, start: datetime, values: Floats) -> list[str]:
    days = values.astype(np.int64).reshape(-1, 24).tolist()
    return [
        f"{key},{start + timedelta(days=day):%Y-%m-%dT%H:%M:%SZ},PT1H,{','.join(map(str, hours))}\n"
        for day, hours in enumerate(days)
    ]


def _net_watts(net: Any, start: datetime, days: int, noise: float, seed: int) -> Floats:
    """W by load and hour: used less generated at the same bus, by its first load."""
    used = _watts(net, "load", "{}_pload", start, days)
    generated = _watts(net, "sgen", "{}", start, days)
    drawn = np.random.default_rng(seed).standard_normal(used.shape)
    used *= np.exp(noise * drawn - noise**2 / 2)
    first: dict[int, int] = {}
    for row, bus in enumerate(net.load.bus):
        first.setdefault(int(bus), row)
    for watts, bus in zip(generated, net.sgen.bus, strict=True):
        if int(bus) in first:
            used[first[int(bus)]] -= watts
    return used


def _watts(net: Any, table: str, column: str, start: datetime, days: int) -> Floats:
    """Hourly means of the profiles, W, float64[rows, hours]."""
    first = int((start - _STARTS) / timedelta(hours=1)) * _STEPS_AN_HOUR
    steps = slice(first, first + days * 24 * _STEPS_AN_HOUR)
    rows, profiles = net[table], net.profiles["load" if table == "load" else "renewables"]
    shares = {
        name: profiles[column.format(name)].to_numpy()[steps].reshape(-1, _STEPS_AN_HOUR).mean(1)
        for name in rows.profile.unique()
    }
    watts = (1e6 * rows.p_mw * rows.scaling).to_numpy()
    if not len(rows):
        return np.zeros((0, days * 24))
    found = [watt * shares[name] for watt, name in zip(watts, rows.profile, strict=True)]
    return np.array(found).reshape(len(rows), days * 24)
