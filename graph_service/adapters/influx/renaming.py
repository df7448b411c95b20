"""Give all that one element has in InfluxDB to another: readings, levels, forecasts, events.

Guarantees: what the new one gets is there before the old one loses it, so that a renaming that was
cut off can be done again.
"""

from __future__ import annotations

from array import array

from graph_service.adapters.influx import flux, marks, series
from graph_service.adapters.influx.events import InfluxEvents
from graph_service.adapters.influx.forecasts import InfluxForecasts
from graph_service.adapters.influx.levels import (
    day_line,
    days_of_series,
    hour_line,
    hours_of_series,
)
from graph_service.adapters.influx.lines import tag
from graph_service.adapters.influx.readings import InfluxReadings
from graph_service.adapters.influx.refusals import send_all
from graph_service.adapters.influx.server import InfluxServer
from graph_service.adapters.influx.stored_readings import all_versions, newest
from graph_service.adapters.influx.tables import Chosen
from graph_service.adapters.timeline.levels import DAY_US
from graph_service.domain.readings import ReadingColumns, SeriesKey


def rename(
    server: InfluxServer,
    readings: InfluxReadings,
    forecasts: InfluxForecasts,
    events: InfluxEvents,
    names: tuple[str, str],
) -> int:
    """Give all of the first name to the second; gives how many series."""
    old, new = names
    keys = series.found(server, series.READINGS, [old])
    with readings.turn.alone():
        send_all(server, [readings.mark()])
        for key in keys:
            _hand_over(server, readings, key, key._replace(element=new))
        count = len(keys) + forecasts.rename(old, new)
        events.rename_subject(old, new)
        server.delete(f"element={flux.literal(tag(old))}", flux.stretch_of(flux.ALWAYS))
        send_all(server, marks.of_all(keys))
        readings.forget_ends()
    return count


def _hand_over(
    server: InfluxServer, readings: InfluxReadings, key: SeriesKey, heir: SeriesKey
) -> None:
    """Append the readings of a series to another one, with the levels of days that went."""
    rows = all_versions(server, Chosen([key]), flux.ALWAYS)
    taken = {at // DAY_US for at in newest(server, Chosen([heir]), flux.ALWAYS).valid.tolist()}
    taken |= days_of_series(server, heir).keys()
    columns = ReadingColumns(
        array("q", rows.valid.tobytes()),
        array("d", rows.values.tobytes()),
        array("B", rows.quality.tobytes()),
        array("q", rows.known.tobytes()),
    )
    readings.take_over([(heir, columns)])
    days = {day: facts for day, facts in days_of_series(server, key).items() if day not in taken}
    hours = hours_of_series(server, key)
    moved = [day_line(heir, day, facts) for day, facts in days.items()]
    cells = zip(*(column.tolist() for column in (*hours.cells, hours.known)), strict=True)
    for _, at_us, *cell, known_us in cells:
        if at_us // DAY_US in days:
            moved.append(hour_line(heir, at_us, cell, known_us))
    if moved:
        send_all(server, [*series.kept_lines(series.READINGS, [heir]), *moved])
