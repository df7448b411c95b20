"""Who is learned from, who calibrates, who judges; and the parts of time of each network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from gnn.datasets.snapshots import Snapshots

PARTS: Final = ("train", "validation", "calibration", "test")
"""Parts of time, in order, with gaps between them."""


class Role(Enum):
    """What a network is for: to learn from, to calibrate with, or to be judged on unseen."""

    LEARN = "learn"
    CALIBRATE = "calibrate"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class Parts:
    """Snapshots of one network by part of time, those its role needs; `metered` is the share of
    meters seen, `alike` says whether its customers were made to move together."""

    name: str
    role: Role
    metered: float
    by_part: Mapping[str, Snapshots]
    alike: bool = False
