"""Tokens on the command line."""

from __future__ import annotations


def test_token__made__is_shown_once_and_listed_without_its_secret(run, data):
    made = run("--data", data, "token", "create", "planner", "--right", "switch")
    secret = made.out.strip()
    assert secret.startswith("gs_")
    listed = run("--data", data, "token", "list")
    assert "planner" in listed.out
    assert secret not in listed.out
    assert all(secret.encode() not in path.read_bytes() for path in data.glob("records*"))


def test_token__as_json__can_be_read_by_a_program(run, data):
    made = run("--data", data, "token", "create", "robot", "--format", "json").json
    assert made["name"] == "robot"
    listed = run("--data", data, "token", "list", "--format", "json").json
    assert [(one["name"], one["owners"], one["rights"]) for one in listed] == [
        ("robot", None, ["read"])
    ]


def test_token__for_an_owner_nobody_knows__is_made_with_a_note(run, data):
    known = run("--data", data, "token", "create", "a", "--owner", "Quellmoor Grid Company")
    unknown = run("--data", data, "token", "create", "b", "--owner", "Nobody Ltd")
    assert known.err == ""
    assert unknown.code == 0
    assert "no organisation is called 'Nobody Ltd'" in unknown.err


def test_token__of_a_name_that_is_taken__is_refused(run, data):
    run("--data", data, "token", "create", "twice")
    ended = run("--data", data, "token", "create", "twice")
    assert ended.code == 1
    assert "gridstrata token revoke twice" in ended.hint


def test_token__revoked__is_gone_and_cannot_be_revoked_again(run, data):
    run("--data", data, "token", "create", "short")
    assert run("--data", data, "token", "revoke", "short").code == 0
    assert run("--data", data, "token", "list", "--format", "json").json == []
    ended = run("--data", data, "token", "revoke", "short")
    assert ended.code == 1
    assert "gridstrata token list" in ended.hint
