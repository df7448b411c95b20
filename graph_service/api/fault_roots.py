"""What can be asked of faults: where one is, what a simulated one looks like; and what is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

import strawberry

from graph_service.api.batching import in_thread
from graph_service.api.context import Info
from graph_service.api.faults import (
    FaultLocation,
    FaultObservationsInput,
    FaultRehearsal,
    KeptFaultLocation,
    rehearsed,
    shown,
)
from graph_service.domain.access import Right
from graph_service.domain.errors import InvalidCall
from graph_service.domain.events import entry_id
from graph_service.ports.fault_locator import FaultKind, FaultObservations, Rehearsal
from graph_service.services.access import require
from graph_service.services.fault_places import FaultQuestion

MOST_SECTIONS: Final = 500

Observations = Annotated[
    FaultObservationsInput | None, strawberry.argument(description="What was observed.")
]
Since = Annotated[
    datetime | None,
    strawberry.argument(
        description="When the fault began: signs of it are also taken from the timeline."
    ),
]
Until = Annotated[
    datetime | None,
    strawberry.argument(description="Up to when signs are looked for; default: for a minute."),
]
FirstSections = Annotated[
    int, strawberry.argument(description="How many sections, the likeliest first.")
]


@strawberry.type(description="Questions about faults.")
class FaultQuery:
    """The part of Query that is about faults."""

    @strawberry.field(
        description="Where a fault is, in the medium voltage, from what was observed: given here, "
        "or in the timeline since it began."
    )
    async def fault_location(
        self,
        info: Info,
        observations: Observations = None,
        since: Since = None,
        until: Until = None,
        known_at: Annotated[
            datetime | None,
            strawberry.argument(description="Look at what was known then; default: now."),
        ] = None,
        first: FirstSections = 10,
    ) -> FaultLocation | None:
        """A place."""
        context, asked = info.context, _question(observations, since, until, known_at)
        _check_first(first)

        def ask() -> FaultLocation:
            found = context.house.fault_places.locate(asked, context.scope)
            return shown(context, found, first)

        return await in_thread(ask)

    @strawberry.field(
        description="Simulate a fault on a line, or on one that is drawn, and what relays at the "
        "heads, some sensors, protection and meters show of it; nothing is kept."
    )
    async def fault_rehearsal(
        self,
        info: Info,
        section: strawberry.ID | None = None,
        share: Annotated[
            float, strawberry.argument(description="How far along the line, 0 to 1.")
        ] = 0.5,
        kind: FaultKind = FaultKind.ABC,
        ohm: Annotated[
            float, strawberry.argument(description="Resistance of the fault, 0.01 to 50.")
        ] = 1.0,
        sensors: Annotated[
            float, strawberry.argument(description="Share of nodes that have a sensor.")
        ] = 0.3,
        seed: Annotated[
            int, strawberry.argument(description="The same seed gives the same answer.")
        ] = 1,
    ) -> FaultRehearsal | None:
        """A rehearsal."""
        context = info.context
        if not (0 <= sensors <= 1 and seed >= 0):
            raise InvalidCall(
                f"a share of {sensors} sensors, seed {seed}, was asked",
                subject="sensors",
                hint="give a share between 0 and 1, and a seed of 0 or more",
            )
        asked = Rehearsal(str(section or ""), share, kind, ohm, sensors, seed)

        def ask() -> FaultRehearsal:
            return rehearsed(context.house.fault_places.rehearse(asked, context.scope))

        return await in_thread(ask)


@strawberry.type(description="Keeping what is said of faults.")
class FaultMutation:
    """The part of Mutation that is about faults."""

    @strawberry.mutation(
        description="Say where a fault is, as `faultLocation` does, and keep it as a PREDICTION "
        "event that is known from now on; a later answer to the same fault is a later version."
    )
    async def locate_fault(
        self,
        info: Info,
        observations: Observations = None,
        since: Since = None,
        until: Until = None,
        first: FirstSections = 10,
    ) -> KeptFaultLocation:
        """A place, kept."""
        context, asked = info.context, _question(observations, since, until, None)
        _check_first(first)

        def ask() -> KeptFaultLocation:
            require(context.asker, Right.WRITE)
            found, event = context.house.fault_places.keep(asked, context.scope)
            entry = None if event is None else strawberry.ID(entry_id(event.source, event.id))
            return KeptFaultLocation(location=shown(context, found, first), entry=entry)

        return await in_thread(ask)


def _question(
    observations: FaultObservationsInput | None,
    since: datetime | None,
    until: datetime | None,
    known_at: datetime | None,
) -> FaultQuestion:
    given = FaultObservations() if observations is None else observations.meant()
    return FaultQuestion(given, since, until, known_at)


def _check_first(first: int) -> None:
    if not 0 <= first <= MOST_SECTIONS:
        raise InvalidCall(
            f"the first {first} sections were asked",
            subject="first",
            hint=f"ask for 0 to {MOST_SECTIONS}",
        )
