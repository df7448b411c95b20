"""What we ask of a predictor of loads: what flows now where nobody measures, and what will flow.

A predictor is found, never imported. Its package names a factory in the entry point group
`gridstrata.predictors`, under the name of its task (`load`):

    [project.entry-points."gridstrata.predictors"]
    load = "gnn.predict.loads:open_predictor"

and whoever wants it asks the interpreter for it:

    [found] = importlib.metadata.entry_points(group=GROUP, name=LOAD)
    predictor = found.load()(graph, timeline)  # a LoadPredictorFactory
    answers = predictor.loads(LoadQuestion(("town/…",), issued_us, hours=48))
    chronicle.issued([each.forecast for each in answers if each.forecast is not None])

Every predictor owes: nothing enters an answer that was valid after `issued_us` or known after
`known_us`; the same question on the same data gives the same numbers; one answer an element, in
the order asked; it never raises for missing data but goes down the ladder of `Rung` and says so;
it writes nothing; it may be asked from several threads; what it derives from the network it keeps
for one revision of the graph. It knows no scopes: who may ask for which element is decided before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final, Protocol, runtime_checkable

from graph_service.domain.forecasts import Forecast
from graph_service.ports.graph_store import GraphStore
from graph_service.ports.timeline_store import TimelineStore

GROUP: Final = "gridstrata.predictors"
"""The entry point group in which predictors are found."""

LOAD: Final = "load"
"""The name of a load predictor in the group."""

QUANTITY: Final = "P"
"""The quantity of the forecasts: active power in W, the mean of the hour that begins at
`valid_us`, positive from the source to the customers."""

LONGEST_HOURS: Final = 48


class Level(Enum):
    """What kind of place a load is said of.

    A transformer with others below it, and a substation, are SUBSTATION. Whatever carries
    current and is none of the rest is SECTION.
    """

    SUBSTATION = "substation"
    MV_FEEDER = "mv_feeder"
    TRANSFORMER = "transformer"
    LV_FEEDER = "lv_feeder"
    SECTION = "section"


class Rung(IntEnum):
    """Which step of the ladder an answer stands on, the best first.

    MODEL: a model that beat every baseline in its own evaluation. BASELINE: the best baseline,
    because the model did not beat it, or lacks what it needs. LAST_WEEK: what flowed at the same
    hour of last week. CLASS_MEAN: what customers of these classes use on average. NOTHING: no
    answer, `reason` says why.
    """

    MODEL = 0
    BASELINE = 1
    LAST_WEEK = 2
    CLASS_MEAN = 3
    NOTHING = 4


@dataclass(frozen=True, slots=True)
class LoadQuestion:
    """Which loads are asked for.

    Attributes:
        elements: `model_set/mRID` of transformers, feeders, or any equipment that carries
            current; the load is what is supplied through it. Empty: every transformer and feeder.
        issued_us: The time it is asked from, microseconds since 1970; nothing later is looked at.
        hours: 0 for the last whole hour before `issued_us` (load now), otherwise how many hours
            ahead, 1 to 48.
        quantiles: Which quantiles, ascending, each within (0, 1).
        known_us: Look only at what was known then; None for `issued_us`. A history that was
            loaded later than it speaks of needs the time of loading here, or nothing is seen.
    """

    elements: tuple[str, ...]
    issued_us: int
    hours: int = LONGEST_HOURS
    quantiles: tuple[float, ...] = (0.1, 0.5, 0.9)
    known_us: int | None = None


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """Who answers and how well it did in its own evaluation.

    Attributes:
        name: Of the model or baseline, also the source of its forecasts.
        version: Of the bundle it comes from.
        trained_on: What data, in words, with the hash of the data.
        error: Its mean pinball loss divided by the mean load, on unseen feeders; NaN if unknown.
        baseline: The best other one in the same evaluation.
        baseline_error: The same figure of that one.
        coverage_80: Share of true values within its 80 % interval there.
    """

    name: str
    version: str
    trained_on: str
    error: float
    baseline: str
    baseline_error: float
    coverage_80: float


@dataclass(frozen=True, slots=True)
class LoadForecast:
    """What is said of one element.

    Attributes:
        element: As it was asked.
        forecast: Times, quantiles and values in W; None on the rung NOTHING.
        level: What kind of place it is; None where the element is no place.
        rung: Which step of the ladder this is.
        model: Who answers; None on the rung NOTHING.
        missing: Inputs that were not there, in words (`no reading of the feeder head`).
        reason: Why it is not the rung MODEL; empty where it is.
        customers: How many customers are supplied through the element.
        metered: How many of them had a reading in the week before `issued_us`.
    """

    element: str
    forecast: Forecast | None
    level: Level | None
    rung: Rung
    model: ModelFacts | None
    missing: tuple[str, ...] = ()
    reason: str = ""
    customers: int = 0
    metered: int = 0


@dataclass(frozen=True, slots=True)
class ServedTask:
    """What a predictor serves: a task at a level, by whom, and who else was tried.

    Attributes:
        task: `L1` load now, `L2` load ahead.
        level: What kind of place.
        gate_open: Whether the model beat every baseline and is served.
        served: The model, or the best baseline where the gate is shut.
        others: The errors of all that were tried, by name, the same figure as `ModelFacts.error`.
    """

    task: str
    level: Level
    gate_open: bool
    served: ModelFacts
    others: tuple[tuple[str, float], ...]


class LoadPredictor(Protocol):
    """Loads of places in one graph, from its structure and its readings."""

    def tasks(self) -> tuple[ServedTask, ...]:
        """What is served, by task, then level."""
        ...

    def loads(self, question: LoadQuestion) -> list[LoadForecast]:
        """Answer a question, one forecast an element.

        Raises:
            InvalidCall: the horizon or the quantiles are none (`BAD_HORIZON`, `BAD_QUANTILES`).
            StoreError: the stores cannot be read.
        """
        ...


@runtime_checkable
class TellsTrouble(Protocol):
    """What a predictor of any task may tell beside its answers; none has to."""

    @property
    def trouble(self) -> str:
        """Why what it was made from is not what lies there now; empty where all is well."""
        ...


LoadPredictorFactory = Callable[[GraphStore, TimelineStore], LoadPredictor]
"""Makes a predictor over two stores; cheap, what takes time is done when first asked.

Raises `gnn.errors.BundleError`, a GridStrataError, where its bundle is damaged or foreign.
"""
