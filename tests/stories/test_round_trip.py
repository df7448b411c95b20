"""An integrator imports a delivery and exports it again: nothing is lost, nothing is added.

Every published model is tried. What the files say is read independently of us (tests/oracle.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from lxml import etree

from cim_import.exchange import CimExchange
from cim_import.reading import read_document
from cim_import.writing import part_order, write_document
from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.ports.exchange import ImportReport
from tests import oracle
from tests.models import model, model_names, needs_models

pytestmark = needs_models

LARGE_BYTES = 6_000_000
"""Above this the second generation goes past the store, to keep the suite quick."""


@dataclass
class Trip:
    """A model that was imported and exported."""

    source: Path
    store: SqliteGraph
    report: ImportReport
    exported: Path


@pytest.fixture(scope="module", params=model_names())
def trip(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Trip]:
    source, folder = model(request.param), tmp_path_factory.mktemp("trip")
    store = SqliteGraph(folder / "data")
    report = CimExchange().take([source], store)
    CimExchange().give(store, folder / "first", model_set=report.model_set)
    yield Trip(source, store, report, folder / "first")
    store.close()


def test_export__every_file__says_what_it_said(trip: Trip) -> None:
    exported = dict(oracle.delivered(trip.exported))
    for name, data in oracle.delivered(trip.source):
        if name in trip.report.skipped:
            assert_malformed(data)
            continue
        assert oracle.facts(exported.pop(name)) == oracle.facts(data), name
    assert not exported


def test_import_again__same_delivery__changes_nothing(trip: Trip) -> None:
    again = CimExchange().take([trip.source], trip.store)
    assert again.unchanged
    assert again.changes.nothing
    assert again.revision == trip.store.revision() == 1


def test_second_generation__export_imported_and_exported__is_the_same_bytes(
    trip: Trip, tmp_path: Path
) -> None:
    first = files(trip.exported)
    if sum(map(len, first.values())) > LARGE_BYTES:
        assert {name: rewritten(name, data) for name, data in first.items()} == first
        return
    fresh = SqliteGraph(tmp_path / "data")
    report = CimExchange().take([trip.exported], fresh, into="again")
    CimExchange().give(fresh, tmp_path / "second", model_set="again")
    fresh.close()
    assert report.statements == trip.report.statements
    assert files(tmp_path / "second") == first


def rewritten(name: str, data: bytes) -> bytes:
    reading, out = read_document(lambda: BytesIO(data), name), BytesIO()
    write_document(reading.document, sorted(reading.parts, key=part_order), out)
    return out.getvalue()


def files(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def assert_malformed(data: bytes) -> None:
    with pytest.raises(etree.XMLSyntaxError):
        oracle.facts(data)
