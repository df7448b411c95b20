"""Headers: what a file says about itself, in any of the forms CIM files use.

md:FullModel and dm:DifferenceModel (IEC 61970-552, every name space of theirs) and dcat:Dataset
(network code profiles). Text is taken as written. Many files have no header at all; for those
the main profile is guessed from the classes, for the report only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from cim_import.gathered import Parts
from cim_import.identifiers import HEADERS
from graph_service.domain.statements import Document, Part, local_name

_PROFILE: Final = ("Model.profile", "conformsTo")
_AUTHORITY: Final = ("Model.modelingAuthoritySet", "publisher")
_SCENARIO: Final = ("Model.scenarioTime", "startDate")
_VERSION: Final = ("Model.version", "version")
_SUPERSEDES: Final = ("Model.Supersedes", "replaces")

_GUESSES: Final = (
    ("StateVariables", ("Sv", "TopologicalIsland")),
    ("DiagramLayout", ("Diagram",)),
    ("GeographicalLocation", ("PositionPoint", "Location", "CoordinateSystem")),
    ("Topology", ("TopologicalNode",)),
)


def describe(
    name: str,
    model_set: str,
    header: Sequence[Part],
    namespaces: Mapping[str, str],
    base: str,
    parts: Parts,
) -> Document:
    """Make the document of a file from its header and what was counted in it."""
    values = _values(header)
    return Document(
        model_set=model_set,
        name=name,
        header=tuple(header),
        namespaces=dict(namespaces),
        base=base,
        model_id=_model_id(header),
        profiles=_given(values, _PROFILE),
        modeling_authority="".join(_given(values, _AUTHORITY)[:1]),
        scenario_time="".join(_given(values, _SCENARIO)[:1]),
        version="".join(_given(values, _VERSION)[:1]),
        supersedes=_given(values, _SUPERSEDES),
        statement_count=parts.statement_count,
        part_count=len(parts),
    )


def guess_profile(classes: Mapping[str, int]) -> str:
    """Name the profile a file without a header most likely follows, from its classes.

    `classes` counts local class names. What is neither state, diagram, place nor topology is
    equipment.
    """
    counts = dict.fromkeys((*(name for name, _ in _GUESSES), "CoreEquipment"), 0)
    for kind, count in classes.items():
        profile = next((p for p, starts in _GUESSES if kind.startswith(starts)), "CoreEquipment")
        counts[profile] += count
    return max(counts, key=lambda profile: counts[profile])


def _model_id(header: Sequence[Part]) -> str:
    named = (p.mrid for p in header if HEADERS & {local_name(uri) for uri in p.types})
    return next(named, "")


def _values(header: Sequence[Part]) -> dict[str, tuple[str, ...]]:
    values: dict[str, tuple[str, ...]] = {}
    for part in header:
        for statement in part.statements:
            name = local_name(statement.property)
            values[name] = (*values.get(name, ()), statement.value)
    return values


def _given(values: Mapping[str, tuple[str, ...]], names: Sequence[str]) -> tuple[str, ...]:
    return next((values[name] for name in names if name in values), ())
