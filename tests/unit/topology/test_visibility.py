"""Which elements a scope shows."""

from __future__ import annotations

from graph_service.domain.access import EVERYTHING, NOTHING, Scope
from graph_service.topology.visibility import visible_mask
from tests.drawing import Drawing, draw


def test_scope__without_bounds_needs_no_mask() -> None:
    assert visible_mask(_drawing().projection, EVERYTHING) is None


def test_scope__of_an_owner_shows_what_is_owned_and_what_inherits() -> None:
    seen = _seen("ORG")
    assert {"l1", "l1.1", "l1.2", "l1.asset", "ORG"} <= seen
    assert not {"l2", "B2", "OTHER", "S1"} & seen


def test_scope__of_two_owners_shows_both() -> None:
    assert {"l1", "l2"} < _seen("ORG", "OTHER")


def test_scope__of_nobody_shows_nothing() -> None:
    mask = visible_mask(_drawing().projection, NOTHING)
    assert mask is not None
    assert not mask.any()


def test_mask__is_kept_for_the_second_question() -> None:
    projection, scope = _drawing().projection, Scope(frozenset({1}))
    assert visible_mask(projection, scope) is visible_mask(projection, scope)


def _drawing() -> Drawing:
    return draw("S1 -l1- B2 -l2- L3", owners={"l1": "ORG", "l2": "OTHER"})


def _seen(*owners: str) -> set[str]:
    drawing = _drawing()
    scope = Scope(frozenset(drawing.number(owner) for owner in owners))
    mask = visible_mask(drawing.projection, scope)
    return set(drawing.names(drawing.projection.numbers[mask]))
