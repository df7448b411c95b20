"""The price of a query: objects, times the lists around them, and what walks or sums."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import parse

from graph_service.api.cost import cost_of
from graph_service.api.schema import schema


def cost(query: str, **variables: Any) -> int:
    return cost_of(schema._schema, parse(query), None, variables)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ __typename }", 0),
        ('{ element(mRID: "a") { name kind } }', 1),
        ("{ elements(first: 10) { nodes { name } } }", 1 + 10),
        ("{ elements { nodes { name } } }", 1 + 50),
        ("{ elements(first: null) { nodes { name } } }", 1 + 50),
        ("{ elements(first: 10) { pageInfo { endCursor } } }", 1 + 1),
        ("{ elements(first: 10) { totalCount } }", 1 + 20),
        ("{ elements(first: 10) { nodes { owners { name } } } }", 1 + 10 * (1 + 20)),
        ('{ nodes(ids: ["a", "b", "c"]) { id } }', 3),
        (
            '{ trace(start: "a", kind: CONNECTED) { steps(first: 5) { nodes { depth } } } }',
            50 + 1 + 1 + 5,
        ),
        ("{ __schema { types { name } } }", 0),
    ],
)
def test_cost__counts_objects_times_their_lists(query: str, expected: int) -> None:
    assert cost(query) == expected


def test_cost__reads_variables_and_their_defaults() -> None:
    query = "query Q($n: Int! = 7) { elements(first: $n) { nodes { name } } }"
    assert cost(query) == 8
    assert cost(query, n=100) == 101
    assert cost("query Q($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=["a", "b"]) == 2


def test_cost__a_negative_first_is_free_and_left_to_the_resolver() -> None:
    assert cost("{ elements(first: -5) { nodes { name } } }") == 1


def test_cost__fragments_count_wherever_they_are_spread() -> None:
    query = "{ a: elements(first: 3) { ...P } b: elements(first: 4) { ...P } }"
    fragment = "fragment P on ElementConnection { nodes { name } }"
    assert cost(f"{query} {fragment}") == (1 + 3) + (1 + 4)


def test_cost__fragments_doubled_forty_times_are_reckoned_at_once() -> None:
    doubled = " ".join(f"fragment F{i} on Element {{ ...F{i + 1} ...F{i + 1} }}" for i in range(40))
    query = f'{{ element(mRID: "a") {{ ...F0 }} }} {doubled} fragment F40 on Element {{ name }}'
    assert cost(query) == 1


def test_cost__the_named_operation_is_the_one_that_counts() -> None:
    document = parse("query A { store { revision } } query B { quantities { name } }")
    assert cost_of(schema._schema, document, "A", {}) == 21
    assert cost_of(schema._schema, document, "B", {}) == 20
