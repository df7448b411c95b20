"""How readings leave InfluxDB: whole UTC days, whose hours stay in their place.

Guarantees: hours and days are there before readings go (see `levels.py`), so that what is cut
off can be done again.

Limits: the bucket itself keeps for ever, or longer than what is kept here; its own retention knows
nothing of hours and days.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from graph_service.adapters.influx import flux, marks, series
from graph_service.adapters.influx.ends import first_reading, with_anything
from graph_service.adapters.influx.levels import gone_line, gone_until, lines_of
from graph_service.adapters.influx.lines import tag
from graph_service.adapters.influx.readings import InfluxReadings
from graph_service.adapters.influx.refusals import send_all
from graph_service.adapters.influx.server import InfluxServer
from graph_service.adapters.influx.stored_readings import all_versions
from graph_service.adapters.influx.tables import Chosen
from graph_service.adapters.timeline.levels import DAY_US
from graph_service.domain.readings import SeriesKey, Window

_SERIES_AT_ONCE: Final = 100
_DAYS_AT_ONCE: Final = 31


class Going(NamedTuple):
    """What goes: readings of a quantity before the beginning of a day."""

    quantity: str
    before_us: int

    @classmethod
    def before(cls, quantity: str, at_us: int) -> Going:
        """Whole days before a time."""
        whole_us = at_us // DAY_US * DAY_US
        return cls(quantity, max(flux.FIRST_US + 1, min(whole_us, flux.END_US)))

    def stretch(self) -> tuple[int, int]:
        """The nanoseconds of all these days."""
        return flux.FIRST_US * 1000, self.before_us * 1000


def count(server: InfluxServer, going: Going) -> int:
    """How many values would go."""
    wanted = flux.any_of([tag(going.quantity)])
    counted = server.ask(flux.count("readings", "value", going.stretch(), quantity=wanted))
    return int(counted[0]["_value"][0]) if counted else 0


def forget(server: InfluxServer, readings: InfluxReadings, going: Going, *, levels: bool) -> int:
    """Take readings away, and their levels where asked; gives how many values went."""
    with readings.turn.alone():
        gone = count(server, going)
        keys = series.every(server, series.READINGS, going.quantity)
        until_us = max(gone_until(server), going.before_us)
        send_all(server, [readings.mark(), gone_line(until_us)])
        if gone and not levels:
            _keep_levels(server, keys, going.before_us)
        _take(server, going, levels=levels)
        if levels:
            _take_empty_series(server, keys)
        send_all(server, marks.of_all(keys))
        readings.forget_ends()
    return gone


def _keep_levels(server: InfluxServer, keys: list[SeriesKey], before_us: int) -> None:
    for at in range(0, len(keys), _SERIES_AT_ONCE):
        chosen = Chosen(keys[at : at + _SERIES_AT_ONCE])
        for window in _windows(server, chosen, before_us):
            rows = all_versions(server, chosen, window)
            if len(rows.valid):
                send_all(server, list(lines_of(chosen, rows)))


def _windows(server: InfluxServer, chosen: Chosen, before_us: int) -> Iterator[Window]:
    """Months from the first reading on."""
    first_us = first_reading(server, chosen)
    if first_us is not None:
        for start in range(first_us // DAY_US * DAY_US, before_us, _DAYS_AT_ONCE * DAY_US):
            yield Window(start, min(before_us, start + _DAYS_AT_ONCE * DAY_US))


def _take(server: InfluxServer, going: Going, *, levels: bool) -> None:
    for name in ("readings", "readings_before", *(("hours", "days") if levels else ())):
        measurement, quantity = flux.literal(name), flux.literal(tag(going.quantity))
        server.delete(f"_measurement={measurement} AND quantity={quantity}", going.stretch())


def _take_empty_series(server: InfluxServer, keys: list[SeriesKey]) -> None:
    there: set[SeriesKey] = set()
    for some, _ in Chosen(keys).lots(series.MOST_IN_A_CHOICE):
        there |= with_anything(server, some)
    gone = [key for key in keys if key not in there]
    send_all(server, series.kept_lines(series.READINGS, gone, kept=False))
