"""Subscriptions as server-sent events, for where a WebSocket does not pass.

One operation a request, at the address of GraphQL itself: POST JSON, or GET with a query string,
and accept `text/event-stream`. Each answer comes as an event `next`, the end as an event
`complete` (the "distinct connections" mode of the protocol graphql-sse). A comment every few
seconds keeps proxies from closing a quiet stream.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from strawberry.types import ExecutionResult

from graph_service.api.asked import Asked, from_body, from_query
from graph_service.api.context import Context
from graph_service.api.http import encode, result_body
from graph_service.api.schema import schema

EVENT_STREAM: Final = "text/event-stream"
QUIET_S: Final = 12.0

_KEEP_OPEN: Final = b":\n\n"
_COMPLETE: Final = b"event: complete\ndata:\n\n"


def wants_stream(request: Request) -> bool:
    """Tell whether a caller takes the answer as a stream of events."""
    return EVENT_STREAM in request.headers.get("accept", "")


async def stream(request: Request, context: Context, quiet_s: float = QUIET_S) -> Response:
    """Answer one operation as a stream.

    Raises:
        BadRequest: the request is no GraphQL request.
    """
    asked = from_query(request) if request.method == "GET" else await from_body(request)
    return StreamingResponse(
        _events(asked, context, quiet_s),
        media_type=EVENT_STREAM,
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def _events(asked: Asked, context: Context, quiet_s: float) -> AsyncIterator[bytes]:
    results = await schema.subscribe(
        asked.query, asked.variables, context, operation_name=asked.operation_name
    )
    try:
        async for result in _with_pauses(results, quiet_s):
            yield _KEEP_OPEN if result is None else _next(result)
        yield _COMPLETE
    finally:
        await results.aclose()


async def _with_pauses(
    results: AsyncGenerator[ExecutionResult, None], quiet_s: float
) -> AsyncIterator[ExecutionResult | None]:
    """The results, and None whenever nothing came for a while."""
    coming = asyncio.ensure_future(anext(results))
    try:
        while True:
            done, _ = await asyncio.wait({coming}, timeout=quiet_s)
            if not done:
                yield None
                continue
            try:
                result = coming.result()
            except StopAsyncIteration:
                return
            yield result
            coming = asyncio.ensure_future(anext(results))
    finally:
        coming.cancel()
        with suppress(asyncio.CancelledError, StopAsyncIteration):
            await coming


def _next(result: ExecutionResult) -> bytes:
    return b"event: next\ndata: " + encode(result_body(result)) + b"\n\n"
