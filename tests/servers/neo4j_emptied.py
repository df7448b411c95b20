"""The database of the shared Neo4j server as a test wants it: empty, or as the test left it."""

from __future__ import annotations

import atexit
from functools import cache
from pathlib import Path

from neo4j import Driver, GraphDatabase

from graph_service.adapters.neo4j.driver import Neo4jAddress
from tests.servers.needed import needed
from tests.servers.neo4j_server import Server, graph_server

_MARK = "in-neo4j"


def emptied(folder: Path) -> Neo4jAddress:
    """The server's address; its database is emptied the first time a folder is given."""
    server = needed(graph_server)
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / _MARK
    if not mark.exists():
        mark.touch()
        empty(server)
    return address_of(server)


def address_of(server: Server) -> Neo4jAddress:
    """How an adapter is told of a server."""
    return Neo4jAddress(server.uri, server.user, server.password)


def empty(server: Server) -> None:
    """Take all nodes out; constraints and indexes stay."""
    with _driver(server).session(database="neo4j") as session:
        session.run(
            "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"
        ).consume()


@cache
def _driver(server: Server) -> Driver:
    """One for the whole run; the server outlives it."""
    driver = GraphDatabase.driver(server.uri, auth=(server.user, server.password))
    atexit.register(driver.close)
    return driver
