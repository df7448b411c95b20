"""Networks that tests of failures share."""

from __future__ import annotations

from gnn.failures.bundle import FailureBundle, Manifest
from gnn.failures.hazard import Truth
from gnn.failures.models import GRAPH
from gnn.failures.table import Decision
from gnn.training.failures import Seen, fit_risks, past_of, seen_in
from graph_service.domain.statements import Part
from tests.building import part

TEXT = """
    S1 -l1- B1 /f1/ B2 -c1- B3 =T1= B4 -x1- M1
    B3 -c2- B5 =T2= B6 -x2- M2
    B5 -c3- B7 /s1!/ B8
"""
DATED = [
    part("c1.asset", "Asset", links={"Asset.PowerSystemResources": "c1",
                                     "Asset.lifecycleDate": "c1.date"}),
    part("c1.date", "LifecycleDate", {"LifecycleDate.installationDate": "1990-01-01"}),
    part("c1", properties={"Conductor.length": "0.25"}),
    part("T1.end", "PowerTransformerEnd", {"PowerTransformerEnd.ratedS": "0.4"},
         links={"PowerTransformerEnd.PowerTransformer": "T1"}),
]  # fmt: skip
MONTHS = 40


def chain() -> str:
    """Sixty cables in a row, with a transformer now and then."""
    row = "B0 " + " ".join(f"-c{i}- B{i}" for i in range(1, 61))
    taps = [f"B{i} =T{i}= BL{i} -x{i}- M{i}" for i in range(5, 61, 5)]
    return "\n".join(["S1 -l0- BS /f0/ B0", row, *taps])


def lengths() -> list[Part]:
    """Two and a half kilometres for each cable of the chain, so that enough of them fail."""
    return [part(f"c{i}", properties={"Conductor.length": "2.5"}) for i in range(1, 61)]


def learned(truth: Truth) -> FailureBundle:
    """A bundle that was really learned, from twenty months of a truth."""
    risks = fit_risks(Seen.of([seen_in(truth, 10, 30)]), [past_of(truth, 30)], 1)
    decision = Decision(True, GRAPH, "boosted", 0.3, 0.2, {"later months": "better"})
    data = {"words": "a chain", "hash": "0" * 64, "networks": 1}
    manifest = Manifest(
        version="",
        arrays_sha256="",
        data=data,
        seeds=(1,),
        versions={"numpy": "2"},
        licence="Apache-2.0",
        decision=decision,
        evaluation=(),
    )
    return FailureBundle(manifest, (risks,))
