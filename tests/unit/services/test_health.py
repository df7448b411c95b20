from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from graph_service.domain.errors import StoreBusy, StoreFull, StoreUnavailable
from graph_service.services.health import HANGS_AFTER_S, Health, guarded


class Clock:
    """Seconds that pass when told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class Store:
    """Something with the shape of a store, which fails as told."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.asked = 0

    def revision(self) -> int:
        self.asked += 1
        if self.error:
            raise self.error
        return 7

    @contextmanager
    def transaction(self, *, author: str) -> Iterator[str]:
        yield author
        if self.error:
            raise self.error


def seen(health: Health) -> Health:
    """Looked at once, and answered."""
    health.looking()
    health.answered()
    return health


def test_guarded__a_store_that_answers_is_asked_as_it_is() -> None:
    store = guarded(Store(), seen(Health("graph")))
    assert store.revision() == 7
    with store.transaction(author="me") as given:
        assert given == "me"


def test_guarded__after_a_failure_nobody_waits_for_the_store_until_a_look_is_answered() -> None:
    health, store = seen(Health("graph")), Store()
    before = guarded(store, health)
    store.error = StoreUnavailable("gone", subject="db", hint="wait")
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="gone"):
            before.revision()
    assert store.asked == 1
    store.error = None
    assert seen(health).away is None
    assert before.revision() == 7


def test_guarded__a_store_that_nobody_looks_at_is_always_asked() -> None:
    store = Store()
    store.error = StoreUnavailable("gone")
    before = guarded(store, Health("graph"))
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            before.revision()
    assert store.asked == 2


def test_guarded__errors_are_counted_by_code_those_of_a_landing_too() -> None:
    health, store = seen(Health("graph")), Store()
    before = guarded(store, health)
    store.error = StoreFull("full")
    with pytest.raises(StoreFull):
        before.revision()
    with pytest.raises(StoreFull), before.transaction(author="me"):
        pass
    assert health.errors == {"STORE_FULL": 2}
    assert health.away is None


def test_away__a_look_that_is_not_answered_in_time_means_that_the_store_hangs() -> None:
    clock = Clock()
    health = seen(Health("graph", clock))
    health.looking()
    clock.now += HANGS_AFTER_S
    assert health.away is None
    clock.now += 0.1
    assert "does not answer" in str(health.away)
    with pytest.raises(StoreUnavailable):
        health.require()


def test_age__grows_from_the_last_answer() -> None:
    clock = Clock()
    health = Health("graph", clock)
    assert health.age_s is None
    seen(health)
    clock.now += 3
    assert health.age_s == 3


def test_away__a_store_that_is_only_busy_is_not() -> None:
    health = seen(Health("graph"))
    health.failed(StoreBusy("busy"))
    assert health.away is None
