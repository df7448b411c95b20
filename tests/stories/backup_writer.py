"""A process that writes until it is killed: `python -m ... FOLDER`; prints how often it has.

In round `n` it makes revision `n` of the graph, then keeps readings that say `n`, then a record
that says `n`. So at every moment: record <= readings <= revision <= record + 1.
"""

import sys
from array import array
from itertools import count
from pathlib import Path

from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.adapters.sqlite.records import SqliteRecords
from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain.readings import ReadingColumns, SeriesKey
from tests.building import document, part

METERS = [SeriesKey(f"town/M{at}", "ENERGY_IN", "meter") for at in range(20)]
HOUR = 3_600_000_000
ROUNDS = "rounds"


def main() -> None:
    folder = Path(sys.argv[1])
    graph, records, timeline = SqliteGraph(folder), SqliteRecords(folder), SqliteTimeline(folder)
    for number in count(1):
        with graph.transaction(author="writer", message=str(number)) as change:
            name = {"IdentifiedObject.name": str(number)}
            parts = [part(f"M{at}", "UsagePoint", name) for at in range(20)]
            change.put_document(document(), iter(parts))
        at = array("q", [number * HOUR])
        columns = ReadingColumns(at, array("d", [number]), array("B", [0]), at)
        timeline.append([(meter, columns) for meter in METERS])
        records.put(ROUNDS, [("last", {"number": number})])
        print(number, flush=True)


if __name__ == "__main__":
    main()
