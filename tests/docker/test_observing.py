"""Telegraf and Grafana by their files: what they write is understood, what they ask has answers."""

from __future__ import annotations

import json
import re
import tomllib
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from influxdb_client import InfluxDBClient

from graph_service.adapters.influx.server import Place
from graph_service.adapters.influx.timeline import InfluxTimeline
from graph_service.bootstrap import generate_town, open_services
from graph_service.cli.demo import TOWN
from graph_service.domain.readings import Quality
from graph_service.services.access import OPEN_CALLER
from graph_service.settings import Settings
from tests.contracts.timeline_cases import METER, MONDAY, event, readings
from tests.docker.files import DOCKER, SERVICES, volumes_of

TELEGRAF = tomllib.loads((DOCKER / "telegraf" / "telegraf.conf").read_text(encoding="utf-8"))
BOARD = json.loads((DOCKER / "grafana" / "dashboards" / "load.json").read_text(encoding="utf-8"))
SOURCES = yaml.safe_load((DOCKER / "grafana" / "datasources" / "influxdb.yaml").read_text())
PROVIDERS = yaml.safe_load((DOCKER / "grafana" / "dashboards.yaml").read_text())
PANELS = {panel["title"]: panel["targets"][0]["query"] for panel in BOARD["panels"]}
NOTES = BOARD["annotations"]["list"][0]["target"]["query"]

# --- telegraf -----------------------------------------------------------------------------------


def test_telegraf__writes_to_the_service_with_the_token_that_is_made_for_it() -> None:
    [output], [store] = TELEGRAF["outputs"]["influxdb_v2"], TELEGRAF["secretstores"]["docker"]
    [url] = output["urls"]
    assert urlsplit(url).hostname in SERVICES
    assert output["token"] == f"@{{{store['id']}:telegraf}}"
    assert ("tokens", store["path"]) in volumes_of("telegraf")
    assert "make telegraf --right write" in SERVICES["tokens"]["command"][0]
    assert output["bucket"] == TOWN


def test_telegraf__speaks_of_an_element_of_the_demo(tmp_path: Path) -> None:
    generate_town(tmp_path / "town", meters=2000, seed=1, days=1)
    [mock] = TELEGRAF["inputs"]["mock"]
    assert f"\n{mock['tags']['element']},ENERGY_IN," in (tmp_path / "town/readings.csv").read_text()


def test_telegraf__what_it_writes_is_taken(tmp_path: Path) -> None:
    [mock] = TELEGRAF["inputs"]["mock"]
    tags = "".join(f",{name}={value}" for name, value in sorted(mock["tags"].items()))
    [field] = mock["random"]
    line = f"{mock['metric_name']}{tags} {field['name']}={field['max']} 1767225600000000000\n"
    generate_town(tmp_path / "delivery", meters=4, seed=1, days=1)
    with open_services(Settings(data=tmp_path)) as house:
        house.imports.take([tmp_path / "delivery"], OPEN_CALLER, into=TOWN)
        bucket = TELEGRAF["outputs"]["influxdb_v2"][0]["bucket"]
        receipt = house.intake.offer_lines(line.encode(), OPEN_CALLER, bucket).result()
        assert not receipt.rejected
        [waiting] = house.intake.waiting(9)
        assert (waiting.address.value, waiting.values) == (mock["tags"]["element"], 1)


# --- grafana ------------------------------------------------------------------------------------


def test_source__is_the_bucket_of_the_service_opened_by_a_file() -> None:
    [source] = SOURCES["datasources"]
    told = SERVICES["gridstrata"]["environment"]
    assert source["url"] == told["GRIDSTRATA_TIMELINE"]
    assert source["jsonData"]["defaultBucket"] == told["GRIDSTRATA_TIMELINE_BUCKET"]
    assert source["jsonData"]["organization"] == told["GRIDSTRATA_TIMELINE_ORG"]
    assert source["secureJsonData"]["token"] == "$__file{/run/secrets/timeline_token}"  # noqa: S105
    assert "timeline_token" in SERVICES["grafana"]["secrets"]


def test_board__lies_where_grafana_looks_and_asks_the_source() -> None:
    [provider] = PROVIDERS["providers"]
    mounted = {where: source for source, where in volumes_of("grafana")}
    folder = DOCKER / mounted[provider["options"]["path"]]
    home = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (folder / Path(home).name).exists()
    assert str(Path(home).parent) == provider["options"]["path"]
    uids = set(re.findall(r'"type": "influxdb",\s*"uid": "(\w+)"', json.dumps(BOARD, indent=1)))
    assert uids == {SOURCES["datasources"][0]["uid"]}


@pytest.fixture(scope="module")
def ask(influxdb):
    """Asks a question of the board, of a bucket with something for each of them in it."""
    influxdb.new_bucket("observed")
    place = Place(influxdb.url, influxdb.org, "observed", influxdb.token)
    telegraf = METER._replace(quantity="P", source="telegraf")
    with closing(InfluxTimeline(place)) as timeline:
        timeline.append([(METER, readings([1.0, 2.0])), (telegraf, readings([1500.0]))])
        doubtful = readings([3.0], start=MONDAY + 2 * 3_600_000_000, quality=Quality.SUSPECT)
        timeline.append([(METER, doubtful)])
        timeline.append_events([event(kind="OUTAGE", text="Feeder 3 tripped")])
        timeline.append_events([event(kind="OUTAGE", text="Feeder 3 went", known_us=MONDAY + 9)])

    def asked(query: str) -> list[dict[str, str]]:
        query = query.replace('bucket: "gridstrata"', 'bucket: "observed"')
        query = query.replace("v.timeRangeStart", "2024-10-01T00:00:00Z")
        query = query.replace("v.timeRangeStop", "2024-10-10T00:00:00Z")
        with InfluxDBClient(influxdb.url, influxdb.token, org=influxdb.org) as client:
            return [record.values for table in client.query_api().query(query) for record in table]

    return asked


EXPECTED = {
    "Energy of all usage points by hour": [1.0, 2.0, 3.0],
    "Power that Telegraf writes (last hour)": [1500.0],
    "Values that are not GOOD, by day": [1],
    "Events": ["Feeder 3 went"],
}


@pytest.mark.parametrize("title", PANELS)
def test_panel__has_an_answer(ask, title: str) -> None:
    column = "text" if title == "Events" else "_value"
    assert [row[column] for row in ask(PANELS[title])] == EXPECTED[title]


def test_notes__are_faults_and_outages_that_hold(ask) -> None:
    assert [row["text"] for row in ask(NOTES)] == ["Feeder 3 went"]
