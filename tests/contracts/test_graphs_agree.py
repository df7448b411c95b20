"""Whatever is done to the graph in SQLite and in Neo4j, both answer every question alike."""

from contextlib import closing

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph_service.adapters.neo4j.graph import Neo4jGraph
from graph_service.adapters.sqlite.graph.store import SqliteGraph
from tests.contracts.graph_answers import answers, outcome
from tests.contracts.random_operations import operations
from tests.servers.neo4j_emptied import emptied


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(chance=st.lists(operations, min_size=1, max_size=8))
def test_random_operations__on_both_stores__say_and_leave_the_same(chance, tmp_path_factory):
    folder = tmp_path_factory.mktemp("both")
    with (
        closing(SqliteGraph(folder)) as embedded,
        closing(Neo4jGraph(emptied(folder / "neo4j"))) as server,
    ):
        for operation in chance:
            newest = embedded.revision()
            revision = 1 + operation.revision % newest if newest else 0
            if operation.what == "undo" and not revision:
                continue
            assert outcome(server, operation, revision) == outcome(embedded, operation, revision)
        assert answers(server) == answers(embedded)
