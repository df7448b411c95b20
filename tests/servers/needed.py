"""What a test that needs a server does where none is to be had: skip for a person, fail in CI."""

from __future__ import annotations

import os
from collections.abc import Callable
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
