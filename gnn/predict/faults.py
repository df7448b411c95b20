"""Where a fault is: the locator behind the entry point `fault`.

Physics first: the medium voltage is solved with its loads, every section is matched with what was
observed, and what serves (the model where its gate is open, else the best baseline) turns that
into odds. The bundle is the shipped one, or `fault-place` in the folder GRIDSTRATA_BUNDLES names.
Numpy and scipy do all the work; neither torch nor lightgbm nor a power flow library is imported.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray

import gnn
from gnn.bundle.renewed import Renewed
from gnn.errors import NothingToLocate
from gnn.faults.asking import MATCHING, level_of, simple_odds
from gnn.faults.bundle import FOLDER, FaultBundle, read_fault_bundle
from gnn.faults.cases import SHARES
from gnn.faults.columns import columns, section_parents
from gnn.faults.gate import Decision
from gnn.faults.grid import MvGrid
from gnn.faults.matching import Match, match
from gnn.faults.observing import Observed, observed
from gnn.faults.reading import read_mv_grid
from gnn.faults.rehearsing import rehearsed
from gnn.faults.scorer import matched_logs, model_odds
from gnn.faults.short import KINDS
from gnn.faults.walking import expected_walk
from gnn.predict.loads import BUNDLES
from graph_service.domain.access import EVERYTHING
from graph_service.domain.switching import State
from graph_service.ports.fault_locator import (
    Choice,
    FaultKind,
    FaultObservations,
    FaultPlace,
    LocatorFacts,
    Rehearsal,
    Rehearsed,
    SectionOdds,
)
from graph_service.ports.graph_store import GraphStore
from graph_service.ports.predictor import Rung
from graph_service.topology.projection import Projection

Floats = NDArray[np.float64]

RANKER: Final = "ranker"
_NAMES: Final = ("lowest voltage", "apparent impedance", "least squares", MATCHING)


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """The network of one revision with some switches closed."""

    revision: int
    closed: tuple[str, ...]
    grid: MvGrid


def open_locator(graph: GraphStore) -> RenewedFaults:
    """The locator over a graph, with the bundle shipped or set, also where it is exchanged later.

    Raises:
        BundleError: the bundle is missing, damaged, or made for another program.
    """
    folder = Path(os.environ.get(BUNDLES) or Path(gnn.__file__).parent / "shipped") / FOLDER
    return RenewedFaults([folder], lambda: BundledFaults(graph, read_fault_bundle(folder)))


class BundledFaults:
    """A `FaultLocator` that answers from a bundle.

    Args:
        graph: The network.
        bundle: What was trained, and who serves.
    """

    def __init__(self, graph: GraphStore, bundle: FaultBundle):
        self._graph, self._bundle = graph, bundle
        self._lock = Lock()
        self._projection: Projection | None = None
        self._kept: _View | None = None

    def locate(self, observations: FaultObservations) -> FaultPlace:
        """Say where the fault is; see the port."""
        try:
            grid = self._grid(observations.tripped)
        except NothingToLocate as error:
            return _nothing(error.message, ())
        found = observed(grid, observations)
        if not found.anything:
            return _nothing("nothing was observed in the medium voltage", found.missing)
        return _Answer(self._bundle, match(grid, found.seen), found).made()

    def rehearse(self, rehearsal: Rehearsal) -> Rehearsed:
        """Simulate a fault and observe it; see the port."""
        return rehearsed(self._grid(()), rehearsal)

    def _grid(self, closed: Sequence[str]) -> MvGrid:
        """The network as it was before the fault; kept for one revision."""
        wanted = tuple(sorted(set(closed)))
        with self._lock:
            revision = self._graph.revision()
            if self._projection is None or self._projection.revision != revision:
                self._projection, self._kept = Projection.build(self._graph.scan()), None
            kept = self._kept
            if kept is None or (kept.revision, kept.closed) != (revision, wanted):
                grid = read_mv_grid(
                    self._graph, self._projection, State.PRESENT, self._numbers(wanted)
                )
                kept = self._kept = _View(revision, wanted, grid)
            return kept.grid

    def _numbers(self, elements: Sequence[str]) -> list[int]:
        parted = [element.partition("/") for element in elements]
        found = self._graph.by_mrid([mrid for _, _, mrid in parted], EVERYTHING)
        return [
            each.number
            for (model_set, _, _), those in zip(parted, found, strict=True)
            for each in those
            if each.key.model_set == model_set
        ]


class RenewedFaults(Renewed[BundledFaults]):
    """The same with whatever bundle lies there, see `Renewed`."""

    def locate(self, observations: FaultObservations) -> FaultPlace:
        """Say where the fault is; see the port."""
        return self.now().locate(observations)

    def rehearse(self, rehearsal: Rehearsal) -> Rehearsed:
        """Simulate a fault and observe it; see the port."""
        return self.now().rehearse(rehearsal)


class _Answer:
    """One fault: matched once, said once."""

    def __init__(self, bundle: FaultBundle, found: Match, seen: Observed):
        self.bundle, self.found, self.observed = bundle, found, seen
        self.simple = simple_odds(found)
        inner = max(int((found.grid.parents >= 0).sum()), 1)
        share = seen.inner_sensors / inner
        level = level_of(min(SHARES, key=lambda each: abs(np.log((share + 1e-3) / each))))
        decisions = bundle.manifest.decisions
        self.decision = next((d for d in decisions if d.level == level), decisions[-1])

    def made(self) -> FaultPlace:
        served = self.decision.served
        odds = self.odds(served)
        order = np.argsort(-odds, kind="stable")
        grid, buses = self.found.grid, self.found.buses
        sections = tuple(self.section(int(at), float(odds[at])) for at in order)
        shut = "" if self.decision.gate_open else _why(self.decision)
        return FaultPlace(
            sections=sections,
            walk_m=expected_walk(grid, buses, odds),
            rung=Rung.MODEL if self.decision.gate_open else Rung.BASELINE,
            facts=_facts(self.bundle, self.decision),
            others=tuple(self.choice(name) for name in self.names() if name != served),
            evidence=self.observed.evidence,
            missing=(*self.observed.missing, *grid.assumed, *_loops(grid)),
            reason=shut,
        )

    def names(self) -> tuple[str, ...]:
        """All that can be asked with this bundle."""
        return (*_NAMES, *([RANKER] if self.bundle.rankers else []), self.model)

    @property
    def model(self) -> str:
        """The name of the networks."""
        return self.bundle.manifest.architecture.partition("/")[0]

    def odds(self, name: str) -> Floats:
        """What one of them says, float64[k]."""
        if name in self.simple:
            return self.simple[name]
        parents, seen = section_parents(self.found), columns(self.found)
        if name == RANKER:
            several = [each.odds(parents, seen) for each in self.bundle.rankers]
            mean: Floats = np.mean(several, axis=0)
            return mean
        return model_odds(self.bundle.scorers, parents, seen, matched_logs(self.simple[MATCHING]))

    def choice(self, name: str) -> Choice:
        odds = self.odds(name)
        best = int(np.argmax(odds))
        element = self.found.grid.sections[self.found.buses[best]]
        return Choice(name, element, float(odds[best]))

    def section(self, at: int, probability: float) -> SectionOdds:
        bus = int(self.found.buses[at])
        return SectionOdds(
            element=self.found.grid.sections[bus],
            probability=probability,
            length_m=float(self.found.grid.lengths_m[bus]),
            kind=FaultKind(KINDS[int(self.found.kinds[at])].name),
            ohm=float(self.found.ohm[at]),
        )


def _facts(bundle: FaultBundle, decision: Decision) -> LocatorFacts:
    manifest = bundle.manifest
    return LocatorFacts(
        name=decision.served,
        version=manifest.version,
        trained_on=f"{manifest.data['words']} ({manifest.data['hash'][:12]})",
        level=decision.level,
        top1=decision.top1,
        top3=decision.top3,
        metres=decision.metres,
        baseline=decision.baseline,
        baseline_top1=decision.baseline_top1,
    )


def _why(decision: Decision) -> str:
    said = ", ".join(f"{verdict} in {split}" for split, verdict in decision.verdicts.items())
    return f"the model did not beat every other one: {said}"


def _loops(grid: MvGrid) -> tuple[str, ...]:
    return (
        (f"{grid.loops} loops were opened where the network is not radial",) if grid.loops else ()
    )


def _nothing(reason: str, missing: tuple[str, ...]) -> FaultPlace:
    return FaultPlace((), 0.0, Rung.NOTHING, None, missing=missing, reason=reason)
