"""Files that are damaged, hostile or no CIM: a clear error, and the store stays as it was."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cim_import.exchange import CimExchange
from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.domain.errors import UnreadableInput
from tests.models import model
from tests.rdf import rdf

FUSE = rdf('<cim:Fuse rdf:ID="_f"/>')


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteGraph]:
    opened = SqliteGraph(tmp_path / "data")
    (tmp_path / "good.xml").write_bytes(FUSE)
    CimExchange().take([tmp_path / "good.xml"], opened, into="town")
    yield opened
    opened.close()


def refused(store: SqliteGraph, path: Path) -> str:
    """The message of the error; the store is as it was."""
    with pytest.raises(UnreadableInput) as caught:
        CimExchange().take([path], store, into="town")
    assert caught.value.hint
    assert store.revision() == 1
    assert [document.name for document in store.documents("town")] == ["good.xml"]
    return caught.value.message


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("EQ.xml", FUSE[:-12] + b" " * 50_000_000)


def outside(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../outside.xml", FUSE)


def holding(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: None, "there is no file or folder"),
        (holding(b""), "it is empty"),
        (holding(b"just some text"), "it is not XML"),
        (holding(b"<html></html>"), "its root is 'html', not rdf:RDF"),
        (holding(FUSE[:-8]), "not well-formed in line 4, column 1: unclosed token"),
        (holding(FUSE[:-16]), "not well-formed in line 3"),
        (holding(b'<!DOCTYPE r [<!ENTITY e "x">]>' + FUSE[39:]), "a DOCTYPE is not accepted"),
        (holding(FUSE[:-12] + b"<cim:A>" * 200_000), "nest deeper than 64 levels"),
        (bomb, "more than 200 times its packed size"),
        (outside, "leads outside it"),
        (holding(b"PK\x03\x04 and then nothing"), "cannot be unpacked"),
        (lambda path: path.mkdir(), "there is nothing to import"),
    ],
    ids=[
        "missing",
        "empty",
        "not-xml",
        "not-cim",
        "truncated-in-a-tag",
        "truncated",
        "doctype",
        "deep",
        "bomb",
        "outside",
        "damaged-zip",
        "empty-folder",
    ],
)
def test_import__bad_file__is_refused_with_a_reason_and_changes_nothing(
    store: SqliteGraph, tmp_path: Path, make: Callable[[Path], object], why: str
) -> None:
    path = tmp_path / "bad.xml"
    make(path)
    message = refused(store, path)
    assert why in message
    assert "bad.xml" in message


def test_import__file_that_may_not_be_read__says_so(store: SqliteGraph, tmp_path: Path) -> None:
    path = tmp_path / "bad.xml"
    path.symlink_to(path)
    assert "cannot be read" in refused(store, path)


@pytest.mark.parametrize("name", ["bomb.zip", "ent_ok.xml", "lol.xml", "xxe.xml"])
def test_import__published_attack__is_refused(store: SqliteGraph, name: str) -> None:
    refused(store, model("_hostile") / name)


@pytest.mark.parametrize("name", ["bigtext.xml", "latin1.xml", "utf16.xml"])
def test_import__unusual_but_honest_file__is_taken(store: SqliteGraph, name: str) -> None:
    report = CimExchange().take([model("_hostile") / name], store, into="odd")
    assert report.objects > 0


def test_import__one_bad_file_among_good_ones__is_a_finding_and_the_rest_is_taken(
    store: SqliteGraph, tmp_path: Path
) -> None:
    folder = tmp_path / "grid"
    folder.mkdir()
    (folder / "a.xml").write_bytes(FUSE.replace(b"_f", b"_g"))
    (folder / "b.xml").write_bytes(FUSE.replace(b"</rdf:RDF>", b"</cim:RDF>"))
    report = CimExchange().take([folder], store, into="town")
    (found,) = (f for f in report.findings if f.code == "MALFORMED_XML")
    assert (found.file, found.line, found.column) == ("b.xml", 4, 3)
    assert report.skipped == ("b.xml",)
    assert report.changes.added == 1


def test_import__published_malformed_file__names_line_and_column(store: SqliteGraph) -> None:
    folder = model("telemark120")
    report = CimExchange().take([folder], store, into="telemark")
    (found,) = (f for f in report.findings if f.code == "MALFORMED_XML")
    assert found.file == "Grid/Telemark-120-LV1_SSH.xml"
    assert (found.line, found.column) == (129, 7)
    assert len(report.files) == sum(path.is_file() for path in folder.rglob("*")) - 1
    assert report.findings[0] is found


def test_import__malformed_at_the_very_end__leaves_no_trace_of_the_file(
    store: SqliteGraph, tmp_path: Path
) -> None:
    body = "".join(f'<cim:Fuse rdf:ID="_x{i}"/>\n' for i in range(20_000))
    (tmp_path / "bad.xml").write_bytes(rdf(body)[:-3])
    refused(store, tmp_path / "bad.xml")
    assert sum(kept.elements for kept in store.model_sets()) == 1
