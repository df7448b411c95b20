"""A wire between a client and a server that can be cut at a chosen moment, to test what then is.

    with wire("127.0.0.1", 7687) as w:
        w.cut_at(b"CREATE (:Thing", b"COMMIT")    # connect to w.port

A connection over which the first text has gone is cut when the second one goes: `after_answer`,
when the server has answered but nobody heard, else before the server got it.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Wire:
    """Listens at `port` and hands everything on."""

    def __init__(self, host: str, port: int):
        self._server = (host, port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._marks: tuple[bytes, bytes] | None = None
        self._after_answer = False
        self._open: list[socket.socket] = []
        self.cuts = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def cut_at(self, first: bytes, second: bytes, *, after_answer: bool) -> None:
        """Cut the next connection that says both, once."""
        self._marks, self._after_answer = (first, second), after_answer

    def close(self) -> None:
        """Cut everything."""
        for one in [self._listening, *self._open]:
            _shut(one)

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(self._server)
                self._open += [client, server]
                threading.Thread(target=self._forward, args=(client, server), daemon=True).start()
                threading.Thread(target=self._back, args=(client, server), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        said = b""
        with suppress(OSError):
            while data := client.recv(65536):
                said += data
                if self._is_moment(said, data):
                    self._cut(client, server, data)
                    return
                server.sendall(data)
        _shut(server)

    def _is_moment(self, said: bytes, data: bytes) -> bool:
        return self._marks is not None and self._marks[0] in said and self._marks[1] in data

    def _cut(self, client: socket.socket, server: socket.socket, data: bytes) -> None:
        self._marks = None
        self.cuts += 1
        if self._after_answer:
            _shut(client)
            server.sendall(data)
            threading.Event().wait(0.5)  # the server does what it was told
        _shut(client)
        _shut(server)

    @staticmethod
    def _back(client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)
        _shut(client)


@contextmanager
def wire(host: str, port: int) -> Iterator[Wire]:
    """A wire, cut at the end of the block."""
    one = Wire(host, port)
    try:
        yield one
    finally:
        one.close()


def _shut(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
