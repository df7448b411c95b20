"""Generated towns to learn from: made, imported and read like anybody's delivery, then asked.

A town is generated from its number alone: size, first day and seed follow from it, so that seasons
and sizes mix. It goes through the importer and the intake into a store of its own, in a folder
that is removed when its snapshots are made.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np

from gnn.cli.folders import import_town, opened
from gnn.config import DataConfig
from gnn.datasets.alike import alike
from gnn.datasets.cache import (
    cached,
    code_hash,
    content_hash,
    read_snapshots,
    write_snapshots,
)
from gnn.datasets.parts import PARTS, Parts, Role
from gnn.datasets.prepare import TASKS, Network, ask, misstated, read_network
from gnn.datasets.snapshots import Snapshots
from graph_service import bootstrap

_FEWEST_METERS, _MOST_METERS = 200, 700
_FIRST_DAY: Final = date(2025, 1, 6)
_BETWEEN_TOWNS: Final = timedelta(days=28)
_TOWNS_A_YEAR: Final = 11
_DELAY_H: Final = 0.0
"""Readings count as known when their hour has ended; a storm is on the last day, left out."""
_STORM_DAYS: Final = 1
ALL_METERED: Final = 0.95
_UNMEASURED: Final = 5
_FIRST_TOWN: Final = {Role.LEARN: 0, Role.CALIBRATE: 40, Role.UNSEEN: 64}
_FIRST_PART: Final = {Role.LEARN: 0, Role.CALIBRATE: 1, Role.UNSEEN: 3}


@dataclass(frozen=True, slots=True)
class Town:
    """What one town is for: its number, its role, the share of meters that are seen, and whether
    its customers move together."""

    number: int
    role: Role
    metered: float
    alike: bool

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of time that are asked; who judges is asked in the last one alone."""
        return PARTS[_FIRST_PART[self.role] :]


def towns(
    learned: int, calibrating: int, unseen: int, metered: float, together: float
) -> list[Town]:
    """Towns by role; every second one learned from, and each of the others, is also seen whole.

    In a share of those that learn and calibrate customers move together; the unseen ones are
    judged as they are and, where that share is not 0, once more with customers that do.

    Those of one role stay the same when more or fewer of another are wanted, up to usual numbers.
    """
    first, found = 0, []
    counts = zip(Role, (learned, calibrating, unseen), strict=True)
    for role, count in counts:
        first = max(first, _FIRST_TOWN[role])
        for number in range(first, first + count):
            chosen = int((number + 1) * together) > int(number * together)
            judged = role is Role.UNSEEN
            found.append(Town(number, role, metered, chosen and not judged))
            if role is not Role.LEARN or number % 2 == 0:
                found.append(Town(number, role, ALL_METERED, chosen and not judged))
            if together and judged:
                found.append(Town(number, role, metered, alike=True))
        first += count
    return found


def ask_towns(
    wanted: Sequence[Town], config: DataConfig, cache: Path | None, workers: int
) -> dict[str, list[Parts]]:
    """The snapshots of towns by task, in the order wanted; made by several processes."""
    numbers = sorted({town.number for town in wanted})
    asked = [[town for town in wanted if town.number == number] for number in numbers]
    work = partial(_ask_town, config=config, cache=cache)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        made = dict(zip(numbers, pool.map(work, asked), strict=True))
    return {
        task: [
            Parts(f"town {t.number}", t.role, t.metered, made[t.number][task, t], t.alike)
            for t in wanted
        ]
        for task in TASKS
    }


def _ask_town(
    asked: Sequence[Town], config: DataConfig, cache: Path | None
) -> dict[tuple[str, Town], dict[str, Snapshots]]:
    number = asked[0].number
    config = _measured(config, number)
    with tempfile.TemporaryDirectory(prefix="gridstrata-town-") as name, ExitStack() as closing:
        folder = Path(name)
        delivery = folder / "delivery"
        _generate(number, delivery, config)
        key = content_hash(
            [
                *(path.read_bytes() for path in sorted(delivery.iterdir())),
                json.dumps(asdict(config)).encode(),
                code_hash().encode(),
            ]
        )
        networks: dict[bool, Network] = {}

        def make(task: str, town: Town, part: str) -> Snapshots:
            if not networks:
                networks[False] = _import(number, folder, delivery, config, closing)
            if town.alike and True not in networks:
                networks[True] = alike(networks[False], number)
            return ask(networks[town.alike], task, config, town.metered, part)

        return {
            (task, town): {
                part: cached(
                    cache,
                    content_hash([key.encode(), f"{task} {town} {part}".encode()]),
                    partial(make, task, town, part),
                    read_snapshots,
                    write_snapshots,
                )
                for part in town.parts
            }
            for task in TASKS
            for town in asked
        }


def _measured(config: DataConfig, number: int) -> DataConfig:
    """In every so many towns no feeder is measured, as in networks that have meters alone."""
    unmeasured = number % _UNMEASURED == _UNMEASURED - 1
    return replace(config, heads=0.0) if unmeasured else config


def _generate(number: int, delivery: Path, config: DataConfig) -> None:
    chance = np.random.default_rng(number)
    bootstrap.generate_town(
        delivery,
        meters=int(chance.integers(_FEWEST_METERS, _MOST_METERS)),
        seed=1_000 + number,
        days=config.test_h[1] // 24 + _STORM_DAYS,
        start=_FIRST_DAY + _BETWEEN_TOWNS * (number % _TOWNS_A_YEAR),
    )


def _import(
    number: int, folder: Path, delivery: Path, config: DataConfig, closing: ExitStack
) -> Network:
    import_town(delivery, folder / "data", readings=True)
    stores = opened(folder / "data", closing)
    town = read_network(f"town-{number}", stores.graph, stores.timeline, config, _DELAY_H)
    return misstated(town, number)
