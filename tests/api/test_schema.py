"""The schema as printed: up to date, described, and bounded everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import GraphQLField, GraphQLObjectType, get_nullable_type, is_list_type

from graph_service.api import schema as module
from graph_service.api.schema import PRINTED, main, schema

SHORT = {
    "Element.kinds", "Element.properties", "Element.containers", "Element.owners",
    "Element.statements", "Element.seriesSources", "Property.values", "StatedPart.kinds",
    "StatedPart.properties",
}  # fmt: skip
"""Lists that are as long as one element makes them."""
COUNTS = {
    "KindCount", "LayerCount", "PendingCount", "FindingCount", "KindChanges", "EventKindColumn",
    "EventSeverityColumn",
}  # fmt: skip
"""Lists of these are as long as the tables of kinds, layers, links, findings and events."""
PAGES = {"Around.nodes", "AdviceAnswer.advice", "FailureRisks.risks", "FaultLocation.sections"}
"""Lists that the field above them cuts by `first`."""
CUT = {
    "TimelineArrival.entries", "TimelineArrival.readings", "TimelineArrival.reopened",
    "IntakeResult.rejected", "Retention.rules", "Advice.contributions", "Advice.actions",
    "AdviceAction.elements", "AdviceAction.steps", "FailureRisk.factors", "FaultLocation.baselines",
    "FaultRehearsal.sensors", "FaultRehearsal.tripped", "FaultRehearsal.silent",
}  # fmt: skip
"""Lists that the API itself cuts, or that hold one rule or remedy a kind."""
FEW = {"ModelSet", "Document", "QuantityInfo", "QuantileColumn", "QuantileValue"}
"""Lists of these are as long as what an operator imported, a table, or a short argument."""


def test_printed__is_up_to_date() -> None:
    assert main(["--check"]) == 0, "run `make format`"


def test_printed__check_fails_for_another_text_and_write_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PRINTED", tmp_path / "schema.graphql")
    assert main(["--check"]) == 1
    assert main(["--write"]) == 0
    assert main(["--check"]) == 0
    assert (tmp_path / "schema.graphql").read_text() == PRINTED.read_text()


def test_lists__are_cut_by_first_or_short_by_nature() -> None:
    unbounded = [
        name
        for name, field in fields()
        if is_list_type(get_nullable_type(field.type)) and not is_bounded(name, field)
    ]
    assert unbounded == []


def test_root_fields__all_say_what_they_are() -> None:
    silent = [
        name
        for name, field in fields()
        if name.startswith(("Q", "M")) and not described(field, name)
    ]
    assert silent == []


def is_bounded(name: str, field: GraphQLField) -> bool:
    inner = str(field.type).strip("[]!")
    parent = name.partition(".")[0]
    is_page = parent.endswith("Connection")
    is_plain = inner == "String" and not parent.startswith("Query")
    return (
        is_page
        or is_plain
        or name in SHORT | PAGES | CUT
        or inner in COUNTS | FEW
        or bool({"first", "ids"} & field.args.keys())
    )


def described(field: GraphQLField, name: str) -> bool:
    return bool(field.description) or name.partition(".")[0] not in ("Query", "Mutation")


def fields() -> Iterator[tuple[str, GraphQLField]]:
    for kind in schema._schema.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for name, field in kind.fields.items():
                yield f"{kind.name}.{name}", field
