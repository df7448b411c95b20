"""GraphQL over HTTP: how a question comes in and its answer goes out.

Follows the GraphQL-over-HTTP specification: POST with JSON, GET for queries, answers as
`application/graphql-response+json` or `application/json`, whichever is preferred; files come as
a form. A form, which any web page may post without asking, is taken only with a header that a
page of another origin cannot send.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from graph_service.api import errors
from graph_service.api.asked import Asked, BadRequest, from_body, from_form, from_query
from graph_service.domain.errors import AccessDenied, GridStrataError, TooManyWaiting

RESPONSE_JSON: Final = "application/graphql-response+json"
PLAIN_JSON: Final = "application/json"
FORM_HEADERS: Final = ("graphql-preflight", "x-requested-with", "authorization")
"""One of these must come with a form."""

Execute = Callable[[Asked, Request, frozenset[OperationType]], Awaitable[ExecutionResult]]

_ENCODE: Final = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z
_TOO_MANY: Final = 429
_UNAVAILABLE: Final = 503
_READ_ONLY: Final = frozenset({OperationType.QUERY})
_ANY: Final = frozenset({OperationType.QUERY, OperationType.MUTATION})
_HEADERS: Final[Mapping[int, Mapping[str, str]]] = {
    401: {"www-authenticate": "Bearer"},
    405: {"allow": "POST"},
    _TOO_MANY: {"retry-after": "1"},
    _UNAVAILABLE: {"retry-after": "1"},
}
_MEANT: Final[Mapping[str, str]] = {
    RESPONSE_JSON: RESPONSE_JSON,
    PLAIN_JSON: PLAIN_JSON,
    "application/*": PLAIN_JSON,
    "*/*": PLAIN_JSON,
}


async def answer(request: Request, execute: Execute, most_upload_bytes: int) -> Response:
    """Answer one request to /graphql; `execute` runs the operation it holds."""
    media = preferred(request.headers.get("accept", ""))
    try:
        result = await _execute(request, execute, media, most_upload_bytes)
    except GridStrataError as error:
        return refuse(refusal(error), media or PLAIN_JSON)
    except BadRequest as error:
        return refuse(error, media or PLAIN_JSON)
    status = 400 if media == RESPONSE_JSON and never_began(result) else 200
    if turned_away(result):
        status = _TOO_MANY
    response = _respond(result_body(result), status, media or PLAIN_JSON)
    response.headers.update(_HEADERS.get(status, {}))
    return response


def preferred(accept: str) -> str | None:
    """The media type of the answer; None where the caller takes neither of ours."""
    best: tuple[float, str] | None = None
    for entry in accept.split(",") if accept.strip() else ["*/*"]:
        name, _, parameters = entry.strip().partition(";")
        given = _MEANT.get(name.strip().lower())
        weight = _weight(parameters)
        if given and weight > 0 and (best is None or weight > best[0]):
            best = (weight, given)
    return best[1] if best else None


def wants_page(request: Request) -> bool:
    """Tell whether a browser opens the address to look at it."""
    return (
        request.method == "GET"
        and "query" not in request.query_params
        and "text/html" in request.headers.get("accept", "")
    )


def encode(value: object) -> bytes:
    """JSON of an answer; numpy columns become arrays, NaN becomes null, times are UTC with a Z."""
    return orjson.dumps(value, option=_ENCODE)


def json_response(value: object, status: int = 200) -> Response:
    """A response of plain JSON."""
    return Response(encode(value), status, media_type=PLAIN_JSON)


def refusal(error: GridStrataError) -> BadRequest:
    """How an error met before any operation ran is answered."""
    status = 401 if isinstance(error, AccessDenied) else _UNAVAILABLE
    return BadRequest(status, error.message, error.hint, error.code)


def result_body(result: ExecutionResult) -> dict[str, Any]:
    """The answer as it is sent: without `data` where the operation never began."""
    body: dict[str, Any] = {}
    if result.errors:
        body["errors"] = [error.formatted for error in result.errors]
    if not never_began(result):
        body["data"] = result.data
    if result.extensions:
        body["extensions"] = result.extensions
    return body


def never_began(result: ExecutionResult) -> bool:
    """Tell a request that failed as a whole from one whose fields failed."""
    found = result.errors or ()
    return result.data is None and bool(found) and not any(error.path for error in found)


def turned_away(result: ExecutionResult) -> bool:
    """Tell an operation of which nothing came, since too much waits to be stored already."""
    codes = ((error.extensions or {}).get("code") for error in result.errors or ())
    return result.data is None and TooManyWaiting.code in codes


async def _execute(
    request: Request, execute: Execute, media: str | None, most_upload_bytes: int
) -> ExecutionResult:
    if media is None:
        hint = f"accept {RESPONSE_JSON} or {PLAIN_JSON}"
        raise BadRequest(406, "none of the accepted media types can be given", hint)
    if request.method == "GET":
        return await _run(execute, from_query(request), request, _READ_ONLY)
    kind = _media_type(request.headers.get("content-type", ""))
    if kind == PLAIN_JSON:
        return await _run(execute, await from_body(request), request, _ANY)
    if kind != "multipart/form-data":
        raise BadRequest(415, "the body is no JSON", f"send it with content-type {PLAIN_JSON}")
    if not any(name in request.headers for name in FORM_HEADERS):
        hint = f"send one of the headers {', '.join(FORM_HEADERS)} with the form"
        raise BadRequest(403, "a form is not taken without a header of its own", hint)
    async with from_form(request, most_upload_bytes) as asked:
        return await _run(execute, asked, request, _ANY)


async def _run(
    execute: Execute, asked: Asked, request: Request, allowed: frozenset[OperationType]
) -> ExecutionResult:
    try:
        return await execute(asked, request, allowed)
    except MissingQueryError as error:
        raise BadRequest(400, "there is no query", 'send {"query": "{ ... }"}') from error
    except CannotGetOperationTypeError as error:
        hint = "name one of the operations of the document in `operationName`"
        message = "the document has no operation of this name"
        raise BadRequest(400, message, hint, "UNKNOWN_OPERATION") from error
    except InvalidOperationTypeError as error:
        raise _wrong_transport(error.operation_type) from error


def _wrong_transport(kind: OperationType) -> BadRequest:
    if kind is OperationType.SUBSCRIPTION:
        hint = (
            "open a WebSocket at this address with the protocol graphql-transport-ws, or accept "
            "text/event-stream"
        )
        return BadRequest(400, "a subscription needs a stream", hint)
    return BadRequest(405, "a GET may not change anything", "send mutations with POST")


def refuse(error: BadRequest, media: str = PLAIN_JSON) -> Response:
    """The response to what is no GraphQL request, or was refused before it began."""
    passes = error.status == _UNAVAILABLE
    told = errors.formatted(error.message, error.code, hint=error.hint, retryable=passes)
    body = {"errors": [told]}
    response = _respond(body, error.status, media)
    response.headers.update(_HEADERS.get(error.status, {}))
    return response


def _respond(body: dict[str, Any], status: int, media: str) -> Response:
    return Response(encode(body), status, media_type=f"{media}; charset=utf-8")


def _media_type(header: str) -> str:
    name, _, parameters = header.partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if name.strip().lower() == PLAIN_JSON and charset not in ("", "utf-8", "utf8"):
        raise BadRequest(415, f"the charset '{charset}' is not taken", "send JSON as UTF-8")
    return name.strip().lower()


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
