from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cim_import.exchange import CimExchange
from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.domain.errors import UnknownModelSet, UnreadableInput
from graph_service.ports.exchange import ExportReport
from tests.building import document, part
from tests.rdf import read


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteGraph]:
    opened = SqliteGraph(tmp_path / "data")
    yield opened
    opened.close()


def keep(store: SqliteGraph, *names: str) -> None:
    with store.transaction(author="", message="") as transaction:
        for name in names:
            transaction.put_document(document(name), [part("f", "Fuse", {"A.b": name})])


def give(store: SqliteGraph, folder: Path) -> ExportReport:
    return CimExchange().give(store, folder, model_set="town")


def test_give__documents__become_files_below_the_folder(store: SqliteGraph, tmp_path: Path) -> None:
    keep(store, "grid.zip/x/EQ.xml", "TP.xml")
    report = give(store, tmp_path / "out")
    assert report.files == ("TP.xml", "grid.zip/x/EQ.xml")
    written = [tmp_path / "out" / name for name in report.files]
    assert report.bytes_written == sum(path.stat().st_size for path in written)
    (found,) = read(written[1].read_bytes()).parts
    assert found.statements[0].value == "grid.zip/x/EQ.xml"


def test_give__again_into_the_same_folder__writes_the_same_bytes(
    store: SqliteGraph, tmp_path: Path
) -> None:
    keep(store, "EQ.xml")
    give(store, tmp_path / "out")
    before = (tmp_path / "out" / "EQ.xml").read_bytes()
    give(store, tmp_path / "out")
    assert (tmp_path / "out" / "EQ.xml").read_bytes() == before
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_give__folder_with_other_files__is_refused_and_left_alone(
    store: SqliteGraph, tmp_path: Path
) -> None:
    keep(store, "EQ.xml")
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UnreadableInput, match="holds other files"):
        give(store, tmp_path)
    assert not (tmp_path / "EQ.xml").exists()


@pytest.mark.parametrize("name", ["../EQ.xml", "/tmp/EQ.xml", "a/../../EQ.xml", "..\\EQ.xml"])  # noqa: S108
def test_give__name_that_leads_outside__is_refused(
    store: SqliteGraph, tmp_path: Path, name: str
) -> None:
    keep(store, name, "EQ.xml")
    with pytest.raises(UnreadableInput, match="cannot be written below"):
        give(store, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_give__place_that_is_a_file__is_refused(store: SqliteGraph, tmp_path: Path) -> None:
    keep(store, "EQ.xml")
    (tmp_path / "out").write_text("a file")
    with pytest.raises(UnreadableInput):
        give(store, tmp_path / "out")


def test_give__unknown_model_set__names_those_there_are(store: SqliteGraph, tmp_path: Path) -> None:
    keep(store, "EQ.xml")
    with pytest.raises(UnknownModelSet) as caught:
        CimExchange().give(store, tmp_path / "out", model_set="village")
    assert "town" in str(caught.value.hint)
