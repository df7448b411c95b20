"""What a test that needs a server does where none is to be had: skip for a person, fail in CI."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TypeVar

import pytest

from tests.servers.influxdb_build import NoServer

_T = TypeVar("_T")


def needed(server: Callable[[], _T]) -> _T:
    """The server; where it cannot be had the test is skipped with what to install.

    With `CI` in the environment it fails instead: there the real servers are not optional.
    """
    try:
        return server()
    except NoServer as reason:
        if os.environ.get("CI"):
            pytest.fail(f"a server that the tests need cannot be had: {reason}", pytrace=False)
        pytest.skip(str(reason))


@contextmanager
def needed_while(running: Callable[[], AbstractContextManager[_T]]) -> Iterator[_T]:
    """The same for a server of one's own, which runs while the block does."""
    with ExitStack() as ending:
        yield needed(lambda: ending.enter_context(running()))
