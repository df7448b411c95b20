"""Builds parts and documents for tests in a line: `part("S1", "Breaker", {...}, links={...})`."""

from __future__ import annotations

from collections.abc import Mapping

from graph_service.domain.statements import Document, Part, Statement

CIM = "http://iec.ch/TC57/CIM100#"

Values = str | tuple[str, ...]


def part(
    mrid: str,
    kind: str = "",
    properties: Mapping[str, Values] | None = None,
    *,
    links: Mapping[str, Values] | None = None,
    section: str = "",
    line: int = 0,
) -> Part:
    """A part as a CIM file gives it; a tuple gives a property or link several times."""
    statements = [Statement(CIM + n, "", v) for n, v in _pairs(properties)]
    statements += [Statement(CIM + n, "&#_", v) for n, v in _pairs(links)]
    types = (CIM + kind,) if kind else ()
    return Part(mrid, types, tuple(statements), "ID _" if kind else "about #_", section, line)


def named(mrid: str, kind: str, name: str, **links: str) -> Part:
    """A part with a name."""
    return part(mrid, kind, {"IdentifiedObject.name": name}, links=links)


def document(name: str = "EQ.xml", model_set: str = "town", **said: str) -> Document:
    """A document without a header."""
    return Document(model_set, name, **said)  # type: ignore[arg-type]


def _pairs(given: Mapping[str, Values] | None) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, values in (given or {}).items()
        for value in ((values,) if isinstance(values, str) else values)
    ]
