"""Where a fault is, in the schema: what was observed goes in, odds by section come out."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, nan
from typing import Final

import strawberry

from graph_service.api.context import Context
from graph_service.api.elements import Element, show
from graph_service.api.scalars import FloatArray, float_array
from graph_service.api.vocabulary import Rung
from graph_service.domain.errors import InvalidCall
from graph_service.ports.fault_locator import (
    NO_VALUES,
    Choice,
    FaultKind,
    FaultObservations,
    FaultPlace,
    LocatorFacts,
    Rehearsed,
    SectionOdds,
    SensorReading,
    Three,
)

MOST_NAMED: Final = 20_000
MOST_SHOWN: Final = 500
strawberry.enum(
    FaultKind,
    description="Which phases a short circuit joins, with G where ground is among them.",
)


@strawberry.input(
    description="What a sensor showed while the fault lasted; lists are of the phases A, B and C, "
    "null where there is no value."
)
class FaultSensorInput:
    """One sensor."""

    element: strawberry.ID = strawberry.field(
        description="Where it stands: a switch or a line, through which current flows away from "
        "the source, or anything else at a node, for all that the node feeds."
    )
    volts: list[float | None] | None = strawberry.field(
        default=None, description="Of the phases to ground, V."
    )
    amperes: list[float | None] | None = None
    volt_angles: list[float | None] | None = strawberry.field(
        default=None, description="Degrees, to any reference of the sensor's own."
    )
    ampere_angles: list[float | None] | None = strawberry.field(
        default=None, description="Degrees, to the same reference."
    )
    amperes_before: list[float | None] | None = strawberry.field(
        default=None, description="Before the fault."
    )

    def meant(self) -> SensorReading:
        """The reading in the words of the port."""
        return SensorReading(
            str(self.element),
            _three(self.volts, "volts"),
            _three(self.amperes, "amperes"),
            _three(self.volt_angles, "voltAngles", least=-1e4),
            _three(self.ampere_angles, "ampereAngles", least=-1e4),
            _three(self.amperes_before, "amperesBefore"),
        )


@strawberry.input(description="What was observed of a fault; each by mRID or `modelSet/mRID`.")
class FaultObservationsInput:
    """Observations."""

    sensors: list[FaultSensorInput] = strawberry.field(default_factory=list)
    tripped: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Switches that protection opened."
    )
    silent: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Usage points or meters that lost supply."
    )

    def meant(self) -> FaultObservations:
        """The observations in the words of the port."""
        if len(self.sensors) + len(self.tripped) + len(self.silent) > MOST_NAMED:
            raise InvalidCall(
                f"more than {MOST_NAMED:,} observations were given",
                subject="observations",
                hint="give those of the network that the fault is in",
            )
        return FaultObservations(
            tuple(each.meant() for each in self.sensors),
            tuple(map(str, self.tripped)),
            tuple(map(str, self.silent)),
        )


@strawberry.type(description="How likely a fault is on a line section.")
class FaultSection:
    """A section."""

    element: Element | None = strawberry.field(description="The line.")
    probability: float
    length_m: float
    kind: FaultKind = strawberry.field(description="The kind of fault that fits here.")
    ohm: float = strawberry.field(description="The resistance of the fault that fits here.")


@strawberry.type(description="Who says it, and how well it did in its own evaluation.")
class FaultModel:
    """A model or a baseline that serves."""

    name: str
    version: str
    trained_on: str
    level: str = strawberry.field(description="With which share of sensors it was judged.")
    top1: float = strawberry.field(description="Share of faults whose section was the first.")
    top3: float = strawberry.field(description="Share of faults whose section was in the first 3.")
    metres: float = strawberry.field(
        description="Mean distance along the lines from the first section to the fault."
    )


@strawberry.type(description="What another one says of the same observations.")
class FaultChoice:
    """A model or a baseline that does not serve."""

    name: str
    element: Element | None = strawberry.field(
        description="The section that it holds for likeliest."
    )
    probability: float = strawberry.field(description="Its odds for this section.")
    top1: float | None = strawberry.field(
        description="Share of faults whose section it had first, of the best of these."
    )


@strawberry.type(description="Where a fault is.")
class FaultLocation:
    """An answer."""

    sections: list[FaultSection]
    section_count: int
    walk_m: float = strawberry.field(
        description="Metres that a crew walks on average, which begins at the likeliest section "
        "and goes along the lines from one to the next by their odds."
    )
    rung: Rung
    model: FaultModel | None
    baselines: list[FaultChoice] = strawberry.field(description="What the others say.")
    evidence: list[str]
    missing_inputs: list[str]
    reason: str = strawberry.field(description="Why it is not the rung MODEL; empty where it is.")


@strawberry.type(description="What was said of a fault, and the event that keeps it.")
class KeptFaultLocation:
    """An answer that was kept."""

    location: FaultLocation
    entry: strawberry.ID | None = strawberry.field(
        description="`source/id` of the PREDICTION event; null where nothing was said."
    )


@strawberry.type(description="What a sensor shows of a simulated fault; see `FaultSensorInput`.")
class FaultSensor:
    """One sensor."""

    element: strawberry.ID
    volts: FloatArray
    amperes: FloatArray
    volt_angles: FloatArray
    ampere_angles: FloatArray
    amperes_before: FloatArray


@strawberry.type(description="A simulated fault, and what is observed of it.")
class FaultRehearsal:
    """A rehearsal."""

    section: strawberry.ID
    sensors: list[FaultSensor] = strawberry.field(description="At most 500 of them.")
    sensor_count: int
    tripped: list[strawberry.ID]
    silent: list[strawberry.ID] = strawberry.field(description="At most 500 of them.")
    silent_count: int


def _three(given: Sequence[float | None] | None, name: str, least: float = 0.0) -> Three:
    if given is None:
        return NO_VALUES
    fits = len(given) == 3 and all(x is None or (isfinite(x) and x >= least) for x in given)
    if not fits:
        raise InvalidCall(
            f"{name} are {list(given)}",
            subject=name,
            hint="give three numbers, of the phases A, B and C; null where there is none",
        )
    return (given[0], given[1], given[2])


def shown(context: Context, found: FaultPlace, first: int) -> FaultLocation:
    """An answer as the schema shows it; its elements are looked up in one call."""
    sections = found.sections[:first]
    keys = [*(each.element for each in sections), *(other.element for other in found.others)]
    met = context.house.neighbourhood.by_keys(keys, context.scope)
    lines = [None if line is None else show(line) for line in met]
    return FaultLocation(
        sections=[_section(*each) for each in zip(sections, lines, strict=False)],
        section_count=len(found.sections),
        walk_m=round(found.walk_m, 1),
        rung=found.rung,
        model=_model(found.facts) if found.facts else None,
        baselines=[
            _choice(one, line, found.facts)
            for one, line in zip(found.others, lines[len(sections) :], strict=True)
        ],
        evidence=list(found.evidence),
        missing_inputs=list(found.missing),
        reason=found.reason,
    )


def _section(each: SectionOdds, line: Element | None) -> FaultSection:
    return FaultSection(
        element=line,
        probability=each.probability,
        length_m=each.length_m,
        kind=each.kind,
        ohm=each.ohm,
    )


def _model(facts: LocatorFacts) -> FaultModel:
    return FaultModel(
        name=facts.name,
        version=facts.version,
        trained_on=facts.trained_on,
        level=facts.level,
        top1=facts.top1,
        top3=facts.top3,
        metres=facts.metres,
    )


def _choice(each: Choice, line: Element | None, facts: LocatorFacts | None) -> FaultChoice:
    judged = facts is not None and facts.baseline == each.name
    return FaultChoice(
        name=each.name,
        element=line,
        probability=each.probability,
        top1=facts.baseline_top1 if facts and judged else None,
    )


def rehearsed(made: Rehearsed) -> FaultRehearsal:
    """A simulated fault as the schema shows it."""
    seen = made.observations
    return FaultRehearsal(
        section=strawberry.ID(made.section),
        sensors=[_sensor(each) for each in seen.sensors[:MOST_SHOWN]],
        sensor_count=len(seen.sensors),
        tripped=[strawberry.ID(each) for each in seen.tripped[:MOST_SHOWN]],
        silent=[strawberry.ID(each) for each in seen.silent[:MOST_SHOWN]],
        silent_count=len(seen.silent),
    )


def _sensor(each: SensorReading) -> FaultSensor:
    return FaultSensor(
        element=strawberry.ID(each.element),
        volts=_column(each.volts),
        amperes=_column(each.amperes),
        volt_angles=_column(each.volt_angles),
        ampere_angles=_column(each.ampere_angles),
        amperes_before=_column(each.amperes_before),
    )


def _column(values: Three) -> FloatArray:
    return float_array([nan if value is None else value for value in values])
