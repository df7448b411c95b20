"""What can be asked of failures to come: which elements are at risk, and why."""

from __future__ import annotations

from datetime import UTC, datetime

import strawberry

from graph_service.api.context import Info
from graph_service.api.failures import FailureRisks, Riskiest, risks_of
from graph_service.api.forecasts import AsOf, KnownThen
from graph_service.api.scopes import ScopeInput
from graph_service.services.failure_risks import RiskQuestion


@strawberry.type(description="Questions about failures to come.")
class FailureQuery:
    """The part of Query that is about failures."""

    @strawberry.field(
        description="How likely cables, transformers and switches fail within the next 30 days, "
        "the riskiest first; all that may be seen, or those of a scope."
    )
    async def failure_risk(
        self,
        info: Info,
        scope: ScopeInput | None = None,
        first: Riskiest = 50,
        as_of: AsOf = None,
        known_at: KnownThen = None,
    ) -> FailureRisks | None:
        """Risks."""
        about = None if scope is None else scope.meant()
        asked = RiskQuestion(about, as_of or datetime.now(UTC), known_at, first)
        return await risks_of(info.context, asked)
