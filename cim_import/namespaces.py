"""Name spaces of one file: which prefixes it binds, and what a prefixed name means by them.

Names in plain places are looked up by the bindings of the root. Elements that bind prefixes of
their own are read by the grammar, whose parser keeps track of scopes; all bindings of a file are
gathered here, so that everything can be written again under prefixes of one root.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SEPARATOR: Final = " "
"""What stands between URI and local name in the names the grammar's parser gives."""


class Namespaces:
    """The prefixes of a file: those of the root, and all."""

    def __init__(self) -> None:
        self.all: dict[str, str] = {}
        self.root: Mapping[str, str] = {}

    def declare(self, prefix: str, uri: str) -> None:
        """Take up a declaration; where the prefix means something else already, under a new one."""
        known = self.all.setdefault(prefix, uri)
        if known != uri and uri not in self.all.values():
            self.all[_free(prefix, self.all)] = uri

    def close_root(self) -> None:
        """Note that all declarations of the root are in."""
        self.root = dict(self.all)

    def split(self, name: str) -> tuple[str, str] | None:
        """Namespace and local name of a tag under the root; None where its prefix is not bound."""
        prefix, _, local = name.rpartition(":")
        namespace = self.root.get(prefix)
        return None if namespace is None else (namespace, local)

    def written(self, name: str) -> str:
        """How a name that the grammar's parser gives may stand in the file, prefix and all."""
        namespace, _, local = name.rpartition(SEPARATOR)
        prefix = next((p for p, uri in self.all.items() if uri == namespace), "")
        return f"{prefix}:{local}" if prefix else local


def _free(prefix: str, taken: Mapping[str, str]) -> str:
    number = 2
    while f"{prefix or 'ns'}{number}" in taken:
        number += 1
    return f"{prefix or 'ns'}{number}"
