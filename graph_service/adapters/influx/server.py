"""The connection to InfluxDB: lines in, tables out, and what its errors mean.

Guarantees: a write has been acknowledged by the server when it returns; what the driver and the
network say comes out as `domain.errors.StoreError`, with what to do. Requests that did not reach
the server, or that it was too busy to take, are sent again a few times: points are named by their
series and time, so that a point that arrives twice is there once.

Limits: InfluxDB 2.7 or newer, not 3. A write of many shards (weeks, usually) that is cut off may be
there in part; whoever sends it again completes it.
"""

from __future__ import annotations

import csv
import io
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import orjson

from graph_service.adapters.influx import flux, influxql
from graph_service.domain.errors import (
    StoreBusy,
    StoreError,
    StoreFull,
    StoreReadOnly,
    StoreUnavailable,
)

try:
    from influxdb_client.client.influxdb_client import InfluxDBClient
    from influxdb_client.client.write_api import SYNCHRONOUS
    from influxdb_client.domain.dialect import Dialect
    from influxdb_client.rest import ApiException
    from urllib3.exceptions import HTTPError
except ImportError as missing:  # pragma: no cover - what a machine without the extra sees
    raise StoreError(
        "the timeline shall be kept in InfluxDB, whose client is not installed",
        subject="influxdb_client",
        hint="install the extra `influx`: pip install 'gridstrata[influx]'",
    ) from missing

csv.field_size_limit(2**31 - 1)  # a history of an event may be longer than the usual limit

_T = TypeVar("_T")
_WAIT_S: Final = (0.1, 0.3, 0.6, 1.2)
"""How long to wait before a request is sent again, each time."""
_OLDEST: Final = (2, 7)
_TOO_NEW: Final = (3, 0)
"""InfluxDB 3 has no Flux."""
_VERSION: Final = re.compile(r"v?(\d+)\.(\d+)")
_SHORT: Final = 200  # characters
_JSON: Final = "application/json"
_INFLUXQL: Final = "application/vnd.influxql"
_BUSY: Final = frozenset({429, 502, 503, 504})
_FULL: Final = ("no space left", "quota exceeded", "file too large")
_TABLES: Final = Dialect(  # type: ignore[no-untyped-call]
    header=True, delimiter=",", comment_prefix="#", annotations=[], date_time_format="RFC3339Nano"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a timeline is: server, organisation, bucket, and the token that opens it."""

    url: str
    org: str
    bucket: str
    token: str

    def __repr__(self) -> str:
        return f"Place({self.url!r}, org={self.org!r}, bucket={self.bucket!r})"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one answer that have the same columns: name → texts, as the server wrote them."""

    columns: dict[str, Sequence[str]]

    def __getitem__(self, name: str) -> Sequence[str]:
        return self.columns[name]

    def take(self, rows: Sequence[int]) -> Table:
        """Some of the rows."""
        return Table({name: [one[at] for at in rows] for name, one in self.columns.items()})

    def __len__(self) -> int:
        return len(self.columns["table"])


class BadLines(Exception):
    """Some lines of a write were refused; `stored` says whether the others are there."""

    def __init__(self, reason: str, *, stored: bool):
        super().__init__(reason)
        self.reason = reason
        self.stored = stored


class InfluxServer:
    """One bucket of one server.

    Raises:
        StoreError: it cannot be reached, is of another version, or the token does not open the
            bucket.
    """

    def __init__(self, place: Place, timeout_s: float = 60.0):
        self.place = place
        self._client = InfluxDBClient(
            place.url,
            place.token,
            org=place.org,
            timeout=int(timeout_s * 1000),
            connection_pool_maxsize=16,
        )
        self._writing = self._client.write_api(write_options=SYNCHRONOUS)
        self._asking = self._client.query_api()
        self._deleting = self._client.delete_api()
        self._check_version()
        self.ask(flux.count("writes", "stamp", flux.stretch_of(flux.ALWAYS)))

    def write(self, lines: bytes) -> None:
        """Send lines, times in nanoseconds where they are; acknowledged when this returns.

        Raises:
            BadLines: some of them cannot be kept.
            StoreError: the server cannot be reached, or cannot take them.
        """
        place = self.place
        self._sent(lambda: self._writing.write(place.bucket, place.org, lines))

    def ask(self, question: str) -> list[Table]:
        """Ask a question made of the templates of `flux.py`."""
        text = flux.script(self.place.bucket, question)
        answer = self._sent(lambda: self._asking.query_raw(text, dialect=_TABLES).data)
        return list(_tables(answer.decode("utf-8"), self.place))

    def stamp(self, subject: str) -> str:
        """The last stamp that a writer left; empty where there is none."""
        return self.stamps(subject)[subject]

    def stamps(self, *subjects: str) -> dict[str, str]:
        """The last stamp of each subject; empty where there is none.

        Asked in InfluxQL: it is asked before every write, and answered in a third of the time.
        """
        [answer] = self.ask_ql(influxql.stamps(subjects))
        found = {one["tags"]["subject"]: str(one["values"][0][1]) for one in answer}
        return {subject: found.get(subject, "") for subject in subjects}

    def arrivals(self, field: str, since_ns: int) -> dict[int, str]:
        """One field of what writers left for who follows: nanoseconds → text."""
        [answer] = self.ask_ql(influxql.arrivals(field, since_ns))
        return {at: text for one in answer for at, text in one["values"]}

    def ask_ql(self, *questions: str) -> list[list[dict[str, Any]]]:
        """Ask questions of `influxql.py` in one request: of each the series of its answer.

        Times are whole nanoseconds; a series has `tags` where it was asked for them, and `values`.
        """
        asked = ";".join(questions)
        results = orjson.loads(self._sent(lambda: self._answer_ql(asked)))["results"]
        for result in results:
            if "error" in result:
                raise StoreError(
                    f"InfluxDB at {self.place.url} could not answer: {result['error']}",
                    subject=self.place.url,
                    hint="see what the log of the server says",
                )
        return [result.get("series", []) for result in results]

    def _answer_ql(self, asked: str) -> bytes:
        """The whole answer, read to its end: the connection may be cut in the middle of it."""
        answer = self._client.api_client.call_api(  # type: ignore[no-untyped-call]
            "/query",
            "POST",
            query_params=[("db", self.place.bucket), ("epoch", "ns")],
            header_params={"Accept": _JSON, "Content-Type": _INFLUXQL},
            body=asked,
            _preload_content=False,
            _return_http_data_only=True,
        )
        return bytes(answer.data)

    def delete(self, predicate: str, stretch: tuple[int, int]) -> None:
        """Take points away: a predicate of `=` and `AND`, and a half-open stretch of time."""
        start, stop = flux.moment(stretch[0]), flux.moment(stretch[1] - 1)
        place = self.place
        self._sent(lambda: self._deleting.delete(start, stop, predicate, place.bucket, place.org))

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()  # type: ignore[no-untyped-call] # the client's own types end here

    def _check_version(self) -> None:
        """Refuse what says that it is no InfluxDB 2; a proxy may keep the version to itself."""
        try:
            said = self._sent(self._client.version)
        except StoreUnavailable:
            raise
        except StoreError:
            return
        found = _VERSION.match(said)
        if found and not _OLDEST <= (int(found[1]), int(found[2])) < _TOO_NEW:
            raise StoreError(
                f"{self.place.url} runs InfluxDB {said}, which is of another kind",
                subject=self.place.url,
                hint="use InfluxDB 2, of version 2.7 or newer",
            )

    def _sent(self, request: Callable[[], _T]) -> _T:
        """What a request gives, sent again where that can help."""
        for wait_s in (*_WAIT_S, None):
            try:
                return request()
            except (ApiException, HTTPError, OSError) as error:
                if wait_s is None or not _may_pass(error):
                    raise _translated(error, self.place) from error
                time.sleep(wait_s)
        raise AssertionError("the last try returns or raises")


def _may_pass(error: Exception) -> bool:
    return not isinstance(error, ApiException) or error.status in _BUSY


def _translated(error: Exception, place: Place) -> Exception:
    if isinstance(error, ApiException) and not error.status:
        return StoreUnavailable(
            f"InfluxDB at {place.url} cannot be talked to: {' '.join(_said(error).split())}",
            subject=place.url,
            hint="see whether it wants http or https, and whether its certificate is known here",
        )
    if not isinstance(error, ApiException):
        return StoreUnavailable(
            f"InfluxDB at {place.url} does not answer: {_shortly(error)}",
            subject=place.url,
            hint="see that it runs and can be reached from here, then do it again",
        )
    said = _said(error)
    if error.status in (400, 422) and error.status is not None and "write" in _asked(error, said):
        return BadLines(said, stored=error.status == 422)
    if error.status in (401, 403):
        return StoreReadOnly(
            f"InfluxDB at {place.url} does not open bucket '{place.bucket}' to this token",
            subject=place.url,
            hint="give a token that may read and write the bucket",
        )
    if error.status == 404 or "organization name" in said:
        return StoreError(
            f"InfluxDB at {place.url} has no bucket '{place.bucket}' of '{place.org}': {said}",
            subject=place.bucket,
            hint="make the bucket, or name another one, or another organisation",
        )
    if any(mark in said for mark in _FULL):
        return StoreFull(
            f"the disk of InfluxDB at {place.url} is full; what was sent has not been kept",
            subject=place.url,
            hint="make room on its disk, start InfluxDB again, and send it again",
        )
    if error.status in _BUSY:
        return StoreBusy(
            f"InfluxDB at {place.url} is too busy: {said}",
            subject=place.url,
            hint="do it again in a while",
        )
    return StoreError(
        f"InfluxDB at {place.url} refuses ({error.status}): {said}",
        subject=place.url,
        hint="see what the log of the server says",
    )


def _asked(error: ApiException, said: str) -> str:
    """A word of what was asked when lines were refused; questions are refused as well."""
    wrong_line = "unable to parse" in said or "partial write" in said or "max key length" in said
    return "write" if wrong_line else "query"


def _said(error: ApiException) -> str:
    """What the server says, in its words, without the middle of what is long."""
    body = error.body
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body or error.reason)
    with suppress(ValueError, TypeError, KeyError):
        text = str(json.loads(text)["message"])
    return text if len(text) <= 2 * _SHORT else f"{text[:_SHORT]} ... {text[-_SHORT:]}"


def _shortly(error: Exception) -> str:
    """What is wrong, without addresses of objects and without what was sent."""
    reason = getattr(error, "reason", None) or error
    return str(reason).rpartition(">: ")[2][:200] or type(error).__name__


# --- answers -----------------------------------------------------------------------------------


def _tables(text: str, place: Place) -> Iterator[Table]:
    for block in _quoted(text) if '"' in text else _plain(text):
        if "error" in block:  # found after the answer had begun
            raise StoreError(
                f"InfluxDB at {place.url} could not answer: {block['error'][0]}",
                subject=place.url,
                hint="see what the log of the server says",
            )
        yield Table(block)


def _plain(text: str) -> Iterator[dict[str, Sequence[str]]]:
    """Blocks without quotes, cut as a whole: five times as fast as row by row."""
    for block in text.split("\r\n\r\n"):
        head, _, body = block.strip("\r\n").partition("\r\n")
        if body:
            names = head.split(",")
            cells = body.replace("\r\n", ",").split(",")
            yield {name: cells[at :: len(names)] for at, name in enumerate(names)}


def _quoted(text: str) -> Iterator[dict[str, Sequence[str]]]:
    rows: list[list[str]] = []
    for row in [*csv.reader(io.StringIO(text, newline="")), []]:
        if row:
            rows.append(row)
        elif rows:
            names, *data = rows
            if data:
                yield dict(zip(names, zip(*data, strict=True), strict=True))
            rows = []
