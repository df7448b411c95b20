"""Resync on the command line."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest


@pytest.fixture
def harmed(data):
    """A data folder where somebody deleted an element."""
    with closing(sqlite3.connect(data / "graph.sqlite")) as connection, connection:
        connection.execute("DELETE FROM elements WHERE number = 2")
    return data


def test_resync__of_what_nobody_touched__says_so_and_writes_nothing(run, data):
    assert run("--data", data, "resync").out.startswith("nothing to put right")
    checked = run("--data", data, "resync", "--check")
    assert checked.code == 0
    assert "all is as the service left it with revision 1" in checked.out


def test_check__after_a_foreign_write__shows_what_differs_and_ends_with_1(run, harmed):
    checked = run("--data", harmed, "resync", "--check", "--format", "json")
    assert checked.code == 1
    assert checked.json["differs"]
    assert checked.json["kept"]["elements"] - checked.json["found"]["elements"] == 1
    assert "gridstrata resync" in run("--data", harmed, "resync", "--check").out


def test_resync__after_a_foreign_write__tells_what_it_did(run, harmed):
    repaired = run("--data", harmed, "resync", "--format", "json").json
    assert (repaired["revision"], repaired["added"], repaired["lost"]) == (2, 1, [])
    assert run("--data", harmed, "resync", "--check").code == 0
