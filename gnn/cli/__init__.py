"""The command `gridstrata-gnn`: train, evaluate, bundle."""

from gnn.cli.main import main

__all__ = ["main"]
