"""A process that imports until it is killed: `python -m ... FOLDER FIRST [LAST]`.

Instead of a folder it takes the address of a Neo4j server, `bolt://user:password@host:port`.
Delivery `n` replaces the one before it: all elements say `n`, and there are more or fewer of them.
It prints the number of a delivery when the store has taken it.
"""

import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from graph_service.adapters.neo4j.driver import Neo4jAddress
from graph_service.adapters.neo4j.graph import Neo4jGraph
from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.domain.statements import Part
from graph_service.ports.graph_store import GraphStore
from tests.building import document, part


def size(number: int) -> int:
    return 100 + 150 * (number % 4)


def delivery(number: int) -> Iterator[Part]:
    yield part("F", "Feeder", {"IdentifiedObject.name": str(number)})
    for at in range(size(number)):
        name = {"IdentifiedObject.name": str(number)}
        yield part(f"S{at:04}", "Breaker", name, links={"Equipment.EquipmentContainer": "F"})


def store_at(where: str) -> GraphStore:
    if where.startswith("bolt:"):
        return Neo4jGraph(Neo4jAddress.parse(where))
    return SqliteGraph(Path(where))


def main() -> None:
    where, *bounds = sys.argv[1:]
    store = store_at(where)
    for number in range(*map(int, bounds)) if len(bounds) == 2 else count(int(bounds[0])):
        with store.transaction(author="writer", message=str(number)) as transaction:
            transaction.put_document(document(), delivery(number))
        print(number, flush=True)


if __name__ == "__main__":
    main()
