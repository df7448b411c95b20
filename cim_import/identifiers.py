"""Identifiers: what an id or a reference in a file means, and how it was written.

A reference becomes a form and an mRID; `&` + the written prefix, so that prefix + mRID is the
text as it stood. What names no element (an enumeration value, an outside vocabulary) stays the
URI it was, letter for letter, also where it is not a proper one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Final

from graph_service.domain.statements import REFERENCE, URI, normalise

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XML: Final = "http://www.w3.org/XML/1998/namespace"
XML_LITERAL: Final = f"{RDF}XMLLiteral"

BLANK: Final = "_:"
"""Written before the label of an rdf:nodeID in the form of a reference, as RDF does."""

HEADERS: Final = frozenset({"FullModel", "DifferenceModel", "Dataset"})
"""Local names of the classes that describe a document instead of the network."""

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_HIDDEN_URI: Final = re.compile(r"#[A-Za-z][A-Za-z0-9+.\-]*://")
_NC_NAME: Final = re.compile(r"[^\W\d][\w.\-·]*")


def split_reference(written: str, base: str = "") -> tuple[str, str]:
    """Give the form and value of what an rdf:resource attribute holds."""
    if not names_element(written, base):
        return URI, written
    mrid = normalise(written, base)
    return REFERENCE + written[: len(written) - len(mrid)], mrid


def names_element(written: str, base: str = "") -> bool:
    """Tell whether a reference as written means an element, not an outside URI.

    `#id`, `urn:uuid:id`, the base with `#id`, and a bare id without a scheme do; a URI with a
    scheme does not, not even with a `#` put before it.
    """
    if written.startswith("urn:uuid:"):
        return True
    if written.startswith("#"):
        return not _HIDDEN_URI.match(written)
    if base and written.startswith(f"{base}#"):
        return True
    return bool(written) and not _SCHEME.match(written)


def identity(attribute: str, written: str, base: str = "") -> tuple[str, str]:
    """Give the mRID an identifying attribute means, and `attribute prefix` as it was written."""
    mrid = normalise(written, base)
    return mrid, f"{attribute} {written[: len(written) - len(mrid)]}"


def is_header(local: str, namespace: str) -> bool:
    """Tell whether a class describes a document: FullModel, DifferenceModel, dcat:Dataset."""
    return local in HEADERS and (local != "Dataset" or namespace.startswith(_DCAT))


def is_nc_name(name: str) -> bool:
    """Tell whether RDF/XML allows a name as rdf:ID."""
    return bool(_NC_NAME.fullmatch(name))


def content_id(types: Iterable[str], facts: Sequence[str], taken: dict[str, int]) -> str:
    """Make an id for an element that has none, out of what is said about it.

    The same content gives the same id in every import; the second and later elements of one
    document with equal content get `-2`, `-3`, ...
    """
    triples = sorted(zip(facts[::3], facts[1::3], facts[2::3], strict=True))
    text = "\x1f".join([*sorted(types), *("\x1e".join(triple) for triple in triples)])
    made = f"blank-{hashlib.sha256(text.encode()).hexdigest()[:32]}"
    taken[made] = taken.get(made, 0) + 1
    return made if taken[made] == 1 else f"{made}-{taken[made]}"


_DCAT: Final = "http://www.w3.org/ns/dcat"
