"""What we ask of a fault locator: where the fault is, from what sensors, protection and meters say.

A locator is found like a predictor of loads (`ports.predictor`), in the entry point group
`gridstrata.predictors` under the name `fault`:

    [project.entry-points."gridstrata.predictors"]
    fault = "gnn.predict.faults:open_locator"

Every locator owes: the same observations of the same network give the same odds; odds sum to one
over the sections; it never raises for missing observations but says less, and says what was
missing; it writes nothing; it may be asked from several threads. It knows no scopes: who may ask
is decided before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

from graph_service.ports.graph_store import GraphStore
from graph_service.ports.predictor import Rung

FAULT: Final = "fault"
"""The name of a fault locator in the entry point group."""


class FaultKind(Enum):
    """Kinds of short circuit: the phases it joins, with G where ground is among them."""

    ABC = "ABC"
    AB = "AB"
    BC = "BC"
    CA = "CA"
    AG = "AG"
    BG = "BG"
    CG = "CG"
    ABG = "ABG"
    BCG = "BCG"
    CAG = "CAG"


Three = tuple[float | None, float | None, float | None]
"""Values of the phases A, B and C; None where there is none."""
NO_VALUES: Final[Three] = (None, None, None)


@dataclass(frozen=True, slots=True)
class SensorReading:
    """What one sensor showed while the fault lasted.

    Attributes:
        element: Where it stands, `model_set/mRID`: a switch or a line, through which the current
            flows away from the source, or anything else at a node, for all that the node feeds.
        volts: Of the phases to ground, V.
        amperes: A.
        volt_angles, ampere_angles: Degrees, to any reference of the sensor's own.
        amperes_before: Before the fault, A.
    """

    element: str
    volts: Three = NO_VALUES
    amperes: Three = NO_VALUES
    volt_angles: Three = NO_VALUES
    ampere_angles: Three = NO_VALUES
    amperes_before: Three = NO_VALUES


@dataclass(frozen=True, slots=True)
class FaultObservations:
    """What was observed of a fault.

    Attributes:
        sensors: What they showed.
        tripped: Switches that protection opened, `model_set/mRID`; taken as closed before.
        silent: Usage points or meters that said they lost supply, `model_set/mRID`.
    """

    sensors: tuple[SensorReading, ...] = ()
    tripped: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SectionOdds:
    """How likely a fault is on a line section.

    Attributes:
        element: The line, `model_set/mRID`.
        probability: Of all sections together they are 1.
        length_m: Metres of line.
        kind: The kind of fault that fits there.
        ohm: The resistance that fits there.
    """

    element: str
    probability: float
    length_m: float
    kind: FaultKind
    ohm: float


@dataclass(frozen=True, slots=True)
class Choice:
    """What another one says: its name, the section it holds for likeliest, and its odds."""

    name: str
    element: str
    probability: float


@dataclass(frozen=True, slots=True)
class LocatorFacts:
    """Who answers, and how well it did in its own evaluation, with about as many sensors.

    Attributes:
        name, version, trained_on: As of a forecast.
        level: The share of sensors it was judged with: `sensors 10 %`.
        top1, top3: Share of faults whose section was the first, among the first three.
        metres: Mean distance along lines from the first section to the fault.
        baseline: The best other one there.
        baseline_top1: Share of faults whose section that one had first.
    """

    name: str
    version: str
    trained_on: str
    level: str
    top1: float
    top3: float
    metres: float
    baseline: str
    baseline_top1: float


@dataclass(frozen=True, slots=True)
class FaultPlace:
    """Where a fault is.

    Attributes:
        sections: All sections, the likeliest first; none on the rung NOTHING.
        walk_m: Metres that a crew walks on average, which begins at the likeliest section and goes
            from one to the next by their odds.
        rung: MODEL, BASELINE (the best other one, for the model did not beat it), or NOTHING.
        facts: Who answers; None on the rung NOTHING.
        others: What others say of the same observations.
        evidence: What was observed and how it counts, in words.
        missing: What was not there, in words.
        reason: Why it is not the rung MODEL; empty where it is.
    """

    sections: tuple[SectionOdds, ...]
    walk_m: float
    rung: Rung
    facts: LocatorFacts | None
    others: tuple[Choice, ...] = ()
    evidence: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A fault to simulate.

    Attributes:
        section: The line it is on, `model_set/mRID`; empty for one that is drawn.
        share: How far along the line, from the source, 0 to 1.
        kind: What it joins.
        ohm: Its resistance, 0.01 to 50.
        sensors: Share of the nodes that have a sensor, beside the relays at the feeders' heads.
        seed: Of noise, of sensors and of what is drawn.
    """

    section: str = ""
    share: float = 0.5
    kind: FaultKind = FaultKind.ABC
    ohm: float = 1.0
    sensors: float = 0.3
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A simulated fault: the section it is on, and what is observed of it."""

    section: str
    observations: FaultObservations


class FaultLocator(Protocol):
    """Places of faults in the medium voltage of one graph."""

    def locate(self, observations: FaultObservations) -> FaultPlace:
        """Say where the fault is.

        Raises:
            StoreError: the store cannot be read.
        """
        ...

    def rehearse(self, rehearsal: Rehearsal) -> Rehearsed:
        """Simulate a fault and observe it, with noise.

        Raises:
            InvalidCall: the section is none of medium voltage that is energised, or the kind is
                none, or does not fit the phases there.
            StoreError: the store cannot be read.
        """
        ...


FaultLocatorFactory = Callable[[GraphStore], FaultLocator]
"""Makes a locator over a graph; cheap, what takes time is done when first asked."""
