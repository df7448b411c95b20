"""The command line `gridstrata`: start here to run it."""

from graph_service.cli.main import main

__all__ = ["main"]
