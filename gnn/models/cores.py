"""Arithmetic side by side: stretches of rows on a few threads, each product on one thread.

The library below numpy starts threads of its own for every product. For the narrow products of
these models they cost more than they bring, the more so on a busy machine; so it is held to one
while an answer is made, and whole stretches of rows go side by side instead.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Final

from threadpoolctl import ThreadpoolController

Each = Callable[[Callable[[slice], None], Sequence[slice]], None]
"""Does a piece of work for every stretch."""

_MOST_THREADS: Final = 4


class _OneThread:
    """Products of matrices on one thread while anybody is inside, as before when all have left."""

    def __init__(self) -> None:
        self._lock, self._inside = Lock(), 0

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._limits = _libraries().limit(limits=1, user_api="blas")
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._limits.restore_original_limits()


ONE_THREAD: Final = _OneThread()
"""`with ONE_THREAD:` around products; may be entered again from inside, and by several at once."""


@contextmanager
def side_by_side() -> Iterator[Each]:
    """Gives what does stretches at once, as many as there are cores, up to four.

    The thread that asks takes stretches as the others do: it is awake already.
    """
    threads = min(_MOST_THREADS, os.cpu_count() or 1)
    with ONE_THREAD, ThreadPoolExecutor(threads) as pool:

        def each(work: Callable[[slice], None], cuts: Sequence[slice]) -> None:
            waiting = iter(cuts)

            def take() -> None:
                for cut in waiting:
                    work(cut)

            others = [pool.submit(take) for _ in range(min(threads, len(cuts)) - 1)]
            take()
            for other in others:
                other.result()

        yield each


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()
