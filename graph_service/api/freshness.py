"""Freshness: every answer says which revision it is of, and no caller is led back to an older one.

| header | means |
|---|---|
| GridStrata-Revision | in an answer: the newest revision that this process knows and answers from |
| GridStrata-Age | for how many seconds it has not been seen to be the newest |
| GridStrata-Revision | in a request: the newest the caller was told of; it is come to first |
| Cookie gridstrata-revision | the same, kept by browsers and by clients that keep cookies |

A process that does not come to the revision in time answers 503, REVISION_NOT_REACHED. A cookie
that asks for more than the store has (it was restored, or is another one) is passed over.
"""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph_service.api import http
from graph_service.api.batching import in_thread
from graph_service.api.leaving import Leaving
from graph_service.domain.errors import RevisionNotReached, StoreError
from graph_service.services.house import Services

REVISION: Final = "gridstrata-revision"
AGE: Final = "gridstrata-age"
ADDRESSES: Final = frozenset({"/graphql", "/graphql/examples", "/api/v2/write", "/meter-readings"})
WAIT_S: Final = 3.0
"""How long a request waits for the revision it names."""
COOKIE_S: Final = 60
"""How long a cookie counts: much longer than any process lags behind."""

_MOST_DIGITS: Final = 15


class Freshness:
    """Stands before the application.

    Args:
        app: what answers.
        house: what it answers from.
        leaving: whether this process is about to end.
    """

    def __init__(self, app: ASGIApp, house: Services, leaving: Leaving) -> None:
        self._app = app
        self._house = house
        self._leaving = leaving

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Come to the revision the caller knows, then let it be answered."""
        if scope["type"] == "lifespan" or scope["path"] not in ADDRESSES:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = await self._come_up(headers)
        if refusal is None:
            await self._app(scope, receive, self._telling(send, _cookie(headers)))
        else:
            await refusal(scope, receive, send)

    async def _come_up(self, headers: Headers) -> Response | None:
        """Come to the revision of a request; the refusal where that was not possible."""
        given, cookie = _number(headers.get(REVISION, "")), _number(_cookie(headers))
        network = self._house.network
        try:
            if cookie > network.known:
                await in_thread(network.catch_up, cookie, 0.0)
        except (RevisionNotReached, StoreError):
            pass
        try:
            if given > network.known:
                await in_thread(network.catch_up, given, WAIT_S)
        except StoreError as error:
            return http.refuse(http.refusal(error))
        return None

    def _telling(self, send: Send, cookie: str) -> Send:
        async def telling(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.accept"):
                self._tell(MutableHeaders(scope=message), cookie)
            await send(message)

        return telling

    def _tell(self, headers: MutableHeaders, cookie: str) -> None:
        known, age_s = self._house.network.known, self._house.following.graph_health.age_s
        headers[REVISION] = str(known)
        if age_s is not None:
            headers[AGE] = f"{age_s:.1f}"
        if cookie != str(known):
            attributes = f"Max-Age={COOKIE_S}; Path=/; HttpOnly; SameSite=Strict"
            headers.append("set-cookie", f"{REVISION}={known}; {attributes}")
        if self._leaving.begun:
            headers["connection"] = "close"


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(REVISION)
    except CookieError:
        return ""
    return "" if found is None else found.value


def _number(text: str) -> int:
    """A revision as it is written; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 0
