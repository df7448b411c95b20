"""Risks of failures: the predictor behind the entry point `failure`.

It answers from one bundle (F2), the shipped one or that in the folder GRIDSTRATA_BUNDLES names
(`failure-risk`). What was learned on generated networks says who is riskier than whom; how often
anything fails is taken from the network's own faults: all risks are multiplied by

    (faults in the months looked back on + k) / (what the model would have said for them + k)

with k = `PULL`. Numpy and scipy do all the work. Where no fault of a network is on record nobody
can say how often it fails, and nothing is said. Limits: a network is one model set.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray

import gnn
from gnn.bundle.renewed import Renewed
from gnn.failures.assets import Assets, read_assets
from gnn.failures.bundle import FOLDER, FailureBundle, Manifest, read_failure_bundle
from gnn.failures.columns import LOOKED_BACK, NAMES, Sight
from gnn.failures.log import MONTH_US, FaultLog, read_log
from gnn.failures.models import GRAPH, completed
from gnn.predict.loads import BUNDLES
from graph_service.domain.events import EventFilter
from graph_service.domain.readings import Window
from graph_service.ports.failure_predictor import (
    FailureQuestion,
    FailureRisk,
    RiskFactor,
    RiskModel,
)
from graph_service.ports.graph_store import GraphStore
from graph_service.ports.predictor import Rung
from graph_service.ports.timeline_store import TimelineStore
from graph_service.topology.projection import Projection

Array = NDArray[np.float32]
Floats = NDArray[np.float64]

PULL: Final = 5.0
_MOST_RISK: Final = 0.99
_LEAST_TIMES: Final = 1.05
"""Factors nearer to 1 than this are not told."""
_GROUPS: Final[Mapping[str, tuple[str, str, tuple[str, ...]]]] = {
    "age": ("age", "years", ("age",)),
    "length": ("length", "m", ("length",)),
    "loading": ("expected", "W", ("expected", "loading")),
    "weather": ("warnings", "warnings in 30 days", ("season_sin", "season_cos", "warnings")),
    "own faults": ("faults_24", "fading with 24 months", ("faults_6", "faults_24", "since")),
    "neighbours": (
        "near_24",
        "faults, fading with 24 months",
        ("near_6", "near_24", "near_age", "near_expected", "branch_24"),
    ),
    "frailty": ("frailty", "times as many faults here and around", ("far_ring_6", "frailty")),
}
"""Factor → (column that is shown, its unit, columns that belong to it)."""


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    revision: int
    assets: Assets
    rows: Mapping[str, int]


def open_predictor(graph: GraphStore, timeline: TimelineStore) -> RenewedRisks:
    """The predictor over two stores, with the bundle shipped or set, also exchanged later.

    Raises:
        BundleError: the bundle is missing, damaged, or made for another program.
    """
    folder = Path(os.environ.get(BUNDLES) or Path(gnn.__file__).parent / "shipped") / FOLDER
    return RenewedRisks(
        [folder], lambda: BundledRisks(graph, timeline, read_failure_bundle(folder))
    )


class BundledRisks:
    """A `FailurePredictor` that answers from a bundle.

    Args:
        graph: The network.
        timeline: The events.
        bundle: Of the task F2.
    """

    def __init__(self, graph: GraphStore, timeline: TimelineStore, bundle: FailureBundle):
        self._graph, self._timeline, self._bundle = graph, timeline, bundle
        self._lock = Lock()
        self._kept: dict[str, _View] = {}

    def risks(self, question: FailureQuestion) -> list[FailureRisk]:
        """Answer a question, one risk an element; see the port."""
        if not question.elements:
            return []
        view = self._view(question.elements[0].partition("/")[0])
        rows = [view.rows.get(element, -1) for element in question.elements]
        if not any(row >= 0 for row in rows):
            return [_nothing(element, _NO_ASSET) for element in question.elements]
        months, log = self._log(view.assets, question)
        if not len(log.elements):
            why = f"no fault of this network is on record in the last {LOOKED_BACK} months"
            return [_nothing(element, why) for element in question.elements]
        return self._said(view.assets, log, months, question, rows)

    def _said(
        self,
        assets: Assets,
        log: FaultLog,
        months: float,
        question: FailureQuestion,
        rows: Sequence[int],
    ) -> list[FailureRisk]:
        name, manifest = self._bundle.manifest.decision.served, self._bundle.manifest
        sight = Sight(assets, log)
        columns = sight.columns(question.issued_us)
        if name == GRAPH:
            past = sight.past(question.issued_us, min(math.ceil(months), LOOKED_BACK))
            columns = completed(columns, past, self._bundle.risks)
        said = self._mean(name, columns)
        factor = (len(log.elements) + PULL) / (float(said.sum()) * months + PULL)
        risks = np.clip(said * factor, 0.0, _MOST_RISK)
        asked = np.array([row for row in rows if row >= 0])
        factors = self._factors(name, columns, asked)
        is_model = name == GRAPH
        reason = "" if is_model else _why_shut(manifest)
        found = []
        for element, row in zip(question.elements, rows, strict=True):
            if row < 0:
                found.append(_nothing(element, _NO_ASSET))
                continue
            missing = _missing(assets, row, months)
            rung = Rung.MODEL if is_model else Rung.BASELINE
            told = _told(factors, columns[row], row)
            facts = _facts(manifest, name)
            found.append(
                FailureRisk(element, float(risks[row]), rung, facts, told, missing, reason)
            )
        return found

    def _mean(self, name: str, columns: Array) -> Floats:
        found: Floats = np.mean([one.said(name, columns) for one in self._bundle.risks], axis=0)
        return found

    def _factors(self, name: str, columns: Array, rows: NDArray[np.int64]) -> dict[str, Floats]:
        """Risk over the risk with a group of columns as is usual for the kind, by element asked."""
        kinds, found = columns[:, :3].argmax(axis=1), {}
        own = self._mean(name, columns[rows])
        for group, (_, _, those) in _GROUPS.items():
            usual = columns[rows].copy()
            at = [NAMES.index(column) for column in those]
            for kind in np.unique(kinds[rows]):
                medians = np.median(columns[kinds == kind][:, at], axis=0)
                usual[np.ix_(kinds[rows] == kind, at)] = medians
            times = np.ones(len(columns))
            times[rows] = own / np.maximum(self._mean(name, usual), 1e-12)
            found[group] = times
        return found

    def _log(self, assets: Assets, question: FailureQuestion) -> tuple[float, FaultLog]:
        """What is known of the months looked back on, and how many there are on record."""
        known = question.issued_us if question.known_us is None else question.known_us
        begin = question.issued_us - LOOKED_BACK * MONTH_US
        wanted = EventFilter(kinds=frozenset({"FAULT"}), known_us=known)
        first = (self._timeline.events_available(wanted) or (begin, begin))[0]
        months = max((question.issued_us - max(first, begin)) / MONTH_US, 1.0)
        window = Window(begin, question.issued_us)
        log = read_log(self._timeline, assets, window, known)
        return months, log.known_by(question.issued_us)

    def _view(self, model_set: str) -> _View:
        with self._lock:
            kept, revision = self._kept.get(model_set), self._graph.revision()
            if kept is None or kept.revision != revision:
                projection = Projection.build(self._graph.scan())
                assets = read_assets(self._graph, projection, model_set)
                rows = {key: row for row, key in enumerate(assets.keys)}
                kept = self._kept[model_set] = _View(projection.revision, assets, rows)
            return kept


_SHOWN: Final = {"length": np.expm1, "expected": np.expm1, "frailty": np.exp}
"""Logarithms are shown as what they are of."""
_NO_ASSET: Final = "risks are said of cables, transformers and switches"


class RenewedRisks(Renewed[BundledRisks]):
    """The same with whatever bundle lies there, see `Renewed`."""

    def risks(self, question: FailureQuestion) -> list[FailureRisk]:
        """Answer a question, one risk an element; see the port."""
        return self.now().risks(question)


def _told(factors: Mapping[str, Floats], columns: Array, row: int) -> tuple[RiskFactor, ...]:
    found = []
    for group, (shown, unit, _) in _GROUPS.items():
        times = float(factors[group][row])
        if max(times, 1 / max(times, 1e-12)) >= _LEAST_TIMES:
            value = float(columns[NAMES.index(shown)])
            value = float(_SHOWN[shown](value)) if shown in _SHOWN else value
            found.append(RiskFactor(group, None if value < 0 else value, unit, times))
    return tuple(sorted(found, key=lambda one: -abs(np.log(max(one.times, 1e-12)))))


def _missing(assets: Assets, row: int, months: float) -> tuple[str, ...]:
    found = []
    if not np.isfinite(assets.installed_us[row]):
        found.append("no date of installation")
    if assets.kinds[row] == 0 and not np.isfinite(assets.lengths_m[row]):
        found.append("no length")
    if months < LOOKED_BACK - 1:
        found.append(f"faults are on record for {months:.0f} of {LOOKED_BACK} months")
    return tuple(found)


def _facts(manifest: Manifest, name: str) -> RiskModel:
    decision = manifest.decision
    return RiskModel(
        name,
        manifest.version,
        f"{manifest.data['words']} ({manifest.data['hash'][:12]})",
        decision.average_precision,
        decision.baseline,
        decision.baseline_precision,
    )


def _why_shut(manifest: Manifest) -> str:
    verdicts = manifest.decision.verdicts.items()
    why = ", ".join(f"{said} in {split}" for split, said in verdicts)
    return f"the graph model did not beat every baseline: {why}"


def _nothing(element: str, reason: str) -> FailureRisk:
    return FailureRisk(element, None, Rung.NOTHING, None, reason=reason)
