"""Keeping: how long readings, forecasts and events stay, by quantity and by kind of event.

A rule says how long readings of a quantity, forecasts of one, or events of a kind, are kept; what
has no rule stays for ever. What is older goes in whole UTC days, once a day while a service runs
(`apply_when_due`) or by command; one process applies rules at a time. The hourly and daily
aggregates of readings stay, unless their rule says how long. A forecast is as old as its issue,
whatever times it speaks of.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from graph_service.domain import tables
from graph_service.domain.errors import BadResolution, InvalidCall
from graph_service.domain.readings import MICROSECONDS_PER_DAY, from_us, to_us
from graph_service.ports.record_store import RecordStore
from graph_service.ports.timeline_store import TimelineStore

RULES: Final = "retention"
RUNS: Final = "retention_runs"
LAST: Final = "last"
ONCE_A: Final = timedelta(days=1)

_KEEP: Final = re.compile(r"P([0-9]{1,5})([YMWD])")


@dataclass(frozen=True, slots=True)
class Rule:
    """How long something is kept.

    Attributes:
        name: A quantity, such as `ENERGY_IN`, or a kind of event, such as `MESSAGE`.
        keep: Years, months, weeks or days: `P3Y`, `P18M`, `P6W`, `P90D`.
        keep_levels: How long the aggregates of a quantity are kept; empty for ever.
        of_forecasts: Whether it is about forecasts of the quantity, not about its readings.
    """

    name: str
    keep: str
    keep_levels: str = ""
    of_forecasts: bool = False

    @property
    def is_of_events(self) -> bool:
        """Whether it is about events."""
        return tables.event_kind(self.name) is not None

    @property
    def about(self) -> str:
        """What it is about, such as `P` or `forecasts of P`; one rule each."""
        return f"forecasts of {self.name}" if self.of_forecasts else self.name


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule took away, or would take: all before a time.

    `levels_before` is the time before which the aggregates went, too; None where they stay.
    """

    rule: Rule
    before: datetime
    levels_before: datetime | None
    removed: int


class Keeping:
    """Keeps rules and applies them.

    Args:
        timeline: what they are about.
        records: where they are.
        clock: what time it is, aware.
    """

    def __init__(
        self,
        timeline: TimelineStore,
        records: RecordStore,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._timeline = timeline
        self._records = records
        self._clock = clock

    def state(self, rule: Rule) -> None:
        """Keep a rule, replacing that of the same name.

        Raises:
            InvalidCall: nothing is called so, events and forecasts have no aggregates, or these
                would go before the readings.
            BadResolution: it is no duration of years, months, weeks or days.
        """
        _check(rule, self._clock())
        said = {"name": rule.name, "keep": rule.keep, "levels": rule.keep_levels}
        self._records.put(RULES, [(rule.about, said | {"forecasts": rule.of_forecasts})])

    def remove(self, about: str) -> bool:
        """Forget a rule by what it is about, so that all stays; tells whether there was one."""
        return bool(self._records.delete(RULES, [about]))

    def rules(self) -> list[Rule]:
        """All rules, by what they are about."""
        most = 2 * len(tables.quantities()) + len(tables.event_kinds())
        return [_rule(about, record) for about, record in self._records.page(RULES, most)]

    def apply(self, *, dry_run: bool = False) -> list[Outcome]:
        """Take away what is older than its rule allows; gives what went, rule by rule.

        Args:
            dry_run: take nothing, only say what would go.

        Raises:
            StoreBusy: another process has been at it for half a minute.
            StoreError: it could not be written; what earlier rules took is gone.
        """
        if dry_run:
            return self._outcomes(self._clock(), dry_run=True)
        with self._records.alone(RUNS):
            return self._apply()

    def apply_when_due(self) -> list[Outcome] | None:
        """Apply the rules where that was last done a day ago or more; None where it was not due.

        Raises:
            StoreError: as `apply`.
        """
        if not self._is_due():
            return None
        with self._records.alone(RUNS):
            return self._apply() if self._is_due() else None

    def last_applied(self) -> datetime | None:
        """When the rules were applied last."""
        [record] = self._records.get(RUNS, [LAST])
        return None if record is None else datetime.fromisoformat(record["at"])

    def _is_due(self) -> bool:
        last = self.last_applied()
        return bool(self.rules()) and (last is None or self._clock() - last >= ONCE_A)

    def _apply(self) -> list[Outcome]:
        now = self._clock()
        outcomes = self._outcomes(now, dry_run=False)
        self._records.put(RUNS, [(LAST, _recorded(now, outcomes))])
        return outcomes

    def _outcomes(self, now: datetime, *, dry_run: bool) -> list[Outcome]:
        return [self._applied(rule, now, dry_run=dry_run) for rule in self.rules()]

    def _applied(self, rule: Rule, now: datetime, *, dry_run: bool) -> Outcome:
        before_us = _cutoff_us(rule.keep, now)
        if rule.is_of_events:
            kinds = frozenset({rule.name})
            gone = self._timeline.forget_events(kinds, before_us, dry_run=dry_run)
            return Outcome(rule, from_us(before_us), None, gone)
        if rule.of_forecasts:
            gone = self._timeline.forget_forecasts(rule.name, before_us, dry_run=dry_run)
            return Outcome(rule, from_us(before_us), None, gone)
        levels_us = _cutoff_us(rule.keep_levels, now) if rule.keep_levels else None
        gone = self._timeline.forget(rule.name, before_us, dry_run=dry_run)
        if levels_us is not None and not dry_run:
            gone += self._timeline.forget(rule.name, levels_us, levels=True)
        levels = None if levels_us is None else from_us(levels_us)
        return Outcome(rule, from_us(before_us), levels, gone)


def _check(rule: Rule, now: datetime) -> None:
    if tables.quantity(rule.name) is None and not rule.is_of_events:
        raise InvalidCall(
            f"'{rule.name}' is neither a quantity nor a kind of event",
            subject=rule.name,
            hint=f"one of {', '.join(_names())}",
        )
    kept_us = _cutoff_us(rule.keep, now)
    if rule.is_of_events and (rule.keep_levels or rule.of_forecasts):
        lacking = "forecasts" if rule.of_forecasts else "aggregates"
        raise InvalidCall(f"{rule.name} is a kind of event and has no {lacking}", subject=rule.name)
    if not rule.keep_levels:
        return
    if rule.of_forecasts:
        raise InvalidCall("forecasts have no aggregates", subject=rule.name)
    if _cutoff_us(rule.keep_levels, now) > kept_us:
        raise InvalidCall(
            f"aggregates for {rule.keep_levels} would go before the readings, kept {rule.keep}",
            subject=rule.keep_levels,
            hint="keep them at least as long as the readings",
        )


def _rule(about: str, record: Mapping[str, Any]) -> Rule:
    """A rule as it was written down; before there were rules of forecasts its name said it all."""
    name, of_forecasts = record.get("name", about), record.get("forecasts", False)
    return Rule(name, record["keep"], record["levels"], of_forecasts)


def _names() -> Iterable[str]:
    yield from (row.name for row in tables.quantities())
    yield from (row.name for row in tables.event_kinds())


def _cutoff_us(keep: str, now: datetime) -> int:
    """The midnight (UTC) before which things are older than `keep`."""
    found = _KEEP.fullmatch(keep)
    if found is None or not int(found[1]):
        raise BadResolution(keep)
    try:
        at_us = to_us(_earlier(now.astimezone(UTC), int(found[1]), found[2]))
    except (ValueError, OverflowError) as error:  # before the year 1
        raise BadResolution(keep) from error
    return at_us - at_us % MICROSECONDS_PER_DAY


def _earlier(now: datetime, count: int, unit: str) -> datetime:
    if unit in "WD":
        return now - timedelta(days=count * (7 if unit == "W" else 1))
    months = now.year * 12 + now.month - 1 - count * (12 if unit == "Y" else 1)
    year, month = divmod(months, 12)
    last = monthrange(year, month + 1)[1]
    return now.replace(year=year, month=month + 1, day=min(now.day, last))


def _recorded(now: datetime, outcomes: Iterable[Outcome]) -> dict[str, Any]:
    return {"at": now.isoformat(), "removed": {one.rule.about: one.removed for one in outcomes}}
