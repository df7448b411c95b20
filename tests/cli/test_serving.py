"""The server as a process: it says where it is, and refuses what would not be safe."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

PROGRAM = Path(sys.executable).with_name("gridstrata")


@pytest.fixture
def server(imported: Path) -> Iterator[subprocess.Popen[str]]:
    command = [PROGRAM, "--data", imported, "serve", "--port", "0"]
    started = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    )
    yield started
    started.kill()
    started.communicate()


def test_serve__on_a_free_port__says_which_and_answers(server):
    assert server.stdout is not None
    address = server.stdout.readline().split()[-1]
    assert "open to everybody on this machine" in server.stdout.readline()
    answer = httpx.post(address, json={"query": "{ store { revision } }"})
    assert answer.json() == {"data": {"store": {"revision": 1}}}


def test_connection__that_was_idle_for_longer_than_a_few_seconds__is_still_open(server):
    assert server.stdout is not None
    place = urlsplit(server.stdout.readline().split()[-1])
    connection = HTTPConnection(place.netloc)
    for pause_s in (7, 0):
        connection.request("GET", "/health")
        assert connection.getresponse().read()
        assert connection.sock is not None
        time.sleep(pause_s)
    connection.close()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_serve__told_to_end__ends_with_0_and_without_a_word(server, sent):
    assert server.stdout is not None
    while "Ctrl-C" not in server.stdout.readline():
        pass
    server.send_signal(sent)
    _, err = server.communicate(timeout=20)
    assert (server.returncode, err) == (0, "")


@pytest.mark.parametrize("arguments", [["--host", "0.0.0.0"], ["--require-tokens"]])  # noqa: S104
def test_serve__with_tokens_wanted_and_none_made__refuses_and_says_how(run, data, arguments):
    ended = run("--data", data, "serve", *arguments)
    assert (ended.code, ended.out) == (1, "")
    assert "gridstrata token create" in ended.hint


def test_serve__on_a_port_that_is_taken__says_so(run, data):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = run("--data", data, "serve", "--port", taken.getsockname()[1])
    assert ended.code == 1
    assert "cannot listen on 127.0.0.1" in ended.err
    assert "--port 0" in ended.hint


def test_serve__on_a_name_nobody_knows__says_so(run, data):
    run("--data", data, "token", "create", "any")
    ended = run("--data", data, "serve", "--host", "no.such.host.invalid")
    assert ended.code == 1
    assert "cannot listen on no.such.host.invalid" in ended.err
