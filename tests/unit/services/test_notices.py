import asyncio

from graph_service.services.notices import QUEUE_LENGTH, Notice, Notices, RevisionChanged


def test_publish__a_slow_subscriber_loses_the_oldest_and_keeps_the_newest() -> None:
    async def run() -> list[Notice]:
        notices = Notices()
        stream = notices.subscribe("revisions")
        first = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        for revision in range(QUEUE_LENGTH + 10):
            notices.publish("revisions", RevisionChanged(revision))
        await asyncio.sleep(0)
        return [await first] + [await anext(stream) for _ in range(QUEUE_LENGTH - 1)]

    seen = asyncio.run(run())
    assert seen[-1] == RevisionChanged(QUEUE_LENGTH + 9)
    assert len(seen) == QUEUE_LENGTH


def test_publish__to_nobody_is_nothing() -> None:
    Notices().publish("revisions", RevisionChanged(1))


def test_subscribe__hears_only_its_topic() -> None:
    async def run() -> Notice:
        notices = Notices()
        stream = notices.subscribe("a")
        first = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        notices.publish("b", RevisionChanged(1))
        notices.publish("a", RevisionChanged(2))
        return await asyncio.wait_for(first, 5)

    assert asyncio.run(run()) == RevisionChanged(2)
