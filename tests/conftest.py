"""Servers that tests share: started when the first test asks, stopped when the run ends."""

from __future__ import annotations

import pytest

from tests.servers.influxdb_server import Server as InfluxServer
from tests.servers.influxdb_server import timeline_server
from tests.servers.needed import needed
from tests.servers.neo4j_server import Server as Neo4jServer
from tests.servers.neo4j_server import graph_server


@pytest.fixture(scope="session")
def influxdb() -> InfluxServer:
    """An InfluxDB 2 server."""
    return needed(timeline_server)


@pytest.fixture(scope="session")
def neo4j_server() -> Neo4jServer:
    """A Neo4j server; the tests empty its database."""
    return needed(graph_server)
