"""Generating, importing and exporting on the command line."""

from __future__ import annotations

import filecmp
import sqlite3
import zipfile
from pathlib import Path

import pytest

from tests.rdf import rdf

FUSE = rdf('<cim:Fuse rdf:ID="_f"/>')
RDF_ROOT = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'


def test_generate_town__says_what_it_wrote(run, tmp_path):
    ended = run("generate", "town", tmp_path / "t", "--meters", 5, "--days", 1, "--format", "json")
    assert ended.json["counts"]["Meter"] == 5
    assert ended.json["files"].keys() == {path.name for path in (tmp_path / "t").iterdir()}


def test_generate_town__of_no_meters__is_refused(run, tmp_path):
    ended = run("generate", "town", tmp_path / "t", "--meters", 0)
    assert ended.code == 1
    assert "at least one meter" in ended.hint


@pytest.mark.parametrize("command", [["generate", "town"], ["export"]])
def test_folder__that_is_a_file__is_refused_with_its_name(run, command, data, tmp_path):
    (tmp_path / "taken").write_text("mine")
    ended = run("--data", data, *command, tmp_path / "taken")
    assert ended.code == 1
    assert "taken" in ended.err
    assert ended.hint
    assert (tmp_path / "taken").read_text() == "mine"


def test_generate_overlay__over_the_imported_network__comes_in_through_import(
    run, delivery, tmp_path
):
    assert run("import", delivery / "town_EQ.xml", "--into", "grid").code == 0
    made = run("generate", "overlay", "grid", tmp_path / "over", "--format", "json")
    assert made.json["counts"]["UsagePoint"] == 60
    taken = run("import", tmp_path / "over", "--into", "grid", "--format", "json")
    assert taken.json["kinds"]["Meter"] == 60


def test_generate_overlay__over_an_unknown_model__says_which_there_are(run, data, tmp_path):
    ended = run("--data", data, "generate", "overlay", "nowhere", tmp_path / "over")
    assert ended.code == 1
    assert "town" in ended.hint


def test_import__of_a_delivery__reports_it_as_text_and_as_json(run, delivery):
    tried = run("import", delivery, "--dry-run")
    assert "town: 1,265 elements would be added" in tried.out
    taken = run("import", delivery, "--format", "json").json
    assert (taken["revision"], taken["changes"]["added"], len(taken["files"])) == (1, 1265, 6)
    assert "nothing changed, revision 1" in run("import", delivery).out


def test_import__with_a_damaged_file__takes_the_rest_and_names_the_place(run, tmp_path):
    (tmp_path / "delivery").mkdir()
    (tmp_path / "delivery" / "good.xml").write_bytes(FUSE)
    (tmp_path / "delivery" / "bad.xml").write_bytes(FUSE[:-8])
    ended = run("import", tmp_path / "delivery")
    assert ended.code == 0
    assert "1 elements were added" in ended.out
    assert "error MALFORMED_XML bad.xml:4:1: not well-formed" in ended.out


def _bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("EQ.xml", FUSE[:-12] + b" " * 50_000_000)


def _outside(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../outside.xml", FUSE)


BAD = {
    "missing": (lambda path: None, "there is no file or folder"),
    "empty": (lambda path: path.write_bytes(b""), "it is empty"),
    "no XML": (lambda path: path.write_bytes(b"some text"), "it is not XML"),
    "no CIM": (lambda path: path.write_bytes(b"<html></html>"), "its root is 'html'"),
    "truncated": (lambda path: path.write_bytes(FUSE[:-8]), "line 4, column 1"),
    "DOCTYPE": (
        lambda path: path.write_bytes(b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + RDF_ROOT + b"</rdf:RDF>"),
        "a DOCTYPE is not accepted",
    ),
    "200,000 levels": (
        lambda path: path.write_bytes(RDF_ROOT + b"<a>" * 200_000 + b"</a>" * 200_000),
        "deeper than 64 levels",
    ),
    "zip bomb": (_bomb, "times its packed size"),
    "path outside the zip": (_outside, "which leads outside it"),
}


@pytest.mark.parametrize("what", BAD)
def test_import__of_a_bad_file__fails_with_a_hint_and_leaves_the_store(run, data, tmp_path, what):
    make, why = BAD[what]
    make(tmp_path / "bad.zip")
    ended = run("--data", data, "import", tmp_path / "bad.zip", "--into", "town")
    assert ended.code == 1
    assert why in ended.err
    assert ended.hint
    assert run("--data", data, "status", "--format", "json").json["revision"] == 1


def test_import__into_a_name_that_cannot_be_one__is_refused(run, delivery):
    ended = run("import", delivery, "--into", "../up")
    assert ended.code == 1
    assert "letters, digits" in ended.hint


def test_data_folder__that_cannot_be_written__is_refused(run, delivery, tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be")
    ended = run("--data", tmp_path / "data", "import", delivery)
    assert ended.code == 1
    assert "cannot be written" in ended.err
    assert ended.hint


@pytest.mark.parametrize("file", ["graph", "records", "timeline"])
def test_data_folder__of_a_newer_version__is_refused_and_left_alone(run, data, file):
    with sqlite3.connect(data / f"{file}.sqlite") as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    before = (data / f"{file}.sqlite").read_bytes()
    ended = run("--data", data, "status")
    assert ended.code == 1
    assert "newer" in ended.err
    assert ended.hint
    assert (data / f"{file}.sqlite").read_bytes() == before


def test_export__twice__gives_the_same_bytes(run, data, tmp_path):
    first = run("--data", data, "export", tmp_path / "one", "--format", "json").json
    assert (len(first["files"]), first["statements"]) == (6, 6587)
    assert "6 files, 6,587 statements" in run("--data", data, "export", tmp_path / "two").out
    _, differ, missing = filecmp.cmpfiles(
        tmp_path / "one", tmp_path / "two", first["files"], shallow=False
    )
    assert (differ, missing) == ([], [])


def test_export__of_an_unknown_model_set__says_which_there_are(run, data, tmp_path):
    ended = run("--data", data, "export", tmp_path / "out", "--model-set", "city")
    assert ended.code == 1
    assert "town" in ended.hint


def test_export__of_an_empty_store__says_to_import_first(run, tmp_path):
    ended = run("export", tmp_path / "out")
    assert ended.code == 1
    assert "import first" in ended.hint
