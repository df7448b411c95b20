"""Readings and events in and out of the embedded timeline, beside what one would use instead.

`python -m tests.performance.bench_timeline [METERS [DAYS [EVENTS]]]`, or with `--full` a year of
10,000 meters every 15 minutes (350 million values) and two million events. All stores get the same
batches, each batch durable; with `--full` the peers get the first ten days only, and their
figures are of those.

Times are those of the wall and, in brackets, of the processor: where others use the machine as
well, the second tells more.
"""

from __future__ import annotations

import math
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median

from graph_service.adapters.sqlite.timeline.store import FILE_NAME, SqliteTimeline
from graph_service.domain.events import EventFilter, position
from graph_service.domain.readings import Aggregate, Window
from graph_service.services.timelines import Timelines
from tests.performance import timeline_load as load
from tests.performance.timeline_peers import Peer, peers

DEFAULT = (2_000, 30, 200_000)
FULL = (10_000, 365, 2_000_000)
PEER_DAYS = 10
HOUR, DAY = load.HOUR, 24 * load.HOUR


def main() -> None:
    """Print the table."""
    given = [int(argument) for argument in sys.argv[1:] if argument != "--full"]
    meters, days, events = FULL if "--full" in sys.argv else (*given, *DEFAULT[len(given) :])
    print("## Timeline\n")
    print(
        f"{meters:,} meters every 15 minutes, {days} days, {events:,} events; every batch durable"
        " (`synchronous=FULL`). Wall time, in brackets processor time.\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        _measure(Path(folder), meters, days, events)


def _measure(folder: Path, meters: int, days: int, events: int) -> None:
    others = peers(folder)
    print(f"| work | goal | embedded timeline | {' | '.join(peer.name for peer in others)} |")
    print(f"|---|---|---|{'---|' * len(others)}")
    store = SqliteTimeline(folder)
    _ingest(store, others, meters, days)
    store.close()  # what is read now was written by another process
    store = SqliteTimeline(folder)
    _reads(store, others, meters, days)
    _late(store, meters, days)
    _live(store)
    _tell(store, meters, days, events)
    store.close()
    store = SqliteTimeline(folder)
    _find(store, days)
    store.close()
    for peer in others:
        peer.close()


# --- readings ----------------------------------------------------------------------------------


def _ingest(store: SqliteTimeline, others: list[Peer], meters: int, days: int) -> None:
    spent, values = _Spent(), 0
    few, their_values = [_Spent() for _ in others], 0
    theirs = PEER_DAYS * math.ceil(meters / load.SERIES_A_BATCH)  # batches
    for at, batch in enumerate(load.batches(meters, 0, days, 96)):
        count = sum(len(columns) for _, columns in batch)
        spent.on(lambda batch=batch: store.append(batch))
        values += count
        if at < theirs:
            their_values += count
            for peer, used in zip(others, few, strict=True):
                used.on(lambda peer=peer, batch=batch: peer.append(batch))
    cells = [spent.rate(values)] + [used.rate(their_values) for used in few]
    _row(f"bulk ingest of {values / 1e6:.0f} M values, levels kept", cells, "≥ 0.7 M/s")
    store.fold()
    sizes = [_size(store) / values] + [peer.size() / their_values for peer in others]
    _row("bytes per value", [f"{size:.2f}" for size in sizes], "≤ 4")


def _size(store: SqliteTimeline) -> int:
    return (store._file.path.parent / FILE_NAME).stat().st_size


def _reads(store: SqliteTimeline, others: list[Peer], meters: int, days: int) -> None:
    some = [load.key(meter) for meter in range(0, meters, max(1, meters // 200))][:200]
    elements = [key.element for key in some]
    known = min(days, PEER_DAYS)  # to the peers as well
    day, week = load.window(known // 2, 1), load.window(max(0, known - 7), 7)
    _timed(
        "one meter x a week",
        lambda: store.read(some[:1], week),
        _each(others, "read", some[0], week),
        goal="≤ 0.3 ms",
    )
    _timed(
        "200 meters x a day, hourly sum",
        lambda: store.aggregate(some, day, HOUR, Aggregate.SUM),
        _each(others, "hourly_sum", some, day),
        goal="≤ 5 ms",
    )
    _timed(
        "200 meters x a week, hourly sum",
        lambda: store.aggregate(some, week, HOUR, Aggregate.SUM),
        _each(others, "hourly_sum", some, week),
    )
    question = (elements, "ENERGY_IN", week, "PT1H")
    service = Timelines(store)
    _timed("the same as a question to the service", lambda: service.series_sum(*question))
    whole = load.window(0, days)
    _timed(
        f"200 meters x {days} days, daily sum (from days)",
        lambda: store.aggregate(some, whole, DAY, Aggregate.SUM),
    )
    shifted = Window(whole.start_us + 1, whole.stop_us + 1)
    _timed(
        "the same from readings",
        lambda: store.aggregate(some, shifted, DAY, Aggregate.SUM),
        times=3,
    )
    _timed("newest reading of 200 meters", lambda: store.last(some))


def _each(others: list[Peer], method: str, *asked: object) -> list[Callable[[], object]]:
    return [lambda peer=peer: getattr(peer, method)(*asked) for peer in others]


def _late(store: SqliteTimeline, meters: int, days: int) -> None:
    """A day comes again with other values, in the middle of what is there; then it is asked for."""
    again = list(load.batches(meters, days // 2, 1, 96))
    for batch in again:
        for _, columns in batch:
            for at in range(len(columns)):
                columns.values[at] += 1
                columns.known_us[at] += 1
    keys = [load.key(meter) for meter in range(meters)]
    spent, reopened = _Spent(), 0
    for batch in again:
        reopened += len(spent.on(lambda batch=batch: store.append(batch)).reopened)
    spent.on(lambda: store.aggregate(keys, load.window(days // 2, 1), HOUR, Aggregate.SUM))
    _row(f"late day of {reopened:,} meters: re-opened, recomputed", [str(spent)], "≤ 5 s")


def _live(store: SqliteTimeline) -> None:
    spent = _Spent()
    lots = [load.live(5_000, at) for at in range(60)]
    for lot in lots:
        spent.on(lambda lot=lot: store.append(lot))
    _row("live batches of 5,000 readings", [spent.rate(5_000 * len(lots))])


# --- events ------------------------------------------------------------------------------------


def _tell(store: SqliteTimeline, meters: int, days: int, count: int) -> None:
    spent, before = _Spent(), _size(store)
    told = load.events(count, meters, days)
    while lot := [event for _, event in zip(range(5_000), told, strict=False)]:
        spent.on(lambda lot=lot: store.append_events(lot))
    store.fold()
    grown = (_size(store) - before) / count
    _row(f"{count:,} events of two elements each", [f"{spent.rate(count)}, {grown:.0f} bytes each"])


def _find(store: SqliteTimeline, days: int) -> None:
    wanted = EventFilter(frozenset(load.key(meter).element for meter in range(100, 300)))
    half = load.window(days // 2, days - days // 2)
    page = store.events(wanted, half, 50)
    after = position(page[-1])
    _timed(
        "merged timeline of 200 elements, the next 50 events",
        lambda: store.events(wanted, half, 50, after=after),
        goal="≤ 2 ms",
    )
    _timed("the last 50", lambda: store.events(wanted, half, 50, descending=True))
    _timed("50 events of everything", lambda: store.events(EventFilter(), half, 50))
    _timed("200 elements, events by day and kind", lambda: store.event_counts(wanted, half, DAY))


# --- the table ---------------------------------------------------------------------------------


class _Spent:
    """Seconds of the wall and of the processor."""

    def __init__(self) -> None:
        self.wall, self.processor = 0.0, 0.0

    def on(self, work: Callable[[], object]):
        wall, processor = time.perf_counter(), time.process_time()
        done = work()
        self.wall += time.perf_counter() - wall
        self.processor += time.process_time() - processor
        return done

    def rate(self, things: int) -> str:
        unit, name = (1e6, "M") if things > 1_000_000 else (1e3, "k")
        return f"{things / self.wall / unit:.2f} {name}/s ({things / self.processor / unit:.2f})"

    def __str__(self) -> str:
        return f"{self.wall:.2f} s ({self.processor:.2f})"


def _timed(
    work: str,
    ours: Callable[[], object],
    theirs: Iterable[Callable[[], object]] = (),
    times: int = 30,
    goal: str = "",
) -> None:
    _row(work, [_median(way, times) for way in (ours, *theirs)], goal)


def _median(way: Callable[[], object], times: int) -> str:
    spent = []
    for _ in range(times):
        one = _Spent()
        one.on(way)
        spent.append(one)
    wall, processor = median(s.wall for s in spent), median(s.processor for s in spent)
    return f"{wall * 1e3:.2f} ms ({processor * 1e3:.2f})"


def _row(work: str, cells: list[str], goal: str = "") -> None:
    print(f"| {work} | {goal} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
