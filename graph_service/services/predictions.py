"""Forecasts of loads: issued now and then, kept as data, answered from what was said.

The predictor is whatever is installed (`ports.predictor`); it is opened when first needed. A run
asks it for every transformer and feeder and keeps what it says, numbers in the timeline and facts
in the records; a later issue never erases an earlier one. A question is answered from the newest
issue known at its time that covers it, otherwise the predictor is asked and nothing is written.

Limits: active power by the hour, 48 hours ahead at most.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

from graph_service.domain.access import Scope
from graph_service.domain.elements import Element
from graph_service.domain.errors import GridStrataError, InvalidCall
from graph_service.domain.readings import MICROSECONDS_PER_HOUR, SeriesKey, Window, from_us, to_us
from graph_service.ports.predictor import (
    LOAD,
    LONGEST_HOURS,
    QUANTITY,
    LoadForecast,
    LoadPredictor,
    LoadQuestion,
    Rung,
)
from graph_service.ports.record_store import RecordStore
from graph_service.ports.timeline_store import TimelineStore
from graph_service.services.chronicle import Chronicle
from graph_service.services.forecast_facts import ForecastFacts, Issue, with_numbers
from graph_service.services.forecast_rights import ForecastRights
from graph_service.services.opened import Opened
from graph_service.services.regularly import regularly

QUANTILES: Final = (0.1, 0.5, 0.9)
MOST_QUANTILES: Final = 20
HOUR_US: Final = MICROSECONDS_PER_HOUR
RUNS: Final = "forecast_runs"
LAST: Final = "last"
NOT_ALL_SEEN: Final = (
    "the forecast is made of readings of everything that is connected here, and not all of that "
    "may be seen by who asks"
)
_LOOKED_AT_EVERY_S: Final = 60.0

log = logging.getLogger("gridstrata.predictions")


@dataclass(frozen=True, slots=True)
class ForecastQuestion:
    """What a forecast is asked for.

    Attributes:
        hours: 0 for the last whole hour, otherwise how many hours ahead.
        quantiles: Ascending, each within (0, 1).
        at: The time it is asked from.
        known_at: What was known then; None for `at`.
    """

    hours: int
    quantiles: tuple[float, ...]
    at: datetime
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """What was issued at one time.

    Attributes:
        issued_at: When.
        answers: Of every transformer and feeder.
        new: How many of them were not there yet.
    """

    issued_at: datetime
    answers: list[LoadForecast]
    new: int


class Predictions:
    """Issues forecasts and answers questions about them.

    Args:
        find: opens the predictor, or says with an error why there is none.
        timeline: where the numbers are.
        records: where the facts are.
        chronicle: writes down what was issued.
        rights: who may be told.
        clock: what time it is, aware.
    """

    def __init__(
        self,
        find: Callable[[], LoadPredictor],
        timeline: TimelineStore,
        records: RecordStore,
        chronicle: Chronicle,
        rights: ForecastRights,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._timeline = timeline
        self._records = records
        self._chronicle = chronicle
        self._rights = rights
        self._clock = clock
        self._facts = ForecastFacts(records)
        self.predictor = Opened(LOAD, find)
        self._every_us = 0

    def run(
        self,
        issued_at: datetime | None = None,
        hours: int = LONGEST_HOURS,
        quantiles: Sequence[float] = QUANTILES,
        known_at: datetime | None = None,
    ) -> Run:
        """Ask for every transformer and feeder, and keep what is said.

        Args:
            issued_at: the time it is asked from; None for now.
            hours: 0 for the load now, otherwise how many hours ahead.
            quantiles: which ones.
            known_at: look at what was known then; None for `issued_at`.

        Raises:
            InvalidCall: no predictor is installed, or horizon or quantiles are none.
            GridStrataError: the predictor cannot be opened, as it says.
            StoreError: the stores cannot be read or written.
        """
        at = issued_at or self._clock()
        question = _checked(ForecastQuestion(hours, tuple(quantiles), at, known_at))
        answers = self.predictor.get().loads(_asked((), question))
        new = self._chronicle.issued([one.forecast for one in answers if one.forecast is not None])
        self._facts.put(answers)
        return Run(at, answers, new)

    def run_when_due(self, every_us: int) -> Run | None:
        """Issue what is due: once in every stretch of time, whoever of several processes asks.

        Returns:
            None where it was not due.
        """
        now_us = to_us(self._clock())
        due_us = now_us - now_us % every_us
        with self._records.alone("predict"):
            [last] = self._records.get(RUNS, [LAST])
            if last is not None and last["issued"] >= due_us:
                return None
            made = self.run(from_us(due_us))
            self._records.put(RUNS, [(LAST, {"issued": due_us})])
            return made

    @contextmanager
    def regularly(self, every_us: int) -> Iterator[None]:
        """Issue forecasts again and again while the block lasts; 0 for never."""
        if not every_us:
            yield
            return
        self._every_us = every_us
        with regularly(lambda: self._run_or_tell(every_us), _LOOKED_AT_EVERY_S):
            yield

    def forecast(self, element: Element, question: ForecastQuestion, scope: Scope) -> LoadForecast:
        """What was said of the load supplied through an element, otherwise what is said now.

        Where there is nothing to say the answer stands on the rung NOTHING and tells the reason.

        Raises:
            InvalidCall: horizon or quantiles are none.
            StoreError: the stores cannot be read.
        """
        _checked(question)
        key = str(element.key)
        if not self._rights.may_see(element, scope):
            return _nothing(key, NOT_ALL_SEEN)
        return self._stored(key, question) or self._said_now(key, question)

    def forecasts(self, elements: Sequence[str], question: ForecastQuestion) -> list[LoadForecast]:
        """What `forecast` says of each of several elements, for a caller who may be told.

        What was not issued is one question to the predictor.

        Raises:
            InvalidCall: horizon or quantiles are none.
            StoreError: the stores cannot be read.
        """
        _checked(question)
        stored = {key: self._stored(key, question) for key in dict.fromkeys(elements)}
        others = tuple(key for key, said in stored.items() if said is None)
        told = {key: said for key, said in stored.items() if said is not None}
        if others:
            told |= dict(zip(others, self._all_said_now(others, question), strict=True))
        return [told[key] for key in elements]

    def next_issue_us(self, at: datetime) -> int | None:
        """When forecasts are issued again after a time; None where that is not on a schedule."""
        every_us = self._every_us
        return (to_us(at) // every_us + 1) * every_us if every_us else None

    def _stored(self, element: str, question: ForecastQuestion) -> LoadForecast | None:
        window = _window(question)
        for issue in self._facts.issues(element, QUANTITY, to_us(question.at)):
            if _covers(issue, window, question.quantiles):
                key = SeriesKey(element, QUANTITY, issue.source)
                [found] = self._timeline.forecasts([key], window, issue.issued_us)
                if found is not None and found.issued_us == issue.issued_us:
                    return with_numbers(issue, found, question.quantiles)
        return None

    def _said_now(self, element: str, question: ForecastQuestion) -> LoadForecast:
        return self._all_said_now((element,), question)[0]

    def _all_said_now(
        self, elements: tuple[str, ...], question: ForecastQuestion
    ) -> list[LoadForecast]:
        try:
            predictor = self.predictor.get()
        except GridStrataError as error:
            return [_nothing(element, error.message) for element in elements]
        return predictor.loads(_asked(elements, question))

    def _run_or_tell(self, every_us: int) -> None:
        try:
            self.run_when_due(every_us)
        except GridStrataError as error:
            log.warning("no forecasts were issued: %s", error.message)


def check_quantiles(given: Sequence[float]) -> None:
    """See to it that these are quantiles.

    Raises:
        InvalidCall: there are none, too many, or they do not ascend within 0 and 1.
    """
    ascending = all(a < b for a, b in pairwise(given))
    if not (0 < len(given) <= MOST_QUANTILES and ascending and given[0] > 0 and given[-1] < 1):
        raise InvalidCall(
            f"{list(given)} are no quantiles",
            subject="quantiles",
            hint=f"give up to {MOST_QUANTILES} ascending numbers within 0 and 1: 0.1, 0.5, 0.9",
        )


def _checked(question: ForecastQuestion) -> ForecastQuestion:
    if not 0 <= question.hours <= LONGEST_HOURS:
        raise InvalidCall(
            f"loads {question.hours} hours ahead were asked",
            subject=str(question.hours),
            hint=f"give 0 hours for the load now, or 1 to {LONGEST_HOURS}",
        )
    check_quantiles(question.quantiles)
    return question


def _asked(elements: tuple[str, ...], question: ForecastQuestion) -> LoadQuestion:
    known_us = None if question.known_at is None else to_us(question.known_at)
    return LoadQuestion(elements, to_us(question.at), question.hours, question.quantiles, known_us)


def _window(question: ForecastQuestion) -> Window:
    """The hours asked: the one that `at` lies in and those after it, or the last whole one."""
    at_us = to_us(question.at)
    begin = at_us - at_us % HOUR_US
    if not question.hours:
        return Window(begin - HOUR_US, begin)
    return Window(begin, begin + question.hours * HOUR_US)


def _covers(issue: Issue, window: Window, quantiles: tuple[float, ...]) -> bool:
    return (
        issue.start_us <= window.start_us
        and window.stop_us <= issue.last_us + HOUR_US
        and set(quantiles) <= set(issue.quantiles)
    )


def _nothing(element: str, reason: str) -> LoadForecast:
    return LoadForecast(element, None, None, Rung.NOTHING, None, reason=reason)
