"""What was looked up is remembered until it changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from graph_service.domain.access import EVERYTHING
from graph_service.domain.elements import Element, ElementKey
from graph_service.domain.filters import (
    Comparison,
    ElementFilter,
    ElementPage,
    PageRequest,
    PropertyTest,
)
from graph_service.services import looked_up
from graph_service.services.looked_up import LookedUp

FUSES = ElementFilter(kinds=frozenset({"Fuse"}))
OPENED = PropertyTest("Switch.open", Comparison.PRESENT)
CLOSED = ElementFilter(none_of=(ElementFilter(properties=(OPENED,)),))
FIRST = PageRequest(first=2)


def element(number: int) -> Element:
    return Element(number, ElementKey("town", f"e{number}"), "Fuse", ("Fuse",), None, "", {})


class Store:
    """Finds whatever it is asked for, and notes what that was."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    def elements(self, numbers: Sequence[int]) -> list[Element | None]:
        self.asked += numbers
        return [element(number) if number < 100 else None for number in numbers]

    def page(self, *numbers: int) -> Callable[[], ElementPage]:
        def find() -> ElementPage:
            self.asked.append("page")
            return ElementPage(tuple(map(element, numbers)), None, has_next=False)

        return find

    def count(self) -> int:
        self.asked.append("count")
        return 7


@pytest.fixture
def store() -> Store:
    return Store()


def test_elements__asked_again_at_the_same_revision__asks_for_new_ones_only(store):
    memory = LookedUp()
    assert memory.elements([3, 1, 3], 5, store.elements) == [element(3), element(1), element(3)]
    assert memory.elements([1, 2, 100], 5, store.elements) == [element(1), element(2), None]
    assert store.asked == [3, 1, 2, 100]


@pytest.mark.parametrize("revision", [6, 4])
def test_elements__at_another_revision__are_asked_again(store, revision):
    memory = LookedUp()
    for at in (5, revision):
        memory.elements([1], at, store.elements)
    assert store.asked == [1, 1]


def test_switched__only_the_switch_is_asked_again(store):
    memory = LookedUp()
    memory.elements([1, 2], 5, store.elements)
    memory.switched(2, 6)
    memory.elements([1, 2], 6, store.elements)
    assert store.asked == [1, 2, 2]


def test_switched__a_revision_lies_between__all_are_asked_again(store):
    memory = LookedUp()
    memory.elements([1], 5, store.elements)
    memory.switched(2, 7)
    memory.elements([1], 7, store.elements)
    assert store.asked == [1, 1]


def test_elements__found_while_a_switch_moves__are_not_remembered_beyond_it(store):
    memory = LookedUp()

    def late(numbers: Sequence[int]) -> list[Element | None]:
        memory.switched(1, 6)
        return store.elements(numbers)

    memory.elements([1], 5, late)
    memory.elements([1], 6, store.elements)
    assert store.asked == [1, 1]


@pytest.mark.parametrize(
    ("wanted", "numbers", "asked"),
    [(FUSES, (1, 3), 1), (FUSES, (1, 2), 2), (CLOSED, (1, 3), 2)],
    ids=["others", "with the switch", "by its position"],
)
def test_switched__pages_that_it_may_have_changed_are_asked_again(store, wanted, numbers, asked):
    memory = LookedUp()
    memory.page((wanted, FIRST, EVERYTHING), 5, store.page(*numbers))
    memory.switched(2, 6)
    for _ in range(2):
        memory.page((wanted, FIRST, EVERYTHING), 6, store.page(*numbers))
    assert store.asked == ["page"] * asked


@pytest.mark.parametrize(("wanted", "asked"), [(FUSES, 1), (CLOSED, 2)])
def test_switched__counts_by_position_are_asked_again(store, wanted, asked):
    memory = LookedUp()
    memory.count((wanted, EVERYTHING), 5, store.count)
    memory.switched(2, 6)
    assert memory.count((wanted, EVERYTHING), 6, store.count) == 7
    assert store.asked == ["count"] * asked


def test_meet__a_switch_moved__others_are_met_at_the_new_revision(store):
    memory = LookedUp()
    for number in (1, 2):
        memory.meet((f"e{number}", None, EVERYTHING), 5, element(number))
    memory.switched(2, 6)
    assert memory.met(("e1", None, EVERYTHING)) == (6, element(1))
    assert memory.met(("e2", None, EVERYTHING)) == (5, element(2))
    assert memory.met(("e3", None, EVERYTHING)) == (-1, None)


def test_memory__is_full__begins_anew(store, monkeypatch):
    monkeypatch.setattr(looked_up, "_MOST", 3)
    memory = LookedUp()
    for first in (0, 10, 0):
        memory.elements(range(first, first + 4), 5, store.elements)
        memory.page((FUSES, PageRequest(first=first), EVERYTHING), 5, store.page(1, 2, 3))
        memory.meet((str(first), None, EVERYTHING), 5, element(first))
    assert len(store.asked) == 15
    assert memory.met(("0", None, EVERYTHING)) == (5, element(0))
