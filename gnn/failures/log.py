"""What failed when, and which warnings of the weather service there were, and when that was known.

Read from the timeline: an event of the kind FAULT counts for each element it is about, from the
version on that is read. Guarantees: `until` gives what was known at a time and began before it, and
nothing else ever reaches a feature.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.failures.assets import Assets
from graph_service.domain.events import EventFilter, EventPosition, position
from graph_service.domain.readings import MICROSECONDS_PER_DAY, Window
from graph_service.ports.timeline_store import TimelineStore

Times = NDArray[np.int64]

MONTH_US: Final = 30 * MICROSECONDS_PER_DAY
"""What is called a month here: 30 days."""
_PAGE: Final = 1000


@dataclass(frozen=True, slots=True, eq=False)
class FaultLog:
    """Faults and warnings, each by its begin.

    Attributes:
        elements: Index of the element of each fault, int32[f].
        begins_us, known_us: When it began and when that was known, int64[f].
        warnings_us, warnings_known_us: The same of warnings, int64[w].
    """

    elements: NDArray[np.int32]
    begins_us: Times
    known_us: Times
    warnings_us: Times
    warnings_known_us: Times

    def until(self, issued_us: int) -> FaultLog:
        """What began before an issue and was known at it."""
        kept = (self.begins_us < issued_us) & (self.known_us <= issued_us)
        warned = (self.warnings_us < issued_us) & (self.warnings_known_us <= issued_us)
        return FaultLog(
            self.elements[kept],
            self.begins_us[kept],
            self.known_us[kept],
            self.warnings_us[warned],
            self.warnings_known_us[warned],
        )

    def known_by(self, us: int) -> FaultLog:
        """The same with what was known later taken as known then."""
        return replace(
            self,
            known_us=np.minimum(self.known_us, us),
            warnings_known_us=np.minimum(self.warnings_known_us, us),
        )

    def failed(self, size: int, start_us: int, stop_us: int) -> NDArray[np.bool_]:
        """Which elements have a fault that began in a window, whenever it was known, bool[n]."""
        within = (self.begins_us >= start_us) & (self.begins_us < stop_us)
        found = np.zeros(size, dtype=bool)
        found[self.elements[within]] = True
        return found


def read_log(timeline: TimelineStore, assets: Assets, window: Window, known_us: int) -> FaultLog:
    """The faults and warnings that began in a window, in the versions known at a time."""
    rows = {key: row for row, key in enumerate(assets.keys)}
    faults: list[tuple[int, int, int]] = []
    warnings: list[tuple[int, int]] = []
    wanted = EventFilter(kinds=frozenset({"FAULT", "WEATHER_WARNING"}), known_us=known_us)
    after: EventPosition | None = None
    while True:
        page = timeline.events(wanted, window, _PAGE, after=after)
        for event in page:
            if not window.start_us <= event.start_us < window.stop_us:
                continue
            if event.kind == "FAULT":
                mine = [rows[s] for s in event.subjects if s in rows]
                faults += [(row, event.start_us, event.known_us) for row in mine]
            else:
                warnings.append((event.start_us, event.known_us))
        if len(page) < _PAGE:
            break
        after = position(page[-1])
    by_fault = np.array(faults, dtype=np.int64).reshape(-1, 3)
    by_warning = np.array(warnings, dtype=np.int64).reshape(-1, 2)
    return FaultLog(
        by_fault[:, 0].astype(np.int32),
        by_fault[:, 1],
        by_fault[:, 2],
        by_warning[:, 0],
        by_warning[:, 1],
    )
