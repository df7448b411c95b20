"""A few faults of the small grid as contenders are asked them, and a bundle with drawn weights."""

from __future__ import annotations

import numpy as np

from gnn.evaluation.plain import plain
from gnn.faults.asking import Asked, ask_grid
from gnn.faults.bundle import FaultBundle, Manifest
from gnn.faults.columns import NAMES
from gnn.faults.gate import Decision
from gnn.faults.scorer import Scorer
from gnn.faults.table import Row
from tests.unit.gnn.faults.grids import small_grid

HIDDEN = 4


def few(count: int = 4, seed: int = 1) -> list[Asked]:
    """So many faults with each share of sensors."""
    return ask_grid(small_grid(), count, seed)


def drawn_scorer(seed: int = 1, size: float = 0.1) -> Scorer:
    """A network with drawn weights."""
    chance = np.random.default_rng(seed)

    def drawn(*shape: int) -> np.ndarray:
        return (size * chance.standard_normal(shape)).astype(np.float32)

    width = len(NAMES)
    arrays = {"mean": drawn(width), "spread": np.ones(width, dtype=np.float32)}
    arrays |= {"enter": drawn(width, HIDDEN), "enter_bias": drawn(HIDDEN)}
    for name in ("self", "child", "parent"):
        arrays[f"{name}.0"] = drawn(HIDDEN, HIDDEN)
    arrays |= {"bias.0": drawn(HIDDEN), "leave": drawn(HIDDEN, 1), "leave_bias": drawn(1)}
    return Scorer(arrays | {"trust": np.ones(1, dtype=np.float32)})


def drawn_bundle(gate_open: bool = False) -> FaultBundle:
    """A bundle of two drawn networks, judged on nothing."""
    served, beside = ("section-sage", "matching") if gate_open else ("matching", "section-sage")
    decisions = tuple(
        Decision(level, gate_open, served, 0.6, 0.8, 200.0, beside, 0.5, "unseen networks",
                 {"unseen networks": "better" if gate_open else "tie"})
        for level in ("sensors 30 %", "sensors 10 %", "sensors 3 %")
    )  # fmt: skip
    row = Row("sensors 30 %", "unseen networks", "matching", 0, 9, 0.6, 0.8, 200.0, 0.9, (0.6,) * 6)
    manifest = Manifest(
        version="",
        arrays_sha256="",
        data={"words": "a drawing", "hash": "0" * 64, "networks": 1},
        seeds=(1, 2),
        versions={"numpy": "2"},
        licence="Apache-2.0",
        decisions=decisions,
        evaluation=tuple(plain([row])),
    )
    return FaultBundle(manifest, (drawn_scorer(1), drawn_scorer(2)), ())
