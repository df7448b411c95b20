"""Raw readings of many series at once: what every meter below this transformer reported.

A question is three calls to the store, however many series there are: which there are, what range
exists, their readings; two more when it is not known yet how often some of them are read. Elements
with the quantity from several sources (phases, a virtual meter) have a series for each.

Series come page by page, in the order the elements were asked. A page holds `MOST_ANSWERED`
readings at most, and no more series are read for it than are expected to have `MOST_READ`; it ends
early there, after one series at least, and `truncated` says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Final, NamedTuple

from graph_service.domain.readings import ReadingColumns, SeriesKey, Window
from graph_service.domain.tables import QuantityRow
from graph_service.ports.timeline_store import TimelineStore
from graph_service.services.rhythms import Rhythms
from graph_service.services.series_answers import ReadingsAnswer, check_points, thin_readings

MOST_READ: Final = 2_000_000
MOST_ANSWERED: Final = 200_000
_USUAL_US: Final = 900_000_000
"""A quarter of an hour, where nothing tells how often a series is read."""


class Place(NamedTuple):
    """Where a series stands in a list: its name, and its number, should the name be gone."""

    name: str
    number: int


@dataclass(frozen=True, slots=True)
class SeriesReadings:
    """The readings of one series of an element (`model_set/mRID`)."""

    element: str
    place: Place
    answer: ReadingsAnswer


@dataclass(frozen=True, slots=True)
class ManyReadings:
    """A page of series with their readings.

    Attributes:
        unit: The unit of the values, such as `Wh`.
        series: In the order the elements were asked, then by source; without readings where
            there are none in the window.
        total: How many series there are in all.
        member_count: How many elements were asked.
        available_range: First valid time and the end (exclusive) of all that they have of this
            quantity, whatever was asked; None when they have nothing.
        truncated: True where the page ended at its limit.
        more: True where series follow behind the page.
    """

    unit: str
    series: list[SeriesReadings]
    total: int
    member_count: int
    available_range: tuple[int, int] | None
    truncated: bool
    more: bool


@dataclass(frozen=True, slots=True)
class ManyQuestion:
    """What is asked: elements as `model_set/mRID`, each counts once; `first` series at most."""

    elements: Sequence[str]
    quantity: QuantityRow
    window: Window
    known_us: int | None
    max_points: int | None
    first: int
    after: Place | None


def read_many(store: TimelineStore, rhythms: Rhythms, asked: ManyQuestion) -> ManyReadings:
    """A page of the series that the elements have of a quantity.

    Raises:
        InvalidCall: fewer points are asked than a line can be drawn with.
    """
    check_points(asked.max_points)
    members = list(dict.fromkeys(asked.elements))
    keys = _in_order(store.series(members, asked.quantity.name), members)
    available = store.available(keys) if keys else None
    begin = _behind(asked.after, keys)
    page = keys[begin : begin + asked.first]
    chosen = _affordable(page, rhythms, asked.window, available)
    columns = store.read(chosen, asked.window, asked.known_us) if chosen else []
    found = [
        SeriesReadings(key.element, Place(_name(key), begin + at), _thin(asked, key, column))
        for at, (key, column) in enumerate(zip(chosen, columns, strict=True))
    ]
    kept, cut = _cut(found)
    return ManyReadings(
        unit=asked.quantity.unit,
        series=kept,
        total=len(keys),
        member_count=len(members),
        available_range=available,
        truncated=cut or len(chosen) < len(page),
        more=begin + len(kept) < len(keys),
    )


def _in_order(keys: Sequence[SeriesKey], elements: Sequence[str]) -> list[SeriesKey]:
    by_element: dict[str, list[SeriesKey]] = defaultdict(list)
    for key in keys:
        by_element[key.element].append(key)
    return [key for element in elements for key in by_element.get(element, ())]


def _name(key: SeriesKey) -> str:
    return f"{key.element} {key.source}"


def _behind(after: Place | None, keys: Sequence[SeriesKey]) -> int:
    """Where the series behind a place begin."""
    if after is None:
        return 0
    named = (at for at, key in enumerate(keys) if _name(key) == after.name)
    return next(named, after.number) + 1


def _affordable(
    keys: Sequence[SeriesKey],
    rhythms: Rhythms,
    window: Window,
    available: tuple[int, int] | None,
) -> Sequence[SeriesKey]:
    """The first series, one at least, that are expected to have `MOST_READ` readings together."""
    if available is None:
        return []
    span_us = min(window.stop_us, available[1]) - max(window.start_us, available[0])
    if span_us <= 0:
        return keys  # there is nothing to read
    due = [span_us // (every_us or _USUAL_US) + 1 for every_us, _ in rhythms.of(keys)]
    fitting = sum(total <= MOST_READ for total in accumulate(due))
    return keys[: max(fitting, 1)]


def _thin(asked: ManyQuestion, key: SeriesKey, columns: ReadingColumns) -> ReadingsAnswer:
    whole = ReadingsAnswer(asked.quantity.unit, key.source, columns, None)
    return thin_readings(whole, asked.max_points)


def _cut(found: Sequence[SeriesReadings]) -> tuple[list[SeriesReadings], bool]:
    """The first series that fit into an answer; a first one that does not is cut itself."""
    lengths = accumulate(len(one.answer.readings) for one in found)
    fitting = sum(total <= MOST_ANSWERED for total in lengths)
    if found and not fitting:
        return [_first(found[0])], True
    return list(found[:fitting]), fitting < len(found)


def _first(one: SeriesReadings) -> SeriesReadings:
    whole, some = one.answer.readings, slice(MOST_ANSWERED)
    columns = ReadingColumns(
        whole.valid_us[some], whole.values[some], whole.quality[some], whole.known_us[some]
    )
    return replace(one, answer=replace(one.answer, readings=columns))
