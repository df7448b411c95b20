"""Columns of an outage at a place: what is known before it is over.

The load as if nothing had happened is a forecast, made without the hours of the outage. How much
more a place uses for a kelvin less is known where somebody has compared its load with the weather.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.features.catalogue import Feature

Array = NDArray[np.float32]
Floats = NDArray[np.float64]


COLUMNS: Final = (
    Feature("minutes", "log min", "how long the outage lasts"),
    Feature("outdoor", "degC", "outdoor temperature"),
    Feature("hour_sin", "1", "hour of the day of restoration"),
    Feature("hour_cos", "1", "hour of the day of restoration"),
    Feature("customers", "log", "customers below"),
    Feature("forecast", "kW a customer", "forecast of the load as if nothing had happened"),
    Feature("mean", "kW a customer", "expected mean power below"),
    Feature("three_phase", "1", "share of customers with three phases"),
    Feature("slope", "kW/K a customer", "load more a kelvin less, -1 where not known"),
    Feature("slope known", "1", "whether it is known"),
    Feature("heating", "1", "slope times kelvin below 16 degC over the forecast, -1 if not known"),
)
NAMES: Final = tuple(column.name for column in COLUMNS)
_HEATED_BELOW_C: Final = 16.0


def columns(
    minutes: float | Floats,
    outdoor_c: float | Floats,
    hour: float | Floats,
    customers: Floats,
    forecast_kw: Floats,
    mean_kw: Floats,
    three_phase: Floats,
    slope_kw: Floats,
) -> Array:
    """float32[p, columns]; `slope_kw` kW/K of each place, NaN where not known."""
    count = np.maximum(customers, 1.0)
    angle = 2 * np.pi * hour / 24
    known = np.isfinite(slope_kw)
    kelvin = np.maximum(_HEATED_BELOW_C - outdoor_c, 0.0)
    heating = np.clip(slope_kw * kelvin / np.maximum(forecast_kw, 1e-6), 0.0, 2.0)
    whole = np.ones(len(customers))
    found = [
        whole * np.log1p(minutes),
        whole * outdoor_c,
        whole * np.sin(angle),
        whole * np.cos(angle),
        np.log(count),
        forecast_kw / count,
        mean_kw / count,
        three_phase,
        np.where(known, slope_kw / count, -1.0),
        known.astype(float),
        np.where(known, heating, -1.0),
    ]
    return np.stack(found, axis=-1).astype(np.float32)
