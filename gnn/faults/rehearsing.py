"""Simulated faults in the words of the port: for exercises, for tests, and to plan sensors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gnn.errors import BadFault
from gnn.faults.cases import Fault, observe
from gnn.faults.grid import MvGrid, Spot
from gnn.faults.observing import told
from gnn.faults.short import KINDS, LEAST_OHM, MOST_OHM
from graph_service.ports.fault_locator import FaultKind, FaultObservations, Rehearsal, Rehearsed


def rehearsed(grid: MvGrid, asked: Rehearsal) -> Rehearsed:
    """Simulate a fault of a network.

    Raises:
        BadFault: the section is none that is energised, or the kind does not fit it.
    """
    chance = np.random.default_rng(asked.seed)
    section = asked.section or _drawn(grid, asked.kind, chance)
    fault = _fault(grid, replace(asked, section=section))
    case = observe(grid, fault, asked.sensors, chance)
    names = _names(grid)
    meters = {number: key for key, number in reversed(list(grid.meters.index.items()))}
    sensors = [
        told(names[spot], spot, case.seen, at)
        for at, spot in enumerate(case.seen.spots)
        if np.isfinite(case.seen.volts[at]).any() or np.isfinite(case.seen.amperes[at]).any()
    ]
    seen = FaultObservations(
        tuple(sensors),
        tuple(grid.devices.keys[device] for device in case.seen.tripped),
        tuple(meters[number] for number in case.seen.silent.tolist()),
    )
    return Rehearsed(grid.sections[case.bus], seen)


def _fault(grid: MvGrid, asked: Rehearsal) -> Fault:
    kinds = {kind.name: code for code, kind in enumerate(KINDS)}
    if asked.section not in grid.sections:
        raise BadFault(
            f"{asked.section} is no line of medium voltage that is energised",
            subject=asked.section,
            hint="name an ACLineSegment between 1 and 60 kV that has supply",
        )
    if not (LEAST_OHM <= asked.ohm <= MOST_OHM and 0 <= asked.share <= 1):
        raise BadFault(
            f"a fault of {asked.ohm} ohm, {asked.share} of the way along, was asked",
            subject=asked.section,
            hint=f"give {LEAST_OHM} to {MOST_OHM} ohm, and a share of 0 to 1",
        )
    bus = grid.sections.index(asked.section)
    touched = KINDS[kinds[asked.kind.value]].phases
    if any(touched[p] and not grid.phases[bus, p] for p in range(3)):
        raise BadFault(
            f"{asked.section} has not all phases of {asked.kind.value}",
            subject=asked.section,
            hint="name a kind of fault between phases that the line has",
        )
    return Fault(bus, asked.share, kinds[asked.kind.value], asked.ohm)


def _drawn(grid: MvGrid, kind: FaultKind, chance: np.random.Generator) -> str:
    """A section that has the phases of a kind, drawn by length."""
    touched = np.array([letter in kind.value for letter in "ABC"])
    able = (grid.phases | ~touched).all(axis=1) & grid.is_section
    lengths = np.maximum(grid.lengths_m, 1.0) * able
    if not able.any():
        return ""
    return grid.sections[int(chance.choice(len(grid), p=lengths / lengths.sum()))]


def _names(grid: MvGrid) -> dict[Spot, str]:
    """One element for every spot; a node or equipment through which nothing flows for a bus."""
    return {spot: key for key, spot in reversed(list(grid.spots.items()))}
