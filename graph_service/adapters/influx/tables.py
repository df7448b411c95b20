"""Answers of InfluxDB as flat arrays: which series, when, what; fields joined to rows.

InfluxDB answers field by field, each in tables of one series. Here they become `Rows`, as the
arithmetic of all timelines takes them.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph_service.adapters.influx import flux
from graph_service.adapters.influx.lines import tag
from graph_service.adapters.influx.server import Table
from graph_service.adapters.timeline.bits import Array, Ints
from graph_service.adapters.timeline.rows import Rows
from graph_service.domain.readings import SeriesKey

CURRENT = 1 << 30
"""The version that is newest, after all that are numbered."""


class Chosen:
    """Some series, each once, and where each stands among them.

    Attributes:
        keys: The series, in the order they were first named.
    """

    def __init__(self, keys: Iterable[SeriesKey]):
        self.keys = list(dict.fromkeys(keys))

    @classmethod
    def of_unique(cls, keys: Sequence[SeriesKey]) -> Chosen:
        """Series of which it is known that each is there once."""
        chosen = cls(())
        chosen.keys = list(keys)
        return chosen

    @cached_property
    def _places(self) -> dict[tuple[str, str, str], int]:
        return {_tags(key): at for at, key in enumerate(self.keys)}

    def tags(self) -> dict[str, str]:
        """The conditions that choose them, and those that share element, quantity and source."""
        columns = zip(*self._places, strict=True)
        names = ("element", "quantity", "source")
        return {name: flux.any_of(column) for name, column in zip(names, columns, strict=True)}

    def place(self, table: Table, row: int) -> int:
        """Where the series of a row stands; -1 where it is none of these."""
        return self._places.get(_tags_of(table, row), -1)

    def place_of(self, names: Mapping[str, str]) -> int:
        """Where the series with these tags stands; -1 where it is none of these."""
        return self._places.get((names["element"], names["quantity"], names["source"]), -1)

    def numbers(self, keys: Iterable[SeriesKey]) -> Ints:
        """Where each of these series, all of them chosen, stands."""
        places = {key: at for at, key in enumerate(self.keys)}
        return np.array([places[key] for key in keys], np.int64)

    def lots(self, most: int) -> Iterator[tuple[Chosen, Ints]]:
        """In pieces, with where each piece's series stand here."""
        for at in range(0, len(self.keys), most):
            some = Chosen(self.keys[at : at + most])
            yield some, np.arange(at, at + len(some.keys))

    def __len__(self) -> int:
        return len(self.keys)


def _tags(key: SeriesKey) -> tuple[str, str, str]:
    element, quantity, source = key
    return tag(element), tag(quantity), tag(source)


def _tags_of(table: Table, row: int) -> tuple[str, str, str]:
    return table["element"][row], table["quantity"][row], table["source"][row]


class Points(NamedTuple):
    """One field of points: five columns of equal length, by series, time and version."""

    series: Ints
    version: Ints
    at_us: Ints
    values: Array

    def take(self, order: Array) -> Points:
        """The points an index or mask chooses."""
        return Points(*(column[order] for column in self))


def fields_of(tables: Sequence[Table], chosen: Chosen, names: Mapping[str, type]) -> list[Points]:
    """The points of each field, sorted.

    Args:
        tables: an answer to `influx_flux.rows` or `influx_flux.ends`.
        chosen: the series that matter; others are left out.
        names: field → float or int.
    """
    pieces: dict[str, list[Points]] = {name: [] for name in names}
    for table in tables:
        for name, points in _by_field(table, chosen, names):
            pieces[name].append(points)
    return [_joined(pieces[name], kind) for name, kind in names.items()]


def rows_of(answer: Sequence[Mapping[str, Any]], chosen: Chosen) -> Rows:
    """The rows in an answer to `influxql.readings`, sorted; when they became known is not told."""
    places = [chosen.place_of(one["tags"]) for one in answer]
    found = sorted((place, one["values"]) for place, one in zip(places, answer, strict=True))
    kept = [(place, rows) for place, rows in found if place >= 0]
    flat = [row for _, rows in kept for row in rows if row[1] is not None]
    counts = [sum(row[1] is not None for row in rows) for _, rows in kept]
    series = np.repeat(np.array([place for place, _ in kept], np.int64), counts)
    valid = np.fromiter((row[0] for row in flat), np.int64, len(flat)) // 1000
    values = np.fromiter((row[1] for row in flat), np.float64, len(flat))
    quality = np.fromiter((row[2] or 0 for row in flat), np.uint8, len(flat))
    return Rows(series, valid, values, quality, np.zeros(len(flat), np.int64))


def runs(table: Table) -> Iterator[tuple[int, int]]:
    """Where each series of an answer begins and ends."""
    numbers = np.array(table["table"])
    new = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1])).tolist()
    yield from zip(new, [*new[1:], len(numbers)], strict=True)


def by_question(tables: Sequence[Table]) -> dict[str, list[Table]]:
    """The tables of each question that was asked `together` with others."""
    answers: dict[str, list[Table]] = defaultdict(list)
    for table in tables:
        names = table["result"]
        for name in dict.fromkeys(names):
            rows = [at for at, one in enumerate(names) if one == name]
            own = len(rows) == len(names)
            answers[name].append(table if own else table.take(rows))
    return answers


def times_of(texts: Sequence[str], unit: str = "us") -> Ints:
    """Times as the server writes them, as whole microseconds (or nanoseconds)."""
    times: Ints = np.array([text[:-1] for text in texts], f"datetime64[{unit}]").astype(np.int64)
    return times


def numbers_of(texts: Sequence[str], kind: type) -> Array:
    """Values of a field; `kind` is float or int."""
    if kind is float:
        return np.frombuffer(array("d", map(float, texts)), np.float64)
    return np.frombuffer(array("q", map(int, texts)), np.int64)


def _by_field(
    table: Table, chosen: Chosen, names: Mapping[str, type]
) -> Iterator[tuple[str, Points]]:
    """The points of each field in a table, in the order of its rows."""
    found = list(runs(table))
    firsts = [first for first, _ in found]
    counts = np.array([stop - first for first, stop in found])
    places = np.array([chosen.place(table, first) for first in firsts])
    fields = np.array([table["_field"][first] for first in firsts])
    versions = np.array([_version(table, first) for first in firsts])
    at_us = times_of(table["_time"])
    for name in names.keys() & set(fields.tolist()):
        own = (fields == name) & (places >= 0)
        rows = np.flatnonzero(np.repeat(own, counts))
        texts = table["_value"]
        if len(rows) < len(texts):
            texts = [texts[row] for row in rows.tolist()]
        yield (
            name,
            Points(
                np.repeat(places[own], counts[own]),
                np.repeat(versions[own], counts[own]),
                at_us[rows],
                numbers_of(texts, names[name]),
            ),
        )


def _version(table: Table, row: int) -> int:
    return int(table["version"][row] or CURRENT) if "version" in table.columns else CURRENT


def _joined(pieces: Sequence[Points], kind: type) -> Points:
    none = np.zeros(0, np.int64)
    whole = [Points(none, none, none, np.zeros(0, kind)), *pieces]
    points = Points(*(np.concatenate(columns) for columns in zip(*whole, strict=True)))
    return points.take(np.lexsort((points.version, points.at_us, points.series)))


def are_among(series: Ints, at: Ints, other_series: Ints, other_at: Ints) -> NDArray[np.bool_]:
    """Whether each pair of series and time is one of the others."""
    steps, place = np.unique(np.concatenate((at, other_at)), return_inverse=True)
    ranks = np.concatenate((series, other_series)) * len(steps) + place
    return np.isin(ranks[: len(series)], ranks[len(series) :])


def beside(points: Points, others: Points, absent: int) -> Array:
    """The value that others have for each of the points; `absent` where they have none."""
    if _are_same(points, others):
        return others.values
    found = np.full(len(points.series), absent, others.values.dtype)
    if len(others.series) and len(points.series):
        mine, theirs = _ranks(points, others)
        at = np.minimum(np.searchsorted(theirs, mine), len(theirs) - 1)
        has = theirs[at] == mine
        found[has] = others.values[at[has]]
    return found


def _are_same(points: Points, others: Points) -> bool:
    return all(
        np.array_equal(one, other) for one, other in zip(points[:3], others[:3], strict=True)
    )


def _ranks(points: Points, others: Points) -> tuple[Ints, Ints]:
    """One number for series, time and version, that orders both alike."""
    ranks = np.concatenate((points.series, others.series))
    for mine, theirs in ((points.at_us, others.at_us), (points.version, others.version)):
        steps, place = np.unique(np.concatenate((mine, theirs)), return_inverse=True)
        ranks = ranks * len(steps) + place
    return ranks[: len(points.series)], ranks[len(points.series) :]
