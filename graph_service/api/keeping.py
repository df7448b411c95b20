"""Retention in the schema: what is kept how long, for who sees everything."""

from __future__ import annotations

from datetime import datetime

import strawberry

from graph_service.api.batching import in_thread
from graph_service.api.context import Context, Info


@strawberry.type(
    description="How long readings or forecasts of a quantity, or events of a kind, are kept."
)
class RetentionRule:
    """A rule."""

    name: str = strawberry.field(description="A quantity or a kind of event.")
    forecasts: bool = strawberry.field(
        description="True if it is about forecasts of the quantity, not about its readings."
    )
    keep: str = strawberry.field(description="ISO 8601, such as P3Y.")
    keep_levels: str | None = strawberry.field(
        description="How long hourly and daily aggregates are kept; null for ever."
    )


@strawberry.type(description="What is kept how long; what has no rule stays for ever.")
class Retention:
    """The rules."""

    rules: list[RetentionRule]
    last_applied: datetime | None


@strawberry.type(description="Questions about keeping.")
class KeepingQuery:
    """The root field about retention."""

    @strawberry.field(
        description="How long readings, forecasts and events are kept; only for callers without "
        "bounds."
    )
    async def retention(self, info: Info) -> Retention:
        """Rules of retention."""
        return await in_thread(_retention, info.context)


def _retention(context: Context) -> Retention:
    if not context.scope.everything:
        return Retention(rules=[], last_applied=None)
    keeping = context.house.keeping
    return Retention(
        rules=[
            RetentionRule(
                name=rule.name,
                forecasts=rule.of_forecasts,
                keep=rule.keep,
                keep_levels=rule.keep_levels or None,
            )
            for rule in keeping.rules()
        ],
        last_applied=keeping.last_applied(),
    )
