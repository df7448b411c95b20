"""Replays the last days of a network, to see how well each candidate would have done there.

The load of a place that is not measured never becomes known, so the replay plays with the customers
that are read alone, as if they were the whole network: at past issues as large a share of them is
hidden as is not read in truth, feeders that are measured measure their sum, and readings are as
late as they are now. What came is the sum over all of them. Guarantees: only hours that ended, and
were known, before the present issue are used; equal questions give equal answers.
Limits: fewer customers are played with than there are; sums scale as those of independent ones.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.bundle.file import Bundle
from gnn.calibration.conformal import stretch_of
from gnn.calibration.rolling import MOVED, Rolling, Said, learn
from gnn.features.grid import Grid
from gnn.features.hours import HISTORY_H, HOUR_US, Hours
from gnn.features.loads import ESTIMATES, load_frame
from gnn.predict.ladder import BOOSTED, GRAPH, Voices

Floats = NDArray[np.float64]

_NOW: Final = (0,)
_AHEAD: Final = (3, 9, 18, 30, 43)
"""Hours ahead that are replayed, one a stretch of the calibration."""
_EVERY_NOW_H, _EVERY_AHEAD_H = 17, 19
"""Between two issues; no divisor of a day, so that all hours of the day are met."""
_FEWEST_CUSTOMERS, _MOST_CUSTOMERS = 16, 500
_MOST_ISSUES: Final = 9
_LEAST_SEEN, _MOST_SEEN = 0.25, 0.95
_WHOLE: Final = 0.9
"""Share of the hours in which a customer must have been read to be played with."""
_LOSSES, _NOISE = 0.03, 0.01
_SEED: Final = 7


def replay(bundle: Bundle, grid: Grid, hours: Hours) -> Rolling | None:
    """What the last days say of who may answer; None where too little was read.

    Args:
        bundle: Who may answer.
        grid: The network.
        hours: `LOOKED_BACK_H` hours before the issue or fewer, as they were known at it.
    """
    there = np.isfinite(hours.watts)
    late = _late(there)
    read = there.mean(axis=1) >= _WHOLE * (hours.count - late) / hours.count
    read &= there.any(axis=1)
    ahead = bundle.manifest.task != "L1"
    issues = _issues(hours.count - late, ahead)
    if read.sum() < _FEWEST_CUSTOMERS or not issues:
        return None
    played = _Played(grid, hours, _neighbours(read), float(read.mean()), late)
    horizons = np.array(_AHEAD if ahead else _NOW)
    parts = [_at(bundle, played, issue, horizons) for issue in issues]
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


def _neighbours(read: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """As many of those read as are enough, next to each other in the network."""
    those = np.flatnonzero(read)
    first = max(0, (len(those) - _MOST_CUSTOMERS) // 2)
    kept = np.zeros_like(read)
    kept[those[first : first + _MOST_CUSTOMERS]] = True
    return kept


class _Played:
    """The customers that are read, as a network of their own."""

    def __init__(
        self, grid: Grid, hours: Hours, read: NDArray[np.bool_], share: float, late: int
    ) -> None:
        self.grid, self.late = grid.only(read), late
        self.watts, self.start_us = hours.watts[read], hours.start_us
        filled = np.where(np.isfinite(self.watts), self.watts, _mean(self.watts)[:, None])
        self.loads: Floats = self.grid.below(filled)
        self.share = float(np.clip(share, _LEAST_SEEN, _MOST_SEEN))
        lately = np.flatnonzero(np.isfinite(hours.heads[:, -24:]).any(axis=1))
        named = {grid.keys[place] for place in lately.tolist()}
        self.measured = np.array([key in named for key in self.grid.keys], dtype=bool)

    def before(self, issue: int) -> Hours:
        """What would have been known at an issue."""
        chance = np.random.default_rng([_SEED, issue])
        part = slice(issue - HISTORY_H, issue)
        hidden = chance.random(len(self.grid.customers)) >= self.share
        watts = np.where(hidden[:, None], np.nan, self.watts[:, part])
        heads = np.full((len(self.grid), HISTORY_H), np.nan)
        noise = 1 + _NOISE * chance.standard_normal((int(self.measured.sum()), HISTORY_H))
        heads[self.measured] = self.loads[self.measured, part] * (1 + _LOSSES) * noise
        if self.late:
            watts[:, -self.late :], heads[:, -self.late :] = np.nan, np.nan
        return Hours(self.start_us + (issue - HISTORY_H) * HOUR_US, watts, heads)


def _mean(watts: Floats) -> Floats:
    there = np.isfinite(watts)
    found: Floats = np.where(there, watts, 0.0).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    return found


Part = tuple[dict[str, Said], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


def _at(bundle: Bundle, played: _Played, issue: int, horizons: NDArray[np.int64]) -> Part | None:
    """What every candidate would have said at an issue; level, stretch, issue of each row."""
    frame = load_frame(played.grid, played.before(issue), horizons.tolist())
    if frame is None:
        return None
    frame = frame.correcting(bundle.manifest.corrected)
    truth = (played.loads[:, issue - 1 + horizons] - frame.base) / frame.scale
    known = np.isfinite(truth) & (frame.known & _compared(played.grid, horizons))[:, None]
    voices = Voices(bundle, played.grid, frame, horizons)
    weights = frame.scale.astype(np.float32)[known]
    said = {
        name: Said(voices.calibrated(name)[known], truth.astype(np.float32)[known], weights)
        for name in _candidates(bundle)
    }
    levels = np.broadcast_to(played.grid.levels[:, None], known.shape)[known].astype(np.int64)
    stretches = np.broadcast_to(stretch_of(horizons), known.shape)[known]
    return said, levels, stretches, np.full(len(levels), issue)


def _compared(grid: Grid, horizons: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Places that are looked at: of the load now not those of many customers, where it is decided
    by what is measured, which a replay without all customers cannot play."""
    found: NDArray[np.bool_] = (horizons > 0).any() | np.isin(grid.levels, MOVED)
    return found


def _candidates(bundle: Bundle) -> tuple[str, ...]:
    return (*ESTIMATES, GRAPH, *((BOOSTED,) if bundle.forests else ()))


def _learned(parts: list[Part]) -> Rolling | None:
    if not parts:
        return None
    levels, stretches, issues = (np.concatenate([part[n] for part in parts]) for n in (1, 2, 3))
    said = {
        name: Said(
            *(
                np.concatenate([getattr(part[0][name], field) for part in parts])
                for field in ("scaled", "truth", "weights")
            )
        )
        for name in parts[0][0]
    }
    return learn(said, levels, stretches, issues)
