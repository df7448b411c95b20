"""The service as a process, on whatever stores the settings name, and all that it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

PROGRAM: Final = Path(sys.executable).with_name("gridstrata")
START_WITHIN_S: Final = 60


class Service:
    """`gridstrata serve` on a free port; `settings` are GRIDSTRATA_... without that beginning."""

    def __init__(self, data: Path, **settings: str):
        self._log = data.parent / f"{data.name}.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "--data", data, "serve", "--port", "0"],
                env=environment(**settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.address = self._wait_for_address()
        self._client = httpx.Client(base_url=self.address, timeout=120)

    def ask(self, query: str, **variables: Any) -> Any:
        """The whole answer to a question."""
        asked = {"query": query, "variables": variables}
        return self._client.post("/graphql", json=asked).json()

    def data(self, query: str, **variables: Any) -> Any:
        """The data of an answer that must have no errors."""
        answer = self.ask(query, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def write(self, lines: str, bucket: str = "town") -> httpx.Response:
        """Bring line protocol whose stamps are seconds."""
        where = {"bucket": bucket, "precision": "s"}
        return self._client.post("/api/v2/write", params=where, content=lines.encode())

    def get(self, path: str) -> httpx.Response:
        """What stands at an address."""
        return self._client.get(path)

    def said(self) -> str:
        """All it has printed and logged so far."""
        return self._log.read_text(encoding="utf-8")

    def close(self) -> None:
        """End it."""
        self._client.close()
        self.process.kill()
        self.process.wait()

    def _wait_for_address(self) -> str:
        until(lambda: "GraphQL at" in self.said() or self.process.poll() is not None)
        found = re.search(r"GraphQL at (\S+)/graphql", self.said())
        assert found, self.said()
        return found[1]


@contextmanager
def service(data: Path, **settings: str) -> Iterator[Service]:
    """A service, ended at the end of the block."""
    one = Service(data, **settings)
    try:
        yield one
    finally:
        one.close()


def environment(**settings: str) -> dict[str, str]:
    """Ours, with these settings of the service and no others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GRIDSTRATA_")}
    return kept | {f"GRIDSTRATA_{name.upper()}": value for name, value in settings.items()}


def until(is_so: Callable[[], object], within_s: float = START_WITHIN_S) -> None:
    """Wait until something is so.

    Raises:
        AssertionError: it was not in time.
    """
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline, "it did not come in time"
        time.sleep(0.05)
