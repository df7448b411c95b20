"""The queue before the one writer: what waits is joined into one durable step, or turned away.

Guarantees: a job's future ends when what it brought is on the disk, or with the reason why it is
not; no more than a given number of jobs wait, and whoever comes then is told so at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Final

from graph_service.domain.access import Scope
from graph_service.domain.errors import TooManyWaiting
from graph_service.services.formats.addressed import Batch
from graph_service.services.intake.receipts import Receipt

MOST_JOINED_VALUES: Final = 100_000
RETRY_AFTER_S: Final = 1


@dataclass(eq=False, slots=True)
class Job:
    """A batch to be stored; without one, what waits in quarantine is looked at.

    Attributes:
        batch: What was understood.
        scope: What whoever brought it may see.
        counted: It wants exact counts, so that it is not joined with others.
        revision: A revision that may bring what waits; None: look in any case.
        future: Ends with what became of it.
    """

    batch: Batch | None
    scope: Scope
    counted: bool = True
    values: int = 0
    revision: int | None = None
    future: Future[Receipt] = field(default_factory=Future)


class Queue:
    """Jobs, and the thread that does them; it begins with the first job.

    Args:
        act: does some jobs in one step and ends their futures.
        most: how many may wait.

    Attributes:
        turned_away: How many jobs were not taken so far.
    """

    def __init__(self, act: Callable[[list[Job]], None], most: int):
        self._act = act
        self._most = most
        self._jobs: deque[Job] = deque()
        self._changed = Condition()
        self._closed = False
        self._thread: Thread | None = None
        self.turned_away = 0

    def __len__(self) -> int:
        return len(self._jobs)

    def offer(self, job: Job) -> Future[Receipt]:
        """Take a job.

        Raises:
            TooManyWaiting: as many wait as may.
        """
        with self._changed:
            if len(self._jobs) >= self._most:
                self.turned_away += 1
                raise TooManyWaiting(len(self._jobs), RETRY_AFTER_S)
            return self._add(job)

    def put(self, job: Job) -> Future[Receipt]:
        """Take a job, waiting for room; for who brings one after the other."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._jobs) < self._most or self._closed)
            return self._add(job)

    def add(self, job: Job) -> Future[Receipt]:
        """Take a job of our own, however many wait."""
        with self._changed:
            return self._add(job)

    def close(self) -> None:
        """Do what waits, then end the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _add(self, job: Job) -> Future[Receipt]:
        if self._closed:
            raise RuntimeError("the intake is closed")
        if self._thread is None:
            self._thread = Thread(target=self._run, name="intake", daemon=True)
            self._thread.start()
        self._jobs.append(job)
        self._changed.notify_all()
        return job.future

    def _run(self) -> None:
        while jobs := self._next():
            try:
                self._act(jobs)
            except BaseException as error:
                for job in jobs:
                    if not job.future.done():
                        job.future.set_exception(error)

    def _next(self) -> list[Job]:
        """The next jobs that go together; none when the queue is closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._closed)
            if not self._jobs:
                return []
            jobs = [self._jobs.popleft()]
            values = jobs[0].values
            while self._jobs and _joins(jobs[0], self._jobs[0]):
                values += self._jobs[0].values
                if values > MOST_JOINED_VALUES:
                    break
                jobs.append(self._jobs.popleft())
            self._changed.notify_all()
            return jobs


def _joins(first: Job, other: Job) -> bool:
    return not (first.counted or other.counted)
