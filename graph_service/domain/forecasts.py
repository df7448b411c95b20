"""Forecasts: readings about the future, with the time they were issued and their quantiles.

A forecast has two clocks as well: `valid_us` is the time it speaks of, `issued_us` is when it was
made. A later issue never erases an earlier one, so that it can be told afterwards what was said.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from graph_service.domain.readings import SeriesKey


@dataclass(frozen=True, slots=True)
class Forecast:
    """One issue of a forecast of one series; the key's source names the model.

    Attributes:
        key: Element, quantity, and the model as source.
        issued_us: When it was issued.
        valid_us: 'q', ascending, the times it speaks of.
        quantiles: Ascending, each above 0 and below 1.
        values: One column of 'd' a quantile, each as long as `valid_us`.
    """

    key: SeriesKey
    issued_us: int
    valid_us: array[int]
    quantiles: tuple[float, ...]
    values: tuple[array[float], ...]
