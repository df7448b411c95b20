"""What a forecast must be to be kept, on whatever store."""

from __future__ import annotations

import math
from itertools import pairwise

from graph_service.domain.forecasts import Forecast


def checked(forecast: Forecast) -> Forecast:
    """The forecast itself.

    Raises:
        ValueError: its columns do not fit together.
    """
    levels, times = forecast.quantiles, forecast.valid_us
    if not times or not levels:
        raise ValueError("a forecast must speak of a time and have a quantile")
    if any(later <= earlier for earlier, later in pairwise(times)):
        raise ValueError("the times of a forecast must ascend")
    if any(higher <= lower for lower, higher in pairwise((0.0, *levels, 1.0))):
        raise ValueError("quantiles must ascend, each above 0 and below 1")
    if [len(column) for column in forecast.values] != [len(times)] * len(levels):
        raise ValueError("a forecast must have a column for each quantile, as long as its times")
    if not all(math.isfinite(value) for column in forecast.values for value in column):
        raise ValueError("the values of a forecast must be finite numbers")
    return forecast
