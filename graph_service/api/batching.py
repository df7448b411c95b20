"""One call to the store for all that a query asks at one depth.

The fields of a list resolve one by one; each says what it needs and waits. At the end of the
turn of the event loop everything asked so far goes to the store as one call in a worker thread,
so that a query costs a call for each question, not one for each element.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Any, Final, Generic, ParamSpec, TypeVar

K = TypeVar("K")
V = TypeVar("V")
P = ParamSpec("P")

_MOST_BATCHES: Final = 200
_Waiting = tuple[Sequence[K], "asyncio.Future[list[V]]"]


async def in_thread(call: Callable[P, V], *args: P.args, **kwargs: P.kwargs) -> V:
    """Run a call to a service in a worker thread, so that other callers are served meanwhile."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, partial(call, *args, **kwargs))


class Batch(Generic[K, V]):
    """Joins the keys asked in one turn into one call; `ask` answers in the order of its keys."""

    def __init__(self, ask: Callable[[Sequence[K]], Sequence[V]]) -> None:
        self._ask = ask
        self._waiting: list[_Waiting[K, V]] = []

    async def one(self, key: K) -> V:
        """The answer for one key."""
        return (await self.many([key]))[0]

    async def many(self, keys: Sequence[K]) -> list[V]:
        """The answers for several keys, in their order."""
        if not keys:
            return []
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._begin)
        future: asyncio.Future[list[V]] = loop.create_future()
        self._waiting.append((keys, future))
        return await future

    def _begin(self) -> None:
        waiting, self._waiting = self._waiting, []
        self._task = asyncio.ensure_future(self._answer(waiting))

    async def _answer(self, waiting: list[_Waiting[K, V]]) -> None:
        keys = [key for asked, _ in waiting for key in asked]
        try:
            answers = await in_thread(self._ask, keys)
        except Exception as error:
            for _, future in waiting:
                if not future.done():
                    future.set_exception(error)
            return
        begin = 0
        for asked, future in waiting:
            if not future.done():  # a caller that was cancelled waits no longer
                future.set_result(list(answers[begin : begin + len(asked)]))
            begin += len(asked)


class Batches:
    """Batches of one request, one for each question and its arguments."""

    def __init__(self) -> None:
        self._batches: dict[Hashable, Batch[Any, Any]] = {}

    def of(self, question: Hashable, ask: Callable[[Sequence[K]], Sequence[V]]) -> Batch[K, V]:
        """The batch of a question; `question` must hold every argument that `ask` has bound."""
        if question not in self._batches:
            if len(self._batches) >= _MOST_BATCHES:  # on a long connection; those begun go on
                self._batches.clear()
            self._batches[question] = Batch(ask)
        return self._batches[question]
