"""The timeline in InfluxDB beside the bare client, on the same server in the same run.

`python -m tests.performance.bench_influx [METERS [DAYS]]`. The bare client writes the fastest way
it has: f-strings, and bytes through the synchronous writer, one request a batch. It neither looks
for values that are there nor keeps older versions, and no other process is kept apart from it; we
wait for our turn as a service does whose records are in Neo4j.
"""

from __future__ import annotations

import sys
import time
from array import array
from collections.abc import Callable
from contextlib import closing
from math import inf
from statistics import median
from typing import Final

from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS

from graph_service.adapters.influx.server import Place
from graph_service.adapters.influx.timeline import InfluxTimeline
from graph_service.adapters.neo4j.driver import Neo4jAddress
from graph_service.adapters.neo4j.records import Neo4jRecords
from graph_service.domain.readings import (
    MICROSECONDS_PER_DAY,
    Aggregate,
    ReadingBlock,
    ReadingColumns,
    SeriesKey,
    Window,
)
from tests.servers.influxdb_build import NoServer
from tests.servers.influxdb_server import Server, timeline_server
from tests.servers.neo4j_server import graph_server

FIRST_DAY: Final = 20_000
HOUR: Final = 3_600_000_000
KNOWN: Final = (FIRST_DAY + 400) * MICROSECONDS_PER_DAY
Batch = list[tuple[SeriesKey, ReadingColumns]] | ReadingBlock


def main() -> None:
    """Print the tables."""
    meters, days = (int(one) for one in (sys.argv[1:] + ["1000", "28"][len(sys.argv[1:]) :]))
    print("## Timeline in InfluxDB\n")
    try:
        server, graph = timeline_server(), graph_server()
    except NoServer as reason:
        print(f"Not measured: {reason}")
        return
    print(f"{meters:,} meters, {days} days of 15 minutes; each batch acknowledged.\n")
    print("| work | through us | bare client | ratio |\n|---|---|---|---|")
    ours, bare = _place(server, "ours"), _place(server, "bare")
    later = _days(meters, days, 520, MICROSECONDS_PER_DAY * 99)
    with closing(Neo4jRecords(Neo4jAddress(graph.uri, graph.user, graph.password))) as records:
        store, peer = InfluxTimeline(ours, alone=records.alone), BareClient(bare)
        _written("whole days, 5,000 lines a batch", store, peer, _days(meters, days, 52))
        _written("whole days, 50,000 lines a batch", store, peer, later)
        _written("live, 5,000 meters a batch", store, peer, _live(5_000, 40))
        store.close()
    _read(ours, meters, days)


def _written(work: str, store: InfluxTimeline, peer: BareClient, batches: list[Batch]) -> None:
    """The same batches both ways, turn by turn."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for way in (store.append, peer.append):
        way(batches[0])  # that its series are new is not measured
    for batch in batches[1:]:
        for way, taken in zip((store.append, peer.append), seconds, strict=True):
            begun = time.perf_counter()
            way(batch)
            taken.append(time.perf_counter() - begun)
    lines = sum(len(columns) for batch in batches[1:] for _, columns in batch)
    mine, theirs = (lines / sum(taken) for taken in seconds)
    _row(work, f"{mine / 1e3:.0f} k lines/s", f"{theirs / 1e3:.0f} k lines/s", mine / theirs)


def _read(place: Place, meters: int, days: int) -> None:
    store = InfluxTimeline(place, settled_s=inf)  # remembers nothing
    keys = [_key(meter) for meter in range(0, meters, max(1, meters // 200))][:200]
    day, weeks = _window(days // 2, 1), _window(0, days)
    known = KNOWN + 1
    for work, way in {
        "hourly sum, a day": lambda: store.aggregate(keys, day, HOUR, Aggregate.SUM),
        "hourly sum, a day, as known at a time": lambda: store.aggregate(
            keys, day, HOUR, Aggregate.SUM, known_us=known
        ),
        "hourly largest, a day": lambda: store.aggregate(keys, day, HOUR, Aggregate.MAX),
        f"daily sum, {days} days": lambda: store.aggregate(
            keys, weeks, MICROSECONDS_PER_DAY, Aggregate.SUM
        ),
        "newest reading of each": lambda: store.last(keys),
    }.items():
        _row(f"{len(keys)} meters, {work}", f"{_typical(way) * 1e3:.0f} ms", "", None)
    one_week = _typical(lambda: store.read(keys[:1], _window(0, 7)))
    _row("one meter, a week, raw", f"{one_week * 1e3:.0f} ms", "", None)
    store.close()


class BareClient:
    """What one writes first when speed matters."""

    def __init__(self, place: Place):
        self._bucket = place.bucket
        self._client = InfluxDBClient(place.url, place.token, org=place.org)
        self._writer = self._client.write_api(write_options=SYNCHRONOUS)

    def append(self, batch: Batch) -> None:
        lines = _flat(batch) if isinstance(batch, ReadingBlock) else []
        for (element, quantity, source), c in [] if lines else batch:
            head = f"readings,element={element},quantity={quantity},source={source} value="
            lines += [
                f"{head}{value},known_us={known_us}i {us}000"
                for us, value, known_us in zip(c.valid_us, c.values, c.known_us, strict=True)
            ]
        self._writer.write(self._bucket, record="\n".join(lines).encode())


def _flat(block: ReadingBlock) -> list[str]:
    columns = zip(block.series, block.valid_us, block.values, block.known_us, strict=True)
    keys = block.keys
    return [
        f"readings,element={keys[at].element},quantity={keys[at].quantity},source={keys[at].source}"
        f" value={value},known_us={known_us}i {us}000"
        for at, us, value, known_us in columns
    ]


def _place(server: Server, name: str) -> Place:
    bucket = f"bench-{name}-{time.time_ns()}"
    server.new_bucket(bucket)
    return Place(server.url, server.org, bucket, server.token)


def _days(meters: int, days: int, a_batch: int, offset: int = 0) -> list[Batch]:
    """Whole days of so many meters a batch."""
    pairs = [
        (_key(meter), _day(FIRST_DAY + day, meter, offset))
        for day in range(days)
        for meter in range(meters)
    ]
    return [pairs[at : at + a_batch] for at in range(0, len(pairs), a_batch)]


def _day(day: int, meter: int, offset: int) -> ReadingColumns:
    times = array(
        "q", range(day * MICROSECONDS_PER_DAY, (day + 1) * MICROSECONDS_PER_DAY, HOUR // 4)
    )
    values = array("d", [float((meter * 7 + at * 13) % 900) for at in range(96)])
    times = array("q", [at + offset for at in times])
    return ReadingColumns(times, values, array("B", bytes(96)), array("q", [KNOWN]) * 96)


def _live(meters: int, rounds: int) -> list[Batch]:
    """One value of each meter a batch, as the intake hands it on: in one block."""
    after = (FIRST_DAY + 300) * MICROSECONDS_PER_DAY
    keys = [_key(meter) for meter in range(meters)]
    return [_block(keys, after + at * HOUR // 4) for at in range(rounds)]


def _block(keys: list[SeriesKey], at_us: int) -> ReadingBlock:
    count = len(keys)
    return ReadingBlock(
        keys,
        array("q", range(count)),
        array("q", [at_us]) * count,
        array("d", [meter % 500.0 for meter in range(count)]),
        array("B", bytes(count)),
        array("q", [at_us + 7]) * count,
    )


def _key(meter: int) -> SeriesKey:
    return SeriesKey(f"town/usage-point-{meter:06}", "ENERGY_IN", "meter")


def _window(day: int, days: int) -> Window:
    start = (FIRST_DAY + day) * MICROSECONDS_PER_DAY
    return Window(start, start + days * MICROSECONDS_PER_DAY)


def _typical(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(15):
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
    return median(seconds)


def _row(work: str, mine: str, theirs: str, ratio: float | None) -> None:
    print(f"| {work} | {mine} | {theirs} | {'' if ratio is None else f'{ratio:.2f}'} |", flush=True)


if __name__ == "__main__":
    main()
