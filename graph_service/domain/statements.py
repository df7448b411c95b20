"""Statements: what the files say, word for word, so that nothing is lost on the way back out.

A delivery is a set of documents; a document states facts about elements; all that one document
states about one element is a `Part`. Elements (elements.py) are merged from parts and can be
merged again at any time, so the parts are the truth and everything else is derived.

Guarantees: literal text is kept as it was read, no number is parsed, no space is stripped;
class and property names are full URIs; a reference keeps the prefix it was written with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

LITERAL: Final = ""
"""Form of a plain literal."""
URI: Final = "<"
"""Form of a URI that names no element: an enumeration value or an outside vocabulary."""
REFERENCE: Final = "&"
"""First character of the form of a reference to an element; the written prefix follows it."""
LANGUAGE: Final = "@"
"""First character of the form of a literal with xml:lang; the language follows it."""
DATATYPE: Final = "^"
"""First character of the form of a literal with rdf:datatype; the datatype URI follows it."""


class Statement(NamedTuple):
    """One property of one element, as one document gives it.

    `property` is the full URI. `form` tells what `value` is: `""` a literal, `"<"` a URI,
    `"&#_"` (`&` and the prefix as written) a reference whose value is the normalised mRID,
    `"@en"` a literal in a language, `"^uri"` a literal with a datatype.
    """

    property: str
    form: str
    value: str


@dataclass(frozen=True, slots=True)
class Part:
    """All that one document states about one element.

    `types` are the class URIs the document gives it, in the order read; `identified_by` is the
    attribute and prefix that carried the identity (`ID _`, `about #_`, `about urn:uuid:`,
    `nodeID `, or empty for an element without any); `section` is empty, or the section of a
    difference model the statements stand in (`forwardDifferences`, `reverseDifferences`,
    `preconditions`); `line` is where the element begins in its file (0: not from a file).
    """

    mrid: str
    types: tuple[str, ...]
    statements: tuple[Statement, ...]
    identified_by: str = "about #_"
    section: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """One file of a delivery, without its parts.

    `name` is its path inside the delivery with `/` between folders and archives (unique within a
    model set); `header` holds the model description (md:FullModel, dm:DifferenceModel,
    dcat:Dataset) as parts; `namespaces` maps the prefixes the file declares to URIs;
    `model_id`, `profiles`, `modeling_authority`, `scenario_time`, `version` and `supersedes` are
    read off the header, text as written, empty where the header does not say. `statement_count`
    counts statements with types, header excluded. `fingerprint` is the SHA-256 of the canonical
    statements and header: equal fingerprints say the same.
    """

    model_set: str
    name: str
    header: tuple[Part, ...] = ()
    namespaces: Mapping[str, str] = field(default_factory=dict)
    base: str = ""
    model_id: str = ""
    profiles: tuple[str, ...] = ()
    modeling_authority: str = ""
    scenario_time: str = ""
    version: str = ""
    supersedes: tuple[str, ...] = ()
    statement_count: int = 0
    part_count: int = 0
    fingerprint: str = ""


def normalise(identifier: str, base: str = "") -> str:
    """Give the mRID an identifier means: N(x).

    Takes away the document base, then one of `urn:uuid:` or `#`, then at most one leading `_`.
    Nothing else changes: case stays, a second underscore stays.
    """
    if base and identifier.startswith(base):
        identifier = identifier[len(base) :]
    if identifier.startswith("urn:uuid:"):
        identifier = identifier[9:]
    elif identifier.startswith("#"):
        identifier = identifier[1:]
    return identifier[1:] if identifier.startswith("_") else identifier


def local_name(uri: str) -> str:
    """Give the name behind the namespace: `…CIM100#Terminal.phases` → `Terminal.phases`."""
    return uri[max(uri.rfind("#"), uri.rfind("/")) + 1 :]


def is_reference(form: str) -> bool:
    """Tell whether a statement of this form refers to an element."""
    return form.startswith(REFERENCE)
