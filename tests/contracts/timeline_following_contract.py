"""What every TimelineStore owes to who follows it: word of what others bring, once, in order."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from graph_service.domain.arrivals import Arrival, Stretch
from graph_service.domain.events import Event, EventSeverity, Reference
from graph_service.ports.timeline_store import TimelineStore
from tests.contracts.timeline_cases import HOUR, KNOWN, METER, MONDAY, OTHER, readings

STORM = Event(
    "desk",
    "storm",
    "MESSAGE",
    MONDAY,
    KNOWN,
    "Böe über Feld 3",
    EventSeverity.WARNING,
    MONDAY + HOUR,
    ("town/meter-1", "town/meter-2"),
    Reference("https://example.org/1.jpg", "image/jpeg", "ab" * 32),
)


def soon() -> int:
    return time.time_ns() // 1000 + 60_000_000


class TimelineFollowingContract:
    """The promises about following."""

    def make_store(self, folder: Path) -> TimelineStore:
        raise NotImplementedError

    @contextmanager
    def pair(self, folder: Path) -> Iterator[tuple[TimelineStore, TimelineStore]]:
        """Two stores over the same place, as two processes have them; the first one follows."""
        with closing(self.make_store(folder)) as one, closing(self.make_store(folder)) as other:
            one.follow(soon())
            yield one, other

    def test_arrivals__readings_of_another_are_told_once(self, tmp_path: Path) -> None:
        with self.pair(tmp_path) as (follower, writer):
            writer.append([(METER, readings([1.0, 2.0])), (OTHER, readings([3.0]))])
            told = follower.arrivals()
            assert told == [
                Arrival(
                    (
                        Stretch(METER, MONDAY, MONDAY + HOUR + 1, 2),
                        Stretch(OTHER, MONDAY, MONDAY + 1, 1),
                    )
                )
            ]
            assert follower.arrivals() == []

    def test_arrivals__late_values_are_told_as_reopened(self, tmp_path: Path) -> None:
        with self.pair(tmp_path) as (follower, writer):
            writer.append([(METER, readings([1.0, 2.0, 3.0]))])
            writer.append([(METER, readings([9.0], known=KNOWN + 1))])
            reopened = [arrival.reopened for arrival in follower.arrivals()]
            assert reopened == [(), (Stretch(METER, MONDAY, MONDAY + 1, 0),)]

    def test_arrivals__an_event_comes_whole(self, tmp_path: Path) -> None:
        with self.pair(tmp_path) as (follower, writer):
            writer.append_events([STORM])
            assert follower.arrivals() == [Arrival((), (STORM,))]

    def test_arrivals__own_writes_are_not_told(self, tmp_path: Path) -> None:
        with self.pair(tmp_path) as (follower, writer):
            follower.append([(METER, readings([1.0]))])
            writer.append_events([STORM])
            assert [arrival.events for arrival in follower.arrivals()] == [(STORM,)]

    def test_arrivals__what_came_before_anybody_followed_is_not_told(self, tmp_path: Path) -> None:
        with closing(self.make_store(tmp_path)) as one, closing(self.make_store(tmp_path)) as other:
            other.append([(METER, readings([1.0]))])
            assert one.arrivals() == []
            one.follow(soon())
            assert one.arrivals() == []

    def test_arrivals__nothing_is_left_when_nobody_follows_any_more(self, tmp_path: Path) -> None:
        with closing(self.make_store(tmp_path)) as one, closing(self.make_store(tmp_path)) as other:
            one.follow(time.time_ns() // 1000 - 1)
            other.append([(METER, readings([1.0]))])
            assert one.arrivals() == []

    def test_arrivals__a_large_write_comes_in_pieces_and_whole(self, tmp_path: Path) -> None:
        keys = [METER._replace(element=f"town/m{at:04}") for at in range(1_000)]
        with self.pair(tmp_path) as (follower, writer):
            writer.append([(key, readings([1.0])) for key in keys])
            told = follower.arrivals()
            assert [s.series for arrival in told for s in arrival.readings] == keys
            assert max(len(arrival.readings) for arrival in told) < 500
