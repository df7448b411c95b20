"""Columns by section: what the learned models see of a match, with units.

All come from what was observed before the question is asked; none knows what came later.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from gnn.faults.matching import Match
from gnn.faults.rules import reactance_missed
from gnn.faults.short import FAMILIES, KINDS
from gnn.features.catalogue import Feature
from graph_service.topology.csr import Ints

Array = NDArray[np.float32]
Floats = NDArray[np.float64]


COLUMNS: Final = (
    Feature("behind", "log(1 + nat)", "log odds of the best section less its own, robust matching"),
    Feature("behind_alone", "log(1 + nat)", "the same without length and evidence"),
    Feature("odds", "1", "odds by robust matching"),
    Feature("behind_trusting", "log(1 + nat)", "`behind`, were the model of the network right"),
    Feature("behind_doubting", "log(1 + nat)", "`behind`, were it somewhat off"),
    Feature("doubt", "nat", "log odds that the model is off, clipped"),
    Feature("behind_least", "log(1 + 1)", "least squares less those of the best section"),
    Feature("volts", "log(1 + 1)", "squares of voltages a channel, where squares are least"),
    Feature("amperes", "log(1 + 1)", "squares of currents a channel, where squares are least"),
    Feature("evidence", "nat", "log odds by protection and meters, less those of the best section"),
    Feature("ohm", "log10 ohm", "resistance of the fault where squares are least"),
    Feature("length", "log m", "length of the section"),
    Feature("metres", "log(1 + m)", "line between the root and the section"),
    Feature("below", "log(1 + 1)", "sensors below the section"),
    Feature("to_upper", "log(1 + m)", "line up to the next sensor above"),
    Feature("flow_upper", "log", "current there over what flowed before, clipped"),
    Feature("flow_lower", "log", "the largest of this below the section"),
    Feature("reactance", "1", "apparent reactance less that of the section, in spreads, clipped"),
    Feature("sensors", "log(1 + 1)", "sensors of the network"),
    Feature("sections", "log", "sections of the network"),
    Feature("surest", "1", "odds of the best section by robust matching"),
    Feature("rank", "1", "one over the place of the section by robust matching"),
    *(Feature(f"is {family}", "1", "kind of fault that fits best") for family in FAMILIES),
)
"""All columns, in order."""
NAMES: Final = tuple(column.name for column in COLUMNS)


def columns(found: Match) -> Array:
    """Columns of the sections of a match, float32[k, columns]."""
    logs = found.likelihood + found.prior
    odds = found.odds()
    channels = max(int(np.isfinite(found.seen.volts).sum()), 1)
    upper, flow_upper, below, flow_lower = _around(found)
    missed = reactance_missed(found)
    size = len(found.buses)
    best = KINDS[int(found.kinds[np.argmax(logs)])].family
    lengths = np.maximum(found.grid.lengths_m[found.buses], 1.0)
    values: dict[str, Floats | float] = {
        "behind": np.log1p(_behind(logs)),
        "behind_alone": np.log1p(_behind(found.likelihood)),
        "odds": odds,
        "behind_trusting": np.log1p(_behind(found.trusting + found.prior)),
        "behind_doubting": np.log1p(_behind(found.doubting + found.prior)),
        "doubt": np.clip(logsumexp(found.doubting) - logsumexp(found.trusting), -20, 20) / 5,
        "behind_least": np.log1p(found.least - found.least.min()),
        "volts": np.log1p(found.of_volts / channels),
        "amperes": np.log1p(found.of_amperes / channels),
        "evidence": found.evidence.max() - found.evidence,
        "ohm": np.log10(np.maximum(found.ohm, 1e-3)),
        "length": np.log(lengths),
        "metres": np.log1p(found.grid.metres[found.buses]),
        "below": np.log1p(below),
        "to_upper": np.log1p(upper),
        "flow_upper": flow_upper,
        "flow_lower": flow_lower,
        "reactance": np.zeros(size) if missed is None else np.clip(missed, -20, 20) / 5,
        "sensors": np.log1p(len(found.seen)),
        "sections": np.log(size),
        "surest": odds.max(),
        "rank": 1.0 / (1 + np.argsort(np.argsort(-logs, kind="stable"), kind="stable")),
    }
    values |= {f"is {family}": float(family == best) for family in FAMILIES}
    out = np.empty((size, len(NAMES)), dtype=np.float32)
    for number, name in enumerate(NAMES):
        out[:, number] = values[name]
    return out


def _behind(logs: Floats) -> Floats:
    found: Floats = logs.max() - logs
    return found


def section_parents(found: Match) -> Ints:
    """Section above each section, by its place among those of the match; -1 where there is none."""
    index = np.full(len(found.grid) + 1, -1, dtype=np.int32)
    index[found.buses] = np.arange(len(found.buses), dtype=np.int32)
    return index[found.grid.parents[found.buses]]


def _around(found: Match) -> tuple[Floats, Floats, Floats, Floats]:
    """Of each section: metres to the sensor above, its flow; sensors below, their largest flow."""
    grid, flow = found.grid, _flows(found)
    order = np.argsort(found.sensors.buses, kind="stable")  # those above come before those below
    stand = found.sensors.buses[order]
    above, nearest = grid.parents[found.buses], grid.roots.copy()
    for bus in np.unique(stand).tolist():
        nearest[bus : grid.ends[bus]] = bus
    at_bus = np.full(len(grid), -np.inf)
    np.maximum.at(at_bus, found.sensors.buses, flow)
    upper = np.where(np.isfinite(at_bus), at_bus, 0.0)[nearest[above]]
    begins, ends = (np.searchsorted(stand, b) for b in (found.buses, grid.ends[found.buses]))
    here = np.arange(len(stand))
    below = (here >= begins[:, None]) & (here < ends[:, None])
    lower = np.where(below, flow[order], -np.inf).max(axis=1, initial=-np.inf)
    far = grid.metres[above] - grid.metres[nearest[above]]
    return far, upper, below.sum(axis=1), np.where(np.isfinite(lower), lower, -3.0)


def _flows(found: Match) -> Floats:
    """Logarithm of the largest current of a phase over that before the fault, float64[s]."""
    now = np.nan_to_num(np.abs(found.seen.amperes)).max(axis=1, initial=0.0)
    usual = np.abs(found.sensors.amperes).max(axis=1, initial=0.0)
    flows: Floats = np.clip(np.log((now + 5.0) / (usual + 5.0)), -3.0, 5.0)
    return flows
