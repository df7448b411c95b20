"""LightGBM where it is needed, or an error that says what to install; how all of it is trained."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Final

from gnn.errors import MissingExtra

SETTINGS: Final[dict[str, Any]] = {
    "num_leaves": 15,
    "bagging_freq": 1,
    "max_bin": 63,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
}
"""What all tasks have in common: small trees, and the same ones from the same data."""
BINNED: Final = {"max_bin": SETTINGS["max_bin"]}
"""What a data set must be told of the settings."""


def lightgbm_for(wanted: str) -> ModuleType:
    """The package.

    Raises:
        MissingExtra: it is not installed; says what it is `wanted` for.
    """
    try:
        import lightgbm
    except ImportError as error:
        raise MissingExtra("lightgbm", wanted) from error
    found: ModuleType = lightgbm
    return found
