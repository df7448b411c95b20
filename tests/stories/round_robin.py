"""A tiny proxy: hands each request to the next service that is ready, as one in a data centre does.

It looks at `/ready` of each service several times a second, keeps connections open, and never asks
twice: what a service does not answer, its caller sees as 502.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import urlsplit

LOOK_EVERY_S: Final = 0.1
_HOP: Final = frozenset({"connection", "host", "transfer-encoding", "content-length", "keep-alive"})


class RoundRobin:
    """The proxy; `add` and `remove` services while it runs."""

    def __init__(self) -> None:
        self._services: list[str] = []
        self._ready: list[str] = []
        self._turn = 0
        self._lock = threading.Lock()
        self._local = threading.local()
        self._open: list[http.client.HTTPConnection] = []
        self._ended = threading.Event()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                proxy.hand_on(self)

            do_GET = do_POST  # noqa: N815 - the name is the server's

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def add(self, url: str) -> None:
        """Use a service, once it is ready."""
        with self._lock:
            self._services.append(urlsplit(url).netloc)

    def remove(self, url: str) -> None:
        """Forget a service."""
        with self._lock:
            self._services.remove(urlsplit(url).netloc)

    @property
    def ready(self) -> int:
        """How many services are ready."""
        return len(self._ready)

    def hand_on(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer a request with the answer of the next service."""
        body = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        headers = {k: v for k, v in handler.headers.items() if k.lower() not in _HOP}
        try:
            place = self._next()
            connection = self._connection(place)
            connection.request(handler.command, handler.path, body, headers)
            answer = connection.getresponse()
            status, given, said = answer.status, answer.getheaders(), answer.read()
        except (OSError, http.client.HTTPException, IndexError) as error:
            status, given, said = 502, [], repr(error).encode()
        handler.send_response_only(status)
        for name, value in given:
            if name.lower() not in _HOP:
                handler.send_header(name, value)
        handler.send_header("content-length", str(len(said)))
        handler.end_headers()
        handler.wfile.write(said)

    def look(self) -> None:
        """Look at all services until the proxy ends."""
        while not self._ended.wait(LOOK_EVERY_S):
            with self._lock:
                places = list(self._services)
            self._ready = [place for place in places if _is_ready(place)]

    def run(self) -> None:
        """Serve until the end."""
        self._server.serve_forever(0.05)

    def close(self) -> None:
        """End."""
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
        for connection in self._open:
            connection.close()

    def _next(self) -> str:
        with self._lock:
            self._turn += 1
            ready = self._ready
            return ready[self._turn % len(ready)] if ready else self._services[0]

    def _connection(self, place: str) -> http.client.HTTPConnection:
        """One connection for each of our threads and service; opened again when it was closed."""
        kept: dict[str, http.client.HTTPConnection] = self._local.__dict__
        if place not in kept:
            kept[place] = http.client.HTTPConnection(place, timeout=60)
            self._open.append(kept[place])
        return kept[place]


@contextmanager
def round_robin() -> Iterator[RoundRobin]:
    """A proxy that ends with the block."""
    proxy = RoundRobin()
    for work in (proxy.look, proxy.run):
        threading.Thread(target=work, daemon=True).start()
    try:
        yield proxy
    finally:
        proxy.close()


def _is_ready(place: str) -> bool:
    connection = http.client.HTTPConnection(place, timeout=1)
    with closing(connection), suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/ready")
        return connection.getresponse().status == 200
    return False
