"""Predictions: the shipped network forward, a town from readings to stored forecasts; peers beside.

The forward pass is that of the served model of loads ahead, all networks and quantiles, one hour,
on drawn trees of places. power-grid-model solves a batch of power flows on a radial network of as
many nodes: not the same question, but the usual one to put to a network of that size.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

import gnn
from gnn.bundle.file import read_bundle
from gnn.features.catalogue import NAMES
from gnn.models.sage import mean_quantiles
from gnn.models.tree import Tree
from gnn.predict.loads import open_predictor
from graph_service import bootstrap
from graph_service.bootstrap.stores import open_stores
from graph_service.domain.access import EVERYTHING, Caller, Right
from graph_service.domain.readings import from_us
from graph_service.ports.predictor import Level, LoadPredictor, LoadQuestion
from graph_service.settings import Settings
from tests.performance.bench_api import over_http

SIZES = (10_000, 100_000, 1_000_000)
METERS, DAYS = 2_000, 16
BATCH = 10
HOUR_US = 3_600_000_000
_HOURS = count(1)
FORECAST = """
query Forecast($feeder: ID!, $at: DateTime!, $known: DateTime) {
  forecast(scope: {element: $feeder}, horizon: "PT48H", asOf: $at, knownAt: $known) {
    level rung issuedAt times quantiles { quantile values } missingInputs reason
    model { name version trainedOn error } baseline { name error } } }
"""
CALLER = Caller("bench", EVERYTHING, frozenset({Right.ADMIN}))


def main() -> None:
    """Print the section."""
    print("## Predictions\n\n| what | ms |\n| --- | ---: |")
    bundle = read_bundle(Path(gnn.__file__).parent / "shipped" / "load-ahead")
    for size in SIZES:
        tree, features = _drawn(size)

        def forward(tree: Tree = tree, features: np.ndarray = features) -> None:
            mean_quantiles(bundle.networks, tree, features)

        forward()
        print(
            f"| forward, {size:,} places, {len(bundle.networks)} networks | {_ms(forward):,.1f} |"
        )
    for size in SIZES[:2]:
        taken = _ms(_power_flow(size)) / BATCH
        print(f"| power-grid-model, a power flow of a batch, {size:,} nodes | {taken:,.1f} |")
    with tempfile.TemporaryDirectory() as folder:
        rows, asked = _town(Path(folder))
        for name, taken in rows:
            print(f"| {name} | {taken:,.1f} |")
        _asked_over_http(Path(folder) / "data", asked)


def _drawn(size: int) -> tuple[Tree, np.ndarray]:
    chance = np.random.default_rng(1)
    parents = np.maximum(np.arange(size) - chance.integers(1, 40, size), -1)
    shape = (size, 1, len(NAMES))
    return Tree.of(parents.astype(np.int32)), chance.normal(0, 1, shape).astype(np.float32)


def _power_flow(size: int) -> Callable[[], None]:
    from power_grid_model import LoadGenType, PowerGridModel, initialize_array

    node = initialize_array("input", "node", size)
    node["id"], node["u_rated"] = np.arange(size), 20e3
    line = initialize_array("input", "line", size - 1)
    line["id"] = size + np.arange(size - 1)
    line["from_node"], line["to_node"] = np.maximum(np.arange(size - 1) - 3, 0), np.arange(1, size)
    line["from_status"] = line["to_status"] = 1
    line["r1"], line["x1"], line["c1"], line["tan1"] = 1e-4, 1e-4, 1e-9, 0.0
    load = initialize_array("input", "sym_load", size)
    load["id"], load["node"] = 3 * size + np.arange(size), np.arange(size)
    load["status"], load["type"] = 1, LoadGenType.const_power
    load["p_specified"], load["q_specified"] = 30.0, 5.0
    source = initialize_array("input", "source", 1)
    source["id"], source["node"], source["status"], source["u_ref"] = 5 * size, 0, 1, 1.0
    parts = {"node": node, "line": line, "sym_load": load, "source": source}
    model = PowerGridModel(parts)
    several = initialize_array("update", "sym_load", (BATCH, size))
    several["id"] = load["id"]
    several["p_specified"] = 30.0 * np.linspace(0.5, 1.5, BATCH)[:, None]
    several["q_specified"] = 5.0
    update = {"sym_load": several}
    return lambda: model.calculate_power_flow(update_data=update, threading=0) and None


def _town(folder: Path) -> tuple[list[tuple[str, float]], LoadQuestion]:
    """What was measured, and the question about one feeder."""
    with ExitStack() as closing:
        settings, delivery = Settings(data=folder / "data"), folder / "town"
        bootstrap.generate_town(delivery, meters=METERS, seed=1, days=DAYS)
        with bootstrap.open_services(settings) as house:
            house.imports.take([delivery], CALLER, into="town")
            house.intake.load(delivery / "readings.csv", CALLER, "town")
        stores = open_stores(settings, closing)
        keys = stores.timeline.series(stores.timeline.elements(first=100_000), "ENERGY_IN")
        end_us = stores.timeline.available(keys)[1]
        issued_us = -(-end_us // HOUR_US) * HOUR_US
        question = LoadQuestion((), issued_us, 48, known_us=2**62)
        predictor = open_predictor(stores.graph, stores.timeline)
        began = perf_counter()
        said = predictor.loads(question)
        stores.timeline.append_forecasts([each.forecast for each in said if each.forecast])
        first = 1_000 * (perf_counter() - began)
        other = _ms(lambda: _asked_anew(predictor, question))
        feeder = next(x for x in said if x.level is Level.MV_FEEDER)
        alone = replace(question, elements=(feeder.element,))
        again = _ms(lambda: predictor.loads(alone) and None)
    name = f"{METERS:,} meters, {len(said)} places, 48 h"
    rows = [
        (f"{name}: readings to stored forecasts, the first time", first),
        (f"{name}: asked from another hour", other),
        ("one feeder, asked from an hour that was asked before", again),
    ]
    return rows, alone


def _asked_over_http(data: Path, asked: LoadQuestion) -> None:
    """A feeder's forecast from a server: as it was issued, and from an hour nothing was issued."""
    at, known = from_us(asked.issued_us), datetime(2100, 1, 1, tzinfo=UTC)
    with bootstrap.open_services(Settings(data=data)) as house:
        house.predictions.run(at, known_at=known)
    feeder = asked.elements[0].partition("/")[2]
    print("\n| GraphQL `forecast` of a feeder, 48 h, over HTTP | goal (p50) | p50 | p95 |")
    print("| --- | --- | --- | --- |")
    for name, hours in (("as it was issued", 0), ("from an hour of which none was issued", 1)):
        given = {"feeder": feeder, "known": known.isoformat()}
        given["at"] = (at + timedelta(hours=hours)).isoformat()
        print(f"| {name} | ≤ 15 ms | {over_http(data, FORECAST, given)} |")


def _asked_anew(predictor: LoadPredictor, question: LoadQuestion) -> None:
    """From another hour each time, so that nothing kept is of use."""
    predictor.loads(replace(question, issued_us=question.issued_us - next(_HOURS) * HOUR_US))


def _ms(work: Callable[[], None]) -> float:
    taken = []
    for _ in range(5):
        began = perf_counter()
        work()
        taken.append(1_000 * (perf_counter() - began))
    return median(taken)


if __name__ == "__main__":
    main()
