"""Which stores the settings mean: the embedded ones, or the servers they name.

A driver is imported only where a server is named, so that the service runs without the extras.
Passwords and tokens come from the environment or from files and are never shown. What is set wrong
is said before anybody is asked.
"""

from __future__ import annotations

from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.adapters.sqlite.records import SqliteRecords
from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain.errors import StoreError
from graph_service.ports.graph_store import GraphStore
from graph_service.ports.record_store import RecordStore
from graph_service.ports.timeline_store import TimelineStore
from graph_service.settings import Settings

if TYPE_CHECKING:
    from graph_service.adapters.influx.server import Place
    from graph_service.adapters.neo4j.driver import Neo4jAddress

_BOLT: Final = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")
_HTTP: Final = ("http", "https")


class Stores(NamedTuple):
    """What the services are joined to; `place` tells this graph from others in a file name."""

    graph: GraphStore
    records: RecordStore
    timeline: TimelineStore
    place: str


def open_stores(settings: Settings, closing: ExitStack, *, read_only: bool = False) -> Stores:
    """The stores the settings mean; `closing` closes them.

    With `read_only` nothing is made or written where it is not there.

    Raises:
        StoreError: a setting cannot be, a store cannot be opened, or its extra is not installed.
    """
    address, bucket = _graph_address(settings), _timeline_place(settings)
    if address:
        graph, records = _graph_in_neo4j(address, read_only=read_only)
    else:
        graph, records = _embedded_graph(settings, read_only=read_only)
    closing.callback(records.close)
    closing.callback(graph.close)
    if bucket:
        timeline = _timeline_in_influx(bucket, records)
    else:
        timeline = SqliteTimeline(settings.data, read_only=read_only)
    closing.callback(timeline.close)
    place = settings.graph and sha256(settings.graph.encode()).hexdigest()[:12]
    return Stores(graph, records, timeline, place)


def place_of(settings: Settings) -> tuple[str, ...]:
    """How a person names the places of the stores that settings mean, each once."""
    folder = str(settings.data.resolve())
    address, bucket = _graph_address(settings), _timeline_place(settings)
    graph = f"{address.uri}/{address.database}" if address else folder
    timeline = f"{bucket.url}/{bucket.org}/{bucket.bucket}" if bucket else folder
    return tuple(dict.fromkeys((graph, timeline)))


def _embedded_graph(settings: Settings, *, read_only: bool) -> tuple[GraphStore, RecordStore]:
    graph = SqliteGraph(settings.data, read_only=read_only)
    return graph, SqliteRecords(settings.data, read_only=read_only)


def _graph_in_neo4j(address: Neo4jAddress, *, read_only: bool) -> tuple[GraphStore, RecordStore]:
    from graph_service.adapters.neo4j.graph import Neo4jGraph
    from graph_service.adapters.neo4j.records import Neo4jRecords

    graph = Neo4jGraph(address, read_only=read_only)
    return graph, Neo4jRecords(address, read_only=read_only)


def _timeline_in_influx(place: Place, records: RecordStore) -> TimelineStore:
    """The timeline; what must not cross what others write waits for a lock beside the records."""
    from graph_service.adapters.influx.timeline import InfluxTimeline

    return InfluxTimeline(place, alone=records.alone)


# --- where servers are -------------------------------------------------------------------------


def _graph_address(settings: Settings) -> Neo4jAddress | None:
    if not settings.graph:
        return None
    from graph_service.adapters.neo4j.driver import Neo4jAddress

    _check("GRAPH", settings.graph, _BOLT, "bolt://host:7687")
    password = _secret("GRAPH_PASSWORD", settings.graph_password, settings.graph_password_file)
    return Neo4jAddress.parse(
        settings.graph, settings.graph_user, password, settings.graph_database
    )


def _timeline_place(settings: Settings) -> Place | None:
    if not settings.timeline:
        return None
    from graph_service.adapters.influx.server import Place

    parts = _check("TIMELINE", settings.timeline, _HTTP, "http://host:8086")
    if "@" in parts.netloc or parts.path.strip("/") or parts.query:
        raise StoreError(
            "GRIDSTRATA_TIMELINE says more than where the server is",
            subject="GRIDSTRATA_TIMELINE",
            hint="write http://host:8086 alone; organisation, bucket and token have settings of"
            " their own",
        )
    token = _secret("TIMELINE_TOKEN", settings.timeline_token, settings.timeline_token_file)
    if not token:
        raise StoreError(
            "GRIDSTRATA_TIMELINE is set, and no token for it",
            subject="GRIDSTRATA_TIMELINE_TOKEN",
            hint="set GRIDSTRATA_TIMELINE_TOKEN_FILE, or GRIDSTRATA_TIMELINE_TOKEN, to a token that"
            " may read and write the bucket",
        )
    return Place(settings.timeline, settings.timeline_org, settings.timeline_bucket, token)


def _check(name: str, url: str, schemes: tuple[str, ...], example: str) -> SplitResult:
    """The parts of an address that can be one; what is wrong with it is told without a password."""
    parts = urlsplit(url)
    if parts.scheme not in schemes or not parts.hostname:
        shown = url.rpartition("@")[2]
        raise StoreError(
            f"GRIDSTRATA_{name} is '{shown}', which is no address of such a server",
            subject=f"GRIDSTRATA_{name}",
            hint=f"write it as {example}; it may begin with {', '.join(schemes)}",
        )
    return parts


def _secret(name: str, given: SecretStr | None, file: Path | None) -> str:
    """A secret, or the first line of the file that holds it; empty where there is neither."""
    if given and file:
        raise StoreError(
            f"GRIDSTRATA_{name} and GRIDSTRATA_{name}_FILE are both set",
            subject=f"GRIDSTRATA_{name}_FILE",
            hint="set one of them; the other one might be an old one",
        )
    if given:
        return given.get_secret_value()
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        reason = f"the secret in {file} cannot be read: {why}"
        raise StoreError(reason, subject=str(file), hint="mend the path or its rights") from error
