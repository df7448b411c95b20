"""Quick execution gives what the ordinary executor gives, and leaves to it what it cannot."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from typing import Any

import pytest
import strawberry
from graphql.execution.collect_fields import CollectedFields
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from graph_service.api.execution import Plan, QuickExecution


@strawberry.type
class Leaf:
    name: str
    size: int | None = None

    @strawberry.field
    async def slow(self) -> str:
        await asyncio.sleep(0)
        return f"{self.name} later"


@strawberry.type
class Branch:
    title: str
    leaf: Leaf | None
    leaves: list[Leaf]
    sizes: list[int] | None = None

    @strawberry.field
    def doubled(self, times: int = 2) -> str:
        return self.title * times


NAMELESS: Any = Leaf(name=None)  # type: ignore[arg-type] # what the schema forbids
OAK = Branch(
    title="oak",
    leaf=Leaf(name="a", size=1),
    leaves=[Leaf(name="b"), Leaf(name="c", size=3)],
    sizes=[1, 2],
)


@strawberry.type
class Query:
    @strawberry.field
    def branch(self) -> Branch | None:
        return OAK

    @strawberry.field
    def broken(self) -> Branch | None:
        return Branch(title="ash", leaf=Leaf(name="d"), leaves=[Leaf(name="e"), NAMELESS])


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def branches(self, count: int) -> AsyncIterator[Branch]:
        for _ in range(count):
            yield OAK


def run(query: str, executor: type) -> Any:
    schema = strawberry.Schema(query=Query, execution_context_class=executor)
    result = asyncio.run(schema.execute(query))
    errors = [(error.message, error.path) for error in result.errors or ()]
    return result.data, errors


def keys_in_order(value: Any) -> Any:
    if isinstance(value, dict):
        return [(key, keys_in_order(inner)) for key, inner in value.items()]
    return [keys_in_order(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "query",
    [
        "{ branch { title leaf { name size } leaves { size name } sizes } }",
        "{ branch { leaves { slow name } title again: doubled(times: 3) sizes doubled } }",
        "{ branch { __typename leaf { __typename x: name ... on Leaf { y: size } } } }",
        "query Q($no: Boolean = false) { branch { title leaf @include(if: $no) { name } } }",
        "{ branch { ...F } } fragment F on Branch { title leaves { ...G } }"
        " fragment G on Leaf { size }",
        "{ broken { title leaves { name } } branch { title } }",
        "{ broken { title leaf { size } leaves { size name } doubled } }",
    ],
)
def test_quick__answers_as_the_ordinary_executor_does(query: str) -> None:
    data, errors = run(query, QuickExecution)
    expected, expected_errors = run(query, StrawberryGraphQLCoreExecutionContext)
    assert keys_in_order(data) == keys_in_order(expected)
    assert errors == expected_errors


def test_quick__a_null_where_none_may_be_is_told_with_its_path() -> None:
    data, errors = run("{ broken { leaves { name } } }", QuickExecution)
    assert data == {"broken": None}
    assert errors == [
        ("Cannot return null for non-nullable field Leaf.name.", ["broken", "leaves", 1, "name"])
    ]


def test_subscription__of_many_events__keeps_nothing_of_those_that_are_answered():
    schema = strawberry.Schema(Query, None, Subscription, execution_context_class=QuickExecution)

    async def kept(events: int) -> int:
        query = f"subscription {{ branches(count: {events}) {{ title leaf {{ name }} }} }}"
        stream: Any = await schema.subscribe(query)
        for _ in range(events):
            assert (await anext(stream)).data == {
                "branches": {"title": "oak", "leaf": {"name": "a"}}
            }
        gc.collect()
        return sum(type(each) in (Plan, CollectedFields) for each in gc.get_objects())

    assert asyncio.run(kept(50)) <= asyncio.run(kept(5))
