"""What is known of a forecast beside its numbers: who said it, on which rung, without which inputs.

A record for each issue of each element lies beside the graph, where all processes and backups find
it. Its key ends with the time of issue, so that the newest one known at a time is one look-up. The
first record of an issue stays. Records stay when retention takes the numbers away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import isnan, nan
from typing import Any, Final

from graph_service.domain.forecasts import Forecast
from graph_service.ports.predictor import Level, LoadForecast, ModelFacts, Rung
from graph_service.ports.record_store import Record, RecordStore

FACTS: Final = "forecast_facts"
_AT_ONCE: Final = 1_000
_LOOKED_THROUGH: Final = 16
"""So many issues are looked through for one that answers a question."""


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as it was written down: all of an answer but its numbers, and what those cover.

    Attributes:
        said: The answer; its `forecast` is None.
        source: Who said it, the source of the series.
        issued_us: When.
        start_us: The first time it speaks of.
        last_us: The last one.
        quantiles: Ascending.
    """

    said: LoadForecast
    source: str
    issued_us: int
    start_us: int
    last_us: int
    quantiles: tuple[float, ...]


class ForecastFacts:
    """Keeps the facts of issues and finds them again."""

    def __init__(self, records: RecordStore) -> None:
        self._records = records

    def put(self, answers: Iterable[LoadForecast]) -> None:
        """Keep the facts of all answers that have numbers."""
        made = [(_key(each.forecast), _record(each, each.forecast))
                for each in answers if each.forecast is not None]  # fmt: skip
        for begin in range(0, len(made), _AT_ONCE):
            some = made[begin : begin + _AT_ONCE]
            there = self._records.get(FACTS, [key for key, _ in some])
            new = [one for one, old in zip(some, there, strict=True) if old is None]
            if new:
                self._records.put(FACTS, new)

    def issues(self, element: str, quantity: str, at_us: int) -> Sequence[Issue]:
        """The last issues known at a time, the newest first."""
        prefix = _prefix(element, quantity)
        found = self._records.page(
            FACTS,
            _LOOKED_THROUGH,
            prefix=prefix,
            after=f"{prefix}{at_us + 1:020d}",
            descending=True,
        )
        return [_issue(element, record) for _, record in found]


def with_numbers(issue: Issue, forecast: Forecast, quantiles: Sequence[float]) -> LoadForecast:
    """The answer of an issue with some of its numbers again."""
    at = [forecast.quantiles.index(quantile) for quantile in quantiles]
    columns = tuple(forecast.values[i] for i in at)
    return replace(
        issue.said, forecast=replace(forecast, quantiles=tuple(quantiles), values=columns)
    )


def _prefix(element: str, quantity: str) -> str:
    return f"{element}\t{quantity}\t"


def _key(forecast: Forecast) -> str:
    element, quantity, source = forecast.key
    return f"{_prefix(element, quantity)}{forecast.issued_us:020d}\t{source}"


def _record(said: LoadForecast, forecast: Forecast) -> Record:
    return {
        "source": forecast.key.source,
        "issued": forecast.issued_us,
        "start": forecast.valid_us[0],
        "last": forecast.valid_us[-1],
        "quantiles": list(forecast.quantiles),
        "level": said.level and said.level.value,
        "rung": said.rung.name,
        "model": said.model and _numbers_or_none(asdict(said.model)),
        "missing": list(said.missing),
        "reason": said.reason,
        "customers": said.customers,
        "metered": said.metered,
    }


def _issue(element: str, record: Record) -> Issue:
    model = record["model"]
    said = LoadForecast(
        element,
        None,
        Level(record["level"]) if record["level"] else None,
        Rung[record["rung"]],
        _model(model) if model else None,
        tuple(record["missing"]),
        record["reason"],
        record["customers"],
        record["metered"],
    )
    quantiles = tuple(record["quantiles"])
    return Issue(
        said, record["source"], record["issued"], record["start"], record["last"], quantiles
    )


def _model(record: Mapping[str, Any]) -> ModelFacts:
    facts: dict[str, Any] = {k: nan if v is None else v for k, v in record.items()}
    return ModelFacts(**facts)


def _numbers_or_none(facts: dict[str, Any]) -> dict[str, Any]:
    """JSON knows no NaN."""
    return {k: None if isinstance(v, float) and isnan(v) else v for k, v in facts.items()}
