"""How a server is named, and what is said where none answers."""

import pytest

from graph_service.adapters.neo4j.driver import Neo4jAddress
from graph_service.adapters.neo4j.graph import Neo4jGraph
from graph_service.domain.errors import StoreError


def test_address__reads_user_and_password_out_of_the_url():
    address = Neo4jAddress.parse("bolt://anna:p%40ss@db.example:7687")
    assert address == Neo4jAddress("bolt://db.example:7687", "anna", "p@ss")


def test_address__what_is_given_beside_the_url_counts_more():
    address = Neo4jAddress.parse("neo4j://anna:old@db", "olaf", "new", "grid")
    assert address == Neo4jAddress("neo4j://db", "olaf", "new", "grid")


def test_address__never_shows_the_password():
    assert "secret" not in repr(Neo4jAddress.parse("bolt://anna:secret@db"))


def test_graph__where_nobody_answers__says_so():
    with pytest.raises(StoreError) as away:
        Neo4jGraph(Neo4jAddress.parse("bolt://neo4j:secret@127.0.0.1:1"))
    assert "does not answer" in away.value.message
    assert away.value.subject == "127.0.0.1:1"
    assert "secret" not in str(away.value)
