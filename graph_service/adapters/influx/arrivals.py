"""What writes brought, left in InfluxDB for other processes while somebody follows.

    arrivals   one point a piece, at the time it was left: `writer`, and `what` in base 64; gone
               after some minutes
    writes     the stamp of the subject `followed`: until when writers leave word

Word is left once the server has acknowledged the write, so that nothing is told that is not there.

Limits: clocks of the machines that write agree within two seconds; a write whose word takes longer
than that to arrive is not told of.
"""

from __future__ import annotations

import secrets
import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from graph_service.adapters.influx import flux
from graph_service.adapters.influx.lines import text_field
from graph_service.adapters.influx.series import FOLLOWED
from graph_service.adapters.influx.server import BadLines, InfluxServer
from graph_service.adapters.timeline.arrivals import KEPT_FOR_US, pieces, read
from graph_service.domain.arrivals import Arrival
from graph_service.domain.errors import StoreError

_LATE_NS: Final = 3_000_000_000
_CLEAN_EVERY_S: Final = 600.0


class InfluxArrivals:
    """Leaves word of what one store writes, and finds what others have left."""

    def __init__(self, server: InfluxServer):
        self._server = server
        self._writer = secrets.token_hex(8)
        self._since_ns: int | None = None
        self._seen: dict[int, None] = {}
        self._cleaned_at = 0.0

    def leave(self, followed_until: str, make: Callable[[], Arrival]) -> None:
        """Leave word of a write that was acknowledged, where somebody follows.

        The write is kept whatever becomes of this.
        """
        now_ns = time.time_ns()
        if int(followed_until or 0) * 1000 < now_ns:
            return
        now_ns -= secrets.randbelow(1_000)  # two writers never leave the same point
        lines = [
            f'arrivals writer="{self._writer}",what={text_field(b64encode(piece).decode())} {at}'
            for at, piece in enumerate(pieces(make()), start=now_ns)
        ]
        with suppress(StoreError, BadLines):
            self._server.write("\n".join(lines).encode())

    def follow(self, until_us: int) -> None:
        """Have writers leave word until then."""
        self._server.write(
            f"writes,subject={FOLLOWED} stamp={text_field(str(until_us))} 0".encode()
        )
        if self._since_ns is None:
            self._since_ns = time.time_ns()

    def new(self) -> list[Arrival]:
        """What others left since this was last asked."""
        if self._since_ns is None:
            self._server.stamps(FOLLOWED)
            return []
        found = self._server.arrivals("writer", self._since_ns - _LATE_NS)
        new = {at: writer for at, writer in found.items() if at not in self._seen}
        if not new:
            return []
        self._clean()
        self._remember(list(new))
        others = sorted(at for at, writer in new.items() if writer != self._writer)
        if not others:
            return []
        found = self._server.arrivals("what", others[0])
        return [read(b64decode(found[at])) for at in others if at in found]

    def _remember(self, new: list[int]) -> None:
        """What was seen is asked for again for a while, as one that was left before may be late."""
        self._since_ns = max(self._since_ns or 0, *new)
        oldest = self._since_ns - _LATE_NS
        self._seen = {at: None for at in (*self._seen, *new) if at >= oldest}

    def _clean(self) -> None:
        if time.monotonic() - self._cleaned_at > _CLEAN_EVERY_S:
            self._cleaned_at = time.monotonic()
            before_ns = time.time_ns() - KEPT_FOR_US * 1000
            self._server.delete('_measurement="arrivals"', (flux.FIRST_US * 1000, before_ns))
