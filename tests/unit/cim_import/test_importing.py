from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cim_import.exchange import CimExchange
from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.domain.access import EVERYTHING
from graph_service.domain.errors import BadName
from graph_service.ports.exchange import ImportReport
from tests.rdf import rdf

FUSE = '<cim:Fuse rdf:ID="_f"><cim:Equipment.EquipmentContainer rdf:resource="#_l"/></cim:Fuse>'
LINE = '<cim:Line rdf:ID="_l"><cim:IdentifiedObject.name>L</cim:IdentifiedObject.name></cim:Line>'


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteGraph]:
    opened = SqliteGraph(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    folder = tmp_path / "My grid"
    folder.mkdir()
    (folder / "EQ.xml").write_bytes(rdf(FUSE))
    (folder / "BD.xml").write_bytes(rdf(LINE))
    return folder


def take(store: SqliteGraph, path: Path, *, dry_run: bool = False) -> ImportReport:
    return CimExchange().take([path], store, dry_run=dry_run, author="ann")


def test_take__delivery__counts_files_objects_statements_kinds_links(
    store: SqliteGraph, delivery: Path
) -> None:
    report = take(store, delivery)
    assert (report.model_set, report.revision, report.unchanged) == ("My-grid", 1, False)
    assert [(f.name, f.objects, f.statements) for f in report.files] == [
        ("BD.xml", 1, 2),
        ("EQ.xml", 1, 2),
    ]
    assert (report.objects, report.statements, report.links) == (2, 4, 1)
    assert report.kinds == {"Fuse": 1, "Line": 1}
    assert report.finding_counts == {"NO_HEADER": 2}
    assert (report.changes.added, report.changes.links_added) == (2, 1)


def test_take__whole_delivery__is_one_revision_by_its_author(
    store: SqliteGraph, delivery: Path
) -> None:
    take(store, delivery)
    (revision,) = store.revisions(10)
    assert revision.author == "ann"
    assert revision.message == "import of My grid into My-grid"


def test_take__same_again__says_unchanged_and_makes_no_revision(
    store: SqliteGraph, delivery: Path
) -> None:
    take(store, delivery)
    again = take(store, delivery)
    assert again.unchanged
    assert again.revision == 1
    assert again.kinds == {"Fuse": 1, "Line": 1}
    assert [file.changed for file in again.files] == [False, False]


def test_take__other_order_and_spacing__is_unchanged_too(
    store: SqliteGraph, delivery: Path
) -> None:
    (delivery / "EQ.xml").write_bytes(rdf(FUSE + LINE))
    take(store, delivery)
    (delivery / "EQ.xml").write_bytes(rdf(LINE + "\n\n" + FUSE))
    assert take(store, delivery).unchanged


def test_take__one_file_changed__counts_only_what_differs(
    store: SqliteGraph, delivery: Path
) -> None:
    take(store, delivery)
    (delivery / "BD.xml").write_bytes(rdf(LINE.replace(">L<", ">M<")))
    report = take(store, delivery)
    assert [file.changed for file in report.files] == [True, False]
    assert (report.changes.added, report.changes.changed, report.changes.removed) == (0, 1, 0)


def test_take_dry_run__tells_what_would_change_and_changes_nothing(
    store: SqliteGraph, delivery: Path
) -> None:
    report = take(store, delivery, dry_run=True)
    assert (report.changes.added, report.links) == (2, 1)
    assert report.kinds == {"Fuse": 1, "Line": 1}
    assert (report.dry_run, report.unchanged, report.revision) == (True, False, 0)
    assert store.model_sets() == []


def test_take__into_a_name__keeps_the_delivery_there(store: SqliteGraph, delivery: Path) -> None:
    CimExchange().take([delivery], store, into="town")
    assert [kept.name for kept in store.model_sets()] == ["town"]
    assert len(store.by_mrid(["f"], EVERYTHING, "town")[0]) == 1


def test_take__into_a_name_that_cannot_be__is_refused(store: SqliteGraph, delivery: Path) -> None:
    with pytest.raises(BadName):
        CimExchange().take([delivery], store, into="a/b")


def test_take__progress__runs_forward_to_all_bytes(store: SqliteGraph, delivery: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    CimExchange().take([delivery], store, progress=lambda *step: seen.append(step))
    read = [(done, total) for what, done, total in seen if what == "reading"]
    size = sum(path.stat().st_size for path in delivery.iterdir())
    assert read == sorted(read)
    assert read[-1] == (size, size)
    assert seen[-1] == ("merging", 1, 1)
