"""A timeline copied: readings with all versions, days that went, forecasts, events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from graph_service.domain.events import EventFilter
from graph_service.domain.readings import SeriesKey, Window, from_us
from graph_service.ports.exchange import Progress
from graph_service.ports.timeline_store import TimelineStore
from graph_service.services.copying.journal import Journal, Progressed
from graph_service.services.copying.pages import ALWAYS, count, elements, histories, stretches

_MOST_REASONS: Final = 20


class TimelineCopy:
    """The copy of one timeline into another; appending again what is there changes nothing.

    Attributes:
        refused: Why values or events were not taken, the first ones.
        refusals: How many were not taken.
    """

    def __init__(self, source: TimelineStore, target: TimelineStore, journal: Journal):
        self._source = source
        self._target = target
        self._journal = journal
        self.refused: list[str] = []
        self.refusals = 0

    def run(self, at: Progressed, tell: Progress) -> Progressed:
        """Copy what the journal does not say to be there; gives how far it is."""
        return self._events(self._series(at, tell), tell)

    def _series(self, at: Progressed, tell: Progress) -> Progressed:
        total = self._source.counts()[0]
        done = 0
        for names in elements(self._source, at.element):
            keys = self._source.series(names)
            self._readings(keys)
            gone = zip(keys, self._source.gone_days(keys), strict=True)
            self._target.put_gone_days(gone)
            models = self._source.forecast_series(names)
            self._target.append_forecasts(self._source.forecast_history(models, ALWAYS))
            at = self._journal.write(at, element=names[-1])
            done += len(keys)
            tell("series", done, max(total, done))
        return at

    def _readings(self, keys: Sequence[SeriesKey]) -> None:
        def read(window: Window) -> int:
            columns = self._source.versions(keys, window)
            result = self._target.append(
                [(key, one) for key, one in zip(keys, columns, strict=True) if one]
            )
            for key, valid_us, why in result.rejected:
                self._refuse(f"{key.element} {key.quantity} {from_us(valid_us).isoformat()}: {why}")
            return count(columns)

        for _ in stretches(self._source.available(keys), read, int):
            pass

    def _events(self, at: Progressed, tell: Progress) -> Progressed:
        if at.events_done:
            return at
        total = _count_events(self._source)
        done = 0
        for versions, end in histories(self._source, at.events or None):
            result = self._target.append_events(versions)
            for source, id, why in result.rejected:
                self._refuse(f"event {source}/{id}: {why}")
            done += len({(one.source, one.id) for one in versions})
            at = self._journal.write(at, events=end or "", events_done=end is None)
            tell("events", done, max(total, done))
        return at

    def _refuse(self, why: str) -> None:
        self.refusals += 1
        if len(self.refused) < _MOST_REASONS:
            self.refused.append(why)


def _count_events(timeline: TimelineStore) -> int:
    """How many events there are, for the bar."""
    extent = timeline.events_available(EventFilter())
    if extent is None:
        return 0
    counted = timeline.event_counts(EventFilter(), Window(*extent), extent[1] - extent[0])
    return sum(one.count for one in counted)
