"""Limits: what one query may ask, and what it is told when it asks for more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from graph_service.api import limits
from tests.api.conftest import World


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for all who only ask."""
    made = World(tmp_path_factory.mktemp("limits"))
    made.draw()
    yield made
    made.close()


def nested(times: int) -> str:
    return '{ element(mRID: "t1") { ' + "owners { " * times + "name" + " }" * times + " } }"


def test_depth__fifteen_fields_are_answered_one_more_is_not(world: World) -> None:
    assert "errors" not in world.ask(nested(3))
    error = world.error(nested(14))
    assert error["code"] == "QUERY_TOO_DEEP"
    assert error["hint"]


def test_depth__fragments_are_spread_out_before_they_are_measured(world: World) -> None:
    fragments = " ".join(
        f"fragment F{i} on Element {{ owners {{ owners {{ ...F{i + 1} }} }} }}" for i in range(8)
    )
    query = f'{{ element(mRID: "t1") {{ ...F0 }} }} {fragments} fragment F8 on Element {{ name }}'
    assert world.error(query)["code"] == "QUERY_TOO_DEEP"


def test_depth__a_fragment_within_itself_is_an_error_and_no_endless_loop(world: World) -> None:
    query = '{ element(mRID: "t1") { ...F } } fragment F on Element { owners { ...F } }'
    codes = {e["extensions"]["code"] for e in world.ask(query)["errors"]}
    assert codes == {"GRAPHQL_VALIDATION_FAILED"}


@pytest.mark.parametrize("text", ["{a" * 100_000, "{ a " * 1_200, "{ x(a: " + "[" * 4_000])
def test_depth__what_the_parser_cannot_follow_is_refused(world: World, text: str) -> None:
    assert world.error(text)["code"] in ("QUERY_TOO_DEEP", "QUERY_TOO_LONG")


def test_aliases__thirty_are_answered_one_more_is_not(world: World) -> None:
    many = " ".join(f"a{i}: quantities {{ name }}" for i in range(31))
    assert world.error(f"{{ {many} }}")["code"] == "QUERY_TOO_MANY_ALIASES"
    fewer = many.rpartition(" a30")[0]
    assert "errors" not in world.ask(f"{{ {fewer} }}")


def test_tokens__a_document_too_long_is_not_read(world: World) -> None:
    assert world.error("{ " + "quantities { name } " * 2_000 + "}")["code"] == "QUERY_TOO_LONG"


def test_cost__pages_within_pages_multiply(world: World) -> None:
    query = """query P($n: Int!) { elements(first: 500) { nodes { neighbours(first: $n) {
      nodes { element { neighbours(first: 50) { nodes { link } } } } } } } }"""
    error = world.error(query, {"n": 50})
    assert error["code"] == "QUERY_TOO_COSTLY"
    assert "first" in error["hint"]
    assert "errors" not in world.ask(query, {"n": 1})


def test_variables__nested_without_end_are_refused(world: World) -> None:
    filter: dict[str, object] = {"text": "x"}
    for _ in range(30):
        filter = {"not": filter}
    query = "query F($f: ElementFilter) { elements(filter: $f) { totalCount } }"
    assert world.error(query, {"f": filter})["code"] == "QUERY_TOO_DEEP"


def test_introspection__is_answered_within_a_limit_of_its_own(world: World) -> None:
    inner = "fields { type { " * 5 + "name" + " } }" * 5
    assert "errors" in world.ask("{ __schema { types { " + inner + " } } }")
    assert "errors" not in world.ask("{ __schema { types { fields { type { name } } } } }")


def test_memory__a_query_is_read_and_checked_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = []
    monkeypatch.setattr(limits, "check", lambda *given: checked.append(given) or [])
    for _ in range(3):
        world.data("{ quantities { name unit role } }")
    assert len(checked) == 1


def test_memory__keeps_the_last_used_and_no_more_than_its_size() -> None:
    memory = limits.Memory[str, int](2)
    for key in ("a", "b", "a", "c"):
        memory.get(key, lambda: 1)
    assert len(memory) == 2
    assert memory.get("a", lambda: 2) == 1
    assert memory.get("b", lambda: 2) == 2
