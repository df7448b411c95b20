"""Prints docs/reference/command-line.md from the program.

`python -m tests.docs.print_command_line`
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import typer

from graph_service.cli.main import app
from tests.docs.printing import code, table

HEAD = """\
# Command line

Printed from `graph_service/cli` by `tests/docs/print_command_line.py`; change the commands, not
this page.

    gridstrata [--data DIR] COMMAND ...

`--data` comes before the command. Without it the folder is `GRIDSTRATA_DATA`, or
`gridstrata-data` where the command is run ([settings](settings.md)). `-h` and `--help` explain
any command, `--version` says which version this is.

| Exit code | Means |
| --- | --- |
| 0 | done |
| 1 | it could not be done; one message and a hint say why ([errors](errors.md)) |
| 2 | the command was misused |
| 130 | interrupted |

`--format json` prints one JSON value on standard output and nothing else there; messages, hints
and the progress bar, which is drawn where a terminal is attached, go to standard error. Local
commands may do everything: who can write the data folder needs no token.
"""

VALUES = {int: "NUMBER", float: "NUMBER", str: "TEXT", Path: "PATH"}


def main() -> None:
    """Print the page."""
    print(page(), end="")


def page() -> str:
    """The whole page as Markdown."""
    group = typer.main.get_command(app)
    return HEAD + "".join(section(path, command) for path, command in leaves(group, ()))


def leaves(group: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command, with the words that call it."""
    for name, command in sorted(group.commands.items()):
        if hasattr(command, "commands"):
            yield from leaves(command, (*path, name))
        else:
            yield (*path, name), command


def section(path: tuple[str, ...], command: Any, program: str = "gridstrata") -> str:
    """What there is to say about a command."""
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option"]
    words = " ".join([program, *path, *map(placeholder, arguments), "[OPTIONS]"])
    text = f"\n## {' '.join(path)}\n\n{' '.join(command.help.split())}\n\n    {words}\n"
    if arguments:
        rows = ((code(placeholder(p)), p.help) for p in arguments)
        text += f"\n{table(('Argument', 'Meaning'), rows)}"
    if options:
        hints = typing.get_type_hints(command.callback)
        rows = (option(p, hints[p.name]) for p in options)
        text += f"\n{table(('Option', 'Default', 'Meaning'), rows)}"
    return text


def placeholder(argument: Any) -> str:
    """How an argument stands in a call."""
    return str(argument.metavar or argument.name.upper())


def option(given: Any, hint: Any) -> tuple[str, str, str]:
    """A row of the table of options; `hint` is the type of its value."""
    kinds = [kind for kind in typing.get_args(hint) or (hint,) if kind is not type(None)]
    kind = (typing.get_args(kinds[0]) or kinds)[0]
    if given.is_flag:
        value = ""
    elif issubclass(kind, Enum):
        value = " " + "|".join(_text(member) for member in kind)
    else:
        value = " " + (given.metavar or VALUES[kind])
    shown = "" if given.default is None or given.is_flag else code(_text(given.default))
    return code(", ".join(given.opts) + value), shown, given.help or ""


def _text(value: Any) -> str:
    return str(getattr(value, "value", value))


if __name__ == "__main__":
    main()
