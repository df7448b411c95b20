"""The questions of one transaction with Neo4j; a write works on one batch while we make the next.

Limit: one thread asks at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, LiteralString, NamedTuple

from graph_service.adapters.neo4j.cypher import state
from graph_service.adapters.neo4j.pipe import Pipe

if TYPE_CHECKING:
    import neo4j

Rows = list[list[Any]]


class Gate(NamedTuple):
    """What a reader sees at the gate: the newest revision, how many words, what lands now."""

    revision: int
    words: int
    landing: int | None


class Queries:
    """The questions of one transaction."""

    def __init__(self, transaction: neo4j.Transaction):
        self._transaction = transaction

    def rows(self, query: LiteralString, **values: object) -> Rows:
        """All rows of the answer, each a list."""
        return self._transaction.run(query, values).values()

    def stream(self, query: LiteralString, **values: object) -> Iterator[list[Any]]:
        """The rows of the answer, as they come."""
        for record in self._transaction.run(query, values):
            yield record.values()

    def do(self, query: LiteralString, **values: object) -> None:
        """Ask for something to be done."""
        self._transaction.run(query, values).consume()

    def gate(self) -> Gate:
        """The state a reader sees."""
        rows = self.rows(state.GATE)
        return Gate(*rows[0]) if rows else Gate(0, 1, None)


class WriteQueries(Queries):
    """The questions of a write: what is to be done `later` is done, in the order told, meanwhile.

    Whoever asks something waits until all is done that was told before, and is told what failed.
    """

    def __init__(self, transaction: neo4j.Transaction):
        super().__init__(transaction)
        self._pipe = Pipe(super().do)

    def later(self, query: LiteralString, **values: object) -> None:
        """Have something done soon; what failed meanwhile is raised here."""
        self._pipe.do(query, **values)

    def settle(self) -> None:
        """Wait until all is done that was told, and raise what failed."""
        self._pipe.settle()

    def end(self) -> None:
        """Let nothing more be done."""
        self._pipe.end()

    def rows(self, query: LiteralString, **values: object) -> Rows:
        """All rows of the answer, each a list."""
        self.settle()
        return super().rows(query, **values)

    def stream(self, query: LiteralString, **values: object) -> Iterator[list[Any]]:
        """The rows of the answer, as they come."""
        self.settle()
        return super().stream(query, **values)

    def do(self, query: LiteralString, **values: object) -> None:
        """Ask for something to be done."""
        self.settle()
        super().do(query, **values)
