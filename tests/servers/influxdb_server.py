"""A private InfluxDB 2 server for tests: started on a free port with data of its own, and stopped.

    with running() as server:                 # server.url, server.org, server.token
        server.new_bucket("mine")
        server.kill(); server.start()         # the same data and port

`timeline_server()` is what tests ask for: the server that `GRIDSTRATA_TEST_TIMELINE` names
(`http://host:8086?org=ORG&token=TOKEN`; the token must be allowed to make buckets, tests use
buckets of their own and remove them), else one started here, once a run. It ends with the run,
also when the run is cut off: its guard, a process of its own, notices that the run is gone.
`python -m tests.servers.influxdb_server` runs one until its standard input closes.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

from tests.servers.guard import Guard
from tests.servers.influxdb_build import NoServer, influxd

SETTING: Final = "GRIDSTRATA_TEST_TIMELINE"

_START_WITHIN_S: Final = 60
_STOP_WITHIN_S: Final = 30


class Server:
    """An InfluxDB server somewhere: its address and who may use it."""

    def __init__(self, url: str, org: str, token: str):
        self.url, self.org, self.token = url, org, token
        self._new: list[str] = []

    def new_bucket(self, name: str, *, shard_days: int = 0) -> None:
        """Make a bucket that keeps everything; one that is there already stays as it is."""
        rule = {
            "type": "expire",
            "everySeconds": 0,
            "shardGroupDurationSeconds": shard_days * 86400,
        }
        body = {"name": name, "orgID": self._org_id(), "retentionRules": [rule]}
        try:
            self.request("POST", "/api/v2/buckets", body)
            self._new.append(name)
        except urllib.error.HTTPError as error:
            if error.code != 422:  # there is one of this name
                raise

    def drop_bucket(self, name: str) -> None:
        """Remove a bucket with all that is in it, where there is one."""
        path = f"/api/v2/buckets?orgID={self._org_id()}&name={urllib.parse.quote(name)}"
        try:
            [bucket] = self.request("GET", path)["buckets"]
            self.request("DELETE", f"/api/v2/buckets/{bucket['id']}")
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise

    def drop_new_buckets(self) -> None:
        """Remove all buckets that were made here."""
        while self._new:
            self.drop_bucket(self._new.pop())

    def request(self, method: str, path: str, body: object = None) -> Any:
        """What the server answers to JSON; proxies of this machine are none of its business."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Token {self.token}"}
        request = urllib.request.Request(  # noqa: S310 - a server of tests
            self.url + path, data, headers, method=method
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            return json.loads(answer.read() or b"{}")

    @cache  # noqa: B019 - as many servers as a run starts
    def _org_id(self) -> str:
        path = f"/api/v2/orgs?org={urllib.parse.quote(self.org)}"
        return str(self.request("GET", path)["orgs"][0]["id"])


class PrivateServer(Server):
    """A server of our own: `start`, `stop`, `kill` it as often as needed, the data stays."""

    def __init__(self, *flags: str):
        super().__init__("", "gridstrata", "token-of-tests")
        self.data = Path(tempfile.mkdtemp(prefix="gridstrata-influxdb-"))
        self._flags = flags
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._guard = Guard(self.data)

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            NoServer: it ended, or did not answer within a minute.
        """
        begin = self._launch()
        deadline = time.monotonic() + _START_WITHIN_S
        while not self._answers(begin):
            assert self._process is not None
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise NoServer(f"InfluxDB did not start:\n{self._log().read_text()[-2000:]}")
            time.sleep(0.02)
        if self.request("GET", "/api/v2/setup")["allowed"]:
            who = {"username": "tests", "password": "tests-only", "bucket": "first"}
            self.request("POST", "/api/v2/setup", {**who, "org": self.org, "token": self.token})

    def stop(self) -> int:
        """Let it end in its own way (SIGINT; it does not know SIGTERM); gives its exit code."""
        return self._end(signal.SIGINT)

    def kill(self) -> int:
        """End it as a power cut would, as far as a process can."""
        return self._end(signal.SIGKILL)

    @contextmanager
    def without_room(self) -> Iterator[None]:
        """As if its disk were full, without privileges: its log of writes cannot grow any more.

        It stays like this until the server is started again, as with a disk.
        """
        assert self._process is not None
        pid, size = self._process.pid, max(path.stat().st_size for path in self._write_logs())
        before, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, most))
        try:
            yield
        finally:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (before, most))

    def remove(self) -> None:
        """End it and take its data away."""
        self.stop()
        self._guard.end()

    def _launch(self) -> int:
        """Run the program; gives where in the log it begins to write.

        It would read INFLUXD_* variables and a configuration file in its folder: it gets neither.
        """
        environment = {n: v for n, v in os.environ.items() if not n.startswith("INFLUXD_")}
        with self._log().open("ab") as log:
            begin = log.tell()
            self._process = subprocess.Popen(
                [
                    *(str(influxd()), "--http-bind-address", f"127.0.0.1:{self._port}"),
                    *("--bolt-path", str(self.data / "influxd.bolt")),
                    *("--sqlite-path", str(self.data / "influxd.sqlite")),
                    *("--engine-path", str(self.data / "engine")),
                    *("--reporting-disabled", "--ui-disabled", *self._flags),
                ],
                cwd=self.data,
                env=environment | {"HOME": str(self.data)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._guard.watch(self._process.pid)
        return begin

    def _answers(self, begin: int) -> bool:
        if not self._port:
            said = self._log().read_bytes()[begin:].decode(errors="replace")
            found = re.search(r"msg=Listening .*\bport=(\d+)\n", said)
            if not found:
                return False
            self._port = int(found[1])
            self.url = f"http://127.0.0.1:{self._port}"
        try:
            return bool(self.request("GET", "/health")["status"] == "pass")
        except OSError:
            return False

    def _end(self, how: signal.Signals) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(how)
        try:
            return self._process.wait(_STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def _write_logs(self) -> Iterator[Path]:
        return (self.data / "engine" / "wal").rglob("*.wal")

    def _log(self) -> Path:
        return self.data / "influxd.log"


@contextmanager
def running(*flags: str) -> Iterator[PrivateServer]:
    """A server of one's own, gone with its data at the end of the block."""
    server = PrivateServer(*flags)
    try:
        server.start()
        yield server
    finally:
        server.remove()


@cache
def timeline_server() -> Server:
    """The server that all tests of a run share.

    Raises:
        NoServer: none is named and none can be had; the message says what to install.
    """
    named = os.environ.get(SETTING)
    if named:
        url, _, rest = named.partition("?")
        given = dict(urllib.parse.parse_qsl(rest))
        theirs = Server(url.rstrip("/"), given["org"], given["token"])
        atexit.register(theirs.drop_new_buckets)
        return theirs
    server = PrivateServer()
    atexit.register(server.remove)
    server.start()
    return server


def main() -> None:
    """Run one until standard input closes, and say how it is reached."""
    with running() as server, suppress(KeyboardInterrupt):
        server.new_bucket("gridstrata")
        print(f"{server.url}?org={server.org}&bucket=gridstrata&token={server.token}", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
