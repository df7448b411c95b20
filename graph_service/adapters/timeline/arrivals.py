"""What a write brought, as a few bytes that are left for other processes to tell of.

Each piece stands for itself and is small enough for any store: a large write leaves several.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import orjson

from graph_service.adapters.timeline.batches import Batch
from graph_service.domain.arrivals import Arrival, Stretch
from graph_service.domain.events import Event, EventSeverity, Reference
from graph_service.domain.readings import AppendResult, SeriesKey

KEPT_FOR_US: Final = 600_000_000
"""How long what was left stays: who follows looks several times a second."""

_MOST_A_PIECE: Final = 400


def of_readings(flat: Batch, result: AppendResult) -> Arrival:
    """What a batch of readings brought."""
    series, counts = np.unique(flat.rows.series, return_counts=True)
    least = np.full(len(series), np.iinfo(np.int64).max)
    most = np.full(len(series), np.iinfo(np.int64).min)
    at = np.searchsorted(series, flat.rows.series)
    np.minimum.at(least, at, flat.rows.valid)
    np.maximum.at(most, at, flat.rows.valid)
    columns = (series.tolist(), least.tolist(), (most + 1).tolist(), counts.tolist())
    return Arrival(
        tuple(Stretch(flat.keys[at], *rest) for at, *rest in zip(*columns, strict=True)),
        (),
        tuple(Stretch(*stretch, count=0) for stretch in result.reopened),
    )


def of_events(events: Sequence[Event]) -> Arrival:
    """What some events brought."""
    return Arrival((), tuple(events))


def pieces(arrival: Arrival) -> Iterator[bytes]:
    """An arrival as bytes, in pieces."""
    longest = max(len(arrival.readings), len(arrival.events), len(arrival.reopened))
    for begin in range(0, longest, _MOST_A_PIECE):
        part = slice(begin, begin + _MOST_A_PIECE)
        members = [
            [(*s.series, s.start_us, s.stop_us, s.count) for s in arrival.readings[part]],
            [_listed(event) for event in arrival.events[part]],
            [(*s.series, s.start_us, s.stop_us, s.count) for s in arrival.reopened[part]],
        ]
        yield zlib.compress(orjson.dumps(members), 1)


def read(piece: bytes) -> Arrival:
    """The arrival that a piece holds."""
    readings, events, reopened = orjson.loads(zlib.decompress(piece))
    return Arrival(
        tuple(map(_stretch, readings)), tuple(map(_event, events)), tuple(map(_stretch, reopened))
    )


def _stretch(row: Sequence[Any]) -> Stretch:
    return Stretch(SeriesKey(*row[:3]), *row[3:])


def _listed(event: Event) -> list[Any]:
    reference = event.reference
    return [
        *(event.source, event.id, event.kind, event.start_us, event.known_us, event.text),
        *(event.severity.name, event.end_us, event.subjects),
        reference and (reference.uri, reference.media_type, reference.sha256),
    ]


def _event(row: Sequence[Any]) -> Event:
    source, id_, kind, start_us, known_us, text, severity, end_us, subjects, reference = row
    return Event(
        source,
        id_,
        kind,
        start_us,
        known_us,
        text,
        EventSeverity[severity],
        end_us,
        tuple(subjects),
        None if reference is None else Reference(*reference),
    )
