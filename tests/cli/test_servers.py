"""Servers that are set wrong, or not to be had: one message and a hint, exit code 1, no secret."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.servers.wire import wire
from tests.stories.serving import environment

SECRET = "geheim-und-lang"  # noqa: S105 - of no server
BOLT, HTTP = "bolt://127.0.0.1:9", "http://127.0.0.1:9"
HIDDEN = "import sys; sys.modules[{!r}] = None; from graph_service.cli import main; main()"


@pytest.fixture
def refused(run, monkeypatch, tmp_path):
    """Asks for the status with these settings; gives the message and the hint of the refusal."""

    def call(**settings: object) -> tuple[str, str]:
        for name, value in settings.items():
            monkeypatch.setenv(f"GRIDSTRATA_{name.upper()}", str(value))
        ended = run("--data", tmp_path / "data", "status")
        assert (ended.code, ended.out) == (1, "")
        assert SECRET not in ended.err
        return ended.err.splitlines()[0], ended.hint

    return call


@pytest.fixture
def in_influx(influxdb):
    influxdb.new_bucket("settings")
    return {
        "timeline": influxdb.url,
        "timeline_org": influxdb.org,
        "timeline_bucket": "settings",
        "timeline_token": influxdb.token,
    }


@pytest.mark.parametrize("graph", ["127.0.0.1:7687", "http://127.0.0.1:7687", "bolt://", "neo4j"])
def test_graph__that_is_no_address_of_neo4j__says_how_one_looks(refused, graph):
    message, hint = refused(graph=graph, graph_password=SECRET)
    assert f"GRIDSTRATA_GRAPH is '{graph}'" in message
    assert "bolt://host:7687" in hint


@pytest.mark.parametrize("timeline", ["127.0.0.1:8086", "bolt://127.0.0.1:8086", "influx"])
def test_timeline__that_is_no_address_of_influxdb__says_how_one_looks(refused, timeline):
    message, hint = refused(timeline=timeline, timeline_token=SECRET)
    assert f"GRIDSTRATA_TIMELINE is '{timeline}'" in message
    assert "http://host:8086" in hint


@pytest.mark.parametrize("more", [f"me:{SECRET}@127.0.0.1:9", "127.0.0.1:9/api/v2", "h?org=o"])
def test_timeline__with_more_than_the_address__says_that_the_rest_is_set_apart(refused, more):
    message, hint = refused(timeline=f"http://{more}", timeline_token=SECRET)
    assert "more than where the server is" in message
    assert "settings of their own" in hint


def test_timeline__without_a_token__names_the_settings_for_it(refused):
    message, hint = refused(timeline=HTTP)
    assert "no token" in message
    assert "GRIDSTRATA_TIMELINE_TOKEN_FILE" in hint


@pytest.mark.parametrize(
    ("server", "address", "secret"),
    [("graph", BOLT, "graph_password"), ("timeline", HTTP, "timeline_token")],
)
def test_secret__given_in_two_ways_or_unreadable__is_refused(
    refused, tmp_path, server, address, secret
):
    file = tmp_path / "secret"
    file.write_bytes(b"\xff\xfe")
    message, _ = refused(**{server: address, f"{secret}_file": file})
    assert f"{file} cannot be read" in message
    message, hint = refused(**{secret: SECRET})
    assert f"GRIDSTRATA_{secret.upper()}_FILE are both set" in message
    assert "set one of them" in hint


@pytest.mark.parametrize(
    "settings", [{"graph": BOLT}, {"timeline": HTTP, "timeline_token": SECRET}]
)
def test_server__where_nobody_listens__is_named_with_what_to_look_at(refused, settings):
    message, hint = refused(**settings)
    assert "at" in message
    assert "127.0.0.1:9" in message
    assert "does not answer" in message
    assert "runs" in hint


@pytest.mark.parametrize(
    ("driver", "extra", "settings"),
    [
        ("neo4j", "neo4j", {"graph": BOLT, "graph_password": SECRET}),
        ("influxdb_client", "influx", {"timeline": HTTP, "timeline_token": SECRET}),
    ],
)
def test_server__whose_extra_is_not_installed__says_how_to_install_it(
    tmp_path, driver, extra, settings
):
    command = [sys.executable, "-c", HIDDEN.format(driver), "--data", tmp_path / "data", "status"]
    done = subprocess.run(
        command, env=environment(**settings), capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (1, "")
    message, hint = done.stderr.splitlines()
    assert "not installed" in message
    assert f"pip install 'gridstrata[{extra}]'" in hint


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"timeline_token": SECRET}, "does not open bucket 'settings' to this token"),
        ({"timeline_bucket": "nobody"}, "no bucket 'nobody'"),
        ({"timeline_org": "nobody"}, "of 'nobody'"),
    ],
)
def test_influxdb__that_does_not_know_us__says_what_of_it(refused, in_influx, changed, said):
    message, hint = refused(**in_influx | changed)
    assert said in message
    assert "token" in hint or "bucket" in hint


def test_influxdb__asked_by_https_where_it_speaks_http__says_so(refused, in_influx):
    address = in_influx["timeline"].replace("http:", "https:")
    message, hint = refused(**in_influx | {"timeline": address})
    assert "cannot be talked to" in message
    assert "http or https" in hint


@pytest.mark.parametrize("version", [b"1.8.9", b"3.1.0", b"2.6.1"])
def test_influxdb__of_another_version__is_refused(refused, in_influx, version):
    host, port = in_influx["timeline"].removeprefix("http://").split(":")
    with wire(host, int(port)) as other:
        other.instead = (b"Version: 2.9.1", b"Version: " + version)
        message, hint = refused(**in_influx | {"timeline": f"http://127.0.0.1:{other.port}"})
    assert f"runs InfluxDB {version.decode()}" in message
    assert "2.7 or newer" in hint


def test_neo4j__of_an_older_version__is_refused(refused, neo4j_server):
    host, port = neo4j_server.uri.removeprefix("bolt://").split(":")
    with wire(host, int(port)) as other:
        other.instead = (b"Neo4j/5.26", b"Neo4j/5.25")
        message, hint = refused(
            graph=f"bolt://127.0.0.1:{other.port}", graph_password=neo4j_server.password
        )
    assert "Neo4j/5.25" in message
    assert "5.26 or newer" in hint


def test_neo4j__with_a_wrong_password__is_refused_without_it(refused, neo4j_server, tmp_path):
    message, hint = refused(graph=neo4j_server.uri, graph_password=SECRET)
    assert "refuses the user name or the password" in message
    assert "right ones" in hint
    host = neo4j_server.uri.removeprefix("bolt://")
    assert refused(graph=f"bolt://neo4j:{SECRET}@{host}", graph_password="")[0] == message


def test_password_file__ends_at_the_line_end(run, monkeypatch, tmp_path, neo4j_server):
    file = tmp_path / "password"
    file.write_text(f"{neo4j_server.password}\n")
    monkeypatch.setenv("GRIDSTRATA_GRAPH", neo4j_server.uri)
    monkeypatch.setenv("GRIDSTRATA_GRAPH_PASSWORD_FILE", str(file))
    ended = run("--data", tmp_path / "data", "status", "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    assert neo4j_server.password not in ended.out
