"""One question about loads over one network: read once, said once, cut for each element."""

from __future__ import annotations

from array import array
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.bundle.file import Bundle
from gnn.calibration.rolling import Rolling
from gnn.features.grid import LEVELS, Grid
from gnn.features.hours import HISTORY_H, HOUR_US, Hours, whole_hour
from gnn.features.loads import LoadFrame, load_frame
from gnn.models.cores import ONE_THREAD
from gnn.predict.facts import model_facts
from gnn.predict.ladder import Said, at_quantiles, climb
from gnn.predict.replay import replay
from graph_service.domain.forecasts import Forecast
from graph_service.domain.readings import SeriesKey
from graph_service.ports.predictor import QUANTITY, LoadForecast, LoadQuestion

_DAY_H: Final = 24
_WEEK_H: Final = 168


class Answer:
    """One question over one grid: read once, said once, cut for each element.

    Args:
        bundle: Who answers.
        grid: The places.
        lately: What was known of the `LOOKED_BACK_H` hours before the issue.
        question: The horizon and the quantiles; whose elements does not matter.
    """

    def __init__(self, bundle: Bundle, grid: Grid, lately: Hours, question: LoadQuestion):
        self.bundle, self.grid, self.question = bundle, grid, question
        self.lately, self.hours = lately, lately.last(HISTORY_H)
        self.horizons = np.arange(1, question.hours + 1) if question.hours else np.zeros(1, int)
        self._read: dict[int, NDArray[np.bool_]] = {}

    @cached_property
    def frame(self) -> LoadFrame | None:
        """Features and estimates of all places; None where nothing was read."""
        with ONE_THREAD:
            return load_frame(self.grid, self.hours, self.horizons.tolist())

    @cached_property
    def rolling(self) -> Rolling | None:
        """What a replay of the last days says of the bands; None where it says nothing."""
        return replay(self.bundle, self.grid, self.lately)

    @cached_property
    def said(self) -> Said:
        """What is said of all places."""
        with ONE_THREAD:
            return climb(self.bundle, self.grid, self.frame, self.horizons, self.rolling)

    @cached_property
    def valid_us(self) -> array[int]:
        """Begin of each hour asked."""
        begin = whole_hour(self.question.issued_us) - HOUR_US
        return array("q", [begin + HOUR_US * int(horizon) for horizon in self.horizons])

    def of(self, element: str, place: int) -> LoadForecast:
        """What is said of an element that is a place of the grid."""
        name, level = self.said.names[place], LEVELS[int(self.grid.levels[place])]
        loads = at_quantiles(self.said.loads[place], self.question.quantiles)
        forecast = Forecast(
            SeriesKey(element, QUANTITY, name),
            self.question.issued_us,
            self.valid_us,
            self.question.quantiles,
            tuple(array("d", column) for column in loads.T.tolist()),
        )
        members = slice(int(self.grid.begins[place]), int(self.grid.ends[place]))
        return LoadForecast(
            element=element,
            forecast=forecast,
            level=level,
            rung=self.said.rungs[place],
            model=model_facts(self.bundle.manifest, name, level),
            missing=self.missing(place, members),
            reason=self.said.reasons[place],
            customers=members.stop - members.start,
            metered=int(self.read_within(_WEEK_H)[members].sum()),
        )

    def missing(self, place: int, members: slice) -> tuple[str, ...]:
        """Inputs that were not there, in words."""
        found = []
        every = members.stop - members.start
        silent = every - int(self.read_within(_DAY_H)[members].sum())
        if silent:
            found.append(f"{silent} of {every} customers were not read in the last day")
        gaps = self.gaps[int(self.grid.networks[place])]
        if gaps:
            found.append(f"nothing was read in {gaps} of {self.hours.count} hours looked back on")
        if not self.measured_above[place]:
            found.append("no place at or above is measured")
        if not self.grid.radial[place]:
            found.append("the place lies in a loop, what hangs below it in a tree was taken")
        return tuple(found)

    def read_within(self, hours: int) -> NDArray[np.bool_]:
        """Which customers were read in the last hours, bool[m]."""
        if hours not in self._read:
            self._read[hours] = _any_of_row(self.hours.watts[:, -hours:])
        return self._read[hours]

    @cached_property
    def gaps(self) -> tuple[int, ...]:
        """In how many hours nothing at all was read, by connected network."""
        there = np.isfinite(self.hours.watts)
        bounds = pairwise(self.grid.bounds.tolist())
        return tuple(int((~there[first:stop].any(axis=0)).sum()) for first, stop in bounds)

    @cached_property
    def measured_above(self) -> tuple[bool, ...]:
        """Whether a place at or above each place was measured in the last day."""
        found: list[bool] = _any_of_row(self.hours.heads[:, -_DAY_H:]).tolist()
        for place, parent in enumerate(self.grid.parents.tolist()):  # parents come first
            found[place] = found[place] or (parent >= 0 and found[parent])
        return tuple(found)


def _any_of_row(watts: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether anything is known in each row."""
    found: NDArray[np.bool_] = np.any(np.isfinite(watts), axis=1)
    return found
