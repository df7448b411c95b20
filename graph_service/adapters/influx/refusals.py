"""Lines that InfluxDB refuses: found and put aside, while all others end up stored.

InfluxDB refuses in two ways. 400: a line cannot be read, and nothing of the request is stored; the
request is sent again in halves until the bad lines stand alone. 422: some lines do not fit what is
stored (another type of value, older than what the bucket keeps), and the others are stored;
nothing is sent again, the caller asks what is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from graph_service.adapters.influx.server import BadLines, InfluxServer
from graph_service.domain.errors import StoreError

_LINES_AT_ONCE: Final = 50_000


@dataclass(slots=True)
class Outcome:
    """What became of lines.

    Attributes:
        refused: Index of a line that was not stored → why.
        dropped: Why some of the others were not stored; empty where all were.
    """

    refused: dict[int, str] = field(default_factory=dict)
    dropped: str = ""


def send(server: InfluxServer, lines: Sequence[str], first: Sequence[str] = ()) -> Outcome:
    """Send lines in as few requests as may be.

    Args:
        server: where to.
        lines: any of which may be refused.
        first: lines that go before them and are not told of.
    """
    outcome = Outcome()
    for at in range(0, max(1, len(lines)), _LINES_AT_ONCE):
        some = lines[at : at + _LINES_AT_ONCE]
        try:
            server.write("\n".join([*first, *some]).encode())
        except BadLines as bad:
            if bad.stored:
                outcome.dropped = bad.reason
            else:
                if first:
                    _send_halves(server, first, 0, Outcome())  # whose own line cannot be read
                _send_halves(server, some, at, outcome)
        first = ()
    return outcome


def send_all(server: InfluxServer, lines: Sequence[str]) -> None:
    """Send lines all of which must be taken.

    Raises:
        StoreError: one was not.
    """
    for at in range(0, len(lines), _LINES_AT_ONCE):
        try:
            server.write("\n".join(lines[at : at + _LINES_AT_ONCE]).encode())
        except BadLines as bad:
            raise StoreError(
                f"InfluxDB does not take what is to be kept: {bad.reason}",
                subject=server.place.bucket,
                hint="see whether something else writes into the bucket; give the timeline its own",
            ) from bad


def _send_halves(server: InfluxServer, lines: Sequence[str], offset: int, outcome: Outcome) -> None:
    """Send lines that were refused together."""
    if len(lines) == 1:
        halves = [lines]
    else:
        middle = len(lines) // 2
        halves = [lines[:middle], lines[middle:]]
    for half in halves:
        try:
            server.write("\n".join(half).encode())
        except BadLines as bad:
            if bad.stored:
                outcome.dropped = bad.reason
            elif len(half) == 1:
                outcome.refused[offset] = bad.reason
            else:
                _send_halves(server, half, offset, outcome)
        offset += len(half)
