"""Prints docs/reference/settings.md from the class: `python -m tests.docs.print_settings`."""

import re
from collections.abc import Iterator

from graph_service.settings import Settings
from tests.docs.printing import code, table

HEAD = """\
# Settings

Printed from `graph_service/settings.py` by `tests/docs/print_settings.py`; change the class, not
this page.

All there is to set. Each is read from the environment; an option of the command line overrides
it. There is no settings file.
"""

OPTIONS = {"data": "--data", "host": "serve --host", "port": "serve --port"}


def main() -> None:
    """Print the page."""
    print(page(), end="")


def page() -> str:
    """The whole page as Markdown."""
    return f"{HEAD}\n{table(('Variable', 'Option', 'Default', 'Meaning'), rows())}"


def rows() -> Iterator[tuple[str, str, str, str]]:
    """One row a setting."""
    meanings = dict(re.findall(r"(?m)^        (\w+): (.+)$", Settings.__doc__ or ""))
    for name, field in Settings.model_fields.items():
        variable = f"{Settings.model_config['env_prefix']}{name.upper()}"
        yield (
            code(variable),
            code(OPTIONS.get(name, "")),
            code("" if field.default is None else str(field.default)),
            meanings[name],
        )


if __name__ == "__main__":
    main()
