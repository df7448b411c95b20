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
_QUANTITIES: Final = ("ENERGY_IN", "ENERGY_OUT", "P")


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Hours of a network from first to last reading.

    Attributes:
        hours: The newest known values; what is held against predictions.
        known_us: When each hour of each customer was complete, int64[m, hours]; NEVER where not.
        heads_known_us: The same of each place, int64[p, hours].
    """

    hours: Hours
    known_us: Times
    heads_known_us: Times

    def before(self, issued_us: int) -> Hours:
        """The `HISTORY_H` hours before an issue, as far as they were known at it."""
        stop = (whole_hour(issued_us) - self.hours.start_us) // HOUR_US
        part = slice(stop - HISTORY_H, stop)
        return Hours(
            self.hours.start_us + (stop - HISTORY_H) * HOUR_US,
            np.where(self.known_us[:, part] <= issued_us, self.hours.watts[:, part], np.nan),
            np.where(self.heads_known_us[:, part] <= issued_us, self.hours.heads[:, part], np.nan),
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
        return History(hours, of_customers, of_places)
    history = History(
        hours,
        _known(timeline, grid.customers.sources, window, hours.watts),
        _known(timeline, list(zip(grid.keys, grid.heads, strict=True)), window, hours.heads),
    )
    _check_known(history, window)
    return history


def _known(
    timeline: TimelineStore, sources: Sequence[tuple[str, ...]], window: Window, values: Floats
) -> Times:
    """When each hour had its last reading for the first time.

    A later correction counts as known when the first version was: the values are the newest ones.
    """
    known = np.full(values.shape, -1, dtype=np.int64)
    for quantity in _QUANTITIES:
        rows, keys = series_of(timeline, sources, quantity)
        for row, columns in zip(rows, timeline.versions(keys, window) if keys else (), strict=True):
            _latest(known[row], columns, window.start_us)
    return np.where(np.isfinite(values) & (known >= 0), known, NEVER)


def _latest(known: Times, columns: ReadingColumns, start_us: int) -> None:
    usable = np.isin(np.array(columns.quality), _USABLE)
    valid, first = np.unique(np.array(columns.valid_us)[usable], return_index=True)
    np.maximum.at(known, (valid - start_us) // HOUR_US, np.array(columns.known_us)[usable][first])


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
