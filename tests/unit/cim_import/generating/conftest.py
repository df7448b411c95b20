"""One generated town for all tests that only look at it."""

from pathlib import Path

import pytest

from cim_import.generating import TownSummary, generate_town
from tests.deliveries import Delivery, read_delivery

METERS, DAYS = 420, 3


@pytest.fixture(scope="session")
def summary(tmp_path_factory: pytest.TempPathFactory) -> TownSummary:
    directory: Path = tmp_path_factory.mktemp("town")
    return generate_town(directory, meters=METERS, seed=7, days=DAYS)


@pytest.fixture(scope="session")
def town(summary: TownSummary) -> Delivery:
    return read_delivery(summary.directory)
