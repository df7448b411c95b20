"""What a running service does by itself now and then, in a thread of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Final

from graph_service.domain.errors import StoreError

EVERY_S: Final = 600.0

log = logging.getLogger("gridstrata.regularly")


@contextmanager
def regularly(deed: Callable[[], object], every_s: float = EVERY_S) -> Iterator[None]:
    """Do something at once and then again and again, as long as the block lasts.

    What fails is logged and done again next time, whatever it was: a store that cannot do its work
    now, a damaged file, a fault of this program.
    """
    ended = Event()

    def work() -> None:
        while True:
            try:
                deed()
            except StoreError as error:
                log.warning("%s; it is tried again in %d s", error.message, every_s)
            except Exception:
                log.exception("what is done regularly failed; it is tried again in %d s", every_s)
            if ended.wait(every_s):
                return

    thread = Thread(target=work, name="regularly", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
