"""Writing over HTTP: line protocol as InfluxDB 2 takes it, and MeterReadings of IEC 61968-9.

`POST /api/v2/write?bucket=MODEL_SET&precision=ns` takes what Telegraf's `outputs.influxdb_v2` and
the InfluxDB client send, gzip too, and answers in InfluxDB's words:

| status | means |
|---|---|
| 204 | every line is stored |
| 400 | nothing is stored: no line could be taken, or the request is wrong |
| 401, 403 | the token is missing or unknown; it does not allow writing |
| 404 | the bucket is no model set |
| 413 | the body is too large |
| 422 | the good lines are stored, the others are named |
| 429 | too many batches wait; send it again after `Retry-After` seconds |
| 503 | the store cannot do its work |

An answer is sent when what it says is on the disk. A page of another origin cannot write.
"""

from __future__ import annotations

import asyncio
import io
import zlib
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from graph_service.api.batching import in_thread
from graph_service.api.http import json_response
from graph_service.domain.access import Caller, Right
from graph_service.domain.errors import (
    AccessDenied,
    GridStrataError,
    StoreError,
    TooManyWaiting,
    UnknownModelSet,
)
from graph_service.services.formats.line_protocol import PRECISIONS
from graph_service.services.intake import Intake, Receipt

MOST_LINES_BYTES: Final = 50_000_000
MOST_XML_BYTES: Final = 200_000_000
MOST_REASONS: Final = 100
_SAID: Final = 5
_STORE_RETRY_AFTER_S: Final = 5
_GZIP: Final = 31  # zlib's word for gzip

WhoAsks = Callable[[Request], Awaitable[Caller]]


class Refused(Exception):
    """A request that is answered with a status and a reason, in InfluxDB's form."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ):
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers


class WriteDesk:
    """Answers the addresses that write.

    Args:
        intake: takes what comes.
        who_asks: finds the caller of a request.
        version: what `/ping` says.
    """

    def __init__(self, intake: Intake, who_asks: WhoAsks, version: str):
        self._intake = intake
        self._who_asks = who_asks
        self._version = version

    async def lines(self, request: Request) -> Response:
        """`POST /api/v2/write`."""
        return await self._answer(request, self._lines)

    async def meter_readings(self, request: Request) -> Response:
        """`POST /meter-readings`."""
        return await self._answer(request, self._meter_readings)

    async def ping(self, request: Request) -> Response:
        """`GET /ping`: InfluxDB's clients ask it who answers."""
        headers = {"x-influxdb-build": "GridStrata", "x-influxdb-version": self._version}
        return Response(status_code=204, headers=headers)

    async def _answer(
        self, request: Request, take: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        try:
            _same_origin(request)
            return await take(request)
        except GridStrataError as error:
            return _refusal(_refused(error))
        except Refused as error:
            return _refusal(error)

    async def _lines(self, request: Request) -> Response:
        precision = request.query_params.get("precision", "ns")
        if precision not in PRECISIONS:
            known = "ns, us, ms, and s"
            raise Refused(400, "invalid", f"invalid precision; valid precision units are {known}")
        caller = await self._caller(request)
        body = await _body(request, MOST_LINES_BYTES)
        if not body:
            raise Refused(400, "invalid", "writing requires points")
        bucket = request.query_params.get("bucket", "")
        future = await in_thread(self._intake.offer_lines, body, caller, bucket, precision)
        return _outcome(await _stored(future))

    async def _meter_readings(self, request: Request) -> Response:
        caller = await self._caller(request)
        body = io.BytesIO(await _body(request, MOST_XML_BYTES))
        into = request.query_params.get("into", "")
        future = await in_thread(self._intake.offer_meter_readings, body, caller, into)
        receipt = await _stored(future)
        members = {
            "stored": receipt.stored,
            "duplicates": receipt.duplicates,
            "corrected": receipt.corrected,
            "quarantined": receipt.quarantined,
            "rejectedCount": len(receipt.rejected),
            "rejected": _listed(receipt),
        }
        return json_response(members, 422 if receipt.rejected and not receipt.rows else 200)

    async def _caller(self, request: Request) -> Caller:
        """Who writes; unknown is 401, without the right is 403."""
        try:
            caller = await self._who_asks(request)
        except AccessDenied as error:
            headers = {"www-authenticate": "Token"}
            raise Refused(401, "unauthorized", f"{error.message}; {error.hint}", headers) from None
        if not caller.may(Right.WRITE):
            message = f"'{caller.name}' may not write; its token needs the right 'write'"
            raise Refused(403, "forbidden", message)
        return caller


async def _stored(future: Future[Receipt]) -> Receipt:
    """Wait until it is durable; a caller that leaves does not take it back."""
    return await asyncio.shield(asyncio.wrap_future(future))


def _outcome(receipt: Receipt) -> Response:
    """Every line, some of them, or none."""
    if not receipt.rejected:
        return Response(status_code=204)
    shown = receipt.rejected[:_SAID]
    reasons = "; ".join(f"line {line}: {reason}" for line, reason in shown)
    more = "; ..." if len(receipt.rejected) > len(shown) else ""
    said = f"{reasons}{more} dropped={len(receipt.rejected)}"
    members = {"line": receipt.rejected[0].line, "rejected": _listed(receipt)}
    if receipt.rows:
        message = f"failure writing points to database: partial write: {said}"
        return json_response({"code": "unprocessable entity", "message": message, **members}, 422)
    message = f"unable to parse points, nothing was stored: {said}"
    return json_response({"code": "invalid", "message": message, **members}, 400)


def _listed(receipt: Receipt) -> list[dict[str, object]]:
    listed = receipt.rejected[:MOST_REASONS]
    return [{"line": line, "reason": reason} for line, reason in listed]


def _same_origin(request: Request) -> None:
    """A page may post plain text anywhere without asking; its browser says where it is from."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Refused(403, "forbidden", "a page of another origin cannot write")


async def _body(request: Request, most: int) -> bytes:
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", ""):
        raise Refused(415, "invalid", f"the encoding '{encoding}' is not taken; gzip is")
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                raise _too_large(most)
    except ClientDisconnect:
        raise Refused(400, "invalid", "the body breaks off") from None
    return await in_thread(_inflate, bytes(body), most) if encoding == "gzip" else bytes(body)


def _inflate(body: bytes, most: int) -> bytes:
    """The body of a gzip stream, no more than may be."""
    inflating = zlib.decompressobj(_GZIP)
    try:
        plain = inflating.decompress(body, most + 1)
    except zlib.error as error:
        raise Refused(400, "invalid", f"the body is no gzip: {error}") from None
    if len(plain) > most:
        raise _too_large(most)
    if not inflating.eof:
        raise Refused(400, "invalid", "the gzip stream breaks off")
    return plain


def _too_large(most: int) -> Refused:
    return Refused(413, "request too large", f"the body has more than {most:,} bytes")


def _refused(error: GridStrataError) -> Refused:
    """An error of the domain in InfluxDB's words."""
    said = f"{error.message}; {error.hint}" if error.hint else error.message
    if isinstance(error, TooManyWaiting):
        headers = {"retry-after": str(error.retry_after_s)}
        return Refused(429, "too many requests", said, headers)
    if isinstance(error, UnknownModelSet):
        return Refused(404, "not found", f'bucket "{error.subject}" not found; {error.hint}')
    if isinstance(error, AccessDenied):
        return Refused(403, "forbidden", said)
    if isinstance(error, StoreError):
        return Refused(503, "unavailable", said, {"retry-after": str(_STORE_RETRY_AFTER_S)})
    return Refused(400, "invalid", said)


def _refusal(error: Refused) -> Response:
    response = json_response({"code": error.code, "message": error.message}, error.status)
    response.headers.update(error.headers or {})
    return response
