"""An HTTP connection kept open, with as little work as can be: clients share the cores."""

from __future__ import annotations

import asyncio


class Connection:
    """A connection; `reader` gives what comes beyond the answers."""

    def __init__(self, host: str, port: int):
        self._host, self._port = host, port
        self.reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def __aenter__(self) -> Connection:
        self.reader, self._writer = await asyncio.open_connection(self._host, self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def get(self, path: str) -> tuple[int, bytes]:
        await self.send("GET", path, b"", "")
        return await self._answer()

    async def post(self, path: str, body: bytes, kind: str) -> tuple[int, bytes]:
        await self.send("POST", path, body, kind)
        return await self._answer()

    async def send(self, method: str, path: str, body: bytes, kind: str, more: str = "") -> None:
        head = (
            f"{method} {path} HTTP/1.1\r\nhost: {self._host}:{self._port}\r\n{more}"
            f"content-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        await self._writer.drain()

    async def _answer(self) -> tuple[int, bytes]:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0] or 0)
        status = int(head.split(" ", 2)[1])
        return status, await self.reader.readexactly(length) if length else b""
