"""The report: the best in bold, ties marked, the same figures as JSON."""

import json

from gnn.evaluation.report import as_json, markdown, rows_of
from tests.unit.gnn.evaluation.test_table import row

ROWS = [row("a", 0.1, 1), row("a", 0.102, 2), row("b", 0.1015), row("c", 0.2)]


def test_markdown__has_the_best_in_bold_and_marks_the_tie():
    text = markdown(ROWS)
    assert "## L2, transformer" in text
    assert "| unseen networks | a | **0.1010** | 0.0014 |" in text
    assert "| unseen networks | b | 0.1015 = |" in text
    assert "| unseen networks | c | 0.2000 |" in text


def test_json__holds_every_row():
    assert rows_of(json.loads(as_json(ROWS))) == ROWS
