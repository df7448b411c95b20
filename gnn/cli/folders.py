"""The data folders that training reads: those of a person, and those of generated towns."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Final

from gnn.errors import GnnError, NothingToLearn
from graph_service import bootstrap
from graph_service.bootstrap.stores import Stores, open_stores
from graph_service.domain.access import EVERYTHING, Caller, Right
from graph_service.settings import Settings

_TOWN: Final = "town"
_TRAINING: Final = Caller("training", EVERYTHING, frozenset({Right.ADMIN}))


def opened(folder: Path, closing: ExitStack, missing: type[GnnError] = NothingToLearn) -> Stores:
    """The stores of a data folder, closed with `closing`.

    Raises:
        GnnError: the one that is `missing`, where the folder is not there.
    """
    if not folder.is_dir():
        raise missing(
            f"{folder} is no data folder",
            subject=str(folder),
            hint="name the folder that `gridstrata --data FOLDER import` filled",
        )
    return open_stores(Settings(data=folder), closing)


def import_town(delivery: Path, folder: Path, *, readings: bool = False) -> None:
    """Import a generated town into a data folder, as anybody's delivery is."""
    with bootstrap.open_services(Settings(data=folder)) as house:
        house.imports.take([delivery], _TRAINING, into=_TOWN)
        if readings:
            house.intake.load(delivery / "readings.csv", _TRAINING, _TOWN)
