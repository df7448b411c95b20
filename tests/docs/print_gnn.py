"""Prints docs/reference/predictions/command-line.md: `python -m tests.docs.print_gnn`."""

from __future__ import annotations

from collections.abc import Iterator

import typer

from gnn import errors
from gnn.cli.main import app
from graph_service.domain.errors import GridStrataError
from tests.docs.print_command_line import leaves, section
from tests.docs.printing import code, table

HEAD = """\
# gridstrata-gnn

Printed from `gnn/cli` and `gnn/errors.py` by `tests/docs/print_gnn.py`; change those, not this
page.

    gridstrata-gnn COMMAND ...

Training needs `pip install 'gridstrata[gnn]'`; showing and judging bundles does not. Exit codes are
those of [gridstrata](../command-line.md).
"""

ERRORS = """
## Errors

"""


def main() -> None:
    """Print the page."""
    print(page(), end="")


def page() -> str:
    """The whole page as Markdown."""
    group = typer.main.get_command(app)
    commands = (section(path, each, "gridstrata-gnn") for path, each in leaves(group, ()))
    rows = ((code(each.code), (each.__doc__ or "").strip()) for each in _errors())
    return HEAD + "".join(commands) + ERRORS + table(("Code", "Means"), rows)


def _errors() -> Iterator[type[GridStrataError]]:
    for each in vars(errors).values():
        if isinstance(each, type) and each.__module__ == errors.__name__:
            yield each


if __name__ == "__main__":
    main()
