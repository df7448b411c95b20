"""What was asked: one GraphQL operation, read from a query string, a JSON body or a form.

Limits: a JSON body of 1 MB, uploads as the settings say, 1,000 files, no batches. Forms follow
the GraphQL multipart request specification: `operations`, `map`, then the files.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

MOST_BODY_BYTES: Final = 1_000_000
MOST_FILES: Final = 1_000

_PARAMETERS: Final[Mapping[str, type]] = {
    "query": str,
    "operationName": str,
    "variables": dict,
    "extensions": dict,
}


class BadRequest(Exception):
    """The request is no GraphQL request; answered with a status and one error."""

    def __init__(
        self, status: int, message: str, hint: str | None = None, code: str = "BAD_REQUEST"
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.hint, self.code = status, message, hint, code


@dataclass(slots=True)
class Asked:
    """One operation as it came in; uploads stand in the variables."""

    query: str | None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


def from_query(request: Request) -> Asked:
    """Read the operation of a GET.

    Raises:
        BadRequest: a parameter is of the wrong kind.
    """
    given: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if name in given:
            given[name] = _decode(given[name], name)
    return _from_json(given)


async def from_body(request: Request) -> Asked:
    """Read the operation of a POST with JSON.

    Raises:
        BadRequest: the body is too long, no JSON, or a parameter is of the wrong kind.
    """
    return _from_json(_decode(await _body(request), "body"))


@asynccontextmanager
async def from_form(request: Request, most_bytes: int) -> AsyncIterator[Asked]:
    """Read the operation of a form; its files can be read until the end of the block.

    Raises:
        BadRequest: the form is too long or not as the specification has it.
    """
    limited = Request(request.scope, _at_most(request.receive, most_bytes))
    try:
        form = await limited.form(max_files=MOST_FILES, max_fields=2)
    except HTTPException as error:
        raise BadRequest(400, f"the form cannot be read: {error.detail}") from error
    try:
        yield _from_form(form)
    finally:
        await form.close()


def _from_json(given: Any) -> Asked:
    if isinstance(given, list):
        raise BadRequest(400, "batches are not taken", "send one operation a request")
    if not isinstance(given, dict):
        raise BadRequest(400, "the body is no JSON object", 'send {"query": "{ ... }"}')
    for name, kind in _PARAMETERS.items():
        if given.get(name) is not None and not isinstance(given[name], kind):
            word = "a string" if kind is str else "an object"
            raise BadRequest(400, f"`{name}` must be {word}")
    return Asked(*(given.get(name) for name in ("query", "variables", "operationName")))


def _from_form(form: FormData) -> Asked:
    operations, places = form.get("operations"), form.get("map")
    if not isinstance(operations, str) or not isinstance(places, str):
        hint = "see the GraphQL multipart request specification"
        raise BadRequest(400, "the form needs the fields `operations` and `map`", hint)
    asked = _from_json(_decode(operations, "operations"))
    mapped = _decode(places, "map")
    for name, paths in mapped.items() if isinstance(mapped, dict) else ():
        upload = form.get(name)
        if not isinstance(upload, UploadFile) or not isinstance(paths, list):
            raise BadRequest(400, f"the file '{name}' of the map is not in the form")
        for path in paths:
            _place(asked, path, upload)
    return asked


def _place(asked: Asked, path: Any, upload: UploadFile) -> None:
    """Put an upload where its path says, such as `variables.files.0`; null must stand there."""
    keys = path.split(".") if isinstance(path, str) else []
    target: Any = {"variables": asked.variables}
    try:
        for key in keys[:-1]:
            target = target[_key(target, key)]
        if target[_key(target, keys[-1])] is None:
            target[_key(target, keys[-1])] = upload
            return
    except (LookupError, TypeError, ValueError):
        pass  # told below, like a place that holds something else
    hint = "the place of a file must be null in `operations`, such as variables.files.0"
    raise BadRequest(400, f"'{path}' is no place for a file", hint)


def _key(target: Any, key: str) -> int | str:
    return int(key) if isinstance(target, list) else key


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BODY_BYTES:
            raise BadRequest(413, f"the body has more than {MOST_BODY_BYTES} bytes")
    return bytes(body)


def _at_most(receive: Callable[[], Awaitable[Message]], most: int) -> Callable[[], Any]:
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most:
            hint = "import it on the server with `gridstrata import`"
            raise BadRequest(413, f"the upload has more than {most} bytes", hint)
        return message

    return counted


def _decode(text: bytes | str, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(400, f"the {what} cannot be read as JSON: {error}") from error
