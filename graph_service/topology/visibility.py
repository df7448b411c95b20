"""Which elements a caller may see: those that belong to one of the owners in the caller's scope."""

from __future__ import annotations

import numpy as np

from graph_service.domain.access import Scope
from graph_service.topology.csr import Mask, rows_of
from graph_service.topology.projection import Projection


def visible_mask(projection: Projection, scope: Scope) -> Mask | None:
    """One truth per position, bool[n], read-only; None where everything may be seen.

    Kept per scope, so that a caller's second question costs nothing.
    """
    if scope.owners is None:
        return None
    owners = scope.owners
    return projection.once(("visible", scope), lambda: _derive(projection, owners))


def _derive(projection: Projection, owners: frozenset[int]) -> Mask:
    ours = np.isin(projection.owners, np.fromiter(owners, dtype=np.int64, count=len(owners)))
    visible = np.zeros(len(projection), dtype=bool)
    visible[rows_of(projection.owner_indptr)[ours]] = True
    visible.setflags(write=False)
    return visible
