"""The page about profiles says what the tables say."""

import runpy
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "reference" / "profiles.md"


def test_profiles_page__is_what_the_tables_print():
    printed = runpy.run_path(str(HERE / "print_profiles.py"))["page"]()
    assert PAGE.read_text(encoding="utf-8") == printed, (
        "docs/reference/profiles.md is not up to date: "
        "python tests/docs/print_profiles.py > docs/reference/profiles.md"
    )
