"""Which predictors are installed: asked of the interpreter by entry point, never imported.

A package of somebody else goes before the one that comes with the service, so that installing a
predictor of one's own is all there is to do; of several, the first by the name of its package.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from graph_service.domain.errors import InvalidCall
from graph_service.ports.failure_predictor import FAILURE, FailurePredictorFactory
from graph_service.ports.fault_locator import FAULT, FaultLocatorFactory
from graph_service.ports.pickup_predictor import PICKUP, PickupPredictorFactory
from graph_service.ports.predictor import GROUP, LOAD, LoadPredictorFactory

_OURS: Final = "gridstrata"


def installed_predictor() -> LoadPredictorFactory:
    """The factory of the predictor of loads that is installed.

    Raises:
        InvalidCall: none is installed, or what it needs is not.
    """
    factory: LoadPredictorFactory = _installed(LOAD, "predictor of loads")
    return factory


def installed_locator() -> FaultLocatorFactory:
    """The factory of the fault locator that is installed.

    Raises:
        InvalidCall: none is installed, or what it needs is not.
    """
    factory: FaultLocatorFactory = _installed(FAULT, "fault locator")
    return factory


def installed_risks() -> FailurePredictorFactory:
    """The factory of the predictor of failures that is installed.

    Raises:
        InvalidCall: none is installed, or what it needs is not.
    """
    factory: FailurePredictorFactory = _installed(FAILURE, "predictor of failures")
    return factory


def installed_pickup() -> PickupPredictorFactory:
    """The factory of the predictor of peaks after outages that is installed.

    Raises:
        InvalidCall: none is installed, or what it needs is not.
    """
    factory: PickupPredictorFactory = _installed(PICKUP, "predictor of peaks after outages")
    return factory


def _installed(name: str, words: str) -> Any:
    found = sorted(entry_points(group=GROUP, name=name), key=_order)
    if not found:
        raise InvalidCall(
            f"no {words} is installed",
            subject=GROUP,
            hint=f"install a package with an entry point `{name}` in the group `{GROUP}`",
        )
    try:
        return found[0].load()
    except (ImportError, AttributeError) as error:
        raise InvalidCall(
            f"the {words} {found[0].value} cannot be loaded: {error}",
            subject=found[0].value,
            hint="install what it needs, or take its package away",
        ) from error


def _order(found: EntryPoint) -> tuple[bool, str]:
    name = found.dist.name if found.dist else ""
    return name == _OURS, name
