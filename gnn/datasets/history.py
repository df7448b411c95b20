"""The whole history of a network's readings by hour, with when each hour became known.

A prediction made at an issue may use an hour only where it ended by then and was known by then.
A history that was loaded in one piece says that all of it became known on the day of loading; who
trains on such a history has to say with which delay it would have come (`assumed_delay_h`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.errors import NothingToLearn
from gnn.features.grid import Grid
from gnn.features.hours import HISTORY_H, HOUR_US, Hours, read_hours, series_of, whole_hour
from graph_service.domain.readings import Quality, ReadingColumns, Window, from_us
from graph_service.ports.timeline_store import TimelineStore

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

NEVER: Final = np.iinfo(np.int64).max
_USABLE: Final = (Quality.GOOD, Quality.ESTIMATED, Quality.SUSPECT)
_SIGN: Final = {"ENERGY_IN": 1.0, "ENERGY_OUT": -1.0, "P": 0.0}
"""How a quantity counts within an hour: energies add up, power (0) is averaged."""
_QUANTITIES: Final = tuple(_SIGN)


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Hours of a network from first to last reading.

    Attributes:
        hours: The newest known values; what is held against predictions.
        first: The values that were known first; what predictions may see, from `known_us` on. A
            correction is not seen at all.
        known_us: When each hour of each customer was complete, int64[m, hours]; NEVER where not.
        heads_known_us: The same of each place, int64[p, hours].
    """

    hours: Hours
    first: Hours
    known_us: Times
    heads_known_us: Times

    def before(self, issued_us: int, hours: int = HISTORY_H) -> Hours:
        """So many hours before an issue, or all there are, as far as they were known at it."""
        stop = (whole_hour(issued_us) - self.hours.start_us) // HOUR_US
        first = max(stop - hours, 0)
        part = slice(first, stop)
        return Hours(
            self.hours.start_us + first * HOUR_US,
            np.where(self.known_us[:, part] <= issued_us, self.first.watts[:, part], np.nan),
            np.where(self.heads_known_us[:, part] <= issued_us, self.first.heads[:, part], np.nan),
        )


def read_history(
    timeline: TimelineStore, grid: Grid, assumed_delay_h: float | None = None
) -> History:
    """Read everything the timeline has of a network.

    Args:
        timeline: Where the readings are.
        grid: Whose readings.
        assumed_delay_h: Hours from the end of an hour until it counts as known; None for what
            the timeline says.

    Raises:
        NothingToLearn: there is no reading, too short a history, or none that was known in time.
    """
    sources = [*grid.customers.sources, *((key,) for key in {*grid.keys, *grid.heads})]
    keys = [k for q in _QUANTITIES for k in series_of(timeline, sources, q)[1]]
    available = timeline.available(keys) if keys else None
    if available is None:
        raise NothingToLearn(
            "no customer of this network has a reading of ENERGY_IN or P",
            subject=grid.keys[0] if grid.keys else None,
            hint="load readings first: gridstrata ingest FILE --into MODEL",
        )
    window = Window(whole_hour(available[0]), whole_hour(available[1] - 1) + HOUR_US)
    hours = read_hours(timeline, grid, window, NEVER)
    if assumed_delay_h is not None:
        ends = window.start_us + HOUR_US * np.arange(1, hours.count + 1)
        known = (ends + int(assumed_delay_h * HOUR_US))[None, :]
        of_customers, of_places = (
            np.where(np.isfinite(values), known, NEVER) for values in (hours.watts, hours.heads)
        )
        return History(hours, hours, of_customers, of_places)
    of_customers, known = _first(timeline, grid.customers.sources, window, hours.watts)
    heads = list(zip(grid.keys, grid.heads, strict=True))
    of_places, heads_known = _first(timeline, heads, window, hours.heads)
    first = Hours(window.start_us, of_customers, of_places)
    history = History(hours, first, known, heads_known)
    _check_known(history, window)
    return history


def _first(
    timeline: TimelineStore, sources: Sequence[tuple[str, ...]], window: Window, newest: Floats
) -> tuple[Floats, Times]:
    """The first version of each hour, and when its last reading was there for the first time.

    An hour that is missing among the newest values is missing here.
    """
    known = np.full(newest.shape, -1, dtype=np.int64)
    moved = np.zeros_like(newest)
    done: set[int] = set()
    for quantity in _QUANTITIES:
        rows, keys = series_of(timeline, sources, quantity)
        for row, columns in zip(rows, timeline.versions(keys, window) if keys else (), strict=True):
            if _SIGN[quantity] or row not in done:  # power counts where there is no energy
                _one(known[row], moved[row], columns, window.start_us, _SIGN[quantity])
        done |= set(rows)
    there = np.isfinite(newest) & (known >= 0)
    return np.where(there, newest - moved, np.nan), np.where(there, known, NEVER)


def _one(known: Times, moved: Floats, columns: ReadingColumns, start_us: int, sign: float) -> None:
    """Add to `moved` by how much later versions of one series differ from the first, by hour."""
    usable = np.isin(np.array(columns.quality), _USABLE)
    times, values = np.array(columns.valid_us)[usable], np.array(columns.values)[usable]
    valid, first = np.unique(times, return_index=True)
    last = np.append(first[1:], len(times)) - 1
    hour = (valid - start_us) // HOUR_US
    np.maximum.at(known, hour, np.array(columns.known_us)[usable][first])
    each = 1.0 if sign else 1.0 / np.maximum(np.bincount(hour, minlength=len(known)), 1)[hour]
    np.add.at(moved, hour, (sign or 1.0) * each * (values[last] - values[first]))


def _check_known(history: History, window: Window) -> None:
    """Complain where nothing was known while it was still of use to a prediction."""
    ends = window.start_us + HOUR_US * np.arange(1, history.hours.count + 1)
    late = history.known_us - ends
    in_time = (late <= HISTORY_H * HOUR_US) & (history.known_us != NEVER)
    if not in_time.any():
        first = from_us(int(history.known_us.min()))
        raise NothingToLearn(
            f"all readings became known later than they were of use, the first at {first}",
            hint="this history was loaded in one piece; say with --assumed-delay-h after how many "
            "hours readings usually come",
        )
