"""Through Neo4j nothing is lost either: the same round trip, on models odd in their own ways."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cim_import.exchange import CimExchange
from graph_service.adapters.neo4j.graph import Neo4jGraph
from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.domain.access import EVERYTHING
from graph_service.domain.filters import ElementFilter
from tests import oracle
from tests.models import model, needs_models
from tests.servers.neo4j_emptied import emptied
from tests.stories.test_round_trip import Trip, assert_malformed, files

pytestmark = needs_models

MODELS = [
    "cgmes3_difference_models",
    "cgmes2_nested_zip",
    "cgmes2_microgrid_bc_assembled",
    "cgmes3_microgrid",
    "cim14_itesla_m7",
    "gridappsd_enddevices_usagepoints",
    "ru_cimbios",
    "telemark120",
]


@pytest.fixture(scope="module", params=MODELS)
def trip(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Trip]:
    source, folder = model(request.param), tmp_path_factory.mktemp("trip")
    with closing(Neo4jGraph(emptied(folder / "neo4j"))) as store:
        report = CimExchange().take([source], store)
        CimExchange().give(store, folder / "first", model_set=report.model_set)
        yield Trip(source, store, report, folder / "first")  # type: ignore[arg-type]


def test_export__every_file__says_what_it_said(trip: Trip) -> None:
    exported = dict(oracle.delivered(trip.exported))
    for name, data in oracle.delivered(trip.source):
        if name in trip.report.skipped:
            assert_malformed(data)
            continue
        assert oracle.facts(exported.pop(name)) == oracle.facts(data), name
    assert not exported


def test_store__has_what_the_embedded_one_has_and_exports_the_same_bytes(
    trip: Trip, tmp_path: Path
) -> None:
    with closing(SqliteGraph(tmp_path / "data")) as embedded:
        report = CimExchange().take([trip.source], embedded)
        CimExchange().give(embedded, tmp_path / "first", model_set=report.model_set)
        kinds = [s.count_by_kind(ElementFilter(), EVERYTHING) for s in (trip.store, embedded)]
        assert kinds[0] == kinds[1]
        assert trip.store.model_sets() == embedded.model_sets()
    assert (trip.report.changes, trip.report.finding_counts) == (
        report.changes,
        report.finding_counts,
    )
    assert files(trip.exported) == files(tmp_path / "first")


def test_import_again__same_delivery__changes_nothing(trip: Trip) -> None:
    again = CimExchange().take([trip.source], trip.store)
    assert again.unchanged
    assert again.revision == trip.store.revision() == 1
