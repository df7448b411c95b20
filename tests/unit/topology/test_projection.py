"""The arrays, how they are built, changed and kept."""

from __future__ import annotations

from array import array
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from graph_service.domain.columns import GraphColumns
from graph_service.domain.layers import Layer
from graph_service.domain.switching import StateBits
from graph_service.topology.projection import LAYER_BITS, Projection
from tests.building import part
from tests.drawing import Drawing, draw

DRAWN = "S1 -l1- B2 /s1!/ M3"


def test_build__keeps_kinds_layers_and_states_by_position() -> None:
    drawing = draw(DRAWN, part("HE", "HeadEnd"))
    projection, number = drawing.projection, drawing.number("s1")
    at = projection.index_of([number, drawing.number("HE")])
    assert projection.kind_of(number) == "Breaker"
    assert projection.states[at[0]] & StateBits.OPEN
    assert projection.layers[at].tolist() == [
        LAYER_BITS[Layer.PHYSICAL],
        LAYER_BITS[Layer.COMMUNICATION],
    ]


def test_index_of__unknown_numbers_is_minus_one() -> None:
    projection = draw(DRAWN).projection
    assert projection.index_of([1, 0, 2, 9999, -5]).tolist() == [0, -1, 1, -1, -1]
    assert projection.kind_of(9999) is None


def test_build__links_stand_at_both_of_their_ends() -> None:
    drawing = draw(DRAWN)
    projection = drawing.projection
    terminal, line = projection.index_of([drawing.number("l1.1"), drawing.number("l1")]).tolist()
    out, back = projection.outgoing, projection.incoming
    assert line in out.others[out.indptr[terminal] : out.indptr[terminal + 1]]
    assert terminal in back.others[back.indptr[line] : back.indptr[line + 1]]
    assert out.indptr[-1] == back.indptr[-1] == len(drawing.columns.sources)


def test_build__links_to_elements_that_are_not_there_are_left_out() -> None:
    columns = draw(DRAWN).columns
    more = replace(
        columns,
        sources=columns.sources + array("i", [1, 9999]),
        targets=columns.targets + array("i", [-3, 1]),
        names=columns.names + array("i", [0, 0]),
    )
    assert len(Projection.build(more).outgoing.others) == len(columns.sources)


def test_build__numbers_with_wide_gaps_give_the_same_network() -> None:
    columns = draw(DRAWN).columns
    wide = replace(columns, **{name: _spread(columns, name) for name in ("numbers", "sources")})
    wide = replace(wide, targets=_spread(columns, "targets"))
    near, far = Projection.build(columns), Projection.build(wide)
    assert np.array_equal(near.outgoing.others, far.outgoing.others)
    assert far.index_of([1_000_000, 999_999]).tolist() == [0, -1]


def test_build__of_nothing_is_empty() -> None:
    nothing = Drawing([]).projection
    assert len(nothing) == 0
    assert nothing.index_of([1]).tolist() == [-1]


def test_arrays__cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        draw(DRAWN).projection.states[0] = 1


def test_with_states__changes_the_copy_and_shares_the_rest() -> None:
    drawing = draw(DRAWN)
    number = drawing.number("s1")
    closed = drawing.projection.with_states({number: 0, 9999: 1}, revision=7)
    at = closed.index_of([number])[0]
    assert (closed.states[at], closed.revision) == (0, 7)
    assert drawing.projection.states[at] != 0
    assert closed.outgoing is drawing.projection.outgoing


def test_buffers__mapped_from_disk_give_the_same_projection(tmp_path: Path) -> None:
    made = draw(DRAWN, owners={"l1": "ORG"}).projection
    for name, values in made.to_buffers().items():
        np.save(tmp_path / name, values)
    read = {file.stem: np.load(file, mmap_mode="r") for file in tmp_path.iterdir()}
    kept = Projection.from_buffers(read)
    assert (kept.revision, kept.kind_names) == (made.revision, made.kind_names)
    assert kept.to_buffers().keys() == made.to_buffers().keys()
    for name, values in made.to_buffers().items():
        assert np.array_equal(kept.to_buffers()[name], values)


def test_buffers__incomplete_are_refused() -> None:
    buffers = draw(DRAWN).projection.to_buffers()
    del buffers["owners"]
    with pytest.raises(ValueError, match="lacks 'owners'"):
        Projection.from_buffers(buffers)


def test_buffers__that_do_not_fit_together_are_refused() -> None:
    buffers = draw(DRAWN).projection.to_buffers()
    buffers["kinds"] = buffers["kinds"][:-1]
    with pytest.raises(ValueError, match="do not fit together"):
        Projection.from_buffers(buffers)


def test_buffers__of_another_format_are_refused() -> None:
    buffers = draw(DRAWN).projection.to_buffers()
    text = bytes(buffers["facts"]).replace(b'"format": 1', b'"format": 0')
    buffers["facts"] = np.frombuffer(text, dtype=np.uint8)
    with pytest.raises(ValueError, match="format 0"):
        Projection.from_buffers(buffers)


def _spread(columns: GraphColumns, name: str) -> array[int]:
    return array("i", [number * 1_000_000 for number in getattr(columns, name)])
