"""A process that writes readings until it is killed: `python -m ... FOLDER FIRST [LAST]`.

Batch `n` is day `n` of all meters, then that day's events. It prints the number of a batch when the
store has taken both.
"""

import sys
from array import array
from itertools import count
from pathlib import Path

from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain.events import Event
from graph_service.domain.readings import MICROSECONDS_PER_DAY, ReadingColumns, SeriesKey

METERS = [SeriesKey(f"town/meter-{at:03}", "ENERGY_IN", "meter") for at in range(150)]
HOUR = 3_600_000_000


def values_a_meter(number: int) -> int:
    """Whole days go to chunks, single values to the tail."""
    return 24 if number % 3 == 0 else 1


def batch(number: int) -> list[tuple[SeriesKey, ReadingColumns]]:
    values = values_a_meter(number)
    times = [number * MICROSECONDS_PER_DAY + hour * HOUR for hour in range(values)]
    columns = ReadingColumns(
        array("q", times),
        array("d", [number] * values),
        array("B", [0] * values),
        array("q", times),
    )
    return [(meter, columns) for meter in METERS]


EVENTS = 20


def events(number: int) -> list[Event]:
    """What happened on a day; most of it is said a second time, in another way."""
    start = number * MICROSECONDS_PER_DAY
    return [
        Event(
            source="desk",
            id=f"{number}-{at}",
            kind="OUTAGE",
            start_us=start + at,
            known_us=start + HOUR * (1 + again),
            text="dark" if not again else "light again",
            end_us=start + 9 * HOUR if again else None,
            subjects=(METERS[at].element, METERS[at + 1].element),
        )
        for again in (0, 1)
        for at in range(EVENTS - again)
    ]


def main() -> None:
    folder, *bounds = sys.argv[1:]
    store = SqliteTimeline(Path(folder), fold_from=400)
    for number in range(*map(int, bounds)) if len(bounds) == 2 else count(int(bounds[0])):
        store.append(batch(number))
        store.append_events(events(number))
        print(number, flush=True)


if __name__ == "__main__":
    main()
