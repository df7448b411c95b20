"""The timeline in InfluxDB keeps what the port promises, on a real server."""

from hashlib import sha256
from pathlib import Path

import pytest

from graph_service.adapters.influx.server import Place
from graph_service.adapters.influx.timeline import InfluxTimeline
from tests.contracts.timeline_store_contract import TimelineStoreContract
from tests.servers.influxdb_server import timeline_server

pytestmark = pytest.mark.usefixtures("influxdb")


class TestInfluxTimeline(TimelineStoreContract):
    examples = 3  # a second or two each

    def make_store(self, folder: Path) -> InfluxTimeline:
        server = timeline_server()
        bucket = f"gridstrata-{sha256(bytes(folder)).hexdigest()[:16]}"
        server.new_bucket(bucket)
        place = Place(server.url, server.org, bucket, server.token)
        return InfluxTimeline(place, settled_s=0.0)  # remembers what it can
