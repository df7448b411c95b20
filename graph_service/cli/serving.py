"""The command that serves GraphQL; open on loopback, with tokens anywhere else."""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final

import typer
import uvicorn
from uvicorn.supervisors import Multiprocess

from graph_service import bootstrap
from graph_service.api.app import make_app
from graph_service.api.leaving import Leaving
from graph_service.api.metrics import FOLDER_SETTING
from graph_service.cli import worker
from graph_service.cli.output import say
from graph_service.domain.errors import AccessDenied, InvalidCall
from graph_service.services.house import Services
from graph_service.settings import Settings

_START_WITHIN_S: Final = 60
"""How long a worker may take to read the graph, and how long it may be too busy to say a word."""
_IDLE_S: Final = 75
"""How long a connection may be idle: longer than proxies keep theirs (a minute, usually), so
that none is closed here while a question is on its way."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(rich_help_panel="Service")(serve)


def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="The port; 0 takes a free one.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=64, help="How many processes serve; SIGHUP replaces them in turn."),
    ] = None,
    drain: Annotated[
        float | None,
        typer.Option(min=0, max=600, help="Seconds to go on answering after SIGTERM."),
    ] = None,
    require_tokens: Annotated[
        bool, typer.Option("--require-tokens", help="Ask for a token on loopback, too.")
    ] = False,
) -> None:
    """Serve GraphQL at /graphql until Ctrl-C."""
    chosen = {"host": host, "port": port, "workers": workers, "drain_seconds": drain}
    given = {key: value for key, value in chosen.items() if value is not None}
    settings: Settings = context.obj.model_copy(update=given)
    with bootstrap.open_services(settings) as house:
        house.imports.close_interrupted()
        if settings.workers == 1:
            run_server(house, settings, require_tokens=require_tokens)
            return
        is_open = may_be_open(house, settings, require_tokens=require_tokens)
        house.network.projection()  # kept on disk, where all workers find it
    run_workers(settings, is_open=is_open)


def run_server(house: Services, settings: Settings, *, require_tokens: bool = False) -> None:
    """Serve in this process until a signal ends it.

    Raises:
        AccessDenied: the address is not loopback and there is no token yet.
        InvalidCall: the address and port cannot be listened on.
    """
    is_open = may_be_open(house, settings, require_tokens=require_tokens)
    house.intake.link()
    house.network.projection()  # built before the first question, not by it
    app = make_app(
        house,
        is_open=is_open,
        max_upload_bytes=settings.max_upload_bytes,
        leaving=Leaving(settings.drain_seconds),
    )
    listening = _listen(settings.host, settings.port)
    signal.signal(signal.SIGTERM, _leave)
    config = _config(app)
    server = _Server(config, _told(settings, listening, is_open))
    worker.settle()
    with listening, worker.upkeep(house, settings), suppress(KeyboardInterrupt):
        server.run(sockets=[listening])


def run_workers(settings: Settings, *, is_open: bool) -> None:
    """Serve in several processes that share the port, until a signal ends them.

    One that dies is replaced. SIGHUP replaces all of them one after the other, each when its
    successor serves; SIGTTIN and SIGTTOU add and take one away.

    Raises:
        InvalidCall: the address and port cannot be listened on.
    """
    config = _config(
        partial(worker.make, settings, is_open=is_open),
        factory=True,
        workers=settings.workers,
        timeout_worker_healthcheck=_START_WITHIN_S,
    )
    with _listen(settings.host, settings.port) as listening, _metrics_folder():
        say(_told(settings, listening, is_open))
        Multiprocess(config, sockets=[listening]).run()


def _config(app: Callable[..., Any], **more: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app, log_level="warning", ws="websockets-sansio", timeout_keep_alive=_IDLE_S, **more
    )


def may_be_open(house: Services, settings: Settings, *, require_tokens: bool) -> bool:
    """Whether questions are answered without tokens: on loopback, where nobody says otherwise.

    Raises:
        AccessDenied: the address is not loopback and there is no token yet.
    """
    is_open = not require_tokens and _is_loopback(settings.host)
    if not is_open and not house.access.tokens():
        raise AccessDenied(
            f"a server on {settings.host} needs tokens, and none has been made",
            subject=settings.host,
            hint="run `gridstrata token create NAME` first, or listen on 127.0.0.1",
        )
    return is_open


class _Server(uvicorn.Server):
    """Says that it serves once it does."""

    def __init__(self, config: uvicorn.Config, told: str) -> None:
        super().__init__(config)
        self._told = told

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        say(self._told)


@contextmanager
def _metrics_folder() -> Iterator[None]:
    """Where workers leave what they count, so that any of them can tell of all."""
    with TemporaryDirectory(prefix="gridstrata-metrics-") as folder:
        os.environ[FOLDER_SETTING] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER_SETTING]


def _told(settings: Settings, listening: socket.socket, is_open: bool) -> str:
    told = [f"GraphQL at http://{_address(settings.host, listening)}/graphql"]
    if settings.workers > 1:
        told.append(f"{settings.workers} processes serve; SIGHUP replaces them one by one")
    if is_open:
        told.append("open to everybody on this machine; tokens are asked for on any other address")
    return "\n".join([*told, "Ctrl-C ends it"])


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before anything is promised; IPv4 first where a name has both."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family = min(entry[0] for entry in found)
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        reason = str(error.strerror or error).partition(" (")[0]
        raise InvalidCall(
            f"cannot listen on {host}:{port}: {reason}",
            subject=f"{host}:{port}",
            hint="give another --host or --port; --port 0 takes a free one",
        ) from error
    # Inherited by every connection; asyncio would set it only on sockets that name their
    # protocol, and each answer would wait 40 ms for the other side's acknowledgement.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _address(host: str, listening: socket.socket) -> str:
    port = listening.getsockname()[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _leave(*_: object) -> None:
    """End by SIGTERM as by Ctrl-C: the stores are closed, the exit code is 0."""
    sys.exit(0)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
