"""Versions are locked with hashes, in files that say nothing about where packages come from."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _locked(lock: Path) -> dict[str, str]:
    """Package → its lines; a requirement and its hashes are joined by backslashes."""
    text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and line.lstrip()[0] != "#"]
    return {re.split(r"[=<>\[ ;]", line)[0].lower(): line for line in lines}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_lock__has_an_exact_version_and_a_hash_for_every_package(lock):
    locked = _locked(lock)
    assert locked
    bare = [n for n, line in locked.items() if "==" not in line or "--hash=sha256:" not in line]
    assert bare == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_lock__names_no_host(lock):
    assert not re.search(r"https?://|--index-url|--find-links", lock.read_text(encoding="utf-8"))


def test_lock__of_the_program__has_every_dependency_and_no_torch():
    locked = _locked(ROOT / "requirements" / "run.txt")
    wanted = [re.split(r"[><=\[]", d)[0].lower() for d in PROJECT["project"]["dependencies"]]
    assert [name for name in wanted if name not in locked] == []
    assert not {"torch", "lxml", "pandas"} & locked.keys()


def test_lock__for_development__has_the_versions_of_the_program():
    run, dev = (_locked(ROOT / "requirements" / f"{name}.txt") for name in ("run", "dev"))
    version = re.compile(r"==(\S+)")
    assert [n for n in run if version.findall(run[n]) != version.findall(dev.get(n, ""))] == []


def test_repository__keeps_no_lock_that_names_hosts():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout
    names = {Path(name).name for name in listed.splitlines()}
    assert not names & {"uv.lock", "pylock.toml", "poetry.lock"}
