"""Where a fault is: asked of a locator with what was observed, given by hand or in the timeline.

The locator is whatever is installed (`ports.fault_locator`); it is opened when first needed. From
the timeline are taken, in a stretch of time from `since` on: switches that a FAULT, or protection,
is about; meters that said they lost supply; the last voltage and current of each element while it
lasted. What was said can be kept as PREDICTION events, known when it was said: a later answer is
a later version, and the earlier one stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from graph_service.domain.access import Scope
from graph_service.domain.elements import Element
from graph_service.domain.errors import GridStrataError, UnknownElement
from graph_service.domain.events import Event, EventSeverity
from graph_service.domain.readings import Window, to_us
from graph_service.ports.fault_locator import (
    FAULT,
    FaultLocator,
    FaultObservations,
    FaultPlace,
    Rehearsal,
    Rehearsed,
)
from graph_service.ports.predictor import Rung
from graph_service.services.chronicle import Chronicle
from graph_service.services.fault_signs import FaultSigns
from graph_service.services.forecast_rights import ForecastRights
from graph_service.services.neighbourhood import Neighbourhood
from graph_service.services.opened import Opened

LASTS: Final = timedelta(seconds=60)
"""How long after `since` signs of the fault are looked for, unless it is said."""
MOST_KEPT: Final = 5
NOT_ALL_SEEN: Final = (
    "the place of a fault is told from everything that is connected here, and not all of that may "
    "be seen by who asks"
)
NOTHING_NAMED: Final = "nothing was observed: no sensor, no protection, no silent meter"


@dataclass(frozen=True, slots=True)
class FaultQuestion:
    """Which fault.

    Attributes:
        given: What was observed, by `model_set/mRID`.
        since: When it began, for signs in the timeline beside those given; None for none.
        until: Up to when signs are looked for; None for a minute.
        known_at: What was known then; None for now.
    """

    given: FaultObservations = field(default_factory=FaultObservations)
    since: datetime | None = None
    until: datetime | None = None
    known_at: datetime | None = None


class FaultPlaces:
    """Says where faults are, and keeps what was said.

    Args:
        find: opens the locator, or says with an error why there is none.
        signs: looks for signs of a fault in the timeline.
        around: looks elements up.
        chronicle: writes down what was said.
        rights: who may be told.
        clock: what time it is, aware.
    """

    def __init__(
        self,
        find: Callable[[], FaultLocator],
        signs: FaultSigns,
        around: Neighbourhood,
        chronicle: Chronicle,
        rights: ForecastRights,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._signs = signs
        self._around = around
        self._chronicle = chronicle
        self._rights = rights
        self._clock = clock
        self.predictor = Opened(FAULT, find)

    def locate(self, question: FaultQuestion, scope: Scope) -> FaultPlace:
        """Say where a fault is, as far as the caller may be told.

        Where there is nothing to say the answer stands on the rung NOTHING and tells the reason.

        Raises:
            UnknownElement: an element is named that there is not, or that may not be seen.
            StoreError: the stores cannot be read.
        """
        given = self._visible(question.given, scope)
        if question.since is not None:
            given = _joined(given, self._signs.found(_window(question), question.known_at, scope))
        named = sorted(_named(given))
        if not named:
            return _nothing(NOTHING_NAMED)
        if not self._may_be_told(named, scope):
            return _nothing(NOT_ALL_SEEN)
        try:
            locator = self.predictor.get()
        except GridStrataError as error:
            return _nothing(error.message)
        found = locator.locate(given)
        return found if self._all_visible(found, scope) else _nothing(NOT_ALL_SEEN)

    def keep(self, question: FaultQuestion, scope: Scope) -> tuple[FaultPlace, Event | None]:
        """Say where a fault is, and keep it as an event; None where nothing is said."""
        found = self.locate(question, scope)
        if found.facts is None:
            return found, None
        now_us = to_us(self._clock())
        began_us = now_us if question.since is None else to_us(question.since)
        event = _event(found, began_us, now_us)
        self._chronicle.told(event)
        return found, event

    def rehearse(self, rehearsal: Rehearsal, scope: Scope) -> Rehearsed:
        """Simulate a fault, and what would be observed of it.

        Raises:
            UnknownElement: there is no such section, or it may not be seen.
            InvalidCall: no locator is installed, or the fault cannot be.
        """
        if rehearsal.section:
            [section] = self._elements([rehearsal.section], scope)
            rehearsal = replace(rehearsal, section=str(section.key))
        made = self.predictor.get().rehearse(rehearsal)
        keys = sorted({made.section, *_named(made.observations)})
        if not scope.everything and None in self._around.by_keys(keys, scope):
            raise UnknownElement(rehearsal.section)
        return made

    def _may_be_told(self, named: Sequence[str], scope: Scope) -> bool:
        if scope.everything:
            return True
        return all(self._rights.may_see(each, scope) for each in self._elements(named, scope))

    def _all_visible(self, found: FaultPlace, scope: Scope) -> bool:
        if scope.everything:
            return True
        keys = [each.element for each in found.sections]
        return all(each is not None for each in self._around.by_keys(keys, scope))

    def _visible(self, given: FaultObservations, scope: Scope) -> FaultObservations:
        """The same with every element named in full; each must be there to see."""
        names = sorted(_named(given))
        keys = {n: str(e.key) for n, e in zip(names, self._elements(names, scope), strict=True)}
        return FaultObservations(
            tuple(replace(each, element=keys[each.element]) for each in given.sensors),
            tuple(keys[each] for each in given.tripped),
            tuple(keys[each] for each in given.silent),
        )

    def _elements(self, names: Sequence[str], scope: Scope) -> list[Element]:
        found = []
        for name, those in zip(names, self._around.by_ids(list(names), scope), strict=True):
            if not those:
                raise UnknownElement(name)
            found.append(those[0])
        return found


def _window(question: FaultQuestion) -> Window:
    assert question.since is not None  # noqa: S101 - asked by who looks at `since` first
    return Window(to_us(question.since), to_us(question.until or question.since + LASTS))


def _joined(one: FaultObservations, other: FaultObservations) -> FaultObservations:
    given = {each.element for each in one.sensors}
    return FaultObservations(
        (*one.sensors, *(each for each in other.sensors if each.element not in given)),
        tuple(dict.fromkeys((*one.tripped, *other.tripped))),
        tuple(dict.fromkeys((*one.silent, *other.silent))),
    )


def _named(given: FaultObservations) -> set[str]:
    return {*(each.element for each in given.sensors), *given.tripped, *given.silent}


def _event(found: FaultPlace, began_us: int, known_us: int) -> Event:
    """The likeliest sections, with their odds; named after the fault, so that the next is newer."""
    assert found.facts is not None  # noqa: S101 - nothing is kept of the rung NOTHING
    first = found.sections[:MOST_KEPT]
    odds = ", ".join(f"{each.probability:.0%} {each.element}" for each in first)
    return Event(
        source=found.facts.name,
        id=f"fault {began_us}",
        kind="PREDICTION",
        start_us=began_us,
        known_us=known_us,
        text=f"Place of the fault, {found.walk_m:,.0f} m to walk: {odds}",
        severity=EventSeverity.MAJOR,
        subjects=tuple(each.element for each in first),
    )


def _nothing(reason: str) -> FaultPlace:
    return FaultPlace((), 0.0, Rung.NOTHING, None, reason=reason)
