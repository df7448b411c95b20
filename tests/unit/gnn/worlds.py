"""A small network with readings in real stores, and a bundle with drawn weights, for tests of gnn.

    S1 -hv- B1 =T0= B2 /f1/ B3 -c1- B4 =T1= B5 /a1/ B6 -x..- M1 M2 M3 M4
                              |        B5 /a2/ B7 -y..- M5 M6 M7 M8
                              B4 -c2- B8 =T2= B9 /a3/ B10 -z..- M9 M10 M11 M12

F1 begins at f1; LV1, LV2, LV3 at a1, a2, a3.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from gnn.bundle.file import Bundle
from gnn.bundle.manifest import Manifest
from gnn.calibration.conformal import GROUPS, STRETCHES, Calibration
from gnn.features.catalogue import NAMES
from gnn.features.grid import LEVELS
from gnn.features.hours import HOUR_US
from gnn.features.loads import ESTIMATES
from gnn.gate import Decision
from gnn.models.sage import QUANTILES, Sage
from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain.readings import ReadingColumns, SeriesKey
from tests.building import part
from tests.drawing import draw

NETWORK = """
    S1 -hv- B1 =T0= B2 /f1/ B3 -c1- B4 =T1= B5 /a1/ B6 -x1- M1 -x2- M2 -x3- M3 -x4- M4
    B5 /a2/ B7 -y1- M5 -y2- M6 -y3- M7 -y4- M8
    B4 -c2- B8 =T2= B9 /a3/ B10 -z1- M9 -z2- M10 -z3- M11 -z4- M12
"""
HEADS = {"F1": "f1.2", "LV1": "a1.2", "LV2": "a2.2", "LV3": "a3.2"}
METERS = [f"M{n}" for n in range(1, 13)]
START_US = 20_454 * 24 * HOUR_US  # Thursday, 2026-01-01
DAYS = 40


def feeders() -> list:
    """The feeders, as parts that name their head terminal."""
    return [part(f, "Feeder", links={"Feeder.NormalHeadTerminal": t}) for f, t in HEADS.items()]


def usual_watts(days: int = DAYS, seed: int = 1) -> dict[str, np.ndarray]:
    """Hourly mean power of every meter: a daily shape, a size, some noise."""
    chance = np.random.default_rng(seed)
    hour = np.arange(24 * days)
    shape = 1.0 + 0.5 * np.sin(2 * np.pi * (hour % 24 - 9) / 24)
    return {
        meter: np.round((300 + 60 * n) * shape * chance.uniform(0.7, 1.3, len(hour)))
        for n, meter in enumerate(METERS)
    }


class World:
    """A graph and a timeline over one folder."""

    def __init__(self, folder: Path, text: str = NETWORK, more: list | None = None) -> None:
        self.graph, self.timeline = SqliteGraph(folder), SqliteTimeline(folder)
        drawing = draw(text, *(feeders() if more is None else more))
        with self.graph.transaction(author="test", message="draw") as change:
            change.put_document(drawing.document, drawing.parts)

    def fill(
        self,
        watts: Mapping[str, np.ndarray],
        start_us: int = START_US,
        delay_us: int = 0,
        quantity: str = "ENERGY_IN",
    ) -> None:
        """Readings of elements, one an hour, each known so long after its hour."""
        self.timeline.append(
            (SeriesKey(f"drawn/{element}", quantity, "test"), _columns(w, start_us, delay_us))
            for element, w in watts.items()
        )

    def close(self) -> None:
        """Let go of the files."""
        self.graph.close()
        self.timeline.close()


def _columns(watts: np.ndarray, start_us: int, delay_us: int) -> ReadingColumns:
    there = np.flatnonzero(np.isfinite(watts))
    valid = start_us + HOUR_US * there
    return ReadingColumns(
        array("q", valid.tolist()),
        array("d", watts[there].tolist()),
        array("B", [0] * len(there)),
        array("q", (valid + HOUR_US + delay_us).tolist()),
    )


def drawn_sage(seed: int = 1, hidden: int = 6, layers: int = 2) -> Sage:
    """A network with drawn weights."""
    chance = np.random.default_rng(seed)

    def some(*shape: int) -> np.ndarray:
        return chance.normal(0, 0.4, shape).astype(np.float32)

    arrays = {"mean": some(len(NAMES)), "spread": np.ones(len(NAMES), dtype=np.float32)}
    arrays |= {"enter": some(len(NAMES), hidden), "enter_bias": some(hidden)}
    for layer in range(layers):
        arrays |= {f"{n}.{layer}": some(hidden, hidden) for n in ("self", "child", "parent")}
        arrays[f"bias.{layer}"] = some(hidden)
    arrays |= {"leave": some(hidden, len(QUANTILES)), "leave_bias": some(len(QUANTILES))}
    return Sage(arrays)


def decision(task: str, level: str, gate_open: bool) -> Decision:
    """The gate at a level, open or shut."""
    served, beside = ("tree-sage", "allocation") if gate_open else ("allocation", "tree-sage")
    said = {"unseen networks": "better" if gate_open else "tie"}
    others = {"allocation": 0.03, "tree-sage mean": 0.02 if gate_open else 0.03}
    return Decision(task, level, gate_open, served, 0.02, 0.8, beside, 0.03, *said, said, others)


def drawn_bundle(task: str = "L2", seed: int = 1) -> Bundle:
    """A bundle whose gate is shut at LV feeders and open elsewhere."""
    shifts = np.zeros((len(LEVELS), len(STRETCHES), GROUPS, len(QUANTILES)), dtype=np.float32)
    decisions = [decision(task, each.value, each.value != "lv_feeder") for each in LEVELS]
    manifest = Manifest(
        task=task,
        version="",
        arrays_sha256="",
        data={"words": "drawn", "hash": "0" * 64, "networks": 0},
        seeds=(seed,),
        config={},
        versions={},
        licence="Apache-2.0",
        decisions=tuple(decisions),
        evaluation=(),
    )
    names = [*ESTIMATES, "tree-sage"]
    return Bundle(manifest, (drawn_sage(seed),), (), {n: Calibration(shifts) for n in names})
