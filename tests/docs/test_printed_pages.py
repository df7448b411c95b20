"""Pages that are printed from code say what the code says."""

from __future__ import annotations

from importlib import import_module

import pytest

from graph_service.domain.errors import GridStrataError
from graph_service.domain.findings import CODES
from graph_service.settings import Settings
from tests.docs.examples import ROOT

REFERENCE = ROOT / "docs" / "reference"


@pytest.mark.parametrize("name", ["command_line", "errors", "findings", "settings"])
def test_page__is_what_the_code_prints(name):
    printed = import_module(f"tests.docs.print_{name}").page()
    page = REFERENCE / f"{name.replace('_', '-')}.md"
    assert page.read_text(encoding="utf-8") == printed, (
        f"python -m tests.docs.print_{name} > {page.relative_to(ROOT)}"
    )


@pytest.mark.parametrize("code", sorted(CODES))
def test_finding__has_its_row(code):
    assert f"| `{code}` |" in (REFERENCE / "findings.md").read_text(encoding="utf-8")


def test_error__has_its_row_and_no_code_is_used_twice():
    classes = _all_errors(GridStrataError)
    codes = [error.code for error in classes]
    assert len(codes) == len(set(codes))
    page = (REFERENCE / "errors.md").read_text(encoding="utf-8")
    assert [code for code in codes if f"| `{code}` |" not in page] == []


def test_setting__has_its_row_with_a_meaning():
    page = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    for name in Settings.model_fields:
        row = next(line for line in page.splitlines() if f"`GRIDSTRATA_{name.upper()}`" in line)
        assert row.split("|")[4].strip()


def test_root_field__has_a_heading_in_the_reference():
    from graph_service.api.schema import schema

    page = (REFERENCE / "graphql.md").read_text(encoding="utf-8")
    for root in ("Query", "Mutation", "Subscription"):
        fields = schema._schema.type_map[root].fields
        assert [name for name in fields if f"### `{name}`" not in page] == [], root


def _all_errors(root: type[GridStrataError]) -> list[type[GridStrataError]]:
    """Every subclass the package defines, wherever it stands."""
    found = [e for e in root.__subclasses__() if e.__module__.startswith("graph_service")]
    return found + [below for error in found for below in _all_errors(error)]
