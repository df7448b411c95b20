"""A predictor that cannot be opened is told once, tried again, and its trouble is known."""

from __future__ import annotations

import logging

import pytest

from graph_service.domain.errors import InvalidCall
from graph_service.services.opened import Opened


class Door:
    """Opens as soon as it is unlocked; what it gives may be in trouble."""

    def __init__(self) -> None:
        self.locked = True
        self.trouble = ""

    def __call__(self) -> Door:
        if self.locked:
            raise InvalidCall("the bundle in a secret folder is damaged")
        return self


def test_get__cannot_be_opened__is_told_once_and_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    door = Door()
    mine = Opened("load", door)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            with pytest.raises(InvalidCall):
                mine.get()
    assert [record.message for record in caplog.records] == [
        "the predictor load cannot be opened: the bundle in a secret folder is damaged"
    ]
    door.locked = False
    assert mine.get() is door
    assert mine.standing == ""


def test_standing__does_not_tell_where_things_lie() -> None:
    door = Door()
    mine = Opened("load", door)
    with pytest.raises(InvalidCall):
        mine.get()
    assert "secret" in mine.trouble
    assert mine.standing == "does not answer; the log says why"


def test_standing__opened_and_in_trouble__says_that_it_answers() -> None:
    door = Door()
    door.locked = False
    mine = Opened("load", door)
    assert mine.get().trouble == ""
    door.trouble = "what is newer is damaged"
    assert mine.trouble == "what is newer is damaged"
    assert mine.standing == "answers from an earlier bundle; the log says why"
