"""A wire between a client and a server on which things can go wrong, to test what then is.

    with wire("127.0.0.1", 7687) as w:
        w.cut_at(b"CREATE (:Thing", b"COMMIT", after_answer=True)    # connect to w.port

It can be cut at a chosen moment (`cut_at`), tell of one (`when`), be slow (`delay_s`), or say
something else than the server does (`instead`). Where the server is away, nobody answers.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


class Wire:
    """Listens at `port` and hands everything on.

    Attributes:
        port: Where clients connect.
        delay_s: How long whatever the server says is held back.
        instead: What the server says, and what arrives of it; both of the same length.
        cuts: How often it was cut by `cut_at`.
    """

    def __init__(self, host: str, port: int):
        self._server = (host, port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.delay_s = 0.0
        self.instead = (b"", b"")
        self.cuts = 0
        self._marks: tuple[bytes, bytes] | None = None
        self._after_answer = False
        self._times = 0
        self._then: tuple[bytes, Callable[[], object]] | None = None
        self._open: list[socket.socket] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def cut_at(self, first: bytes, second: bytes, *, after_answer: bool, times: int = 1) -> None:
        """Cut the next connections that say both, the second one now.

        `after_answer`: when the server has answered but nobody heard; else before it was told.
        """
        self._marks, self._after_answer, self._times = (first, second), after_answer, times

    def when(self, said: bytes, then: Callable[[], object]) -> None:
        """Do something the next time a client says this, before the server is told."""
        self._then = (said, then)

    def cut_all(self) -> None:
        """Cut all connections there are; new ones may be made."""
        open_now, self._open = self._open, []
        for one in open_now:
            _shut(one)

    def close(self) -> None:
        """Cut everything."""
        _shut(self._listening)
        self.cut_all()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                try:
                    server = socket.create_connection(self._server)
                except OSError:
                    _shut(client)  # as if nobody listened
                    continue
                self._open += [client, server]
                for one in (client, server):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._forward, args=(client, server), daemon=True).start()
                threading.Thread(target=self._back, args=(client, server), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        said = b""
        with suppress(OSError):
            while data := client.recv(65536):
                if self._marks is not None:
                    said += data
                if self._is_moment(said, data):
                    self._cut(client, server, data)
                    return
                self._tell(data)
                server.sendall(data)
        _shut(server)

    def _tell(self, data: bytes) -> None:
        if self._then is not None and self._then[0] in data:
            then, self._then = self._then[1], None
            then()

    def _is_moment(self, said: bytes, data: bytes) -> bool:
        return self._marks is not None and self._marks[0] in said and self._marks[1] in data

    def _cut(self, client: socket.socket, server: socket.socket, data: bytes) -> None:
        self.cuts += 1
        self._times -= 1
        if not self._times:
            self._marks = None
        if self._after_answer:
            _shut(client)
            server.sendall(data)
            time.sleep(0.5)  # the server does what it was told
        _shut(client)
        _shut(server)

    def _back(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                time.sleep(self.delay_s)
                client.sendall(data.replace(*self.instead) if self.instead[0] else data)
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
