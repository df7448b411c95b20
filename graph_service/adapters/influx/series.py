"""Which series there are in InfluxDB, and what is told apart by a mark that a writer leaves.

    series, forecast_series   one point a series at 1970-01-01: `kept` is 1 while it is there
    writes                    one point a subject: the stamp of the last write

A writer remembers where series end, so that new values need no question. It trusts its memory as
long as the last stamp is its own.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import Final

from graph_service.adapters.influx import flux, influxql
from graph_service.adapters.influx.lines import name_of, series_head, tag, text_field
from graph_service.adapters.influx.server import InfluxServer
from graph_service.domain.readings import SeriesKey

READINGS: Final = "series"
FORECASTS: Final = "forecast_series"
FOLLOWED: Final = "followed"
"""The subject of the stamp that says until when somebody follows what is written."""
MOST_IN_A_CHOICE: Final = 1_000
"""How many series a question names; more are asked in pieces."""


def found(
    server: InfluxServer, measurement: str, elements: Sequence[str], quantity: str | None = None
) -> list[SeriesKey]:
    """The series of elements, in order."""
    names = list(dict.fromkeys(elements))
    tags = {"quantity": "" if quantity is None else flux.any_of([tag(quantity)])}
    keys: list[SeriesKey] = []
    for at in range(0, len(names), MOST_IN_A_CHOICE):
        some = map(tag, names[at : at + MOST_IN_A_CHOICE])
        keys += _asked(server, measurement, tags | {"element": flux.any_of(some)})
    return sorted(keys)


def every(server: InfluxServer, measurement: str, quantity: str | None = None) -> list[SeriesKey]:
    """All series, in order."""
    tags = {} if quantity is None else {"quantity": flux.any_of([tag(quantity)])}
    return sorted(_asked(server, measurement, tags))


def _asked(server: InfluxServer, measurement: str, tags: dict[str, str]) -> list[SeriesKey]:
    [answer] = server.ask_ql(influxql.kept(measurement, tags))
    rows = (row for series in answer for row in series["values"])
    return [SeriesKey(*map(name_of, names)) for _, kept, *names in rows if kept == 1]


def kept_lines(measurement: str, keys: Iterable[SeriesKey], *, kept: bool = True) -> list[str]:
    """Lines that say of series that they are there, or are not there any more."""
    return [f"{series_head(measurement, key)} kept={int(kept)}i 0" for key in keys]


class Stamps:
    """The marks that writers leave, of one subject.

    Args:
        server: where they are.
        subject: what is written, such as `readings`.

    Attributes:
        followed_until: Until when somebody follows what is written, as a stamp, see `arrivals.py`.
    """

    def __init__(self, server: InfluxServer, subject: str):
        self._server = server
        self._subject = subject
        self._own = ""
        self.followed_until = ""

    def is_own(self) -> bool:
        """Whether nobody else has written since this writer did."""
        found = self._server.stamps(self._subject, FOLLOWED)
        last, self.followed_until = found[self._subject], found[FOLLOWED]
        mine, self._own = last == self._own, last
        return mine

    def next_line(self) -> str:
        """The line that marks a write as this writer's."""
        self._own = secrets.token_hex(8)
        return f"writes,subject={self._subject} stamp={text_field(self._own)} 0"
