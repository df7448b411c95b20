"""The pages about where faults are: the columns, the table, the figure and the card."""

from __future__ import annotations

from pathlib import Path

from gnn.cli.faults import write_fault_report
from gnn.faults.bundle import FOLDER, read_fault_bundle
from gnn.faults.card import card
from gnn.faults.columns import COLUMNS
from gnn.faults.table import rows_of

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "reference" / "predictions"
BUNDLE = read_fault_bundle(ROOT / "gnn" / "shipped" / FOLDER)


def test_columns__are_those_of_the_code() -> None:
    rows = "".join(f"| `{c.name}` | {c.unit} | {c.source} |\n" for c in COLUMNS)
    assert rows in (PAGES / "tasks.md").read_text(encoding="utf-8")


def test_table_and_figure__are_those_of_the_shipped_bundle(tmp_path: Path) -> None:
    write_fault_report(tmp_path, rows_of(BUNDLE.manifest.evaluation))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["faults.md", "rank-F1.svg"]
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (PAGES / path.name).read_bytes(), path.name


def test_card__is_that_of_the_shipped_bundle() -> None:
    page = (PAGES / f"card-{FOLDER}.md").read_text(encoding="utf-8")
    assert page == card(BUNDLE.manifest)
