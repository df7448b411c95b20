"""What Prometheus is told at `/metrics`: requests, graph, stores, what comes in, the process.

Guarantees: labels come from fixed lists (addresses, root fields of the schema, error codes, names
of stores), never from what a caller wrote; nothing tells of the content of the stores but counts.
With several workers (`PROMETHEUS_MULTIPROC_DIR` is set) any of them answers for all.

The names are described in docs/reference/operations.md, which a test compares with them.
"""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path
from typing import Final, Literal

from graphql import GraphQLError, OperationDefinitionNode
from graphql.language import DocumentNode, FieldNode
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from strawberry.types import ExecutionResult

from graph_service.api.batching import in_thread
from graph_service.api.limits import Memory, document_of
from graph_service.api.schema import schema
from graph_service.domain.errors import GridStrataError
from graph_service.services.house import Services
from graph_service.services.notices import REVISIONS_TOPIC

FOLDER_SETTING: Final = "PROMETHEUS_MULTIPROC_DIR"
ADDRESSES: Final = frozenset(
    {"/", "/graphql", "/graphql/examples", "/api/v2/write", "/meter-readings", "/ping"}
)
SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

Mode = Literal["livemin", "livemax", "livesum"]
"""How the figures of several workers become one."""

_ROOTS: Final = frozenset(
    name
    for root in (
        schema._schema.query_type,
        schema._schema.mutation_type,
        schema._schema.subscription_type,
    )
    if root is not None
    for name in root.fields
)
_OTHER: Final = "other"
_API_CODES: Final = frozenset(
    {
        "GRAPHQL_PARSE_FAILED",
        "GRAPHQL_VALIDATION_FAILED",
        "INTERNAL",
        "QUERY_TOO_DEEP",
        "QUERY_TOO_LONG",
        "QUERY_TOO_MANY_ALIASES",
        "QUERY_TOO_COSTLY",
        "BAD_REQUEST",
        "UNKNOWN_OPERATION",
    }
)
_PAGE_BYTES: Final = resource.getpagesize()


class Metrics:
    """The metrics of one process; `look` brings up to date what is not counted as it happens.

    Args:
        house: what is measured.

    Attributes:
        labels: Metric, as Prometheus names it → the names of its labels.
    """

    def __init__(self, house: Services) -> None:
        self._house = house
        self._registry = CollectorRegistry()
        self.labels: dict[str, tuple[str, ...]] = {}
        self._told: dict[tuple[str, ...], float] = {}
        self.requests = self._counter(
            "gridstrata_http_requests", "Requests by address and status", "address", "status"
        )
        self.request_seconds = self._histogram(
            "gridstrata_http_request_seconds",
            "How long requests took, by address; event streams are left out",
            "address",
        )
        self.operations = self._counter(
            "gridstrata_operations",
            "GraphQL operations by root field and by the code of the first error, or OK",
            "operation",
            "code",
        )
        self.operation_seconds = self._histogram(
            "gridstrata_operation_seconds",
            "How long GraphQL queries and mutations took, by root field",
            "operation",
        )
        self._revision = self._gauge(
            "gridstrata_revision",
            "The newest revision that is known, and the one of the graph in memory",
            "livemin",
            "of",
        )
        self._age = self._gauge(
            "gridstrata_projection_age_seconds",
            "How long ago the graph store was last seen to have nothing newer",
            "livemax",
        )
        self._elements = self._gauge(
            "gridstrata_elements", "Elements of the graph in memory", "livemax"
        )
        self._links = self._gauge("gridstrata_links", "Links of the graph in memory", "livemax")
        self._subscribers = self._gauge(
            "gridstrata_subscribers", "Who follows timelines or revisions", "livesum"
        )
        self._missed = self._counter(
            "gridstrata_missed_messages", "Messages dropped for subscribers that were too slow"
        )
        self._rows = self._counter(
            "gridstrata_ingest_rows", "Lines and rows that came in: accepted, rejected", "outcome"
        )
        self._waiting = self._gauge(
            "gridstrata_ingest_batches_waiting", "Batches that wait to be stored", "livesum"
        )
        self._turned_away = self._counter(
            "gridstrata_ingest_batches_turned_away", "Batches not taken, for too many waited"
        )
        self._store_up = self._gauge(
            "gridstrata_store_up", "Whether a store answers: 1, or 0", "livemin", "store"
        )
        self._store_errors = self._counter(
            "gridstrata_store_errors", "Calls of a store that failed, by code", "store", "code"
        )
        self._workers = self._gauge("gridstrata_workers", "Processes that serve", "livesum")
        self._memory = self._gauge(
            "process_resident_memory_bytes", "Resident memory, all workers", "livesum"
        )
        self._files = self._gauge("process_open_fds", "Open files, all workers", "livesum")
        self._cpu = self._counter("process_cpu_seconds", "Time spent computing, all workers")
        self._begun = self._gauge(
            "process_start_time_seconds", "When the oldest worker began, since 1970", "livemin"
        )
        self._workers.set(1)
        self._begun.set(time.time())

    async def answer(self, request: Request) -> Response:
        """`/metrics`."""
        return Response(await in_thread(self.text), media_type=CONTENT_TYPE_LATEST)

    def text(self) -> bytes:
        """All metrics in Prometheus's words, those of the other workers included."""
        self.look()
        registry = self._registry
        if FOLDER_SETTING in os.environ:
            forget_the_dead(Path(os.environ[FOLDER_SETTING]))
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # it has no types
        return generate_latest(registry)

    def ended(self, query: str | None, name: str | None, result: ExecutionResult, s: float) -> None:
        """An operation was executed, in `s` seconds."""
        operation = operation_of(query or "", name)
        first = result.errors[0] if result.errors else None
        code = "OK" if first is None else str((first.extensions or {}).get("code"))
        self.operations.labels(operation, _code(code)).inc()
        self.operation_seconds.labels(operation).observe(s)

    def look(self) -> None:
        """Bring up to date what is not counted as it happens."""
        self._look_at_graph()
        self._look_at_stores()
        self._look_at_traffic()
        self._look_at_process()

    # --- looking ---------------------------------------------------------------------------

    def _look_at_graph(self) -> None:
        network = self._house.network
        graph = network.in_memory
        self._revision.labels("store").set(network.known)
        self._revision.labels("projection").set(0 if graph is None else graph.revision)
        self._elements.set(0 if graph is None else len(graph))
        self._links.set(0 if graph is None else len(graph.outgoing.others))
        self._age.set(self._house.following.graph_health.age_s or 0.0)

    def _look_at_stores(self) -> None:
        following = self._house.following
        for health in (following.graph_health, following.timeline_health):
            self._store_up.labels(health.name).set(0 if health.away else 1)
            for code, count in health.errors.items():
                self._raise_to(self._store_errors, count, health.name, _code(code))

    def _look_at_traffic(self) -> None:
        house = self._house
        watchers, load = house.live.watchers, house.intake.load_now()
        listening = house.notices.waiting(REVISIONS_TOPIC) - (1 if watchers else 0)
        self._subscribers.set(watchers + max(0, listening))
        self._raise_to(self._missed, house.live.missed)
        self._raise_to(self._rows, load.accepted, "accepted")
        self._raise_to(self._rows, load.rejected, "rejected")
        self._waiting.set(load.waiting)
        self._raise_to(self._turned_away, load.turned_away)

    def _look_at_process(self) -> None:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        self._memory.set(pages * _PAGE_BYTES)
        self._files.set(len(os.listdir("/proc/self/fd")))  # noqa: PTH208 - names are enough
        self._raise_to(self._cpu, time.process_time())

    def _raise_to(self, counter: Counter, value: float, *labels: str) -> None:
        """Bring a counter to what is counted elsewhere."""
        key = (counter._name, *labels)
        counted = counter.labels(*labels) if labels else counter
        counted.inc(max(0.0, value - self._told.get(key, 0.0)))
        self._told[key] = max(value, self._told.get(key, 0.0))

    def _gauge(self, name: str, meaning: str, mode: Mode, *labels: str) -> Gauge:
        self.labels[name] = labels
        return Gauge(name, meaning, labels, registry=self._registry, multiprocess_mode=mode)

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        self.labels[f"{name}_total"] = labels
        return Counter(name, meaning, labels, registry=self._registry)

    def _histogram(self, name: str, meaning: str, *labels: str) -> Histogram:
        self.labels[name] = labels
        return Histogram(name, meaning, labels, registry=self._registry, buckets=SECONDS)


class Measured:
    """Stands before the application and counts what passes.

    Args:
        app: what answers.
        metrics: where it is counted.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and count the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, found = time.perf_counter(), [500, 0]

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                found[0] = message["status"]
                found[1] = (b"content-type", b"text/event-stream; charset=utf-8") in message[
                    "headers"
                ]
            await send(message)

        try:
            await self._app(scope, receive, counted)
        finally:
            address = scope["path"] if scope["path"] in ADDRESSES else _OTHER
            self._metrics.requests.labels(address, str(found[0])).inc()
            if not found[1]:
                spent = time.perf_counter() - begun
                self._metrics.request_seconds.labels(address).observe(spent)


def operation_of(query: str, name: str | None) -> str:
    """The root field of an operation; `several` for more than one, `other` for none of ours."""
    return _operations.get((query, name), lambda: _operation(query, name))


def forget_the_dead(folder: Path) -> None:
    """Take away what processes that are gone said of their present."""
    for file in folder.glob("gauge_live*_*.db"):
        pid = file.stem.rpartition("_")[2]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            file.unlink(missing_ok=True)


def _operation(query: str, name: str | None) -> str:
    try:
        document = document_of(query)
    except GraphQLError:
        return _OTHER
    roots = _roots(document, name)
    if len(roots) > 1:
        return "several"
    return next(iter(roots), _OTHER)


def _roots(document: DocumentNode, name: str | None) -> set[str]:
    return {
        field.name.value
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
        and (name is None or (node.name is not None and node.name.value == name))
        for field in node.selection_set.selections
        if isinstance(field, FieldNode) and field.name.value in _ROOTS
    }


def _codes() -> frozenset[str]:
    found, front = set(), [GridStrataError]
    while front:
        kind = front.pop()
        found.add(kind.code)
        front += kind.__subclasses__()
    return frozenset(found) | _API_CODES


def _code(code: str) -> str:
    return code if code in _KNOWN_CODES or code == "OK" else _OTHER


_KNOWN_CODES: Final = _codes()
_operations: Final[Memory[tuple[str, str | None], str]] = Memory()
