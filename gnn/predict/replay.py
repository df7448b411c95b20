"""Replays the last days of a network, to see how well each candidate would have done there.

At some past issues every candidate is asked what it would have said, and held against what came: at
transformers and below with the customers that are read, ahead also at the places that are measured
(`pasts`). Guarantees: only hours that ended, and were known, before the present issue are used;
equal questions give equal answers.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.bundle.file import Bundle
from gnn.calibration.rolling import Rolling, Said, learn
from gnn.features.grid import Grid
from gnn.features.hours import HISTORY_H, Hours
from gnn.features.loads import ESTIMATES, load_frame
from gnn.predict.ladder import BOOSTED, GRAPH, MIXED, Voices
from gnn.predict.pasts import Past, pasts

Floats = NDArray[np.float64]

_NOW: Final = (0,)
_AHEAD: Final = (3, 9, 18, 30, 43)
"""Hours ahead that are replayed, one a stretch of the calibration."""
_EVERY_NOW_H, _EVERY_AHEAD_H = 17, 19
"""Between two issues; no divisor of a day, so that all hours of the day are met."""
_MOST_ISSUES: Final = 9


def replay(bundle: Bundle, grid: Grid, hours: Hours) -> Rolling | None:
    """What the last days say of who may answer; None where too little was read.

    Args:
        bundle: Who may answer.
        grid: The network.
        hours: `LOOKED_BACK_H` hours before the issue or fewer, as they were known at it.
    """
    late = _late(np.isfinite(hours.watts))
    ahead = bundle.manifest.task != "L1"
    issues = _issues(hours.count - late, ahead)
    horizons = np.array(_AHEAD if ahead else _NOW)
    parts = []
    for past in pasts(grid, hours, late, ahead):
        parts += [_at(bundle, past, issue, horizons) for issue in issues]
    return _learned([part for part in parts if part is not None])


def _late(there: NDArray[np.bool_]) -> int:
    """Hours at the end in which nothing at all was read."""
    hours = int(there.shape[1])
    some = np.flatnonzero(there.any(axis=0))
    return hours - 1 - int(some[-1]) if len(some) else hours


def _issues(stop: int, ahead: bool) -> list[int]:
    """Hours at which was asked, those first that are least long ago."""
    last, every = (stop - max(_AHEAD), _EVERY_AHEAD_H) if ahead else (stop, _EVERY_NOW_H)
    return list(range(last, HISTORY_H - 1, -every))[:_MOST_ISSUES]


Part = tuple[dict[str, Said], NDArray[np.int64], NDArray[np.int64]]


def _at(bundle: Bundle, past: Past, issue: int, horizons: NDArray[np.int64]) -> Part | None:
    """What every candidate would have said at an issue; level and issue of each row."""
    frame = load_frame(past.grid, past.before(issue), horizons.tolist())
    if frame is None:
        return None
    frame = frame.correcting(bundle.manifest.corrected)
    truth = (past.loads[:, issue - 1 + horizons] - frame.base) / frame.scale
    known = np.isfinite(truth) & (frame.known & past.compared)[:, None]
    voices = Voices(bundle, past.grid, frame, horizons)
    weights = frame.scale.astype(np.float32)[known]
    said = {
        name: Said(voices.calibrated(name)[known], truth.astype(np.float32)[known], weights)
        for name in _candidates(bundle)
    }
    levels = np.broadcast_to(past.grid.levels[:, None], known.shape)[known].astype(np.int64)
    return said, levels, np.full(len(levels), issue)


def _candidates(bundle: Bundle) -> tuple[str, ...]:
    mixed = (MIXED,) if bundle.mixture is not None else ()
    return (*ESTIMATES, GRAPH, *((BOOSTED,) if bundle.forests else ()), *mixed)


def _learned(parts: list[Part]) -> Rolling | None:
    if not parts:
        return None
    levels, issues = (np.concatenate([part[n] for part in parts]) for n in (1, 2))
    said = {
        name: Said(
            *(
                np.concatenate([getattr(part[0][name], field) for part in parts])
                for field in ("scaled", "truth", "weights")
            )
        )
        for name in parts[0][0]
    }
    return learn(said, levels, issues)
