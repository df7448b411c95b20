"""Subscriptions over a WebSocket, with the protocol graphql-transport-ws.

The first message says who asks: `connection_init` with the payload
`{"authorization": "Bearer <token>"}`; a connection without a known token is closed with 4403. A
page of another origin cannot open one. At most 50 operations run on a connection.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry import UNSET
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.schema import BaseSchema
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.unset import UnsetType

from graph_service.api.batching import in_thread
from graph_service.api.context import Context, caller_of
from graph_service.api.http import encode
from graph_service.domain.errors import AccessDenied
from graph_service.services.house import Services

MOST_OPERATIONS: Final = 50


class Sockets(GraphQL[Context, None]):
    """The WebSocket end of /graphql."""

    def __init__(self, schema: BaseSchema, house: Services, *, is_open: bool) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=10),
            max_subscriptions_per_connection=MOST_OPERATIONS,
        )
        self._house = house
        self._is_open = is_open

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        """A context without a caller; the first message brings one."""
        return Context(self._house, None)

    async def on_ws_connect(self, context: Context) -> UnsetType | dict[str, object] | None:
        """Recognise the caller of a connection, or refuse it."""
        given = (context.connection_params or {}).get("authorization")
        authorization = given if isinstance(given, str) else None
        try:
            context.caller = await in_thread(
                caller_of, self._house, authorization, is_open=self._is_open
            )
        except AccessDenied as error:
            raise ConnectionRejectionError from error
        return cast("UnsetType", UNSET)

    def encode_json(self, data: object) -> str:
        """JSON as over HTTP; WebSocket messages are text."""
        return encode(data).decode()
