"""Aggregates of readings in InfluxDB: from sums the server makes, from readings, or from hours.

Sums, means and counts of plain readings are made by the server while it reads. Series of which a
reading is not GOOD, and the other aggregates, are made here from the readings. Days whose
readings were taken away answer from their hours, where intervals are whole hours.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from graph_service.adapters import influx_flux as flux
from graph_service.adapters.influx_readings import known_at
from graph_service.adapters.influx_server import InfluxServer
from graph_service.adapters.influx_tables import (
    Chosen,
    beside,
    fields_of,
)
from graph_service.adapters.timeline_aggregation import Cells, within_intervals
from graph_service.adapters.timeline_levels import (
    DAY_US,
    HOUR_US,
    Levels,
    cells_of_rows,
    intervals_of_cells,
    join_levels,
)
from graph_service.adapters.timeline_rows import no_rows
from graph_service.domain.readings import Aggregate, Window


class Question(NamedTuple):
    """An aggregate within intervals; `known_us` None for what is known now."""

    window: Window
    every_us: int
    within: Aggregate
    known_us: int | None


def cells(server: InfluxServer, chosen: Chosen, question: Question) -> Cells:
    """One value of each series and interval that has a usable reading."""
    window = question.window
    if not len(chosen):
        return within_intervals(no_rows(), window.start_us, question.every_us, question.within)
    rows = known_at(server, chosen, window, question.known_us)
    whole_us = _whole_until(question)
    gone = hours_within(server, chosen, Window(window.start_us, whole_us)) if whole_us else None
    if gone is None or not len(gone.cells.series):
        return within_intervals(rows, window.start_us, question.every_us, question.within)
    if question.known_us is not None:
        gone = gone.take(gone.known <= question.known_us)
    levels = join_levels([gone.cells, cells_of_rows(rows, HOUR_US)])
    return intervals_of_cells(levels, window.start_us, question.every_us, question.within)


def _whole_until(question: Question) -> int:
    """Up to where intervals are whole hours, so that hours can answer; 0 where none is."""
    window, every_us = question.window, question.every_us
    period_us = DAY_US if window.start_us % DAY_US == every_us % DAY_US == 0 else HOUR_US
    if window.start_us % period_us or every_us % period_us:
        return 0
    stop_us = window.stop_us
    if stop_us % period_us:
        stop_us -= (stop_us - window.start_us) % every_us
    return stop_us if stop_us > window.start_us else 0


# --- hours of days that went -------------------------------------------------------------------


class Hours(NamedTuple):
    """Cells of hours, and of each when the last version of its day was known."""

    cells: Levels
    known: np.ndarray[tuple[int], np.dtype[np.int64]]

    def take(self, chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Hours:
        """The cells a mask chooses."""
        return Hours(self.cells.take(chosen), self.known[chosen])


HOUR_FIELDS: Final = {
    "sum": float,
    "least": float,
    "most": float,
    "last": float,
    "last_us": int,
    "readings": int,
    "doubtful": int,
    "known_us": int,
}


def hours_within(server: InfluxServer, chosen: Chosen, window: Window) -> Hours:
    """The hours of days whose readings were taken away."""
    pieces = [_hours(server, some, places, window) for some, places in chosen.lots(1_000)]
    known = np.concatenate([piece.known for piece in pieces])
    columns = zip(*(piece.cells for piece in pieces), strict=True)
    return Hours(Levels(*(np.concatenate(column) for column in columns)), known)


def _hours(
    server: InfluxServer,
    chosen: Chosen,
    places: np.ndarray[tuple[int], np.dtype[np.int64]],
    window: Window,
) -> Hours:
    tables = server.ask(flux.rows(HOUR_FIELDS, "hours", flux.stretch_of(window), **chosen.tags()))
    sums, *others, known = fields_of(tables, chosen, HOUR_FIELDS)
    return Hours(
        Levels(
            places[sums.series],
            sums.at_us,
            sums.values,
            *(beside(sums, other, 0) for other in others),
        ),
        beside(sums, known, 0),
    )
