"""A private Neo4j server for tests: started on a free port with data of its own, and stopped.

    with running() as server:                 # server.uri, server.user, server.password
        server.kill(); server.start()         # the same data and port

`graph_server()` is what tests ask for: the server that `GRIDSTRATA_TEST_GRAPH` names
(`bolt://user:password@host:7687`; its database is emptied by the tests!), else one started here,
once a run. It ends with the run, also when the run is cut off: its guard, a process of its own,
notices that the run is gone. `python -m tests.servers.neo4j_server` runs one until its standard
input closes.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import secrets
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Final

from tests.servers import cache
from tests.servers.guard import Guard
from tests.servers.influxdb_build import NoServer
from tests.servers.neo4j_build import jars, java, java_version

SETTING: Final = "GRIDSTRATA_TEST_GRAPH"

_START_WITHIN_S: Final = 180
_STOP_WITHIN_S: Final = 60
_HELLO: Final = b"\x60\x60\xb0\x17" + struct.pack(">4I", 0x00040405, 0x00000404, 4, 3)
"""Bolt's handshake: its mark and four versions the client would speak."""
_JAVA_OPTIONS: Final = (
    "-XX:-OmitStackTraceInFastThrow",
    "-XX:+DisableExplicitGC",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dlog4j2.disable.jmx=true",
    "-Dfile.encoding=UTF-8",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--add-modules=jdk.incubator.vector",
    "--enable-native-access=ALL-UNNAMED",
)
"""What Neo4j's own start script would pass."""
LASTING: Final = ("-XX:+UseG1GC",)
"""How Neo4j's own start script has Java run, for servers that run for long."""
MUCH_WRITTEN: Final = ("-XX:+UseParallelGC",)
"""The same where the heap is plenty and much is written."""
_BRIEF: Final = ("-XX:+UseG1GC", "-XX:TieredStopAtLevel=1")
"""For a server of a minute: code compiled well pays later than it lives."""
_SETTINGS: Final = {
    "server.default_listen_address": "127.0.0.1",
    "server.http.enabled": "false",
    "server.https.enabled": "false",
    "server.memory.pagecache.size": "256m",
    "dbms.usage_report.enabled": "false",
    "db.tx_log.preallocate": "false",  # else half a gigabyte of files for each fresh folder
    "db.tx_log.rotation.retention_policy": "keep_none",
    "internal.dbms.bolt.netty_server_shutdown_quiet_period": "0",  # stop at once
}


class Server:
    """A Neo4j server somewhere: its address and who may use it."""

    def __init__(self, uri: str, user: str, password: str):
        self.uri, self.user, self.password = uri, user, password


class PrivateServer(Server):
    """A server of our own: `start`, `stop`, `kill` it as often as needed, the data stays.

    `settings` go into its configuration, `heap` is how much memory Java may take, `options` are
    given to Java; by default those that start it most quickly.
    """

    def __init__(
        self,
        settings: Mapping[str, str] | None = None,
        heap: str = "1g",
        options: Sequence[str] | None = None,
    ):
        self._port = _free_port()
        super().__init__(f"bolt://127.0.0.1:{self._port}", "neo4j", secrets.token_urlsafe(16))
        self.home = Path(tempfile.mkdtemp(prefix="gridstrata-neo4j-"))
        chosen = (*_BRIEF, _known_classes()) if options is None else options
        self._options = (f"-Xms{heap}", f"-Xmx{heap}", *chosen, *_JAVA_OPTIONS)
        self._process: subprocess.Popen[bytes] | None = None
        self._write_settings(settings or {})
        self._guard = Guard(self.home)

    @property
    def pid(self) -> int:
        """The process that runs now."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            NoServer: it ended, or did not answer within three minutes.
        """
        begin = self._launch()
        deadline = time.monotonic() + _START_WITHIN_S
        while not self._answers(begin):
            assert self._process is not None
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise NoServer(f"Neo4j did not start:\n{self._log().read_text()[-3000:]}")
            time.sleep(0.05)

    def stop(self) -> int:
        """Let it close its files and end; gives its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """End it as a power cut would, as far as a process can."""
        return self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """Let it hang: it keeps its connections and answers nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.kill(self.pid, signal.SIGCONT)

    def remove(self) -> None:
        """End it and take its data away."""
        self.stop()
        self._guard.end()

    def _write_settings(self, settings: Mapping[str, str]) -> None:
        (self.home / "conf").mkdir(parents=True)
        address = {"server.bolt.listen_address": f"127.0.0.1:{self._port}"}
        lines = [
            f"{name}={value}\n" for name, value in {**_SETTINGS, **address, **settings}.items()
        ]
        (self.home / "conf" / "neo4j.conf").write_text("".join(lines), encoding="utf-8")
        (self.home / "conf" / "neo4j.conf").chmod(0o600)

    def _launch(self) -> int:
        """Run the program; gives where in the log it begins to write."""
        classpath = f"{jars()}/*"
        if self._process is None:
            self._set_first_password(classpath)
        with self._log().open("ab") as log:
            begin = log.tell()
            self._process = subprocess.Popen(
                [
                    *(java(), *self._options),
                    *("-cp", classpath, "org.neo4j.server.CommunityEntryPoint"),
                    *(f"--home-dir={self.home}", f"--config-dir={self.home / 'conf'}"),
                    "--console-mode",
                ],
                cwd=self.home,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in the tests is not meant for it
            )
        self._guard.watch(self._process.pid)
        return begin

    def _set_first_password(self, classpath: str) -> None:
        command = [java(), "-XX:TieredStopAtLevel=1", "-cp", classpath, "org.neo4j.cli.AdminTool"]
        subprocess.run(
            [*command, "dbms", "set-initial-password", self.password],
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
        )

    def _environment(self) -> dict[str, str]:
        """Ours without what would be read as Neo4j's settings."""
        kept = {n: v for n, v in os.environ.items() if not n.startswith("NEO4J_")}
        return {**kept, "NEO4J_HOME": str(self.home), "NEO4J_CONF": str(self.home / "conf")}

    def _answers(self, begin: int) -> bool:
        """Whether its database is up: the port opens a little earlier."""
        said = self._log().read_bytes()[begin:]
        return b"Started." in said and _shakes_hands(self._port)

    def _end(self, how: signal.Signals) -> int:
        if self._process is None or self._process.poll() is not None:
            return 0
        self._process.send_signal(how)
        try:
            return self._process.wait(_STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def _log(self) -> Path:
        return self.home / "server.out"


@contextmanager
def running(
    settings: Mapping[str, str] | None = None,
    heap: str = "1g",
    options: Sequence[str] | None = None,
) -> Iterator[PrivateServer]:
    """A server of one's own, gone with its data at the end of the block."""
    server = PrivateServer(settings, heap, options)
    try:
        server.start()
        yield server
    finally:
        server.remove()


@lru_cache(1)
def graph_server() -> Server:
    """The server that all tests of a run share.

    Raises:
        NoServer: none is named and none can be had; the message says what to install.
    """
    named = os.environ.get(SETTING)
    if named:
        parts = urllib.parse.urlsplit(named)
        uri = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        user, password = (urllib.parse.unquote(x or "") for x in (parts.username, parts.password))
        return Server(uri, user, password)
    server = PrivateServer()
    atexit.register(server.remove)
    server.start()
    return server


def _known_classes() -> str:
    """Java's option for Neo4j's classes as it read them once: halves what a start computes."""
    key = hashlib.sha256(f"{java_version()} {jars()}".encode()).hexdigest()[:12]
    return f"-XX:SharedArchiveFile={cache.built(f'neo4j-{key}.jsa', _read_classes)}"


def _read_classes(path: Path, work: Path) -> None:
    """Have Java write the classes of a server that started, was asked something, and ended.

    A Java that cannot do so leaves an empty file, which is as if there were none.
    """
    from neo4j import GraphDatabase  # for this one time; every run of the tests reads this module

    with running(options=(*_BRIEF, f"-XX:ArchiveClassesAtExit={path}")) as server:
        access = (server.user, server.password)
        with GraphDatabase.driver(server.uri, auth=access) as driver:
            driver.execute_query("CREATE (:Known {id: 1})-[:OF]->(:Known {id: 2})")
            driver.execute_query("MATCH (a:Known {id: $id})-[:OF]->(b) RETURN b.id", id=1)
    path.touch()


def _free_port() -> int:
    """A port nobody has now; the server cannot tell which one it took by itself."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _shakes_hands(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 2) as caller:
            caller.sendall(_HELLO)
            return len(caller.recv(4)) == 4
    except OSError:
        return False


def main() -> None:
    """Run one until standard input closes, and say how it is reached."""
    with running() as server, suppress(KeyboardInterrupt):
        host = server.uri.removeprefix("bolt://")
        print(f"bolt://{server.user}:{server.password}@{host}", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
