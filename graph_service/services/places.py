"""Places where loads are held against limits, what hangs below them, and the tap changer above.

A place is a transformer, a feeder, or a line section with `LEAST_CUSTOMERS` or more loads below (a
service line is limited by its own fuse). A feeder's limit is that of the equipment at its head.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from graph_service.domain.access import EVERYTHING
from graph_service.domain.elements import Element
from graph_service.domain.switching import State
from graph_service.services.network import Network
from graph_service.services.remedies import Tap
from graph_service.services.traces import kind_mask
from graph_service.topology.conduction import conduction, links_to
from graph_service.topology.containment import hanging
from graph_service.topology.csr import Ints, Mask
from graph_service.topology.orientation import orientation
from graph_service.topology.projection import Projection
from graph_service.topology.transfers import above_and_at, customers_below

LEAST_CUSTOMERS: Final = 3
_HEADS: Final = ("Terminal.NormalHeadFeeder", "Terminal.NormalHeadLvFeeder")
_TO_TRANSFORMER: Final = ("RatioTapChanger.TransformerEnd", "PowerTransformerEnd.PowerTransformer")


@dataclass(frozen=True, slots=True)
class Place:
    """A place by position, and the equipment that carries its load: itself, but for feeders."""

    position: int
    carrier: int


@dataclass(frozen=True, slots=True, eq=False)
class Below:
    """What hangs below a place: transformers that feed customers, otherwise usage points."""

    transformers: Ints
    points: Ints


def places_of(projection: Projection, positions: Ints) -> list[Place]:
    """The places among some elements that carry load now, by position."""
    kinds = projection.kinds[positions]
    transformers = positions[kind_mask(projection, frozenset({"PowerTransformer"}))[kinds]]
    lines = positions[kind_mask(projection, frozenset({"ACLineSegment"}))[kinds]]
    lines = lines[customers_below(projection, lines) >= LEAST_CUSTOMERS]
    transformers = transformers[customers_below(projection, transformers) > 0]
    heads = _heads(projection)
    feeders = [Place(p, heads[p]) for p in positions.tolist() if p in heads]
    count = customers_below(projection, np.array([f.carrier for f in feeders], dtype=np.int32))
    feeding = [feeder for feeder, loads in zip(feeders, count.tolist(), strict=True) if loads]
    others = [Place(p, p) for p in [*transformers.tolist(), *lines.tolist()]]
    return sorted([*others, *feeding], key=lambda place: place.position)


def below_of(projection: Projection, position: int, visible: Mask | None) -> Below:
    """What hangs below a place as far as it may be seen."""
    lit = orientation(projection, State.PRESENT)
    begin = int(lit.place[position])
    under = lit.order[begin + 1 : lit.ends[begin]] if begin >= 0 else lit.order[:0]
    under = under[under < len(projection)]
    transformers = under[
        kind_mask(projection, frozenset({"PowerTransformer"}))[projection.kinds[under]]
    ]
    transformers = transformers[customers_below(projection, transformers) > 0]
    points = np.unique(hanging(projection).next_to(under)[1])
    points = points[kind_mask(projection, frozenset({"UsagePoint"}))[projection.kinds[points]]]
    if visible is not None:
        transformers, points = transformers[visible[transformers]], points[visible[points]]
    return Below(np.sort(transformers), points)


def tap_above(
    projection: Projection, position: int, network: Network, visible: Mask | None
) -> Tap | None:
    """The nearest tap changer at or above a place that has steps left downwards; None: no such."""
    changers = _changers(projection)
    for transformer in above_and_at(projection, position).tolist()[::-1]:
        for changer in changers.get(transformer, ()):
            if visible is not None and not visible[changer]:
                continue
            [element] = network.elements([int(projection.numbers[changer])], EVERYTHING)
            tap = _tap(element) if element else None
            if tap is not None:
                return tap
    return None


def _heads(projection: Projection) -> dict[int, int]:
    """Head equipment of each feeder; the first stated where there are several."""
    equipment = conduction(projection).equipment_of
    found: dict[int, int] = {}
    for name in _HEADS:
        for terminal, feeder in zip(*(e.tolist() for e in links_to(projection, name)), strict=True):
            if equipment[terminal] >= 0:
                found.setdefault(feeder, int(equipment[terminal]))
    return found


def _changers(projection: Projection) -> dict[int, list[int]]:
    changers, ends = links_to(projection, _TO_TRANSFORMER[0])
    of_end = dict(zip(*(e.tolist() for e in links_to(projection, _TO_TRANSFORMER[1])), strict=True))
    found: dict[int, list[int]] = {}
    for changer, end in zip(changers.tolist(), ends.tolist(), strict=True):
        if end in of_end:
            found.setdefault(of_end[end], []).append(changer)
    return found


def _tap(element: Element) -> Tap | None:
    """What can still be lowered: the steps to the end of the range that is the shorter way down.

    Which end lowers the voltage depends on the side the changer is at; as many steps as are left
    towards the nearer end are counted, so that there are never fewer than said.
    """
    names = ("TapChanger.step", "TapChanger.lowStep", "TapChanger.highStep")
    step, low, high = (_number(element, name) for name in names)
    per_cent = _number(element, "RatioTapChanger.stepVoltageIncrement")
    if step is None or low is None or high is None or not per_cent:
        return None
    left = int(min(step - low, high - step))
    name = element.name or element.mrid
    return Tap(str(element.key), name, left, abs(per_cent)) if left > 0 else None


def _number(element: Element, name: str) -> float | None:
    try:
        return float(element.text(name) or "")
    except ValueError:
        return None
