"""Of whom it is said that they are gone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from graph_service.adapters.sqlite.records import SqliteRecords
from graph_service.services.import_lives import GONE_AFTER_S, SIGNS, Lives, this_process

ELSEWHERE = {**this_process(), "place": "another machine"}
HERE = pytest.mark.skipif(not this_process()["place"], reason="nothing is told of processes")


class House:
    """Who looks for signs of life, with a clock that is set by hand."""

    def __init__(self, folder: Path):
        self.now_s = 0.0
        self.records = SqliteRecords(folder)
        self.lives = Lives(self.records, lambda: self.now_s)

    def sign(self, number: int) -> None:
        """What a process elsewhere leaves."""
        self.records.put(SIGNS, [("run", {"sign": number})])


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    with closing(house.records):
        yield house


@HERE
def test_process_here__lives_while_it_does(house: House) -> None:
    script = "from tests.unit.services.test_import_lives import *; print(this_process()); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        record = eval(process.stdout.readline())  # noqa: S307 - what we printed
        assert not house.lives.is_gone("run", record)
        process.kill()
        process.wait()
        assert house.lives.is_gone("run", record)


@HERE
def test_process_here__whose_number_another_one_has_is_gone(house: House) -> None:
    assert house.lives.is_gone("run", {**this_process(), "begun": "1"})


@pytest.mark.parametrize("pid", [os.getpid(), 2**22 + 1], ids=["in use here", "not in use"])
def test_process_elsewhere__is_not_judged_by_its_number(house: House, pid: int) -> None:
    for number in range(5):
        house.sign(number)
        assert not house.lives.is_gone("run", {**ELSEWHERE, "pid": pid})
        house.now_s += 2 * GONE_AFTER_S


def test_process_elsewhere__without_a_sign_for_a_minute_is_gone(house: House) -> None:
    house.sign(1)
    gone = []
    for _ in range(4):
        gone.append(house.lives.is_gone("run", ELSEWHERE))
        house.now_s += GONE_AFTER_S / 3
    assert gone == [False, False, False, True]


def test_living__leaves_a_sign_and_takes_it_away(house: House) -> None:
    left = []
    with house.lives.living("run"):
        while not left:
            left = [sign for sign in house.records.get(SIGNS, ["run"]) if sign]
    assert left == [{"sign": 0}]
    assert house.records.get(SIGNS, ["run"]) == [None]


def test_run_without_a_place__of_an_older_version_is_gone_after_a_minute(house: House) -> None:
    assert not house.lives.is_gone("run", {"pid": os.getpid()})
    house.now_s = GONE_AFTER_S
    assert house.lives.is_gone("run", {"pid": os.getpid()})
