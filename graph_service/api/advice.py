"""Advice in the schema: what exceeds its limit, how likely, when, because of what, and what helps.

Powers are active power in W, limits apparent power in VA; elements that may not be seen are null.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated

import strawberry

from graph_service.api.batching import in_thread
from graph_service.api.context import Context
from graph_service.api.elements import Element, show
from graph_service.api.forecasts import Forecast, shown_forecast
from graph_service.api.vocabulary import ActionKind, Level
from graph_service.domain.readings import from_us
from graph_service.services import advice as told
from graph_service.services.advising import AdviceQuestion

Probability = Annotated[
    float,
    strawberry.argument(
        description="From which probability on, in the worst hour, a limit counts as exceeded."
    ),
]
PowerFactor = Annotated[
    float,
    strawberry.argument(description="Active over apparent power, assumed for all places."),
]
Levels = Annotated[
    list[Level] | None, strawberry.argument(description="Kinds of places; default: all.")
]
AtMost = Annotated[
    int, strawberry.argument(description="On so many places at most, the most probable first.")
]


@strawberry.type(description="What a place carries for ever.")
class AdviceLimit:
    """A limit."""

    va: float = strawberry.field(description="Apparent power.")
    stated: str = strawberry.field(description="What the model says.")


@strawberry.type(description="A part of the load at the hour of the peak.")
class AdviceContribution:
    """A contribution."""

    element: Element | None = strawberry.field(
        description="A transformer below, or a usage point where there is none."
    )
    watts: float
    share: float = strawberry.field(description="Of the likely load of the place.")


@strawberry.type(description="A switch to be moved.")
class AdviceStep:
    """One step of a switching."""

    element: Element | None
    open: bool = strawberry.field(description="Whether it is to be opened; otherwise closed.")


@strawberry.type(description="Something that could be done.")
class AdviceAction:
    """A remedy."""

    kind: ActionKind
    text: str
    elements: list[Element]
    steps: list[AdviceStep] = strawberry.field(description="Switching, in this order.")
    watts: float | None = strawberry.field(
        description="How much load it takes away from the place at the hour of the peak."
    )
    probability: float | None = strawberry.field(
        description="Of exceeding the limit afterwards; null where the load stays as it is."
    )
    taker_probability: float | None = strawberry.field(
        description="The highest probability of exceeding a limit where the load goes."
    )


@strawberry.type(description="A place whose limit is likely to be exceeded.")
class Advice:
    """Advice on one place."""

    element: Element | None
    limit: AdviceLimit
    probability: float = strawberry.field(
        description="Of exceeding it in the worst hour; in any of these hours it is at least this."
    )
    peak_at: datetime = strawberry.field(description="Where the worst hour begins.")
    peak: float = strawberry.field(description="The likely load of that hour, its median.")
    peak_high: float = strawberry.field(description="The highest quantile of that hour.")
    loading: float = strawberry.field(description="Median over limit in that hour.")
    start: datetime = strawberry.field(name="from")
    stop: datetime = strawberry.field(name="to")
    hours: int = strawberry.field(description="How many hours are as likely as was asked for.")
    hours_ahead: int = strawberry.field(description="From the issue to the worst hour.")
    contributions: list[AdviceContribution] = strawberry.field(description="The largest ones.")
    unread: int = strawberry.field(description="Customers below of whom there is no reading.")
    forecast: Forecast = strawberry.field(description="What it is made of.")
    actions: list[AdviceAction] = strawberry.field(description="What helps most first.")
    expires_at: datetime = strawberry.field(description="From then on it is worth nothing.")


@strawberry.type(description="All advice on a scope.")
class AdviceAnswer:
    """An answer."""

    advice: list[Advice]
    exceeding: int = strawberry.field(description="How many places there are to advise on.")
    checked: int = strawberry.field(description="How many have a limit and a forecast.")
    without_limit: int
    without_forecast: int
    next_issue_at: datetime | None = strawberry.field(
        description="When forecasts are issued again; null where that is on no schedule."
    )
    reason: str = strawberry.field(description="Why there is none; empty where there is some.")


async def advice_of(context: Context, asked: AdviceQuestion) -> AdviceAnswer:
    """The answer to a question, with the elements it names as the caller may see them."""

    def ask() -> tuple[told.AdviceAnswer, Mapping[str, Element]]:
        found = context.house.advising.advise(asked, context.scope)
        keys = sorted({key for one in found.advice for key in _named(one)})
        met = context.house.neighbourhood.by_keys(keys, context.scope)
        return found, {k: show(e) for k, e in zip(keys, met, strict=True) if e is not None}

    found, elements = await in_thread(ask)
    return AdviceAnswer(
        advice=[_advice(one, elements) for one in found.advice],
        exceeding=found.exceeding,
        checked=found.checked,
        without_limit=found.without_limit,
        without_forecast=found.without_forecast,
        next_issue_at=None if found.next_issue_us is None else from_us(found.next_issue_us),
        reason=found.reason,
    )


def _named(one: told.Advice) -> Iterable[str]:
    yield one.element
    yield from (part.element for part in one.contributions)
    for action in one.actions:
        yield from action.elements


def _advice(one: told.Advice, elements: Mapping[str, Element]) -> Advice:
    said = one.said.forecast
    begin = said.valid_us[0] if said else one.peak_us
    return Advice(
        element=elements.get(one.element),
        limit=AdviceLimit(va=one.limit.va, stated=one.limit.stated),
        probability=one.probability,
        peak_at=from_us(one.peak_us),
        peak=one.peak_w,
        peak_high=one.peak_high_w,
        loading=one.loading,
        start=from_us(one.start_us),
        stop=from_us(one.stop_us),
        hours=one.hours,
        hours_ahead=round((one.peak_us - begin) / 3.6e9),
        contributions=[
            AdviceContribution(element=elements.get(p.element), watts=p.watts, share=p.share)
            for p in one.contributions
        ],
        unread=one.unread,
        forecast=shown_forecast(one.said),
        actions=[_action(action, elements) for action in one.actions],
        expires_at=from_us(one.expires_us),
    )


def _action(action: told.Action, elements: Mapping[str, Element]) -> AdviceAction:
    return AdviceAction(
        kind=action.kind,
        text=action.text,
        elements=[elements[key] for key in action.elements if key in elements],
        steps=[
            AdviceStep(element=elements.get(step.element), open=step.is_open)
            for step in action.steps
        ],
        watts=action.watts,
        probability=action.probability,
        taker_probability=action.taker_probability,
    )
