"""What every resolver is given: the services, who asks, and the batches of this request."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import strawberry

from graph_service.api.batching import Batches
from graph_service.domain.access import Caller, Scope
from graph_service.domain.errors import AccessDenied
from graph_service.services.access import OPEN_CALLER
from graph_service.services.house import Services


@dataclass(slots=True)
class Context:
    """One request, or one WebSocket connection.

    `caller` is None on a WebSocket until its first message has said who asks. A subscription sets
    `begun` once nothing that happens from then on will be missed.
    """

    house: Services
    caller: Caller | None
    batches: Batches = field(default_factory=Batches)
    connection_params: dict[str, Any] | None = None
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def asker(self) -> Caller:
        """Who asks.

        Raises:
            AccessDenied: nobody has said yet.
        """
        if self.caller is None:
            raise AccessDenied("nobody has said who asks", hint="send connection_init first")
        return self.caller

    @property
    def scope(self) -> Scope:
        """What the caller may see."""
        return self.asker.scope


Info = strawberry.Info[Context, None]
"""The info object of strawberry with our context."""


def caller_of(house: Services, authorization: str | None, *, is_open: bool) -> Caller:
    """Recognise who asks by an Authorization header or the parameter of a connection.

    Raises:
        AccessDenied: there is no token where one is needed, or it is not known.
    """
    scheme, _, token = (authorization or "").strip().partition(" ")
    if token and scheme.lower() in ("bearer", "token"):
        return house.access.caller(token.strip())
    if is_open and not token and scheme.lower() in ("", "token"):
        return OPEN_CALLER
    raise AccessDenied(
        "this server answers only with a token",
        hint="send `Authorization: Bearer <token>`; make one with `gridstrata token create NAME`",
    )
