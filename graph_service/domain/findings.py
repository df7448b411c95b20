"""Findings: something wrong with the data, as a value with a code and a place.

The codes stand in docs/reference/findings.md; a test keeps page and table equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Severity(Enum):
    """How much a finding matters: INFO counts, WARNING was worked around, ERROR lost its file."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: `subject` an mRID, property or file; `line`, `column` from 1, 0 unknown."""

    code: str
    severity: Severity
    message: str
    subject: str = ""
    file: str = ""
    line: int = 0
    column: int = 0


CODES: Final[dict[str, tuple[Severity, str]]] = {
    "MALFORMED_XML": (Severity.ERROR, "the file is not well-formed XML; it was left out"),
    "REFUSED_XML": (
        Severity.ERROR,
        "the file uses XML that is not accepted (a DOCTYPE, or far too deep); it was left out",
    ),
    "NOT_CIM": (Severity.INFO, "a file of the delivery that holds no CIM RDF/XML was passed over"),
    "UNKNOWN_CLASS": (Severity.INFO, "a class that no bundled class table knows; kept as it is"),
    "DANGLING_REFERENCE": (
        Severity.WARNING,
        "a reference to an element that no document defines; kept pending until it comes",
    ),
    "CONFLICTING_VALUES": (
        Severity.WARNING,
        "documents disagree about a single-valued property; all kept, the newest counts",
    ),
    "REPEATED_VALUE": (
        Severity.WARNING,
        "one document gives a property twice with different values; both kept",
    ),
    "DUPLICATE_DEFINITION": (
        Severity.WARNING,
        "one document defines an id twice; both were joined",
    ),
    "ILLEGAL_ID": (Severity.WARNING, "an id that RDF/XML does not allow as a name; kept as it is"),
    "MRID_DIFFERS": (
        Severity.WARNING,
        "IdentifiedObject.mRID differs from the id of the element; the id counts, the text is kept",
    ),
    "CONCATENATED_REFERENCE": (
        Severity.WARNING,
        "several ids stood in one reference; each was linked, the text is kept",
    ),
    "CASE_DIFFERS": (
        Severity.WARNING,
        "a reference met its element only when upper and lower case were taken as equal",
    ),
    "NO_HEADER": (Severity.INFO, "the file has no model header; its profile was inferred"),
    "DIFFERENCE_MODEL": (
        Severity.INFO,
        "a difference model was kept with its statements but not applied",
    ),
    "STRAY_TEXT": (Severity.WARNING, "text between elements where none may stand; left out"),
    "UNREAD_ATTRIBUTE": (
        Severity.WARNING,
        "an attribute that means nothing in CIM RDF/XML, where it stands; left out",
    ),
    "OWNERSHIP_SHARE": (Severity.WARNING, "the shares of an asset's owners do not add up to one"),
}
"""code → (severity, meaning)"""


def finding(
    code: str, message: str, *, subject: str = "", file: str = "", line: int = 0, column: int = 0
) -> Finding:
    """Make a finding with the severity its code has in the table."""
    return Finding(code, CODES[code][0], message, subject, file, line, column)
