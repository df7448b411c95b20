"""The same model as other tools would have written it gives the same answers.

Users bring files of their own. Published ones are turned into what those may look like
(variants.py); what is in the store, and every trace, must stay the same.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph_service.domain.traces import TraceKind
from tests.models import model, needs_models
from tests.stories.conftest import House
from tests.stories.grid import Grid
from tests.stories.stated import read
from tests.stories.variants import SPELLINGS, Files, files_of, write

pytestmark = needs_models

MODELS = [
    ("gridappsd_ieee13",),
    ("cgmes2_microgrid_bc_assembled", "cgmes2_microgrid_bd"),
    ("cgmes3_cas3_microgrid_basecase_merged",),
]


@pytest.mark.parametrize("names", MODELS, ids="+".join)
@pytest.mark.parametrize("spelling", SPELLINGS, ids=lambda spelling: spelling.__name__)
def test_model__written_differently__gives_the_same_answers(
    spelling: Callable[[Files], Files],
    names: tuple[str, ...],
    imported: Callable[..., House],
    fresh: House,
    tmp_path: Path,
) -> None:
    grid = Grid(read(*map(model, names)))
    fresh.take(write(spelling(files_of(*map(model, names))), tmp_path / "files"))
    assert answers(fresh, grid) == answers(imported(*names), grid)


def answers(house: House, grid: Grid) -> dict[str, Any]:
    """What is in the store, and how it hangs together."""
    ends = sorted(grid.energised)[:3]
    return {
        "kinds": {mrid: element.kind for mrid, element in house.elements.items()},
        "names": {mrid: element.name for mrid, element in house.elements.items()},
        "links": [(m.links, m.pending) for m in house.network.model_sets()],
        "below": depths(house, TraceKind.DOWNSTREAM, *sorted(grid.sources)),
        "around": [depths(house, TraceKind.CONNECTED, end) for end in ends],
        "paths": [house.met(TraceKind.PATH_TO_SOURCE, end)[::-1][:1] for end in ends],
    }


def depths(house: House, kind: TraceKind, *starts: str) -> dict[str, int]:
    """How far each element is that a trace meets."""
    met = house.met(kind, *starts)
    return dict(zip(met, house.trace(kind, *starts).result.depths.tolist(), strict=True))
