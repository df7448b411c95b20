"""What all commands have in common: help, settings, exit codes."""

from __future__ import annotations

from importlib.metadata import version

import pytest

COMMANDS = [
    *("demo", "status", "import", "export", "ingest"),
    *("generate", "trace", "query", "serve", "token"),
]


def test_help__names_every_command_in_its_panel(run):
    ended = run("--help")
    assert ended.code == 0
    assert [name for name in COMMANDS if f" {name} " not in ended.out] == []
    assert "Models and readings" in ended.out


def test_version__is_that_of_the_package(run):
    assert run("--version").out == f"gridstrata {version('gridstrata')}\n"


@pytest.mark.parametrize("arguments", [[name, "--help"] for name in COMMANDS], ids=COMMANDS)
def test_help__of_a_command__explains_it(run, arguments):
    ended = run(*arguments)
    assert ended.code == 0
    assert "Usage: gridstrata" in ended.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["nosuchcommand"],
        ["import"],
        ["status", "--format", "xml"],
        ["trace", "x", "--kind", "sideways"],
        ["trace", "x", "--first", "501"],
        ["trace", "x", "--kind", "shortest-path"],
        ["generate", "town", "t", "--start", "yesterday"],
        ["generate", "town", "t", "--meters", "many"],
        ["query", "{ store { revision } }", "-v", "[1, 2]"],
        ["query", "{ store { revision } }", "-v", "{"],
        ["query", "@nosuchfile"],
        ["serve", "--port", "99999"],
        ["token", "create", "x", "--right", "everything"],
    ],
    ids=" ".join,
)
def test_command__misused__exits_with_2_and_shows_the_usage(run, arguments):
    ended = run(*arguments)
    assert ended.code == 2
    assert "Usage: gridstrata" in ended.err
    assert ended.out == ""


def test_program__without_a_command__shows_the_help_and_exits_with_2(run):
    ended = run()
    assert ended.code == 2
    assert "Usage: gridstrata" in ended.out + ended.err


def test_data_folder__from_the_environment__is_overridden_by_the_option(run, monkeypatch, tmp_path):
    monkeypatch.setenv("GRIDSTRATA_DATA", str(tmp_path / "from-environment"))
    assert "from-environment" in run("status").out
    assert "from-option" in run("--data", tmp_path / "from-option", "status").out


def test_setting__of_the_environment_that_is_no_number__is_named(run, monkeypatch):
    monkeypatch.setenv("GRIDSTRATA_PORT", "eighty")
    ended = run("status")
    assert ended.code == 2
    assert "GRIDSTRATA_PORT is 'eighty'" in ended.err


def test_output__to_a_reader_that_leaves__ends_quietly(run, monkeypatch):
    def gone(*_: object, **__: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("graph_service.cli.questions.say", gone)
    monkeypatch.setattr("os.dup2", lambda *_: None)
    monkeypatch.setattr("sys.stdout.fileno", lambda: 1, raising=False)
    ended = run("status")
    assert (ended.code, ended.err) == (0, "")
