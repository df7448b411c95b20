from __future__ import annotations

from threading import Event

from graph_service.domain.errors import StoreBusy
from graph_service.services.regularly import regularly


def test_regularly__does_its_deed_at_once_and_again() -> None:
    done, twice = [], Event()

    def deed() -> None:
        done.append(1)
        if len(done) == 2:
            twice.set()

    with regularly(deed, every_s=0.001):
        assert twice.wait(5)


def test_regularly__goes_on_after_a_store_was_busy(caplog) -> None:
    again = Event()

    def deed() -> None:
        if not caplog.records:
            raise StoreBusy("the store is busy")
        again.set()

    with regularly(deed, every_s=0.001):
        assert again.wait(5)
    assert "the store is busy" in caplog.text


def test_regularly__goes_on_after_a_deed_that_nobody_thought_could_fail(caplog) -> None:
    again = Event()

    def deed() -> None:
        if not caplog.records:
            raise ZeroDivisionError
        again.set()

    with regularly(deed, every_s=0.001):
        assert again.wait(5)
    assert "ZeroDivisionError" in caplog.text


def test_regularly__ends_with_its_block_without_waiting_for_the_next_time() -> None:
    begun = Event()
    with regularly(begun.set, every_s=3600):
        assert begun.wait(5)
