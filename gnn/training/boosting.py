"""LightGBM where it is needed, or an error that says what to install."""

from __future__ import annotations

from types import ModuleType

from gnn.errors import MissingExtra


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
