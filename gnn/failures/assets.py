"""What can fail in a network: cables, transformers and switches, what is known of them, and who is
next to whom.

Two elements are neighbours where they meet at a node of the network, whatever the switches say. An
element's age follows from `LifecycleDate.installationDate` of its asset (link
`Asset.lifecycleDate`), or from `Asset.installationDate` or `Lifecycle.installationDate` written at
the asset. Guarantees: whatever is not stated is NaN, never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from gnn.features.customers import read_customers
from graph_service.domain import tables
from graph_service.domain.access import EVERYTHING
from graph_service.domain.elements import Element
from graph_service.domain.readings import to_us
from graph_service.domain.switching import State
from graph_service.ports.failure_predictor import KINDS
from graph_service.ports.graph_store import GraphStore
from graph_service.topology.conduction import conduction, links_to
from graph_service.topology.csr import Ints
from graph_service.topology.orientation import orientation
from graph_service.topology.projection import Projection

Floats = NDArray[np.float64]

_LEAST_EXPECTED_W: Final = 1.0
_METRES_BELOW: Final = 100.0
_DATES: Final = (
    "LifecycleDate.installationDate",
    "Lifecycle.installationDate",
    "Asset.installationDate",
)


@dataclass(frozen=True, slots=True, eq=False)
class Assets:
    """Elements that can fail, by position in the network.

    Attributes:
        keys: `model_set/mRID` of each.
        kinds: Codes of `KINDS`, int8[n].
        lengths_m: Of cables; NaN where not stated, and for others, float64[n].
        installed_us: When it was put in; NaN where not stated, float64[n].
        expected_w: Mean power that is supplied through it by design, float64[n].
        loading: The same over its rated power; NaN where that is not stated, float64[n].
        depths: Steps from the source; NaN where it is supplied from none, float64[n].
        feeders: Number of the top of its branch, int32[n].
        adjacency: Who meets whom, symmetric, zeros on the diagonal, float32[n, n].
    """

    keys: tuple[str, ...]
    kinds: NDArray[np.int8]
    lengths_m: Floats
    installed_us: Floats
    expected_w: Floats
    loading: Floats
    depths: Floats
    feeders: Ints
    adjacency: Any

    def __len__(self) -> int:
        return len(self.keys)


def read_assets(graph: GraphStore, projection: Projection, model_set: str) -> Assets:
    """All cables, transformers and switches of a model set in its normal state."""
    lit = orientation(projection, State.NORMAL)
    positions, kinds = _positions(projection, model_set)
    customers, at = read_customers(graph, projection, lit.place)
    place = lit.place[positions]
    running = np.concatenate([[0.0], np.cumsum(customers.expected_w)])
    begin, end = np.searchsorted(at, place), np.searchsorted(at, lit.ends[place])
    expected = np.where(place >= 0, running[end] - running[begin], 0.0)
    found = graph.elements(projection.numbers[positions].tolist(), EVERYTHING)
    lengths = np.array([_number(e, "Conductor.length") for e in found])
    depths = np.where(place >= 0, lit.depths[place], np.nan).astype(np.float64)
    return Assets(
        keys=tuple(str(key) for key in graph.keys(projection.numbers[positions].tolist())),
        kinds=kinds,
        lengths_m=_in_metres(lengths),
        installed_us=_installed(graph, projection, positions),
        expected_w=expected,
        loading=expected / _rated_w(graph, projection, positions),
        depths=depths,
        feeders=_branches(projection, positions),
        adjacency=_adjacency(projection, positions),
    )


def _positions(projection: Projection, model_set: str) -> tuple[Ints, NDArray[np.int8]]:
    codes = np.full(len(projection.kind_names), -1, dtype=np.int8)
    for code, kind in enumerate(KINDS):
        for at, name in enumerate(projection.kind_names):
            if tables.is_a(name, kind):
                codes[at] = code
    kinds = codes[projection.kinds]
    names = projection.model_set_names
    of_set = projection.model_sets == (names.index(model_set) if model_set in names else -1)
    positions = np.flatnonzero((kinds >= 0) & of_set).astype(np.int32)
    return positions, kinds[positions]


def _adjacency(projection: Projection, positions: Ints) -> Any:
    """Elements that meet at a node of few: a busbar would join all of a station at once."""
    network = conduction(projection)
    row = np.full(len(projection), -1, dtype=np.int32)
    row[positions] = np.arange(len(positions), dtype=np.int32)
    mine = row[network.left] >= 0
    at, node = row[network.left[mine]], network.right[mine]
    ones = np.ones(len(at), dtype=np.float32)
    meets = csr_array((ones, (at, node)), shape=(len(positions), len(projection)))
    found = csr_array(meets @ meets.T)
    found.setdiag(0.0)
    found.eliminate_zeros()
    found.data[:] = 1.0
    return found


def _branches(projection: Projection, positions: Ints) -> Ints:
    """The first head of a feeder on the way to the source, or the element itself, by position."""
    lit, network = orientation(projection, State.NORMAL), conduction(projection)
    heads = lit.place[network.heads]
    heads = np.sort(heads[heads >= 0])
    place = lit.place[positions]
    found = np.full(len(positions), -1, dtype=np.int32)
    for number, head in enumerate(heads.tolist()):  # ascending, so the innermost one stays
        found[(place >= head) & (place < lit.ends[head])] = number
    return found


def _installed(graph: GraphStore, projection: Projection, positions: Ints) -> Floats:
    assets, resources = links_to(projection, "Asset.PowerSystemResources")
    dated, dates = links_to(projection, "Asset.lifecycleDate")
    date_of = dict(zip(dated.tolist(), dates.tolist(), strict=True))
    asked = sorted({*assets.tolist(), *dates.tolist(), *positions.tolist()})
    elements = dict(zip(asked, _elements(graph, projection, asked), strict=True))
    stated: dict[int, float] = {}
    for asset, resource in zip(assets.tolist(), resources.tolist(), strict=True):
        when = _date(elements[asset], elements.get(date_of.get(asset, -1)))
        if when is not None:
            stated[resource] = min(when, stated.get(resource, np.inf))
    for position in positions.tolist():
        own = _date(elements[position], None)
        if own is not None:
            stated.setdefault(position, own)
    return np.array([stated.get(position, np.nan) for position in positions.tolist()])


def _date(*elements: Element | None) -> float | None:
    for element in elements:
        for name in _DATES:
            text = element.text(name) if element else None
            if text:
                try:
                    when = datetime.fromisoformat(text)
                except ValueError:
                    continue
                aware = when if when.tzinfo else when.replace(tzinfo=UTC)
                return float(to_us(aware))
    return None


def _rated_w(graph: GraphStore, projection: Projection, positions: Ints) -> Floats:
    """Rated power of transformers; files give it in VA or in MVA, told by how large it is."""
    ends, transformers = links_to(projection, "PowerTransformerEnd.PowerTransformer")
    elements = _elements(graph, projection, ends.tolist())
    rated = np.full(len(projection), np.nan)
    for transformer, element in zip(transformers.tolist(), elements, strict=True):
        va = _number(element, "PowerTransformerEnd.ratedS")
        if va > 0:
            rated[transformer] = np.fmax(rated[transformer], va * (1e6 if va < 5e3 else 1.0))
    found: Floats = rated[positions]
    return found


def _elements(
    graph: GraphStore, projection: Projection, positions: Sequence[int]
) -> list[Element | None]:
    numbers = projection.numbers[np.array(positions, dtype=np.int32)].tolist()
    return graph.elements(numbers, EVERYTHING)


def _in_metres(lengths: Floats) -> Floats:
    """Lengths are in m, or in km where all are small."""
    known = lengths[np.isfinite(lengths) & (lengths > 0)]
    kilometres = len(known) > 0 and float(np.max(known)) < _METRES_BELOW
    found: Floats = np.where(lengths > 0, lengths * (1e3 if kilometres else 1.0), np.nan)
    return found


def _number(element: Element | None, name: str) -> float:
    try:
        return float((element.text(name) if element else None) or "nan")
    except ValueError:
        return float("nan")
