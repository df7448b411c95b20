"""No store without its contract: each adapter runs the whole suite of its port, unchanged."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import pytest

import graph_service.adapters
import tests.contracts
from graph_service.ports.backup import Backup
from graph_service.ports.graph_store import GraphStore
from graph_service.ports.record_store import RecordStore
from graph_service.ports.timeline_store import TimelineStore
from tests.contracts.backup_contract import BackupContract
from tests.contracts.graph_store_contract import GraphStoreContract
from tests.contracts.record_store_contract import RecordStoreContract
from tests.contracts.timeline_store_contract import TimelineStoreContract

CONTRACTS = {
    Backup: BackupContract,
    GraphStore: GraphStoreContract,
    RecordStore: RecordStoreContract,
    TimelineStore: TimelineStoreContract,
}


def classes_in(package: object) -> Iterator[type]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(found.name)
        for _, one in inspect.getmembers(module, inspect.isclass):
            if one.__module__ == module.__name__:
                yield one


def methods(one: type) -> set[str]:
    return {name for name in dir(one) if name[0] != "_" and callable(getattr(one, name))}


def adapters() -> Iterator[tuple[type, type]]:
    """(adapter, contract) of every class that has all methods of a port."""
    for one in classes_in(graph_service.adapters):
        for port, contract in CONTRACTS.items():
            if methods(port) <= methods(one):
                yield one, contract


def runs_of(contract: type) -> list[type]:
    return [one for one in classes_in(tests.contracts) if issubclass(one, contract)]


def makes(run: type) -> object:
    return inspect.signature(run.make_store, eval_str=True).return_annotation


def test_adapters__are_found_for_every_port():
    assert {contract for _, contract in adapters()} == set(CONTRACTS.values())


@pytest.mark.parametrize(("adapter", "contract"), list(adapters()))
def test_adapter__runs_the_contract_of_its_port(adapter, contract):
    assert adapter in {makes(run) for run in runs_of(contract) if run is not contract}


@pytest.mark.parametrize("contract", list(CONTRACTS.values()))
def test_run__supplies_a_store_and_nothing_else(contract):
    for run in runs_of(contract):
        if run is not contract:
            own = {name for name in vars(run) if not name.startswith("__")}
            own -= getattr(contract, "MAY_SUPPLY", frozenset())
            assert own == getattr(contract, "SUPPLIED", {"make_store"}), run
