"""Which stores the settings mean: the embedded ones, or the servers they name.

A driver is imported only where a server is named, so that the service runs without the extras.
Passwords and tokens come from the environment or from files and are never shown.
"""

from __future__ import annotations

from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from pydantic import SecretStr

from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.adapters.sqlite.records import SqliteRecords
from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain.errors import StoreError
from graph_service.ports.graph_store import GraphStore
from graph_service.ports.record_store import RecordStore
from graph_service.ports.timeline_store import TimelineStore
from graph_service.settings import Settings


class Stores(NamedTuple):
    """What the services are joined to; `place` tells this graph from others in a file name."""

    graph: GraphStore
    records: RecordStore
    timeline: TimelineStore
    place: str


def open_stores(settings: Settings, closing: ExitStack) -> Stores:
    """The stores the settings mean; `closing` closes them.

    Raises:
        StoreError: a store cannot be opened, or its extra is not installed.
    """
    graph, records = _servers_graph(settings) if settings.graph else _embedded_graph(settings)
    closing.callback(records.close)
    closing.callback(graph.close)
    timeline = _servers_timeline(settings) if settings.timeline else SqliteTimeline(settings.data)
    closing.callback(timeline.close)
    place = settings.graph and sha256(settings.graph.encode()).hexdigest()[:12]
    return Stores(graph, records, timeline, place)


def _embedded_graph(settings: Settings) -> tuple[GraphStore, RecordStore]:
    return SqliteGraph(settings.data), SqliteRecords(settings.data)


def _servers_graph(settings: Settings) -> tuple[GraphStore, RecordStore]:
    try:
        from graph_service.adapters.neo4j.driver import Neo4jAddress
        from graph_service.adapters.neo4j.graph import Neo4jGraph
        from graph_service.adapters.neo4j.records import Neo4jRecords
    except ImportError as error:
        raise _missing("neo4j", settings.graph) from error
    password = _secret(settings.graph_password, settings.graph_password_file)
    address = Neo4jAddress.parse(
        settings.graph, settings.graph_user, password, settings.graph_database
    )
    return Neo4jGraph(address), Neo4jRecords(address)


def _servers_timeline(settings: Settings) -> TimelineStore:
    try:
        from graph_service.adapters.influx.server import Place
        from graph_service.adapters.influx.timeline import InfluxTimeline
    except ImportError as error:
        raise _missing("influx", settings.timeline) from error
    token = _secret(settings.timeline_token, settings.timeline_token_file)
    place = Place(settings.timeline, settings.timeline_org, settings.timeline_bucket, token)
    return InfluxTimeline(place)


def _secret(given: SecretStr | None, file: Path | None) -> str:
    """A secret, or the first line of the file that holds it; empty where there is neither."""
    if given is not None:
        return given.get_secret_value()
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        reason = f"the secret in {file} cannot be read: {error.strerror}"
        raise StoreError(reason, subject=str(file), hint="mend the path or its rights") from error


def _missing(extra: str, url: str) -> StoreError:
    return StoreError(
        f"a server is set and the extra '{extra}' is not installed",
        subject=extra,
        hint=f"pip install 'gridstrata[{extra}]'",
    )
