"""What was said and what came: forecasts of a place beside the load that was measured there.

For each hour the newest issue counts that was made so long before it as is asked (`lead`). The load
measured is the sum of the readings of all usage points below, energy taken less energy given, or
power where there is none; an hour counts only where every one of them was read in it.

Limits: what lies below is taken from the present switching state, of a container below all that is
in it; hours are those of UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import nan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph_service.domain.access import Scope
from graph_service.domain.elements import Element
from graph_service.domain.errors import InvalidCall
from graph_service.domain.forecasts import Forecast
from graph_service.domain.readings import Aggregate, IntervalQuality, Window
from graph_service.domain.traces import TraceKind
from graph_service.ports.predictor import LONGEST_HOURS, QUANTITY
from graph_service.ports.timeline_store import TimelineStore
from graph_service.services.forecast_rights import ForecastRights
from graph_service.services.network import Network
from graph_service.services.predictions import HOUR_US, NOT_ALL_SEEN, check_quantiles
from graph_service.services.timelines import Timelines
from graph_service.services.traces import TraceQuestion
from graph_service.topology.containment import with_contents

MOST_HOURS: Final = 24 * 366
_LOW, _HIGH = 0.1, 0.9
_WHOLE: Final = (IntervalQuality.GOOD, IntervalQuality.ESTIMATED)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Backtest:
    """Forecasts beside the load, hour by hour.

    Attributes:
        starts_us: Begin of each hour, int64[hours].
        issued_us: When what was said of it was issued, 0 where nothing was, int64[hours].
        sources: Which models said it, by name.
        quantiles: Ascending.
        said: W, float64[quantiles, hours]; NaN where nothing was said.
        measured: W, float64[hours]; NaN where not every usage point was read.
        reason: Why nothing is told; empty where it is.
    """

    starts_us: NDArray[np.int64]
    issued_us: NDArray[np.int64]
    sources: tuple[str, ...]
    quantiles: tuple[float, ...]
    said: Floats
    measured: Floats
    reason: str = ""

    @property
    def compared(self) -> int:
        """How many hours have both."""
        return int(self._both().sum())

    @property
    def pinball(self) -> float | None:
        """Mean pinball loss over quantiles and hours compared, W (Koenker and Bassett, 1978)."""
        both = self._both()
        if not both.any():
            return None
        error = self.measured[both] - self.said[:, both]
        share = np.array(self.quantiles)[:, None]
        return float(np.maximum(share * error, (share - 1) * error).mean())

    @property
    def mean_load(self) -> float | None:
        """Mean of the load measured over the hours compared, W."""
        both = self._both()
        return float(self.measured[both].mean()) if both.any() else None

    @property
    def coverage_80(self) -> float | None:
        """Share of the hours compared within the quantiles 0.1 and 0.9; None without these."""
        both = self._both()
        if not both.any() or not {_LOW, _HIGH} <= set(self.quantiles):
            return None
        low, high = (self.said[self.quantiles.index(q), both] for q in (_LOW, _HIGH))
        came = self.measured[both]
        return float(((low <= came) & (came <= high)).mean())

    def _both(self) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = np.isfinite(self.measured) & np.isfinite(self.said[0])
        return found


@dataclass(frozen=True, slots=True)
class BacktestQuestion:
    """What is compared.

    Attributes:
        window: Whole hours of it are compared.
        quantiles: Ascending; only issues that have all of them count.
        lead_us: How long before the hour it must have been issued at least.
        known_at: Readings as they were known then; None for now.
    """

    window: Window
    quantiles: tuple[float, ...]
    lead_us: int = 0
    known_at: datetime | None = None


class Backtests:
    """Compares what was said with what came."""

    def __init__(
        self, store: TimelineStore, timelines: Timelines, network: Network, rights: ForecastRights
    ) -> None:
        self._store = store
        self._timelines = timelines
        self._network = network
        self._rights = rights

    def backtest(self, element: Element, asked: BacktestQuestion, scope: Scope) -> Backtest:
        """The forecasts of an element beside its load.

        Raises:
            InvalidCall: no hours, too many of them, or quantiles that are none.
            StoreError: the stores cannot be read.
        """
        starts_us = _hours(asked.window)
        check_quantiles(asked.quantiles)
        if not self._rights.may_see(element, scope):
            return _empty(asked.quantiles, NOT_ALL_SEEN)
        said, issued_us, sources = self._said(str(element.key), starts_us, asked)
        measured = self._measured(element, starts_us, asked, scope)
        return Backtest(starts_us, issued_us, sources, asked.quantiles, said, measured)

    def _said(
        self, element: str, starts_us: NDArray[np.int64], asked: BacktestQuestion
    ) -> tuple[Floats, NDArray[np.int64], tuple[str, ...]]:
        said = np.full((len(asked.quantiles), len(starts_us)), nan)
        issued_us, sources = np.zeros(len(starts_us), dtype=np.int64), set()
        for one in self._issues(element, starts_us, asked):
            times = np.array(one.valid_us, dtype=np.int64)
            at = np.searchsorted(starts_us, times)
            kept = (times >= starts_us[0]) & (times <= starts_us[-1])
            kept &= times >= one.issued_us - one.issued_us % HOUR_US + asked.lead_us
            rows = [one.quantiles.index(quantile) for quantile in asked.quantiles]
            said[:, at[kept]] = np.array([one.values[row] for row in rows])[:, kept]
            issued_us[at[kept]] = one.issued_us
            sources |= {one.key.source} if kept.any() else set()
        return said, issued_us, tuple(sorted(sources))

    def _issues(
        self, element: str, starts_us: NDArray[np.int64], asked: BacktestQuestion
    ) -> list[Forecast]:
        """Issues that may speak of these hours, the oldest first."""
        keys = self._store.forecast_series([element], QUANTITY)
        first = int(starts_us[0]) - (LONGEST_HOURS + 1) * HOUR_US
        found = self._store.forecast_history(keys, Window(first, int(starts_us[-1]) + HOUR_US))
        fitting = [one for one in found if set(asked.quantiles) <= set(one.quantiles)]
        return sorted(fitting, key=lambda one: one.issued_us)

    def _measured(
        self,
        element: Element,
        starts_us: NDArray[np.int64],
        asked: BacktestQuestion,
        scope: Scope,
    ) -> Floats:
        points = self._points(element, scope)
        window = Window(int(starts_us[0]), int(starts_us[-1]) + HOUR_US)
        taken = self._sum(points, "ENERGY_IN", Aggregate.SUM, window, asked.known_at)
        given = self._sum(points, "ENERGY_OUT", Aggregate.SUM, window, asked.known_at, part=True)
        power = self._sum(points, "P", Aggregate.MEAN, window, asked.known_at)
        energy = taken - np.where(np.isfinite(given), given, 0.0)
        return np.where(np.isfinite(energy), energy, power)

    def _points(self, element: Element, scope: Scope) -> list[str]:
        """The usage points that are supplied through an element, or through what lies in it."""
        projection = self._network.projection()
        numbers = projection.numbers[with_contents(projection, element.number)].tolist()
        question = TraceQuestion(TraceKind.DOWNSTREAM)
        found = self._network.trace(numbers, question, scope, projection)
        return [str(key) for key in self._network.keys(found.numbers_of("UsagePoint").tolist())]

    def _sum(
        self,
        points: Sequence[str],
        quantity: str,
        aggregate: Aggregate,
        window: Window,
        known_at: datetime | None,
        *,
        part: bool = False,
    ) -> Floats:
        """By hour; NaN where not every point, or with `part` none of them, was read."""
        found = self._timelines.series_sum(points, quantity, window, "PT1H", aggregate, known_at)
        all_there = part or found.reporting_count == len(points)
        return np.array(
            [
                value if value is not None and all_there and (part or quality in _WHOLE) else nan
                for value, quality in zip(found.values, found.quality, strict=True)
            ]
        )


def _hours(window: Window) -> NDArray[np.int64]:
    first = -(-window.start_us // HOUR_US)
    stop = window.stop_us // HOUR_US
    if not 0 < stop - first <= MOST_HOURS:
        raise InvalidCall(
            f"{max(stop - first, 0)} hours were asked to be compared",
            hint=f"give a window of 1 to {MOST_HOURS:,} whole hours",
        )
    return np.arange(first, stop, dtype=np.int64) * HOUR_US


def _empty(quantiles: tuple[float, ...], reason: str) -> Backtest:
    none, hours = np.zeros(0), np.zeros(0, dtype=np.int64)
    return Backtest(hours, hours, (), quantiles, np.zeros((len(quantiles), 0)), none, reason)
