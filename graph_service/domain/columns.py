"""The whole graph as columns: how a store hands it to the projection, without an object a row."""

from __future__ import annotations

from array import array
from dataclasses import dataclass


@dataclass(slots=True)
class GraphColumns:
    """The whole graph as columns, all of one revision; `array('i')` unless said otherwise.

    Elements, ascending in number: `numbers`, `kinds` (index into `kind_names`), `model_sets`
    (index into `model_set_names`), `states` (bits of `domain.switching`), `phases` (bits of
    `domain.phases`; 0 = not said). Links, in any order: `sources`, `targets` (element numbers),
    `names` (index into `link_names`). Owners: `owned` element number, `owner` organisation
    number, pairs.
    """

    revision: int
    kind_names: list[str]
    link_names: list[str]
    model_set_names: list[str]
    numbers: array[int]
    kinds: array[int]
    model_sets: array[int]
    states: array[int]
    phases: array[int]
    sources: array[int]
    targets: array[int]
    names: array[int]
    owned: array[int]
    owner: array[int]
