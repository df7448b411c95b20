"""The arguments of a trace in the schema, and the question they are to the service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import strawberry

from graph_service.api.vocabulary import Layer, State, TraceKind
from graph_service.domain.access import Scope
from graph_service.domain.errors import InvalidCall
from graph_service.services.house import Services
from graph_service.services.traces import MOST_MS, MOST_STEPS, TraceQuestion

Kinds = Annotated[
    list[str] | None,
    strawberry.argument(
        description="List only steps of these CIM classes, superclasses included; the walk itself "
        "is the same."
    ),
]
Layers = Annotated[
    list[Layer] | None,
    strawberry.argument(description="Layers to walk; default: that of the start."),
]
Target = Annotated[
    strawberry.ID | None, strawberry.argument(description="Where a SHORTEST_PATH leads to.")
]
MaxSteps = Annotated[
    int | None, strawberry.argument(description=f"End after so many steps; at most {MOST_STEPS:,}.")
]
MaxMs = Annotated[
    int | None, strawberry.argument(description=f"End after so many ms; at most {MOST_MS:,}.")
]


@dataclass(frozen=True, slots=True)
class TraceArguments:
    """The arguments of a trace."""

    kind: TraceKind
    state: State
    layers: tuple[Layer, ...] | None
    kinds: list[str] | None
    target: str | None
    max_steps: int | None
    max_ms: int | None


def question_of(
    house: Services, scope: Scope, asked: TraceArguments, layers: tuple[Layer, ...]
) -> TraceQuestion:
    """The question to the service.

    Raises:
        UnknownElement, AmbiguousElement: the target means none, or several.
        InvalidCall: a budget that cannot be given.
    """
    target = None if asked.target is None else house.network.element(asked.target, scope).number
    return TraceQuestion(
        kind=asked.kind,
        state=asked.state,
        layers=layers,
        target=target,
        kinds=None if asked.kinds is None else frozenset(asked.kinds),
        max_steps=_budget("maxSteps", asked.max_steps, MOST_STEPS),
        max_ms=_budget("maxMs", asked.max_ms, MOST_MS),
    )


def _budget(name: str, given: int | None, most: int) -> int:
    if given is None:
        return most
    if not 1 <= given <= most:
        hint = f"give 1 to {most:,}, or leave it out"
        raise InvalidCall(f"{name} is {given}", subject=str(given), hint=hint)
    return given
