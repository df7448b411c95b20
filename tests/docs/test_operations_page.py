"""The page for operators names every metric with its labels, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from graph_service.api.freshness import AGE, REVISION
from graph_service.api.metrics import Metrics
from graph_service.bootstrap import open_services
from graph_service.settings import Settings
from tests.docs.examples import ROOT

PAGE = (ROOT / "docs" / "reference" / "operations.md").read_text(encoding="utf-8")
ROW = re.compile(r"(?m)^\| `((?:gridstrata|process)_\w+)` \|([^|]*)\|")


def test_page__names_every_metric_and_its_labels(tmp_path: Path) -> None:
    told = {name: tuple(re.findall(r"`(\w+)`", labels)) for name, labels in ROW.findall(PAGE)}
    with open_services(Settings(data=tmp_path)) as house:
        assert told == Metrics(house).labels


def test_page__names_the_headers() -> None:
    assert {REVISION, AGE} <= set(re.findall(r"`(gridstrata-\w+)`", PAGE.lower()))
