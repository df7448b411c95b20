"""The page about kinds says what the tables say."""

import runpy
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "reference" / "kinds.md"


def test_kinds_page__is_what_the_tables_print():
    printed = runpy.run_path(str(HERE / "print_kinds.py"))["page"]()
    assert PAGE.read_text(encoding="utf-8") == printed, (
        "docs/reference/kinds.md is not up to date: "
        "python tests/docs/print_kinds.py > docs/reference/kinds.md"
    )
