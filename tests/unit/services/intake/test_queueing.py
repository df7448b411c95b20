"""The queue: joined, bounded, closed; nobody waits for ever."""

from threading import Event

import pytest

from graph_service.domain.access import EVERYTHING
from graph_service.domain.errors import TooManyWaiting
from graph_service.services.formats.addressed import Batch
from graph_service.services.intake.queueing import MOST_JOINED_VALUES, Job, Queue
from graph_service.services.intake.receipts import Receipt


class Slow:
    """Does jobs, the first of them not before it is let go."""

    def __init__(self):
        self.begun, self.release = Event(), Event()
        self.groups = []

    def act(self, jobs):
        self.begun.set()
        assert self.release.wait(10)
        self.groups.append(len(jobs))
        for job in jobs:
            job.future.set_result(Receipt())


@pytest.fixture
def slow():
    return Slow()


def job(counted=False, values=1):
    return Job(Batch(), EVERYTHING, counted, values)


def busy(slow, most=100):
    queue = Queue(slow.act, most)
    queue.offer(job())
    assert slow.begun.wait(10)
    return queue


def finish(slow, queue):
    slow.release.set()
    queue.close()
    return slow.groups


def test_offer__jobs_that_wait_are_joined(slow):
    queue = busy(slow)
    futures = [queue.offer(job()) for _ in range(5)]
    assert finish(slow, queue) == [1, 5]
    assert all(future.done() for future in futures)


def test_offer__job_that_wants_counts_stays_alone(slow):
    queue = busy(slow)
    for counted in (False, False, True, False):
        queue.offer(job(counted))
    assert finish(slow, queue) == [1, 2, 1, 1]


def test_offer__no_more_are_joined_than_one_step_may_hold(slow):
    queue = busy(slow)
    for _ in range(4):
        queue.offer(job(values=MOST_JOINED_VALUES // 2))
    assert finish(slow, queue) == [1, 2, 2]


def test_offer__more_than_may_wait_are_turned_away_and_told_when_to_come(slow):
    queue = busy(slow, most=2)
    queue.offer(job())
    queue.offer(job())
    with pytest.raises(TooManyWaiting, match="2 batches wait") as told:
        queue.offer(job())
    assert told.value.retry_after_s == 1
    finish(slow, queue)


def test_add__our_own_job_is_taken_however_many_wait(slow):
    queue = busy(slow, most=1)
    queue.offer(job())
    assert queue.add(job(counted=True)) is not None
    assert finish(slow, queue) == [1, 1, 1]


def test_act__that_fails_is_heard_of_and_the_next_job_is_done():
    def fail_once(jobs):
        if jobs[0].values == 13:
            raise ValueError("unlucky")
        jobs[0].future.set_result(Receipt())

    queue = Queue(fail_once, 10)
    with pytest.raises(ValueError, match="unlucky"):
        queue.offer(job(counted=True, values=13)).result(10)
    assert queue.offer(job(counted=True)).result(10) == Receipt()
    queue.close()


def test_close__takes_nothing_more():
    queue = Queue(lambda jobs: None, 10)
    queue.close()
    with pytest.raises(RuntimeError, match="closed"):
        queue.offer(job())
