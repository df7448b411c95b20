"""Forecasts in InfluxDB: every issue of a series is one point, at the time it was issued.

    forecasts         `first_us`, `last_us`; and as JSON `quantiles`, `valid_us`, and `values`, a
                      list a quantile
    forecast_series   see `series.py`

Guarantees: an issue is written in one step, and once: the same issue again replaces nothing. Values
come out to the bit as they went in.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any

from graph_service.adapters.influx import flux, series
from graph_service.adapters.influx.lines import series_head, tag, text_field
from graph_service.adapters.influx.refusals import send_all
from graph_service.adapters.influx.server import InfluxServer, Table
from graph_service.adapters.influx.tables import Chosen, runs, times_of
from graph_service.adapters.influx.turns import Turn
from graph_service.adapters.timeline.forecast_checks import checked
from graph_service.domain.forecasts import Forecast
from graph_service.domain.readings import SeriesKey, Window

_TEXTS = ("quantiles", "valid_us", "values")


class InfluxForecasts:
    """The forecasts of one bucket."""

    def __init__(self, server: InfluxServer, turn: Turn):
        self._server = server
        self._turn = turn

    def append(self, forecasts: Iterable[Forecast]) -> int:
        """Keep forecasts; gives how many issues were new.

        Raises:
            ValueError: a forecast whose columns do not fit together; nothing was kept.
        """
        good = [checked(forecast) for forecast in forecasts]
        if not good:
            return 0
        with self._turn.alone():
            issued = Window(min(f.issued_us for f in good), max(f.issued_us for f in good) + 1)
            there = set(self._issues([f.key for f in good], issued))
            new = {(f.key, f.issued_us): f for f in reversed(good)}
            new = {at: forecast for at, forecast in new.items() if at not in there}
            self._put(list(new.values()))
        return len(new)

    def _put(self, forecasts: Sequence[Forecast]) -> None:
        kept = series.kept_lines(series.FORECASTS, {forecast.key for forecast in forecasts})
        send_all(self._server, [*kept, *map(_line, forecasts)])

    def newest(
        self, keys: Sequence[SeriesKey], window: Window, known_us: int | None
    ) -> list[Forecast | None]:
        """The newest issue of each series known at `known_us` that speaks of the window."""
        until_us = flux.END_US if known_us is None else min(known_us + 1, flux.END_US)
        found: dict[SeriesKey, Forecast] = {}
        left = list(dict.fromkeys(keys))
        # mostly the last issue speaks of the window, else the one that does is looked for
        for last_only in (True, False):
            left = [key for key in left if key not in found]
            for some, _ in Chosen(left).lots(series.MOST_IN_A_CHOICE):
                for forecast in self._candidates(some, window, until_us, last_only=last_only):
                    if forecast.key not in found:
                        found[forecast.key] = forecast
        return [found.get(key) for key in keys]

    def history(self, keys: Sequence[SeriesKey], issued: Window) -> list[Forecast]:
        """Every issue of series within a window of issue times, whole."""
        found: dict[SeriesKey, list[Forecast]] = {}
        stretch = flux.stretch_of(issued)
        for some, _ in Chosen(keys).lots(series.MOST_IN_A_CHOICE):
            if stretch[0] < stretch[1]:
                for forecast in self._read(some, stretch):
                    found.setdefault(forecast.key, []).append(forecast)
        return [
            forecast
            for key in keys
            for forecast in sorted(found.get(key, ()), key=lambda one: one.issued_us)
        ]

    def issues(self, key: SeriesKey, window: Window) -> list[int]:
        """When forecasts of a series were issued, ascending."""
        return sorted(issued_us for _, issued_us in self._issues([key], window))

    def series(self, elements: Sequence[str], quantity: str | None) -> list[SeriesKey]:
        """The forecast series these elements have, ordered by element, quantity, source."""
        return series.found(self._server, series.FORECASTS, elements, quantity)

    def rename(self, old: str, new: str) -> int:
        """Give copies of all forecasts of one element to another, where that has none of the issue.

        What the old one has stays; whoever asks takes it away.
        """
        keys = self.series([old], None)
        always = Window(flux.FIRST_US, flux.END_US)
        with self._turn.alone():
            for key in keys:
                heir = key._replace(element=new)
                there = {issued_us for _, issued_us in self._issues([heir], always)}
                stretch = flux.stretch_of(always)
                moved = [f for f in self._read(Chosen([key]), stretch) if f.issued_us not in there]
                self._put([_given(forecast, heir) for forecast in moved])
                send_all(self._server, series.kept_lines(series.FORECASTS, [heir]))
        return len(keys)

    def forget(self, quantity: str, before_us: int, *, dry_run: bool = False) -> int:
        """Take issues of a quantity before a time away, and series that have none left."""
        until_us = max(flux.FIRST_US + 1, min(before_us, flux.END_US))
        stretch = flux.stretch_of(Window(flux.FIRST_US, until_us))
        wanted = flux.any_of([tag(quantity)])
        counted = self._server.ask(flux.count("forecasts", "last_us", stretch, quantity=wanted))
        gone = int(counted[0]["_value"][0]) if counted else 0
        if not dry_run:
            with self._turn.alone():
                of = f'_measurement="forecasts" AND quantity={flux.literal(tag(quantity))}'
                self._server.delete(of, stretch)
                self._take_empty_series(quantity)
        return gone

    def _take_empty_series(self, quantity: str) -> None:
        there: set[SeriesKey] = set()
        keys = series.every(self._server, series.FORECASTS, quantity)
        for some, _ in Chosen(keys).lots(series.MOST_IN_A_CHOICE):
            last = flux.ends(
                "last", ["last_us"], "forecasts", flux.stretch_of(flux.ALWAYS), **some.tags()
            )
            there |= {key for table in self._server.ask(last) for key, _ in _places(table, some)}
        gone = [key for key in keys if key not in there]
        send_all(self._server, series.kept_lines(series.FORECASTS, gone, kept=False))

    def _issues(self, keys: Sequence[SeriesKey], window: Window) -> list[tuple[SeriesKey, int]]:
        found = []
        stretch = flux.stretch_of(window)
        for some, _ in Chosen(keys).lots(series.MOST_IN_A_CHOICE):
            tables = self._server.ask(flux.rows(["last_us"], "forecasts", stretch, **some.tags()))
            found += [place for table in tables for place in _places(table, some)]
        return found

    def _candidates(
        self, chosen: Chosen, window: Window, until_us: int, *, last_only: bool
    ) -> list[Forecast]:
        """Issues cut to the window, the newest first."""
        stretch = (flux.FIRST_US * 1000, until_us * 1000)
        if stretch[0] >= stretch[1]:
            return []
        forecasts = self._read(chosen, stretch, last_only=last_only)
        cut = [_cut(forecast, window) for forecast in forecasts]
        return sorted((f for f in cut if f.valid_us), key=lambda f: -f.issued_us)

    def _read(
        self, chosen: Chosen, stretch: tuple[int, int], *, last_only: bool = False
    ) -> list[Forecast]:
        question = (
            flux.ends("last", _TEXTS, "forecasts", stretch, **chosen.tags())
            if last_only
            else flux.rows(_TEXTS, "forecasts", stretch, **chosen.tags())
        )
        texts: dict[tuple[SeriesKey, int], dict[str, str]] = {}
        for table in self._server.ask(question):
            for place, name, text in zip(
                _places(table, chosen, all_rows=True), table["_field"], table["_value"], strict=True
            ):
                texts.setdefault(place, {})[name] = text
        return [_forecast(*place, said) for place, said in texts.items() if place[1] is not None]


def _places(table: Table, chosen: Chosen, *, all_rows: bool = False) -> list[tuple[Any, Any]]:
    """Series and time of issue of each row; of series that are not chosen none, or (None, None)."""
    times = times_of(table["_time"]).tolist()
    places: list[tuple[Any, Any]] = []
    for first, stop in runs(table):
        at = chosen.place(table, first)
        if at >= 0:
            places += [(chosen.keys[at], issued_us) for issued_us in times[first:stop]]
        elif all_rows:
            places += [(None, None)] * (stop - first)
    return places


def _line(forecast: Forecast) -> str:
    times = forecast.valid_us
    quantiles, valid_us, values = (
        text_field(json.dumps(said))
        for said in (
            list(forecast.quantiles),
            times.tolist(),
            [column.tolist() for column in forecast.values],
        )
    )
    return (
        f"{series_head('forecasts', forecast.key)} first_us={times[0]}i,last_us={times[-1]}i,"
        f"quantiles={quantiles},valid_us={valid_us},values={values} {forecast.issued_us}000"
    )


def _forecast(key: SeriesKey, issued_us: int, said: dict[str, str]) -> Forecast:
    quantiles, valid_us, values = (json.loads(said[name]) for name in _TEXTS)
    return Forecast(
        key=key,
        issued_us=issued_us,
        valid_us=array("q", valid_us),
        quantiles=tuple(quantiles),
        values=tuple(array("d", column) for column in values),
    )


def _cut(forecast: Forecast, window: Window) -> Forecast:
    first, stop = (bisect_left(forecast.valid_us, at) for at in (window.start_us, window.stop_us))
    return Forecast(
        forecast.key,
        forecast.issued_us,
        forecast.valid_us[first:stop],
        forecast.quantiles,
        tuple(column[first:stop] for column in forecast.values),
    )


def _given(forecast: Forecast, key: SeriesKey) -> Forecast:
    return Forecast(key, forecast.issued_us, forecast.valid_us, forecast.quantiles, forecast.values)
