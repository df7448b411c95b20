"""What can be wrong with a prediction, a training set or a bundle: what, where, what to do.

GridStrataError
├── InvalidCall
│   └── BadHorizon, BadQuantiles, BadConfig, BadFault
└── GnnError
    ├── NothingToLearn    a network or a timeline that holds no load to learn from
    ├── NothingToLocate   a network without medium voltage, in which no fault can be located
    ├── BundleError       a bundle that is damaged, foreign or of another version
    └── MissingExtra      training was asked where torch is not installed
"""

from __future__ import annotations

from graph_service.domain.errors import GridStrataError, InvalidCall


class BadHorizon(InvalidCall):
    """A horizon that no load is predicted for."""

    code = "BAD_HORIZON"

    def __init__(self, hours: int, most: int):
        super().__init__(
            f"loads {hours} hours ahead were asked",
            subject=str(hours),
            hint=f"give 0 hours for the load now, or 1 to {most} hours",
        )


class BadQuantiles(InvalidCall):
    """Quantiles that are none, or out of order."""

    code = "BAD_QUANTILES"

    def __init__(self, quantiles: tuple[float, ...]):
        super().__init__(
            f"{quantiles} are no quantiles",
            subject=str(quantiles),
            hint="give ascending numbers between 0 and 1, at most 20, such as 0.1, 0.5, 0.9",
        )


class BadConfig(InvalidCall):
    """A configuration of training that cannot be."""

    code = "BAD_CONFIG"


class BadFault(InvalidCall):
    """A fault that cannot be simulated: no such section, kind, resistance or phases."""

    code = "BAD_FAULT"


class GnnError(GridStrataError):
    """Training or predicting could not be done."""

    code = "GNN_ERROR"


class NothingToLearn(GnnError):
    """There is no load, no reading or no stretch of time to learn from."""

    code = "NOTHING_TO_LEARN"


class NothingToLocate(GnnError):
    """There is no section of medium voltage in which a fault could be."""

    code = "NOTHING_TO_LOCATE"


class BundleError(GnnError):
    """A bundle that cannot be taken: damaged, foreign, of another version or for other features."""

    code = "BUNDLE_ERROR"


class MissingExtra(GnnError):
    """Something was asked that needs a package which is not installed."""

    code = "MISSING_EXTRA"

    def __init__(self, package: str, wanted: str):
        super().__init__(
            f"{wanted} needs {package}, which is not installed",
            subject=package,
            hint="pip install 'gridstrata[gnn]'; predicting with a finished bundle needs neither",
        )
