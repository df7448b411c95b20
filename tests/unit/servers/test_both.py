"""`make servers` starts both, says how they are reached, and leaves nothing behind."""

import os
import shlex
import signal
import socket
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from graph_service.bootstrap import open_services
from graph_service.settings import Settings
from tests.servers.influxdb_build import influxd
from tests.servers.needed import needed
from tests.servers.neo4j_build import jars

ROOT = Path(__file__).parents[3]
COMMAND = ["make", "--silent", "--old-file=.venv/dev", "servers"]


def is_open(address: str) -> bool:
    parts = urlsplit(address)
    with socket.socket() as caller:
        return caller.connect_ex((parts.hostname, parts.port)) == 0


def test_make_servers__the_settings_it_prints_open_both_until_it_is_ended(tmp_path, monkeypatch):
    needed(jars)
    needed(influxd)
    with subprocess.Popen(
        COMMAND, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as run:
        try:
            lines = [run.stdout.readline() for _ in range(9)]
            told = [shlex.split(line)[1].split("=", 1) for line in lines if line[:1] != "#"]
            for name, value in told:
                monkeypatch.setenv(name, value)
            settings = Settings(data=tmp_path)
            with open_services(settings) as house:
                assert (house.network.revision(), house.data) == (0, tmp_path)
        finally:
            os.killpg(run.pid, signal.SIGINT)
        run.wait(60)
    assert len(told) == 7
    assert not is_open(settings.graph)
    assert not is_open(settings.timeline)
