"""Batching: what is asked in one turn is one call, and every asker gets its own answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from graph_service.api.batching import Batch, Batches, in_thread


class Asked:
    """Answers with tenfold numbers and remembers each call."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []

    def __call__(self, keys: Sequence[int]) -> list[int]:
        self.calls.append(list(keys))
        if 13 in keys:
            raise ValueError("thirteen")
        return [key * 10 for key in keys]


def test_batch__joins_what_is_asked_in_one_turn() -> None:
    ask = Asked()

    async def run() -> list[object]:
        batch: Batch[int, int] = Batch(ask)
        return [await asyncio.gather(batch.one(1), batch.many([2, 3]), batch.many([]))]

    assert asyncio.run(run()) == [[10, [20, 30], []]]
    assert ask.calls == [[1, 2, 3]]


def test_batch__a_later_turn_is_another_call() -> None:
    ask = Asked()

    async def run() -> tuple[int, int]:
        batch: Batch[int, int] = Batch(ask)
        return await batch.one(1), await batch.one(1)

    assert asyncio.run(run()) == (10, 10)
    assert ask.calls == [[1], [1]]


def test_batch__an_error_is_told_to_everyone_who_waits() -> None:
    async def run() -> list[object]:
        batch: Batch[int, int] = Batch(Asked())
        return await asyncio.gather(batch.one(1), batch.one(13), return_exceptions=True)

    assert [str(error) for error in asyncio.run(run())] == ["thirteen", "thirteen"]


def test_batch__one_who_gives_up_does_not_disturb_the_others() -> None:
    async def run() -> int:
        batch: Batch[int, int] = Batch(Asked())
        gone = asyncio.ensure_future(batch.one(1))
        stays = asyncio.ensure_future(batch.one(2))
        await asyncio.sleep(0)
        gone.cancel()
        return await stays

    assert asyncio.run(run()) == 20


def test_batches__questions_with_other_arguments_are_apart() -> None:
    batches = Batches()
    first = batches.of("a", Asked())
    assert batches.of("a", Asked()) is first
    assert batches.of("b", Asked()) is not first


def test_in_thread__errors_come_back_to_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        asyncio.run(in_thread(divmod, 1, 0))
