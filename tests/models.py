"""Where the real CIM models are, for tests that need them: GRIDSTRATA_CIM_MODELS."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDER = os.environ.get("GRIDSTRATA_CIM_MODELS", "")

needs_models = pytest.mark.skipif(
    not FOLDER, reason="GRIDSTRATA_CIM_MODELS does not name a folder of CIM models"
)


def model(name: str) -> Path:
    """The folder of a model; skips the test where there is none."""
    path = Path(FOLDER) / name
    if not FOLDER or not path.exists():
        pytest.skip(f"the model {name} is not here (GRIDSTRATA_CIM_MODELS)")
    return path


def model_names() -> list[str]:
    """All models with RDF/XML in them, by name; hostile files aside."""
    if not FOLDER:
        return []
    return sorted(
        path.name
        for path in Path(FOLDER).iterdir()
        if path.is_dir() and not path.name.startswith("_") and "_trig_" not in path.name
    )
