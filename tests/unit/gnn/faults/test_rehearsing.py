"""Simulated faults in the words of the port."""

from __future__ import annotations

import pytest

from gnn.errors import BadFault
from gnn.faults.rehearsing import rehearsed
from graph_service.ports.fault_locator import FaultKind, Rehearsal
from tests.unit.gnn.faults.grids import small_grid

GRID = small_grid(unbalanced=True)


def test_rehearsed__same_seed_gives_the_same_and_another_another() -> None:
    one, again, other = (rehearsed(GRID, Rehearsal("net/line4", seed=s)) for s in (1, 1, 2))
    assert one == again != other
    assert one.section == "net/line4"


def test_rehearsed__relays_stand_at_the_breakers_and_tell_angles() -> None:
    made = rehearsed(GRID, Rehearsal("net/line4", sensors=0.0))
    relays = {each.element: each for each in made.observations.sensors}
    assert relays.keys() >= {"net/breaker0", "net/breaker1"}
    assert None not in relays["net/breaker0"].volt_angles


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (Rehearsal("net/line99"), "no line of medium voltage"),
        (Rehearsal("net/line5", kind=FaultKind.BC), "has not all phases of BC"),
        (Rehearsal("net/line4", ohm=0.0), "0.0 ohm"),
        (Rehearsal("net/line4", share=1.5), "1.5 of the way"),
    ],
)
def test_rehearsed__fault_that_cannot_be_is_an_error(asked: Rehearsal, words: str) -> None:
    with pytest.raises(BadFault, match=words):
        rehearsed(GRID, asked)
