"""The web application: GraphQL, its explorer page, what operators ask.

| address | answers |
|---|---|
| /graphql | GraphQL over HTTP, WebSocket and server-sent events; a browser gets the explorer |
| /graphql/examples | the questions the explorer offers, as JSON |
| /web/... | the explorer's files |
| /api/v2/write, /ping | line protocol, as InfluxDB 2 takes it |
| /meter-readings | MeterReadings of IEC 61968-9, as XML |
| /health | alive, without a token and without asking the stores |
| /ready | whether everything can be asked here, else 503 with the reason, without a token |
| /metrics | for Prometheus, without a token |

Every answer forbids the browser to load or frame anything from elsewhere. An open server (no
tokens) answers only under the names of this machine, so that no foreign page can reach it by a
name of its own that points here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, suppress
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from graph_service.api import errors, http, streams
from graph_service.api.asked import Asked, BadRequest
from graph_service.api.batching import in_thread
from graph_service.api.context import Context, caller_of
from graph_service.api.freshness import Freshness
from graph_service.api.leaving import Leaving
from graph_service.api.metrics import Measured, Metrics
from graph_service.api.schema import schema
from graph_service.api.sockets import Sockets
from graph_service.api.standing import Standing, stale
from graph_service.api.write import WriteDesk
from graph_service.domain.access import Caller
from graph_service.domain.errors import GridStrataError
from graph_service.services.access import OPEN_CALLER
from graph_service.services.examples import examples
from graph_service.services.house import Services
from graph_service.services.regularly import regularly

WEB: Final = Path(__file__).parent.parent / "web"
MOST_ASKING: Final = 64
"""How many calls to services run at once; more wait."""
LOOPBACK_NAMES: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
SECURITY_HEADERS: Final = {
    "content-security-policy": "default-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; object-src 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def make_app(
    house: Services,
    *,
    is_open: bool = False,
    max_upload_bytes: int = 1_000_000_000,
    leaving: Leaving | None = None,
    closing: Callable[[], None] = lambda: None,
) -> Starlette:
    """The application over these services.

    Args:
        house: the services; they are followed while the application serves.
        is_open: answer without tokens, on loopback only.
        max_upload_bytes: the largest upload that is taken.
        leaving: how the process ends; default: at once.
        closing: called when the application has ended.
    """
    leaving, metrics = leaving or Leaving(), Metrics(house)
    desk = _Desk(house, is_open, max_upload_bytes, leaving, metrics)
    writing = WriteDesk(house.intake, desk.who_asks, version("gridstrata"))
    sockets = Sockets(schema, house, is_open=is_open)
    standing = Standing(house, leaving)
    return Starlette(
        routes=[
            Route("/", _to_explorer),
            Route("/graphql", desk.graphql, methods=["GET", "POST"]),
            WebSocketRoute("/graphql", sockets),
            Route("/graphql/examples", desk.examples),
            Route("/api/v2/write", writing.lines, methods=["POST"]),
            Route("/meter-readings", writing.meter_readings, methods=["POST"]),
            Route("/ping", writing.ping),
            Route("/health", standing.health),
            Route("/ready", standing.ready),
            Route("/metrics", metrics.answer),
            Mount("/web", StaticFiles(directory=WEB)),
        ],
        lifespan=partial(_lifespan, house, leaving, metrics, closing),
        middleware=[
            Middleware(Measured, metrics=metrics),
            Middleware(_Guard, names=LOOPBACK_NAMES if is_open else None),
            Middleware(Freshness, house=house, leaving=leaving),
        ],
    )


@asynccontextmanager
async def _lifespan(
    house: Services,
    leaving: Leaving,
    metrics: Metrics,
    closing: Callable[[], None],
    app: Starlette,
) -> AsyncIterator[None]:
    """While the application serves, it follows what other processes write."""
    asking = ThreadPoolExecutor(MOST_ASKING, thread_name_prefix="asking")
    asyncio.get_running_loop().set_default_executor(asking)
    leaving.heed_signals()
    with ExitStack() as ending:
        ending.callback(closing)
        await in_thread(ending.enter_context, house.following.running())
        ending.enter_context(regularly(house.drifting.look))
        looking = asyncio.ensure_future(_look_regularly(metrics))
        try:
            yield
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking


async def _look_regularly(metrics: Metrics, every_s: float = 1.0) -> None:
    """Another worker may be asked for the metrics of this one, so that they are always there."""
    while True:
        await in_thread(metrics.look)
        await asyncio.sleep(every_s)


class _Desk:
    """Answers the addresses that need the services."""

    def __init__(
        self,
        house: Services,
        is_open: bool,
        max_upload_bytes: int,
        leaving: Leaving,
        metrics: Metrics,
    ) -> None:
        self._house = house
        self._is_open = is_open
        self._max_upload_bytes = max_upload_bytes
        self._leaving = leaving
        self._metrics = metrics

    async def graphql(self, request: Request) -> Response:
        """The explorer for a browser, a stream for who takes one, GraphQL for everybody else."""
        if http.wants_page(request):
            return FileResponse(WEB / "index.html", headers={"vary": "accept"})
        if streams.wants_stream(request):
            return await self._stream(request)
        return await http.answer(request, self._execute, self._max_upload_bytes)

    async def _stream(self, request: Request) -> Response:
        try:
            context = Context(self._house, await self.who_asks(request))
            return await streams.stream(request, context, self._leaving)
        except GridStrataError as error:
            return http.refuse(http.refusal(error))
        except BadRequest as error:
            return http.refuse(error)

    async def examples(self, request: Request) -> Response:
        """Questions that have an answer in this store, for this caller."""
        try:
            caller = await self.who_asks(request)
            found = await in_thread(examples, self._house, caller.scope)
        except GridStrataError as error:
            return http.refuse(http.refusal(error))
        return http.json_response(
            [{"title": e.title, "query": e.query, "variables": e.variables} for e in found]
        )

    async def _execute(
        self, asked: Asked, request: Request, allowed: frozenset[OperationType]
    ) -> ExecutionResult:
        begun = time.perf_counter()
        context = Context(self._house, await self.who_asks(request))
        result = await schema.execute(
            asked.query,
            asked.variables,
            context,
            operation_name=asked.operation_name,
            allowed_operation_types=allowed,
        )
        spent_s = time.perf_counter() - begun
        self._metrics.ended(asked.query, asked.operation_name, result, spent_s)
        if (told := stale(self._house)) is not None:
            result.extensions = {**(result.extensions or {}), **told}
        return result

    async def who_asks(self, request: Request) -> Caller:
        """Recognise the caller of a request."""
        given = request.headers.get("authorization")
        if given is None and self._is_open:
            return OPEN_CALLER
        return await in_thread(caller_of, self._house, given, is_open=self._is_open)


class _Guard:
    """Sets the security headers, and refuses names that are not this machine's where told to."""

    def __init__(self, app: ASGIApp, names: frozenset[str] | None) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may pass."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        if scope["type"] == "lifespan" or self._is_ours(scope):
            await self._app(scope, receive, guarded)
        elif scope["type"] == "http":
            await _misdirected(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _is_ours(self, scope: Scope) -> bool:
        host = Headers(scope=scope).get("host", "")
        name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
        return self._names is None or name.lower() in self._names


async def _misdirected(scope: Scope, receive: Receive, send: Send) -> None:
    hint = "open it as http://127.0.0.1, or serve with tokens"
    error = errors.formatted("an open server answers on this machine only", "BAD_HOST", hint=hint)
    await http.json_response({"errors": [error]}, 421)(scope, receive, send)


async def _to_explorer(request: Request) -> Response:
    return RedirectResponse("/graphql")
