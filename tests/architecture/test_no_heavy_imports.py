"""What is imported stays light: a fresh interpreter tells what a package pulls in."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"torch", "torch_geometric", "lxml", "pandas", "neo4j", "influxdb_client", "rdflib"}
ARRAYS = {"numpy", "scipy", "networkx"}
WEB = {"strawberry", "starlette", "uvicorn", "typer", "pydantic"}


@pytest.mark.parametrize("package", ["domain", "ports"])
def test_domain_and_ports__need_the_standard_library_only(package):
    outside = _loaded(f"graph_service.{package}") - set(sys.stdlib_module_names)
    assert {name for name in outside if not name.startswith("_")} == {"graph_service"}


def test_cim_import__needs_no_arrays_and_no_web():
    assert not _loaded("cim_import.exchange") & (HEAVY | ARRAYS | WEB)


def test_topology__needs_no_web():
    assert not _loaded("graph_service.topology.tracing") & (HEAVY | WEB)


@pytest.mark.parametrize("module", ["cli", "bootstrap", "api.app"])
def test_program__loads_nothing_that_only_tests_or_models_need(module):
    assert not _loaded(f"graph_service.{module}") & HEAVY


def _loaded(module: str) -> set[str]:
    """Top-level names that importing a module, with all modules below it, brings in."""
    code = (
        "import importlib, pkgutil, sys\n"
        f"package = importlib.import_module({module!r})\n"
        "for found in pkgutil.iter_modules(getattr(package, '__path__', [])):\n"
        f"    importlib.import_module({module!r} + '.' + found.name)\n"
        "print(*{name.partition('.')[0] for name in sys.modules})\n"
    )
    command = [sys.executable, "-S", "-c", f"import site; site.main()\n{code}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    bare = "import site, sys; site.main(); print(*{n.partition('.')[0] for n in sys.modules})"
    before = subprocess.run([sys.executable, "-S", "-c", bare], capture_output=True, text=True)
    return set(done.stdout.split()) - set(before.stdout.split())
