"""Neo4j and InfluxDB for a person: `make servers` starts both and says how to use them.

What it prints can be read by a shell. Both run until Ctrl-C; their data are gone with them. The
programs are had and built once, see `neo4j_build.py` and `influxdb_build.py`.
"""

from __future__ import annotations

import shlex
import signal
import sys
import threading
from contextlib import suppress

from tests.servers import influxdb_server, neo4j_server
from tests.servers.influxdb_build import NoServer

BUCKET = "gridstrata"


def settings(graph: neo4j_server.Server, timeline: influxdb_server.Server) -> list[tuple[str, str]]:
    """What the service has to be told, by the names of the environment."""
    return [
        ("GRIDSTRATA_GRAPH", graph.uri),
        ("GRIDSTRATA_GRAPH_USER", graph.user),
        ("GRIDSTRATA_GRAPH_PASSWORD", graph.password),
        ("GRIDSTRATA_TIMELINE", timeline.url),
        ("GRIDSTRATA_TIMELINE_ORG", timeline.org),
        ("GRIDSTRATA_TIMELINE_BUCKET", BUCKET),
        ("GRIDSTRATA_TIMELINE_TOKEN", timeline.token),
    ]


def serve() -> None:
    """Start both, say how they are reached, and wait."""
    say("# Neo4j and InfluxDB are starting; the first time they are had and built, for minutes")
    with (
        neo4j_server.running(options=neo4j_server.LASTING) as graph,
        influxdb_server.running() as timeline,
    ):
        timeline.new_bucket(BUCKET)
        for name, value in settings(graph, timeline):
            say(f"export {name}={shlex.quote(value)}")
        say("# paste these lines where you start gridstrata; Ctrl-C ends both, and their data go")
        threading.Event().wait()


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


def main() -> int:
    """Run until Ctrl-C or SIGTERM; gives the exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with suppress(KeyboardInterrupt):
            serve()
    except NoServer as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
