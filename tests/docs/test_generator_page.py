"""The page about the generated town says what the code does."""

import runpy
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "reference" / "generator.md"


def test_generator_page__is_what_the_code_prints():
    printed = runpy.run_path(str(HERE / "print_generator.py"))["page"]()
    assert PAGE.read_text(encoding="utf-8") == printed, (
        "docs/reference/generator.md is not up to date: "
        "python tests/docs/print_generator.py > docs/reference/generator.md"
    )
