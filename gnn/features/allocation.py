"""Allocation: who is not metered uses what metered customers of its class use, and sums agree.

The expected power of an unmetered customer i of class c in hour t is

    e_i * r_c(t),   r_c(t) = (sum of seen readings of c + k e r(t)) / (sum of their e + k e)

with r(t) the same ratio over all classes, and k customers of mean size e that draw a class seen
seldom towards all. Sums are over one connected network: what is not connected tells nothing.
Below a measured place the unmetered part is scaled so that sums agree with the measurement (load
allocation as in Kersting, Distribution System Modeling and Analysis, §2.4.5); losses are within
that factor. Where no factor between a fifth and five does it, such as with the sun feeding in, the
state estimate is taken.

Beside it stands the state estimate: the weighted least squares solution where the e_i r_c are
pseudo-measurements with a spread in proportion to themselves, and the measured place has its own
(Schweppe and Wildes, Power system static-state estimation, IEEE PAS-89, 1970). With losses left
out a radial network has it in closed form: a customer takes of what is missing to the measurement
the share of its variance, s_i^2 / (sum of s^2 + s_m^2). A test holds it against power-grid-model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.features.customers import CLASSES
from gnn.features.grid import Grid
from gnn.features.hours import Hours

Floats = NDArray[np.float64]

_DRAWN: Final = 3.0
PSEUDO_SPREAD: Final = 0.5
"""Spread of a pseudo-measurement, over itself."""
MEASURED_SPREAD: Final = 0.01
"""Spread of a measured place, over its load."""
_LEAST_GUESS: Final = 0.3
"""Of expected power, below which a guess is no measure of its own spread: at noon, where the sun
feeds in."""
_LEAST_FACTOR: Final = 0.2
_MOST_FACTOR: Final = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Allocation:
    """Estimates of the load of every place in every hour; W, float64[p, hours].

    Attributes:
        scaled: Readings and allocated loads, agreeing with measured places; NaN in hours in which
            nothing at all was seen in the network of the place.
        plain: The same without the scaling.
        estimated: The state estimate.
        seen: Sum of the readings below.
        seen_expected: Sum of the expected power of those that were read.
        factor: What the unmetered part was scaled with; 1 where nothing is measured.
        gap: What is missing to the measured place above, over the expected power of what hangs
            on it; 0 where nothing is measured.
        ratios: Read over expected power of the class of each customer, float64[m, hours].
        pinned: Whether each customer is below a measured place in the last hour, bool[m].
        measured: Whether a measured place is at or above, with a value in this hour, bool.
    """

    scaled: Floats
    plain: Floats
    estimated: Floats
    seen: Floats
    seen_expected: Floats
    factor: Floats
    gap: Floats
    ratios: Floats
    pinned: NDArray[np.bool_]
    measured: NDArray[np.bool_]


def allocate(grid: Grid, hours: Hours) -> Allocation:
    """Estimate the load of all places from what was seen."""
    expected = grid.customers.expected_w[:, None]
    there = np.isfinite(hours.watts)
    read = np.where(there, hours.watts, 0.0)
    read_expected = np.where(there, expected, 0.0)
    ratios = class_ratios(grid, read, read_expected)
    guessed = np.where(there, 0.0, expected * ratios)
    least = np.where(there, 0.0, _LEAST_GUESS * expected)
    variance = (PSEUDO_SPREAD * np.maximum(np.abs(guessed), least)) ** 2
    factors, gaps, pulls, measured, group = _factors(grid, hours.heads, read, guessed, variance)
    seen, unseen = grid.below(read), grid.below(guessed)
    own = measured[group] if len(factors) else np.zeros_like(guessed, dtype=bool)
    estimated = guessed + variance * pulls[group]
    alike = (factors > _LEAST_FACTOR) & (factors < _MOST_FACTOR) if len(factors) else own
    shared = np.where(alike[group], guessed * factors[group], estimated)
    scaled = seen + grid.below(np.where(own, shared, guessed))
    place_group = _group_of_places(grid, hours.heads)
    return Allocation(
        scaled=scaled,
        plain=seen + unseen,
        estimated=seen + grid.below(estimated),
        seen=seen,
        seen_expected=grid.below(read_expected),
        factor=np.where(measured[place_group], factors[place_group], 1.0),
        gap=gaps[place_group],
        ratios=ratios,
        pinned=own[:, -1],
        measured=measured[place_group],
    )


def class_ratios(grid: Grid, read: Floats, read_expected: Floats) -> Floats:
    """Read power over expected power of the class of each customer, float64[m, hours]."""
    total, total_expected = grid.by_network(read), grid.by_network(read_expected)
    overall = total / np.where(total_expected > 0, total_expected, np.nan)
    mean_w = grid.by_network(grid.customers.expected_w) / np.diff(grid.bounds)
    network = grid.network_of_customers()
    group = network * len(CLASSES) + grid.customers.classes
    order = np.argsort(group, kind="stable")
    groups, first = np.unique(group[order], return_index=True)
    of_class, of_class_expected = (
        np.add.reduceat(values[order], first, axis=0) for values in (read, read_expected)
    )
    above = groups // len(CLASSES)
    drawn = _DRAWN * mean_w[above][:, None]
    ratios = (of_class + drawn * overall[above]) / (of_class_expected + drawn)
    found: Floats = ratios[np.searchsorted(groups, group)]
    return found


def measured_places(heads: Floats) -> NDArray[np.int64]:
    """The places that have a measurement of their own."""
    return np.flatnonzero(np.isfinite(heads).any(axis=1))


def _factors(
    grid: Grid, heads: Floats, read: Floats, guessed: Floats, variances: Floats
) -> tuple[Floats, Floats, Floats, NDArray[np.bool_], NDArray[np.int64]]:
    """Factor, gap over expected power, gap over variance, and whether they hold, by group and
    hour; group of each customer.

    Group 0 is below no measured place, group g below the g-th one and no nearer one.
    """
    group = _group_of_customers(grid, heads)
    places = measured_places(heads)
    hours = heads.shape[1]
    factors, holds = np.ones((len(places) + 1, hours)), np.zeros((len(places) + 1, hours), bool)
    gaps, pulls = np.zeros_like(factors), np.zeros_like(factors)
    above = _group_of_places(grid, heads)
    for number, place in enumerate(places.tolist(), start=1):
        nested = [int(p) for p in places if p != place and _next(grid, above, int(p)) == number]
        inside = group == number
        rest = heads[place] - heads[nested].sum(axis=0) - read[inside].sum(axis=0)
        guess = guessed[inside].sum(axis=0)
        variance = variances[inside].sum(axis=0)
        variance += (MEASURED_SPREAD * heads[place]) ** 2
        with np.errstate(invalid="ignore", divide="ignore"):
            factor = np.clip(rest / guess, _LEAST_FACTOR, _MOST_FACTOR)
        expected = float(grid.customers.expected_w[inside].sum())
        holds[number] = np.isfinite(factor)
        factors[number] = np.where(holds[number], factor, 1.0)
        if expected:
            gap = np.where(holds[number], rest - guess, 0.0)
            gaps[number], pulls[number] = gap / expected, gap / np.where(variance, variance, 1.0)
    return factors, gaps, pulls, holds, group


def _next(grid: Grid, above: NDArray[np.int64], place: int) -> int:
    parent = int(grid.parents[place])
    return int(above[parent]) if parent >= 0 else 0


def _group_of_places(grid: Grid, heads: Floats) -> NDArray[np.int64]:
    number = np.zeros(len(grid), dtype=np.int64)
    places = measured_places(heads)
    number[places] = np.arange(1, len(places) + 1)
    for place, parent in enumerate(grid.parents.tolist()):
        if number[place] == 0 and parent >= 0:
            number[place] = number[parent]
    return number


def _group_of_customers(grid: Grid, heads: Floats) -> NDArray[np.int64]:
    group = np.zeros(len(grid.customers), dtype=np.int64)
    number = _group_of_places(grid, heads)
    for place in measured_places(heads).tolist():  # parents first, so the nearest one stays
        group[grid.begins[place] : grid.ends[place]] = number[place]
    return group
