"""Pages about predictions say what the code says, and their picture is drawn from the code."""

from __future__ import annotations

import json
import subprocess
import sys

from gnn.bundle.card import card
from gnn.bundle.file import read_bundle
from gnn.cli.judging import write_report
from gnn.evaluation.report import rows_of
from gnn.failures import bundle as failure_bundle
from gnn.failures import columns as failure_columns
from gnn.failures.bundle import read_failure_bundle
from gnn.failures.card import card as failure_card
from gnn.features.catalogue import FEATURES
from gnn.pickup import bundle as pickup_bundle
from gnn.pickup import columns as pickup_columns
from gnn.pickup.card import card as pickup_card
from gnn.predict.loads import FOLDERS
from tests.docs import print_gnn
from tests.docs.examples import ROOT

PAGES = ROOT / "docs" / "reference" / "predictions"
SHIPPED = ROOT / "gnn" / "shipped"
PICTURES = ROOT / "docs" / "pictures"


def test_page_of_commands__is_what_the_code_prints():
    page = (PAGES / "command-line.md").read_text(encoding="utf-8")
    assert page == print_gnn.page(), "python -m tests.docs.print_gnn"


def test_page_of_tasks__has_every_feature_with_unit_and_source():
    page = (PAGES / "tasks.md").read_text(encoding="utf-8")
    rows = [f"| `{f.name}` | {f.unit} | {f.source} |" for f in FEATURES]
    assert "\n".join(rows) in page


def test_tables_and_cards__are_those_of_the_shipped_bundles(tmp_path):
    bundles = [read_bundle(SHIPPED / name) for name in FOLDERS.values()]
    rows = [row for each in bundles for row in rows_of(each.manifest.evaluation)]
    write_report(tmp_path, rows)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (PAGES / path.name).read_bytes(), path.name
    for name, bundle in zip(FOLDERS.values(), bundles, strict=True):
        page = (PAGES / f"card-{name}.md").read_text(encoding="utf-8")
        assert page == card(bundle.manifest)
    assert json.loads((PAGES / "table.json").read_text(encoding="utf-8"))


def test_picture__drawn_again__has_the_same_bytes(tmp_path):
    again = tmp_path / "predictions.svg"
    draw = PICTURES / "draw_predictions.py"
    subprocess.run([sys.executable, draw, again], cwd=ROOT, check=True)
    assert again.read_bytes() == (PICTURES / "predictions.svg").read_bytes()


def test_page_of_failures__has_every_column_with_unit_and_source():
    page = (PAGES / "failures.md").read_text(encoding="utf-8")
    rows = [f"| `{c.name}` | {c.unit} | {c.source} |" for c in failure_columns.COLUMNS]
    assert "\n".join(rows) in page


def test_card_of_failures__is_that_of_the_shipped_bundle():
    bundle = read_failure_bundle(SHIPPED / failure_bundle.FOLDER)
    page = (PAGES / f"card-{failure_bundle.FOLDER}.md").read_text(encoding="utf-8")
    assert page == failure_card(bundle.manifest)


def test_page_of_peaks_after_outages__has_every_column_and_the_card_is_that_of_the_bundle():
    page = (PAGES / "pickup.md").read_text(encoding="utf-8")
    rows = [f"| `{c.name}` | {c.unit} | {c.source} |" for c in pickup_columns.COLUMNS]
    assert "\n".join(rows) in page
    bundle = pickup_bundle.read_pickup_bundle(SHIPPED / pickup_bundle.FOLDER)
    shown = (PAGES / f"card-{pickup_bundle.FOLDER}.md").read_text(encoding="utf-8")
    assert shown == pickup_card(bundle.manifest)
