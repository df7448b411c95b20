"""The schema, and running a question against it without a server.

`python -m graph_service.api.schema --check` tells whether `schema.graphql` beside this module is
up to date, `--write` prints it anew.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import orjson
import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from graph_service.api.context import Context
from graph_service.api.errors import dress
from graph_service.api.execution import QuickExecution
from graph_service.api.http import encode, result_body
from graph_service.api.limits import Limits
from graph_service.api.roots import Mutation, Query, Subscription
from graph_service.api.scalars import SCALARS
from graph_service.domain.access import Caller
from graph_service.services.house import Services

PRINTED: Final = Path(__file__).with_name("schema.graphql")


class Schema(strawberry.Schema):
    """Strawberry's schema with our errors."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Give every error its code before it leaves."""
        for error in errors:
            dress(error)


schema: Final = Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    extensions=[Limits],
    execution_context_class=QuickExecution,
    config=StrawberryConfig(scalar_map=SCALARS),
)


async def execute(
    house: Services, query: str, variables: dict[str, Any], caller: Caller
) -> dict[str, Any]:
    """Answer a query or mutation as the server would, as plain JSON values."""
    result = await schema.execute(query, variables, Context(house, caller))
    answer: dict[str, Any] = orjson.loads(encode(result_body(result)))
    return answer


def main(arguments: list[str]) -> int:
    """Check or write `schema.graphql`; gives the exit status."""
    printed = schema.as_str() + "\n"
    if arguments == ["--write"]:
        PRINTED.write_text(printed, encoding="utf-8")
        return 0
    if arguments != ["--check"]:
        sys.stderr.write("usage: python -m graph_service.api.schema --check | --write\n")
        return 2
    if PRINTED.exists() and PRINTED.read_text(encoding="utf-8") == printed:
        return 0
    sys.stderr.write("schema.graphql is out of date; `make format` prints it anew\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
