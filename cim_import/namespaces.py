"""Name spaces of one file: from the tags and attributes as XML gives them to full URIs.

The parser runs without name space processing, because that is a third faster; prefixes are
looked up here. Only where a file binds one prefix to two different URIs (`Rebound`) it has to
be read again with the parser's own processing, which writes `uri local` instead of
`prefix:local`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cim_import.identifiers import RDF, XML, is_header

SEPARATOR: Final = " "
"""What the parser puts between URI and local name when it processes name spaces itself."""


class Rebound(Exception):
    """A prefix is bound to a second URI below the root."""


class UnboundPrefix(Exception):
    """A tag or attribute uses a prefix that the file does not declare."""


class Uris(dict[str, str]):
    """tag or attribute as the parser names it → full URI, worked out once a name."""

    def __init__(self, processed: bool):
        super().__init__()
        self.processed = processed
        self.namespaces: dict[str, str] = {}

    def __missing__(self, name: str) -> str:
        namespace, local = self.split(name)
        uri = self[name] = namespace + local
        return uri

    def split(self, name: str) -> tuple[str, str]:
        """Give the namespace and the local name of a tag."""
        if self.processed:
            namespace, _, local = name.rpartition(SEPARATOR)
            return namespace, local
        prefix, _, local = name.rpartition(":")
        if prefix == "xml":
            return XML, local
        try:
            return self.namespaces[prefix], local
        except KeyError:
            if not prefix:
                return "", local
            raise UnboundPrefix(prefix) from None

    def declare(self, prefix: str, uri: str) -> None:
        """Take up a declaration of the file.

        Raises:
            Rebound: the prefix means another URI already, and the parser does not keep track.
        """
        known = self.namespaces.setdefault(prefix, uri)
        if known == uri:
            return
        if not self.processed:
            raise Rebound
        if uri not in self.namespaces.values():
            self.namespaces[_free(prefix, self.namespaces)] = uri

    def take_declarations(self, attributes: Sequence[str]) -> list[tuple[str, str]]:
        """Take the declarations out of a start tag; gives the other attributes as pairs."""
        others = []
        for name, value in zip(attributes[::2], attributes[1::2], strict=True):
            if name == "xmlns" or name.startswith("xmlns:"):
                self.declare(name[6:], value)
            else:
                others.append((name, value))
        return others

    def is_qualified(self, name: str) -> bool:
        """Tell whether a name has a prefix; an attribute without one is in no name space."""
        return (SEPARATOR if self.processed else ":") in name

    def written(self, name: str) -> str:
        """A name as it may stand in the file, prefix and all."""
        if not self.processed:
            return name
        namespace, local = self.split(name)
        prefix = next((p for p, uri in self.namespaces.items() if uri == namespace), "")
        return f"{prefix}:{local}" if prefix else local

    def rdf_attribute(self, local: str) -> str:
        """How the parser names an RDF attribute in this file: `rdf:resource`."""
        if self.processed:
            return f"{RDF}{SEPARATOR}{local}"
        bound = (p for p, uri in self.namespaces.items() if uri == RDF and p)
        return f"{next(bound, 'rdf')}:{local}"


class Types(dict[str, tuple[str, ...]]):
    """tag → the types an element with this tag has; empty for tags that need a closer look."""

    def __init__(self, uris: Uris):
        super().__init__()
        self.uris = uris

    def __missing__(self, tag: str) -> tuple[str, ...]:
        try:
            namespace, local = self.uris.split(tag)
        except UnboundPrefix:  # perhaps the tag itself declares it
            return ()
        plain = namespace != RDF and not is_header(local, namespace)
        types = self[tag] = (namespace + local,) if plain else ()
        return types


def _free(prefix: str, taken: dict[str, str]) -> str:
    number = 2
    while f"{prefix or 'ns'}{number}" in taken:
        number += 1
    return f"{prefix or 'ns'}{number}"
