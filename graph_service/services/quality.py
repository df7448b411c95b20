"""How good are the data of these devices: complete, in time, valid; by day, in all, and the worst.

Every device of a question is in the answer, also one that never sent anything: its completeness is
0. How often a series is to be read is what was stated (`schedules`), else what its own readings
show, else what most others show. Figures over many devices are of added counts, and, beside them,
of counts that weigh what a reading stands for: the mean power of its series times its interval. A
device of which nothing is known weighs like the mean of the others.

Readings of all series are one call to the store, or one for each `VALUES_AT_ONCE` that are due.

Limits: devices times days are at most `MOST_CELLS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

import numpy as np

from graph_service.analysis.gaps import Gaps, longest
from graph_service.analysis.quality import Counts, Shares, by_device, shares
from graph_service.analysis.receipts import Floats, Ints, Versions, received
from graph_service.analysis.tabulation import Facts, Tabulation
from graph_service.domain import tables
from graph_service.domain.calendars import Intervals, cut
from graph_service.domain.errors import InvalidCall, UnknownQuantity
from graph_service.domain.readings import (
    MICROSECONDS_PER_DAY,
    ReadingColumns,
    SeriesKey,
    Window,
    to_us,
)
from graph_service.ports.timeline_store import TimelineStore
from graph_service.services.schedules import Schedules

MOST_CELLS: Final = 4_000_000
"""How many devices times days one answer may have."""

VALUES_AT_ONCE: Final = 2_000_000
"""For how many values that are due the store is asked at once."""

DEADLINE_US: Final = MICROSECONDS_PER_DAY
"""How long after its interval a reading is on time, where nothing else is asked."""

_A_DAY_HAS: Final = 96


@dataclass(frozen=True, slots=True)
class QualityQuestion:
    """What to judge, and how.

    Attributes:
        window: Which readings; nothing is due before it is over.
        zone: Whose days: the name of a time zone.
        quantity: Only series of this quantity; None for all that a device has.
        deadline_us: How long after the end of its interval a reading is on time.
        known_us: As it was known then; None for now.
    """

    window: Window
    zone: str = "UTC"
    quantity: str | None = None
    deadline_us: int = DEADLINE_US
    known_us: int | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts with their shares and longest gap, all of one shape: days, devices or nothing."""

    counts: Counts
    shares: Shares
    gaps: Gaps


@dataclass(frozen=True, slots=True)
class QualityAnswer:
    """How good the readings of some devices are.

    Attributes:
        days: Where each day begins, and how long it is.
        devices: `model_set/mRID` of each device, in the order asked, each once.
        by_day: Over all devices, shape (days,).
        weighted_by_day: The same by energy; None where no series is of energy.
        by_device: Over all days, shape (devices,).
        overall: Over all devices and days, shape ().
        weighted: The same by energy.
        gap_device: Whose the longest gap is; None where there is none.
        silent: How many devices have no reading at all in the window.
        worst: Indexes of `devices`, the least complete first, then by gap and name.
    """

    days: Intervals
    devices: tuple[str, ...]
    by_day: Figures
    weighted_by_day: Shares | None
    by_device: Figures
    overall: Figures
    weighted: Shares | None
    gap_device: str | None
    silent: int
    worst: Sequence[int]


class DataQuality:
    """Judges readings.

    Args:
        store: where they are.
        schedules: how often they are due.
        clock: what time it is, aware.
    """

    def __init__(
        self,
        store: TimelineStore,
        schedules: Schedules,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._schedules = schedules
        self._clock = clock

    def of_all(self, devices: Sequence[str], asked: QualityQuestion) -> QualityAnswer:
        """Judge the readings of some devices (`model_set/mRID`) together.

        Raises:
            BadZone, UnknownQuantity: the question is wrong.
            InvalidCall: it is about too many devices and days.
        """
        names = tuple(dict.fromkeys(devices))
        table = self._table(names, asked)
        return _answer(table, names, np.arange(len(table.device)), table.device)

    def of_each(self, devices: Sequence[str], asked: QualityQuestion) -> list[QualityAnswer]:
        """What `of_all` says of each device alone, in the order asked; as few calls.

        Raises:
            BadZone, UnknownQuantity, InvalidCall: see `of_all`.
        """
        names = tuple(dict.fromkeys(devices))
        table = self._table(names, asked)
        told = {}
        for at, name in enumerate(names):
            rows = np.flatnonzero(table.device == at)
            told[name] = _answer(table, (name,), rows, np.zeros(len(rows), np.int64))
        return [told[device] for device in devices]

    def _table(self, devices: tuple[str, ...], asked: QualityQuestion) -> _Table:
        days = _days(len(devices), asked)
        keys = self._store.series(devices, asked.quantity)
        place = {device: at for at, device in enumerate(devices)}
        of = np.array([place[key.element] for key in keys], np.int64)
        never = np.setdiff1d(np.arange(len(devices)), of)
        known_us = to_us(self._clock()) if asked.known_us is None else asked.known_us
        edges = np.array([*days.starts_us, days.stop_us], np.int64)
        facts = _facts(keys, self._schedules.intervals_us(keys), len(never), asked.quantity)
        counted = Tabulation(facts, edges, known_us, asked.deadline_us)
        for begin, readings in self._lots(keys, asked):
            counted.take(begin, len(readings), received(_flat(readings, known_us)))
        counted.finish()
        return _Table(days, np.concatenate([of, never]), counted, counted.weights())

    def _lots(
        self, keys: Sequence[SeriesKey], asked: QualityQuestion
    ) -> Iterator[tuple[int, list[ReadingColumns]]]:
        """The readings of some series after others, each with the place of its first series."""
        days = (asked.window.stop_us - asked.window.start_us) / MICROSECONDS_PER_DAY
        lot = max(1, int(VALUES_AT_ONCE / _A_DAY_HAS / max(days, 1)))
        for begin in range(0, len(keys), lot):
            yield begin, self._store.versions(keys[begin : begin + lot], asked.window)


class _Table(NamedTuple):
    """What was counted, a row a series; a device without series has a row that never came."""

    days: Intervals
    device: Ints
    counted: Tabulation
    weights: Floats | None


def _days(devices: int, asked: QualityQuestion) -> Intervals:
    if asked.quantity is not None and tables.quantity(asked.quantity) is None:
        raise UnknownQuantity(asked.quantity, [known.name for known in tables.quantities()])
    if asked.deadline_us < 0:
        raise InvalidCall("the deadline lies before the end of the interval")
    days = cut(asked.window, "P1D", asked.zone)
    if devices * len(days) > MOST_CELLS:
        raise InvalidCall(
            f"the quality of {devices:,} devices on {len(days):,} days was asked",
            hint=f"ask for a shorter window: devices times days are at most {MOST_CELLS:,}",
        )
    return days


def _facts(
    keys: Sequence[SeriesKey], stated: Sequence[int], never: int, quantity: str | None
) -> Facts:
    """What is known of the series, and of those that `never` devices do not have."""
    names = sorted({key.quantity for key in keys})
    group = [names.index(key.quantity) for key in keys] + [-1] * never
    energy = [_is_energy(key.quantity) for key in keys]
    energy += [quantity is None or _is_energy(quantity)] * never
    return Facts(
        np.array([*stated, *[0] * never], np.int64),
        np.array(group, np.int64),
        np.array(energy, np.bool_),
    )


def _is_energy(quantity: str) -> bool:
    row = tables.quantity(quantity)
    return row is not None and row.role == "energy"


def _flat(found: Sequence[ReadingColumns], known_us: int) -> Versions:
    """Versions known by a time, laid behind one another."""
    counts = np.array([len(columns) for columns in found], np.int64)
    flat = Versions(
        np.repeat(np.arange(len(found)), counts),
        np.frombuffer(b"".join([columns.valid_us for columns in found]), np.int64),
        np.frombuffer(b"".join([columns.known_us for columns in found]), np.int64),
        np.frombuffer(b"".join([columns.quality for columns in found]), np.uint8),
        np.frombuffer(b"".join([columns.values for columns in found]), np.float64),
    )
    return flat.take(flat.known_us <= known_us)


def _answer(table: _Table, devices: tuple[str, ...], rows: Ints, device: Ints) -> QualityAnswer:
    """Add up the rows of some devices; `device` says which of them each row is of."""
    counted = table.counted
    counts = counted.counts.take(rows)
    of_days = counts.added(0)
    of_devices = by_device(counts.added(1), device, len(devices))
    day_gaps = _longest_of_all(longest(_rows(counted.gaps, rows), device * 0, 1))
    device_gaps = longest(_rows(counted.whole_gaps, rows), device, len(devices))
    device_gaps = Gaps(*(column[:, 0] for column in device_gaps))
    weighted = None if table.weights is None else counts.times(table.weights[rows]).added(0)
    worst = _worst(devices, shares(of_devices), device_gaps)
    of_gap = int(device_gaps.length_us.argmax()) if devices else -1
    return QualityAnswer(
        days=table.days,
        devices=devices,
        by_day=Figures(of_days, shares(of_days), day_gaps),
        weighted_by_day=None if weighted is None else shares(weighted),
        by_device=Figures(of_devices, shares(of_devices), device_gaps),
        overall=_overall(of_days, device_gaps),
        weighted=None if weighted is None else shares(weighted.added(0)),
        gap_device=devices[of_gap] if device_gaps.length_us.any() else None,
        silent=int((of_devices.readings == 0).sum()),
        worst=worst,
    )


def _overall(of_days: Counts, device_gaps: Gaps) -> Figures:
    counts = of_days.added(0)
    everything = np.zeros(len(device_gaps.length_us), np.int64)
    columns = Gaps(*(column[:, None] for column in device_gaps))
    found = _longest_of_all(longest(columns, everything, 1))
    return Figures(counts, shares(counts), Gaps(*(column[0] for column in found)))


def _longest_of_all(found: Gaps) -> Gaps:
    """Of gaps of shape (1, days) those of shape (days,)."""
    return Gaps(*(column[0] for column in found))


def _rows(found: Gaps, rows: Ints) -> Gaps:
    return Gaps(*(column[rows] for column in found))


def _worst(devices: tuple[str, ...], found: Shares, device_gaps: Gaps) -> list[int]:
    """The least complete first, then by the longest gap, then by name; nothing due comes last."""
    by_name = np.argsort(np.argsort(np.array(devices, dtype=object)))
    completeness = np.nan_to_num(found.completeness, nan=np.inf)
    order: list[int] = np.lexsort((by_name, -device_gaps.length_us, completeness)).tolist()
    return order
