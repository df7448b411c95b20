"""What a run learns from: generated towns, data folders of one's own, or both."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gnn.cli.folders import opened
from gnn.cli.towns import ask_towns, towns
from gnn.config import Config
from gnn.datasets.cache import content_hash
from gnn.datasets.parts import PARTS, Parts, Role
from gnn.datasets.prepare import TASKS, Network, ask, read_network
from gnn.datasets.snapshots import Snapshots
from gnn.errors import NothingToLearn


@dataclass(frozen=True, slots=True)
class Gathered:
    """Snapshots by task, and in words where they are from."""

    by_task: dict[str, list[Parts]]
    words: str

    def facts(self) -> dict[str, Any]:
        """What a manifest says of the data."""
        every = [part for parts in self.by_task.values() for part in parts]
        return {
            "words": self.words,
            "networks": len({part.name for part in every}),
            "hash": content_hash(
                piece for part in every for made in part.by_part.values() for piece in _bytes(made)
            ),
        }


def gather(
    config: Config,
    folders: Sequence[Path],
    assumed_delay_h: float | None,
    wanted: tuple[int, int, int],
    cache: Path | None,
    workers: int,
) -> Gathered:
    """Gather what is to be learned from; `wanted` towns learn, calibrate and are judged on.

    Raises:
        NothingToLearn: neither towns nor folders are wanted, or a folder has nothing to learn.
    """
    by_task: dict[str, list[Parts]] = {task: [] for task in TASKS}
    words = []
    for folder in folders:
        network = open_network(folder, config, assumed_delay_h)
        words.append(f"{folder.name} ({len(network.grid.customers)} customers)")
        for task in TASKS:
            by_task[task].append(_asked(network, task, config))
    if wanted[0]:
        generated = towns(*wanted, config.data.metered, config.data.alike)
        for task, parts in ask_towns(generated, config.data, cache, workers).items():
            by_task[task] += parts
        words.append(f"{sum(wanted)} generated towns")
    if not words:
        raise NothingToLearn(
            "neither a data folder nor towns were given", hint="give --data FOLDER or --towns N"
        )
    return Gathered(by_task, " and ".join(words))


def open_network(folder: Path, config: Config, assumed_delay_h: float | None) -> Network:
    """The network of a data folder.

    Raises:
        NothingToLearn: the folder is not there, or has no network with readings.
    """
    with ExitStack() as closing:
        stores = opened(folder, closing)
        return read_network(
            folder.name, stores.graph, stores.timeline, config.data, assumed_delay_h
        )


def _asked(network: Network, task: str, config: Config) -> Parts:
    share = config.data.metered
    made = {part: ask(network, task, config.data, share, part) for part in PARTS}
    return Parts(network.name, Role.LEARN, share, made)


def _bytes(made: Snapshots) -> list[bytes]:
    return [made.features.tobytes(), made.estimates.tobytes(), made.truth.tobytes()]
