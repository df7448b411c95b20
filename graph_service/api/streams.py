"""Subscriptions as server-sent events, for where a WebSocket does not pass.

One operation a request, at the address of GraphQL itself: POST JSON, or GET with a query string,
and accept `text/event-stream`. Each answer comes as an event `next`, the end as an event
`complete` (the "distinct connections" mode of the protocol graphql-sse). A comment every few
seconds keeps proxies from closing a quiet stream. A stream that ends without `complete` is to be
opened again: the process that served it ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from strawberry.types import ExecutionResult

from graph_service.api.asked import from_body, from_query
from graph_service.api.context import Context
from graph_service.api.http import encode, result_body
from graph_service.api.leaving import Leaving
from graph_service.api.schema import schema

EVENT_STREAM: Final = "text/event-stream"
QUIET_S: Final = 12.0

_KEEP_OPEN: Final = b":\n\n"
_OPEN_AGAIN: Final = b"retry: 200\n\n"
_COMPLETE: Final = b"event: complete\ndata:\n\n"


def wants_stream(request: Request) -> bool:
    """Tell whether a caller takes the answer as a stream of events."""
    return EVENT_STREAM in request.headers.get("accept", "")


async def stream(
    request: Request, context: Context, leaving: Leaving, quiet_s: float = QUIET_S
) -> Response:
    """Answer one operation as a stream, which begins when nothing will be missed any more.

    Raises:
        BadRequest: the request is no GraphQL request.
    """
    asked = from_query(request) if request.method == "GET" else await from_body(request)
    results = await schema.subscribe(
        asked.query, asked.variables, context, operation_name=asked.operation_name
    )
    coming = asyncio.ensure_future(anext(results))
    begun = asyncio.ensure_future(context.begun.wait())
    await asyncio.wait({coming, begun}, return_when=asyncio.FIRST_COMPLETED)
    begun.cancel()
    return StreamingResponse(
        _events(results, coming, leaving, quiet_s),
        media_type=EVENT_STREAM,
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def _events(
    results: AsyncGenerator[ExecutionResult, None],
    coming: asyncio.Task[ExecutionResult],
    leaving: Leaving,
    quiet_s: float,
) -> AsyncIterator[bytes]:
    """The results from the one that is coming on, with a comment whenever nothing came a while."""
    ending = asyncio.ensure_future(leaving.wait())
    try:
        while True:
            done, _ = await asyncio.wait(
                {coming, ending}, timeout=quiet_s, return_when=asyncio.FIRST_COMPLETED
            )
            if coming not in done:
                yield _OPEN_AGAIN if ending in done else _KEEP_OPEN
                if ending in done:
                    return
                continue
            try:
                yield _next(coming.result())
            except StopAsyncIteration:
                yield _COMPLETE
                return
            coming = asyncio.ensure_future(anext(results))
    finally:
        ending.cancel()
        coming.cancel()
        with suppress(asyncio.CancelledError, StopAsyncIteration):
            await coming
        await results.aclose()


def _next(result: ExecutionResult) -> bytes:
    return b"event: next\ndata: " + encode(result_body(result)) + b"\n\n"
