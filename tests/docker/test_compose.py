"""compose.yaml by what it says: every name in it leads somewhere; no engine runs it here."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from graph_service.bootstrap import open_services
from graph_service.domain.access import Right
from graph_service.settings import Settings
from tests.docker.files import COMPOSE, DOCKER, EXACT, OWN, ROOT, SERVICES, volumes_of

SERVERS = ("gridstrata", "neo4j", "influxdb", "grafana")
SECRET = re.compile("PASSWORD|TOKEN|AUTH|SECRET")


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """The folder that `make-secrets` makes."""
    subprocess.run([DOCKER / "make-secrets", tmp_path / "secrets"], check=True)
    return tmp_path / "secrets"


# --- the service --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OWN)
def test_service__is_told_settings_that_exist(name: str, secrets: Path, monkeypatch) -> None:
    told = SERVICES[name]["environment"]
    fields = {f"GRIDSTRATA_{field.upper()}" for field in Settings.model_fields}
    assert told.keys() <= fields
    for variable, value in told.items():
        monkeypatch.setenv(variable, value)
    settings = Settings()
    for url, default in ((settings.graph, 7687), (settings.timeline, 8086)):
        parts = urlsplit(url)
        assert (parts.hostname in SERVICES, parts.port) == (True, default)
    for file in (settings.graph_password_file, settings.timeline_token_file):
        assert file.parent == Path("/run/secrets")
        assert file.name in SERVICES[name]["secrets"]


@pytest.mark.parametrize("name", OWN)
def test_service__has_a_read_only_root_and_no_rights(name: str) -> None:
    said = SERVICES[name]
    assert (said["read_only"], said["cap_drop"], said["tmpfs"]) == (True, ["ALL"], ["/tmp"])  # noqa: S108 - of the container
    assert said["security_opt"] == ["no-new-privileges:true"]
    assert ("data", "/data") in volumes_of(name)


def test_service__agrees_with_its_stores_on_organisation_bucket_and_secrets(secrets: Path) -> None:
    ours, theirs = SERVICES["gridstrata"]["environment"], SERVICES["influxdb"]["environment"]
    for field in ("ORG", "BUCKET"):
        assert ours[f"GRIDSTRATA_TIMELINE_{field}"] == theirs[f"DOCKER_INFLUXDB_INIT_{field}"]
    assert ours["GRIDSTRATA_TIMELINE_TOKEN_FILE"] == theirs["DOCKER_INFLUXDB_INIT_ADMIN_TOKEN_FILE"]
    user = Settings().graph_user
    password = (secrets / "graph_password").read_text()
    assert (secrets / "graph_auth").read_text() == f"{user}/{password}"
    assert SERVICES["neo4j"]["environment"]["NEO4J_AUTH_FILE"] == "/run/secrets/graph_auth"


def test_demo__is_a_command_that_there_is() -> None:
    command = [sys.executable, "-c", "from graph_service.cli import main; main()"]
    told = [*command, *SERVICES["demo"]["command"], "--help"]
    done = subprocess.run(told, capture_output=True, text=True, cwd=ROOT, check=True)
    assert "--once" in done.stdout
    assert SERVICES["demo"]["profiles"] == ["demo"]


def test_tokens__are_made_once_and_open_what_they_shall(tmp_path: Path) -> None:
    folder, data = tmp_path / "tokens", tmp_path / "data"
    folder.mkdir()
    [script] = SERVICES["tokens"]["command"]
    script = script.replace("$$", "$").replace("/tokens", str(folder))
    program = tmp_path / "gridstrata"
    program.write_text(f"#!{sys.executable}\nfrom graph_service.cli import main\nmain()\n")
    program.chmod(0o755)
    environment = os.environ | {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "GRIDSTRATA_DATA": str(data),
    }
    for _ in range(2):
        entry = [*SERVICES["tokens"]["entrypoint"], script]
        subprocess.run(entry, check=True, env=environment)
    rights = {"admin": {Right.ADMIN}, "telegraf": {Right.WRITE}}
    with open_services(Settings(data=data)) as house:
        assert {token.name: set(token.rights) for token in house.access.tokens()} == rights
        for name in rights:
            assert house.access.caller((folder / name).read_text().strip()).name == name
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


# --- all services -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SERVICES)
def test_image__has_an_exact_version(name: str) -> None:
    image = SERVICES[name]["image"]
    assert image == "gridstrata" if name in OWN else EXACT.fullmatch(image)


def test_images_of_the_stores__have_the_versions_that_the_tests_run_on() -> None:
    servers = ROOT / "tests" / "servers"
    neo4j = re.search(r"<neo4j.version>([\d.]+)<", (servers / "neo4j" / "pom.xml").read_text())[1]
    influx = re.search(r"influxdb/v2 v([\d.]+)", (servers / "influxdb" / "go.mod").read_text())[1]
    assert SERVICES["neo4j"]["image"] == f"neo4j:{neo4j}-community"
    assert SERVICES["influxdb"]["image"] == f"influxdb:{influx}"


@pytest.mark.parametrize("name", SERVICES)
def test_secrets__stand_in_files_alone(name: str) -> None:
    told = SERVICES[name].get("environment", {})
    assert not [
        variable for variable in told if SECRET.search(variable) and "_FILE" not in variable
    ]
    for variable, value in told.items():
        if SECRET.search(variable):
            assert Path(value).name in SERVICES[name]["secrets"], variable


def test_secrets__are_made_used_and_hidden_from_others(secrets: Path) -> None:
    named = {name: Path(said["file"]) for name, said in COMPOSE["secrets"].items()}
    assert {file.name for file in secrets.iterdir()} == set(named)
    assert all(file == Path("secrets") / name for name, file in named.items())
    assert {one for said in SERVICES.values() for one in said.get("secrets", ())} == set(named)
    assert secrets.stat().st_mode & 0o777 == 0o700
    before = {file.name: file.read_text() for file in secrets.iterdir()}
    assert all(len(text) >= 48 for text in before.values())
    subprocess.run([DOCKER / "make-secrets", secrets], check=True)
    assert {file.name: file.read_text() for file in secrets.iterdir()} == before


def test_secrets__are_not_taken_into_the_repository_or_the_image() -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert "/docker/secrets/" in ignored
    assert not any("docker" in line for line in _let_through())


@pytest.mark.parametrize("name", SERVICES)
def test_mounts__are_files_that_are_there_or_volumes_that_are_declared(name: str) -> None:
    for source, _ in volumes_of(name):
        if source.startswith("."):
            assert (DOCKER / source).exists(), source
        else:
            assert source in COMPOSE["volumes"]


@pytest.mark.parametrize("name", SERVICES)
def test_ports__are_open_on_this_machine_alone(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", ()))


@pytest.mark.parametrize("name", SERVERS)
def test_servers__say_whether_they_are_well(name: str) -> None:
    assert name == "gridstrata" or SERVICES[name]["healthcheck"]["test"][0].startswith("CMD")
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_order__waits_for_services_that_tell_what_is_waited_for() -> None:
    waits = [
        (name, other, said["condition"])
        for name, service in SERVICES.items()
        for other, said in service.get("depends_on", {}).items()
    ]
    assert ("gridstrata", "tokens", "service_completed_successfully") in waits
    for _, other, condition in waits:
        assert condition == "service_completed_successfully" or other in SERVERS


def test_profile__observe_has_telegraf_and_grafana_and_nothing_else() -> None:
    observing = {name for name, said in SERVICES.items() if "observe" in said.get("profiles", ())}
    assert observing == {"telegraf", "grafana"}


def _let_through() -> list[str]:
    lines = (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
    return [line for line in lines if line.startswith("!")]
