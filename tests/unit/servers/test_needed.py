"""Where a server cannot be had, a person's run skips and says what to install; in CI it fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.influxdb_build import NoServer
from tests.servers.needed import needed, needed_while

ROOT = Path(__file__).parents[3]
TESTS = {
    "influxdb": "tests/contracts/test_influx_timeline.py",
    "neo4j": "tests/contracts/test_neo4j_records.py",
}
MISSING = {"influxdb": "Go 1.25.10 or newer", "neo4j": "Java"}


def run_without_tools(server: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """The tests of a server where nothing is installed and nothing was built before."""
    empty = folder / "bin"
    empty.mkdir()
    kept = {n: v for n, v in os.environ.items() if n != "CI" and not n.startswith("GRIDSTRATA_")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", TESTS[server], "-q", "-x", "-p", "no:cacheprovider"],
        cwd=ROOT,
        env=kept | {"PATH": str(empty), "XDG_CACHE_HOME": str(folder), **more},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("server", TESTS)
def test_run__without_tools_in_ci_fails_and_says_why(server, tmp_path):
    done = run_without_tools(server, tmp_path, CI="true")
    assert done.returncode == 1
    assert "a server that the tests need cannot be had" in done.stdout
    assert MISSING[server] in done.stdout


def test_run__without_tools_elsewhere_skips_and_says_what_to_install(tmp_path):
    done = run_without_tools("influxdb", tmp_path)
    assert done.returncode == 0
    assert " skipped" in done.stdout
    assert " passed" not in done.stdout
    assert MISSING["influxdb"] in done.stdout


def test_needed__server_of_ones_own__is_treated_in_the_same_way(monkeypatch):
    def none():
        raise NoServer("install maven")

    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="install maven"), needed_while(none):
        pass
    monkeypatch.setenv("CI", "1")
    with pytest.raises(pytest.fail.Exception, match="install maven"):
        needed(none)
