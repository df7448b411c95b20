"""Answers of InfluxDB that are given again as long as nobody has written what they tell of.

A question costs InfluxDB some tenth of a millisecond for each series it is about. Most are about
days that are over, and are asked again and again; whether their answer is true still is told by the
marks that writers leave, of this process and of others, in a single point (see `marks.py`).

Guarantees: what has been acknowledged to any writer is in every answer that is asked for after it.
A mark may be seen before what was sent with it; so an answer is remembered only where its marks
are older than a write may take, and a write that took longer leaves new ones.

Limits: what is written into the bucket past the service, or by a machine whose clock is some
seconds late, is seen after a minute at the latest.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from threading import Lock
from time import monotonic
from typing import Any, Final, NamedTuple, TypeVar

from graph_service.adapters.influx import marks
from graph_service.adapters.influx.lines import tag
from graph_service.adapters.influx.refusals import send_all
from graph_service.adapters.influx.server import InfluxServer
from graph_service.domain.readings import SeriesKey

SETTLED_S: Final = 10.0
"""How old marks must be; 0 where one thread is all there is."""

_T = TypeVar("_T")
_KEPT_S: Final = 60.0
_MOST_VALUES: Final = 500_000
_MOST_OF_ONE: Final = 50_000


def named(names: Iterable[str]) -> bytes:
    """A short name for some names in their order."""
    return blake2b("\n".join(map(tag, names)).encode(), digest_size=16).digest()


def named_keys(keys: Iterable[SeriesKey]) -> bytes:
    """A short name for some series in their order."""
    return named(name for key in keys for name in key)


class _Answer(NamedTuple):
    marks: str
    at_s: float
    found: Any
    size: int


class Remembered:
    """Remembers answers of one bucket.

    Args:
        server: where marks are.
        settled_s: see `SETTLED_S`.
    """

    def __init__(self, server: InfluxServer, settled_s: float):
        self._server = server
        self._settled_s = settled_s
        self._answers: OrderedDict[Hashable, _Answer] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def answer(
        self, question: str, asked: Hashable, find: Callable[[], _T], size: Callable[[_T], int]
    ) -> _T:
        """The answer to what is asked, found only where it is not remembered.

        Args:
            question: asks for the marks that tell of it.
            asked: names the question among all.
            find: asks it; what it gives is not changed by anybody.
            size: of what was found, in values.
        """
        [said] = self._server.ask_ql(question)
        there, now_s = str(said), monotonic()
        settled = time.time() - marks.left_at_s(said) >= self._settled_s
        with self._lock:
            known = self._answers.get(asked)
            if known and known.marks == there and now_s - known.at_s < _KEPT_S:
                self._answers.move_to_end(asked)
                found: _T = known.found
                return found
        found = find()
        if settled and size(found) <= _MOST_OF_ONE:
            with self._lock:
                self._keep(asked, _Answer(there, now_s, found, 10 + size(found)))
        return found

    @contextmanager
    def writing(self, left: Callable[[], list[str]]) -> Iterator[None]:
        """Leave marks after a block that took so long that those it left may be trusted already."""
        begun_s = monotonic()
        yield
        if 0 < self._settled_s / 2 <= monotonic() - begun_s:
            send_all(self._server, left())

    def _keep(self, asked: Hashable, answer: _Answer) -> None:
        self._drop(asked)
        self._answers[asked] = answer
        self._size += answer.size
        while self._size > _MOST_VALUES:
            self._drop(next(iter(self._answers)))

    def _drop(self, asked: Hashable) -> None:
        answer = self._answers.pop(asked, None)
        self._size -= answer.size if answer else 0
