"""Imported networks for tests of faults: a generated town, or files."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from graph_service import bootstrap
from graph_service.bootstrap.stores import open_stores
from graph_service.ports.graph_store import GraphStore
from graph_service.services.access import OPEN_CALLER
from graph_service.settings import Settings


def town(folder: Path, meters: int, closing: ExitStack) -> GraphStore:
    """The graph of a generated town, open until `closing` closes."""
    delivery = folder / "delivery"
    bootstrap.generate_town(delivery, meters=meters, seed=1, days=1)
    return imported(folder, [delivery], closing)


def imported(folder: Path, delivery: Sequence[Path], closing: ExitStack) -> GraphStore:
    """The graph of a delivery."""
    settings = Settings(data=folder / "data")
    with bootstrap.open_services(settings) as house:
        house.imports.take(delivery, OPEN_CALLER, into="town")
    return open_stores(settings, closing).graph
