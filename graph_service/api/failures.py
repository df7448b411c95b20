"""Risks of failures in the schema: how likely, why, who says it, and how good that was."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import strawberry

from graph_service.api.batching import in_thread
from graph_service.api.context import Context
from graph_service.api.elements import Element, show
from graph_service.api.vocabulary import Rung
from graph_service.domain import elements
from graph_service.ports import failure_predictor as port
from graph_service.services.failure_risks import RiskAnswer, RiskQuestion

Riskiest = Annotated[int, strawberry.argument(description="So many at most, the riskiest first.")]


@strawberry.type(description="What makes a risk higher or lower.")
class RiskFactor:
    """A factor."""

    name: str
    value: float | None = strawberry.field(description="What the element has.")
    unit: str
    times: float = strawberry.field(
        description="The risk over what it would be with what is usual for its kind here."
    )


@strawberry.type(description="Who says it, and how well it did in its own evaluation.")
class RiskModel:
    """A model or a baseline that serves."""

    name: str
    version: str
    trained_on: str
    average_precision: float = strawberry.field(description="On networks it had not seen.")


@strawberry.type(description="The best other one in the same evaluation.")
class RiskBaseline:
    """A baseline."""

    name: str
    average_precision: float


@strawberry.type(description="How likely one element fails.")
class FailureRisk:
    """A risk."""

    element: Element | None
    probability: float = strawberry.field(description="Of a fault within 30 days.")
    rung: Rung
    factors: list[RiskFactor] = strawberry.field(description="The strongest first.")
    missing_inputs: list[str]
    reason: str = strawberry.field(description="Why it is not the rung MODEL; empty where it is.")


@strawberry.type(description="How likely the elements of a scope fail.")
class FailureRisks:
    """An answer."""

    risks: list[FailureRisk]
    judged: int = strawberry.field(description="How many elements have a risk.")
    expected: float = strawberry.field(description="How many faults are to be expected of them.")
    days: int
    issued_at: datetime
    model: RiskModel | None
    baseline: RiskBaseline | None
    reason: str = strawberry.field(description="Why nothing is told; empty where something is.")


async def risks_of(context: Context, asked: RiskQuestion) -> FailureRisks:
    """The answer to a question, with the elements it names."""

    def ask() -> tuple[RiskAnswer, list[elements.Element | None]]:
        found = context.house.failure_risks.risks(asked, context.scope)
        keys = [risk.element for risk in found.risks]
        return found, context.house.neighbourhood.by_keys(keys, context.scope)

    found, met = await in_thread(ask)
    facts = found.risks[0].model if found.risks else None
    return FailureRisks(
        risks=[_risk(risk, one) for risk, one in zip(found.risks, met, strict=True)],
        judged=found.judged,
        expected=found.expected,
        days=port.DAYS,
        issued_at=asked.at.astimezone(UTC),
        model=_model(facts) if facts else None,
        baseline=_baseline(facts) if facts else None,
        reason=found.reason,
    )


def _risk(risk: port.FailureRisk, element: elements.Element | None) -> FailureRisk:
    return FailureRisk(
        element=show(element) if element else None,
        probability=risk.probability or 0.0,
        rung=risk.rung,
        factors=[
            RiskFactor(name=f.name, value=f.value, unit=f.unit, times=f.times) for f in risk.factors
        ],
        missing_inputs=list(risk.missing),
        reason=risk.reason,
    )


def _model(facts: port.RiskModel) -> RiskModel:
    return RiskModel(
        name=facts.name,
        version=facts.version,
        trained_on=facts.trained_on,
        average_precision=facts.average_precision,
    )


def _baseline(facts: port.RiskModel) -> RiskBaseline:
    return RiskBaseline(name=facts.baseline, average_precision=facts.baseline_precision)
