"""The folder tells the architecture: every room is lived in, every module says what it is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = [
    ROOT / name for name in ("graph_service", "cim_import", "gnn") if (ROOT / name).exists()
]
FOLDERS = sorted({p.parent for package in PACKAGES for p in package.rglob("*.py")})
MODULES = sorted(p for package in PACKAGES for p in package.rglob("*.py"))
UNITS = sorted((ROOT / "tests" / "unit").rglob("test_*.py"))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("folder", FOLDERS, ids=_name)
def test_package_folder__has_an_init_and_real_content(folder):
    assert (folder / "__init__.py").exists()
    code = sum(_statements(path) for path in folder.glob("*.py"))
    assert code > 1, "an empty room was built ahead"


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_module__opens_with_a_sentence_that_says_what_it_is(module):
    said = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    assert len(said.split()) >= 4
    assert said.split("\n\n")[0].rstrip()[-1] in ".:`)"


@pytest.mark.parametrize("test", UNITS, ids=_name)
def test_unit_test__stands_where_its_module_stands(test):
    below = test.relative_to(ROOT / "tests" / "unit")
    roots = [ROOT / "graph_service", ROOT, ROOT / "tests"]
    subject = below.stem.removeprefix("test_")
    folders = [root / below.parent for root in roots]
    modules = [path.stem for folder in folders if folder.is_dir() for path in folder.glob("*.py")]
    names = [*modules, *(folder.name for folder in folders)]
    assert any(subject == name or subject.startswith(f"{name}_") for name in names), (
        f"no module {subject}.py in {below.parent}"
    )


def _statements(path: Path) -> int:
    """Statements of a module beside its docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return len(tree.body) - (ast.get_docstring(tree) is not None)
