"""One run for each seed, here or in several processes, with the same results in the same order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

T = TypeVar("T")


def with_each(seeds: Sequence[int], run: Callable[[int], T], workers: int) -> list[T]:
    """What a run gives with each seed.

    Args:
        seeds: One a run.
        run: Can be pickled where there are several workers.
        workers: Processes; with fewer than two everything is done in this one.
    """
    if workers < 2:
        return [run(seed) for seed in seeds]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return list(pool.map(run, seeds))
