"""The command that copies everything from one place to another."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from graph_service.cli.moving import settings_of
from tests.cli.conftest import Run


def test_copy__says_what_was_compared(imported: Path, run: Run) -> None:
    done = run("copy", "--from", imported, "--to", "other")
    assert done.code == 0
    first, title, *_, last = done.out.splitlines()
    assert first.startswith(f"copied from {imported} to ")
    assert (title.split(), last) == (["what", "source", "target", "equal"], "everything is equal")
    assert ["elements", "1,265", "1,265", "1,265"] in map(str.split, done.out.splitlines())


def test_copy__again_is_refused_and_comparing_alone_is_not(imported: Path, run: Run) -> None:
    run("copy", "--from", imported, "--to", "other")
    again = run("copy", "--from", imported, "--to", "other")
    assert (again.code, again.hint) == (
        1,
        "hint: copy into a folder, a database and a bucket that are empty",
    )
    assert run("copy", "--from", imported, "--to", "other", "--compare-only").code == 0


def test_copy__compared_with_something_else_exits_with_1(imported: Path, run: Run) -> None:
    run("--data", "empty", "status")
    done = run("copy", "--from", imported, "--to", "empty", "--compare-only")
    assert done.code == 1
    assert done.out.splitlines()[-1].startswith("not equal: documents, revisions, parts")


def test_copy__as_json_tells_it_all(imported: Path, run: Run) -> None:
    told = run("copy", "--from", imported, "--to", "other", "--format", "json").json
    rows = {row["what"]: row for row in told["comparison"]["rows"]}
    assert (told["resumed"], told["refusals"]) == (False, 0)
    assert rows["revisions"] == {"what": "revisions", "source": 1, "target": 1, "equal": 1}
    compared = run(
        "copy", "--from", imported, "--to", "other", "--compare-only", "--format", "json"
    )
    assert compared.json["is_same"] is True


def test_copy__from_a_folder_that_is_not_there_makes_none(run: Run, tmp_path: Path) -> None:
    done = run("copy", "--from", "nowhere", "--to", "other")
    assert (done.code, (tmp_path / "nowhere").exists()) == (1, False)
    assert done.err.startswith("error: there is no store at ")


def test_copy__onto_itself_is_refused(imported: Path, run: Run) -> None:
    done = run("copy", "--from", imported, "--to", imported)
    assert done.err.startswith("error: source and target are the same: ")


# --- places ------------------------------------------------------------------------------------


def test_place__is_a_folder_or_two_addresses_or_a_folder_and_one_of_them() -> None:
    folder = settings_of("a/b", "TO")
    assert (folder.data, folder.graph, folder.timeline) == (Path("a/b"), "", "")
    servers = settings_of("http://h:8086,bolt+s://u@h:7687", "TO")
    assert (servers.graph, servers.timeline) == ("bolt+s://u@h:7687", "http://h:8086")
    mixed = settings_of("neo4j://h,data", "TO")
    assert (mixed.data, mixed.graph, mixed.timeline) == (Path("data"), "neo4j://h", "")


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("", "is no place"),
        ("ftp://h", "is no place"),
        ("bolt://", "is no place"),
        ("a,b", "names two places for the same"),
        ("bolt://h", "says nothing of the timeline"),
        ("http://h", "says nothing of the graph"),
    ],
)
def test_place__that_is_none_is_refused(place: str, message: str) -> None:
    with pytest.raises(typer.BadParameter, match=message):
        settings_of(place, "FROM")


def test_place__has_the_stores_named_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDSTRATA_GRAPH", "bolt://h:7687")
    monkeypatch.setenv("GRIDSTRATA_GRAPH_USER", "anna")
    settings = settings_of("data", "FROM")
    assert (settings.graph, settings.graph_user) == ("", "anna")


def test_place__what_is_set_for_its_side_counts_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDSTRATA_GRAPH_PASSWORD_FILE", "/run/secrets/graph")
    monkeypatch.setenv("GRIDSTRATA_TIMELINE_BUCKET", "both")
    monkeypatch.setenv("GRIDSTRATA_TO_GRAPH_PASSWORD", "secret")
    monkeypatch.setenv("GRIDSTRATA_TO_TIMELINE_BUCKET", "new")
    target, source = settings_of("data", "TO"), settings_of("data", "FROM")
    assert (target.graph_password.get_secret_value(), target.graph_password_file) == (
        "secret",
        None,
    )
    assert source.graph_password is None
    assert (source.timeline_bucket, target.timeline_bucket) == ("both", "new")
