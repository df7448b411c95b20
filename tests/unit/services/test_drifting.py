"""Whoever runs the service hears that others wrote to the graph."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing

import pytest

from graph_service.services.drifting import Drifting, differences


@pytest.fixture
def drifting(world):
    world.draw("S1 -l1- B2")
    return Drifting(world.graph)


def harm(world):
    with closing(sqlite3.connect(world.folder / "graph.sqlite")) as connection, connection:
        connection.execute("DELETE FROM links WHERE source = (SELECT min(source) FROM links)")


def test_look__after_a_foreign_write__is_said_once_in_the_log(world, drifting, caplog):
    assert drifting.look().is_none
    harm(world)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert differences(drifting.look())["links"] < 0
    (message,) = [one.getMessage() for one in caplog.records]
    assert "fewer than revision 1" in message
    assert "gridstrata resync" in message


def test_resync__ends_what_was_seen(world, drifting):
    harm(world)
    drifting.look()
    assert drifting.resync("anna").revision == 2
    assert drifting.seen is None
    assert drifting.look().is_none
