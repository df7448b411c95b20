"""Tasks with bundles of their own shape, as `evaluate` shows them beside the loads: F2 and L3."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gnn.failures import bundle as failures
from gnn.failures import card as failure_card
from gnn.failures import table as failure_table
from gnn.pickup import bundle as pickup
from gnn.pickup import card as pickup_card
from gnn.pickup import table as pickup_table


def others(folder: Path) -> Iterator[tuple[str, str, str]]:
    """(name of the bundle, its table, its card) of each of the two that is in a folder.

    Raises:
        BundleError: one of them is damaged, or made for another program.
    """
    if (folder / pickup.FOLDER).is_dir():
        found = pickup.read_pickup_bundle(folder / pickup.FOLDER).manifest
        rows = [pickup_table.Row(**each) for each in found.evaluation]
        yield pickup.FOLDER, pickup_table.markdown(rows), pickup_card.card(found)
    if (folder / failures.FOLDER).is_dir():
        of_failures = failures.read_failure_bundle(folder / failures.FOLDER).manifest
        judged = [failure_table.Row(**each) for each in of_failures.evaluation]
        yield failures.FOLDER, failure_table.markdown(judged), failure_card.card(of_failures)
