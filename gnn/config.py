"""What a training run does, in one file (TOML); every idea is one switch that can be turned off."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from gnn.errors import BadConfig


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """The network and how long it learns.

    Attributes:
        hidden: Width of the layers.
        layers: How many layers hear the neighbours; 0 makes each place answer for itself.
        rate: First learning rate.
        decay: Weight decay.
        rounds: Most rounds over all snapshots.
        patience: Rounds without a better validation loss after which it stops.
        batch: Snapshots shown in one step.
        seeds: One network each; the model is their mean.
        without: Features left out, by the beginning of their names.
        corrects_now, corrects_ahead: The estimate that is corrected, by task.
    """

    hidden: int = 32
    layers: int = 2
    rate: float = 5e-3
    decay: float = 1e-4
    rounds: int = 40
    patience: int = 8
    batch: int = 8
    seeds: tuple[int, ...] = (1, 2, 3)
    without: tuple[str, ...] = ()
    corrects_now: str = "allocation"
    corrects_ahead: str = "state estimation"

    def corrected(self, task: str) -> str:
        """The estimate that models of a task correct."""
        return self.corrects_now if task == "L1" else self.corrects_ahead


@dataclass(frozen=True, slots=True)
class DataConfig:
    """Which weeks are learned from and which are judged; hours are counted from the first reading.

    Attributes:
        train_h: First hour and the hour before which targets of training end.
        validation_h, calibration_h, test_h: The same; a gap lies between.
        every_h: Hours between two issues, load ahead; the load now is asked every second hour.
        horizons: How many hours ahead are asked at each issue.
        metered: Share of customers whose meters are seen.
        heads: Share of feeders taken to be measured at the head where none is.
        unseen_feeders: Share of feeders that are not learned from.
        alike: Share of the generated towns whose customers are made to move together.
        sections: Most line sections of a network that are asked as well.
        seed: Of all that is drawn.
    """

    train_h: tuple[int, int] = (360, 696)
    validation_h: tuple[int, int] = (744, 816)
    calibration_h: tuple[int, int] = (840, 1008)
    test_h: tuple[int, int] = (1032, 1224)
    every_h: int = 11
    horizons: int = 4
    metered: float = 0.3
    heads: float = 0.8
    unseen_feeders: float = 0.25
    alike: float = 0.34
    sections: int = 15
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Config:
    """All of it."""

    model: ModelConfig = field(default_factory=ModelConfig)
    data: DataConfig = field(default_factory=DataConfig)

    def plain(self) -> dict[str, Any]:
        """As members, for a manifest."""
        return asdict(self)


def read_config(path: Path | None) -> Config:
    """A configuration from a TOML file with the tables `model` and `data`; None for the default.

    Raises:
        BadConfig: the file cannot be read, or says something that cannot be.
    """
    if path is None:
        return Config()
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BadConfig(
            f"{path} cannot be read: {error}", subject=str(path), hint="give a TOML file"
        ) from error
    unknown = sorted(set(given) - {"model", "data"})
    if unknown:
        raise BadConfig(
            f"{path} has the table {unknown[0]}", subject=unknown[0], hint="use [model] and [data]"
        )
    model, data = (
        _table(kind, given.get(name, {}), name)
        for name, kind in (("model", ModelConfig), ("data", DataConfig))
    )
    return Config(model, data)


def _table(kind: Any, given: dict[str, Any], name: str) -> Any:
    known = {each.name: each for each in fields(kind)}
    for key, value in given.items():
        if key not in known:
            raise BadConfig(
                f"[{name}] has no '{key}'", subject=key, hint=f"it has {', '.join(sorted(known))}"
            )
        usual = known[key].default
        if not isinstance(value, list if isinstance(usual, tuple) else (type(usual), int)):
            raise BadConfig(f"[{name}] {key} is {value!r}", subject=key, hint=f"such as {usual!r}")
    listed = {k: tuple(v) if isinstance(v, list) else v for k, v in given.items()}
    return kind(**listed)
