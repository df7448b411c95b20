"""A server for tests ends with who started it, also when that one is killed."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.servers.needed import needed
from tests.servers.neo4j_build import jars
from tests.servers.neo4j_server import SETTING, graph_server

ROOT = Path(__file__).parents[3]
START = """
from tests.servers.neo4j_server import PrivateServer
import sys
server = PrivateServer(heap="256m")
server._launch()
print(server.pid, server.home, flush=True)
sys.stdin.read()
"""


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def test_server__ends_and_leaves_nothing_when_the_run_is_killed():
    needed(jars)
    command = [sys.executable, "-c", START]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:
        pid, home = run.stdout.readline().split()
        assert is_running(int(pid))
        run.kill()
    deadline = time.monotonic() + 20
    while (is_running(int(pid)) or Path(home).exists()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(int(pid))
    assert not Path(home).exists()


def test_graph_server__named_in_the_environment__is_not_started(monkeypatch):
    monkeypatch.setitem(os.environ, SETTING, "bolt://anna:p%40ss@db.example:7687")
    server = graph_server.__wrapped__()
    assert (server.uri, server.user, server.password) == ("bolt://db.example:7687", "anna", "p@ss")
