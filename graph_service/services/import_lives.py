"""Whether the process that works at an import lives still, as far as it can be told from here.

A process of this machine is looked at: by its number and the moment it began, since numbers are
used again. Processes elsewhere, on another machine or in another container, leave a sign of life
every ten seconds; one that left none for a minute, while we looked, is gone.

Limits: a process elsewhere that hangs for a minute counts as gone; how its import ends is
remembered all the same. Where the system tells nothing of its processes (no `/proc`), all signs
are those left in the records.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, Final

from graph_service.domain.errors import StoreError
from graph_service.ports.record_store import Record, RecordStore
from graph_service.services.regularly import regularly

SIGNS: Final = "import_signs"
GONE_AFTER_S: Final = 60.0
_EVERY_S: Final = 10.0
_PROC: Final = Path("/proc")


def this_process() -> dict[str, Any]:
    """What a record says of the process that made it."""
    return {"place": _place(), "pid": os.getpid(), "begun": _begun(os.getpid())}


class Lives:
    """Leaves signs of life of imports here, and looks for those of others.

    Args:
        records: where signs are.
        clock_s: seconds that only go on.
    """

    def __init__(self, records: RecordStore, clock_s: Callable[[], float] = time.monotonic):
        self._records = records
        self._clock_s = clock_s
        self._seen: dict[str, tuple[object, float]] = {}

    @contextmanager
    def living(self, run: str) -> Iterator[None]:
        """Leave signs of life of a run while the block lasts."""
        signs = count()
        leave = lambda: self._records.put(SIGNS, [(run, {"sign": next(signs)})])  # noqa: E731
        try:
            with regularly(leave, _EVERY_S):
                yield
        finally:
            with suppress(StoreError):
                self._records.delete(SIGNS, [run])

    def is_gone(self, run: str, record: Record) -> bool:
        """Whether the process of a run is gone; of one elsewhere it takes a minute to tell."""
        if record.get("place") == _place() and record["begun"]:
            return bool(record["begun"] != _begun(record["pid"]))
        [sign] = self._records.get(SIGNS, [run])
        now_s = self._clock_s()
        before = self._seen.get(run)
        if before is None or before[0] != sign:
            self._seen[run] = (sign, now_s)
            return False
        return now_s - before[1] >= GONE_AFTER_S

    def forget(self, run: str) -> None:
        """Nothing more is to be known of a run."""
        self._seen.pop(run, None)
        self._records.delete(SIGNS, [run])


def _place() -> str:
    """The machine since it was started, and what of its processes can be seen from here."""
    with suppress(OSError):
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{socket.gethostname()}/{boot}/{(_PROC / 'self/ns/pid').readlink()}"
    return ""


def _begun(pid: int) -> str:
    """When a process began, in ticks since the machine did; empty where there is none."""
    with suppress(OSError, IndexError):
        state, *others = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        return "" if state in "ZX" else others[18]
    return ""
