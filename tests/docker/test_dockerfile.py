"""The image by its instructions: pinned, small, without root and secrets; it is not built here."""

from __future__ import annotations

import json
import re
import tomllib

import pytest

from graph_service.settings import Settings
from tests.docker.files import DOCKER, EXACT, ROOT, instructions

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LAST = max(one.stage for one in instructions())


def said(word: str, stage: int | None = None) -> list[str]:
    return [one.rest for one in instructions() if one.word == word and stage in (None, one.stage)]


def test_bases__have_an_exact_version_and_are_one_and_the_same() -> None:
    bases = [rest.split()[0] for rest in said("FROM")]
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert all(map(EXACT.fullmatch, bases))


def test_base__is_of_a_python_that_the_project_runs_on() -> None:
    version = re.search(r":(\d+\.\d+)\.", said("FROM")[0])[1]
    assert f"Programming Language :: Python :: {version}" in PROJECT["project"]["classifiers"]


def test_last_stage__builds_nothing_and_runs_as_somebody_without_rights() -> None:
    assert [rest.split()[0] for rest in said("COPY", LAST)] == ["--from=build"]
    assert not any("pip" in rest or "apt" in rest for rest in said("RUN", LAST))
    [user] = said("USER", LAST)
    assert all(int(number) >= 1000 for number in user.split(":"))
    assert [one.word for one in instructions()].index("USER") > 0


def test_health__is_asked_where_the_service_tells_it() -> None:
    [check] = said("HEALTHCHECK", LAST)
    command = json.loads(check.partition("CMD ")[2])
    port = dict(_environment())["GRIDSTRATA_PORT"]
    assert f"http://127.0.0.1:{port}/health" in command[-1]
    compile(command[-1], "health", "exec")
    assert said("EXPOSE") == [port]


def test_entry__is_the_command_without_a_shell() -> None:
    [[program]] = [json.loads(rest) for rest in said("ENTRYPOINT")]
    assert PROJECT["project"]["scripts"][program] == "graph_service.cli:main"
    assert [json.loads(rest) for rest in said("CMD")] == [["serve"]]


def test_settings__are_settings_and_data_lie_within_the_volume() -> None:
    told = {name: value for name, value in _environment() if name.startswith("GRIDSTRATA_")}
    fields = {f"GRIDSTRATA_{name.upper()}" for name in Settings.model_fields}
    assert told.keys() <= fields
    [volume] = json.loads(said("VOLUME")[0])
    assert told["GRIDSTRATA_DATA"].startswith(f"{volume}/")


def test_secrets__are_not_in_it() -> None:
    assert not said("ARG")
    assert not said("ADD")
    hidden = re.compile("password|secret|token", re.IGNORECASE)
    assert not [name for name, _ in _environment() if hidden.search(name)]


def test_what_is_copied__is_there_and_let_through_to_the_builder() -> None:
    ignored = (DOCKER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignored
    copied = [path for rest in said("COPY", 0) for path in rest.split()[:-1]]
    assert copied
    for path in copied:
        assert (ROOT / path).exists(), path
        assert f"!{path}" in ignored, path


def test_packages__are_all_copied() -> None:
    named = {
        name.rstrip("*") for name in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    }
    assert named <= {path for rest in said("COPY", 0) for path in rest.split()}


@pytest.mark.parametrize("extra", ["neo4j", "influx"])
def test_packages_of_others__are_locked_with_the_versions_that_are_tested(extra: str) -> None:
    locked = _versions("servers")
    wanted = PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"][extra]
    assert {re.split(r"[><=\[]", one)[0].lower() for one in wanted} <= locked.keys()
    assert locked.items() <= _versions("dev").items()
    assert "--require-hashes --requirement requirements/servers.txt" in " ".join(said("RUN", 0))


def _versions(lock: str) -> dict[str, frozenset[str]]:
    """Package → its versions; one may have several, for different versions of Python."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"(?m)^([\w.-]+)==(\S+)", text):
        found.setdefault(name, set()).add(version)
    return {name: frozenset(versions) for name, versions in found.items()}


def _environment() -> list[tuple[str, str]]:
    pairs = [pair.partition("=") for rest in said("ENV") for pair in rest.split()]
    return [(name, value) for name, _, value in pairs]
