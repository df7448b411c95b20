"""The vocabulary of a graph in Neo4j: codes for URIs, kinds, forms; the same on every worker."""

from __future__ import annotations

from graph_service.adapters.neo4j.cypher import state, writing
from graph_service.adapters.neo4j.queries import Gate, Queries, WriteQueries
from graph_service.adapters.part_encoding import Words


class Vocabulary(Words):
    """Codes for the words of a graph; refreshed from it, new ones added to it.

    The empty word has code 0 and is not kept.
    """

    def __init__(self) -> None:
        super().__init__()
        self.learn([""])

    def refresh(self, queries: Queries, gate: Gate) -> list[str]:
        """Learn the words that others added; gives all."""
        with self.lock:
            if gate.words > len(self.words):
                rows = queries.rows(state.WORDS, since=len(self.words))
                self.learn([text for (text,) in rows])
        return self.words

    def keep(self, queries: WriteQueries, since: int) -> None:
        """Write the words that came after the first `since`."""
        rows = [[code, word] for code, word in enumerate(self.words[since:], since)]
        if rows:
            queries.later(writing.CREATE_WORDS, rows=rows)
