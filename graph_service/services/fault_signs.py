"""Signs of a fault in the timeline: what protection opened, who fell silent, what sensors showed.

| taken from | counts as |
|---|---|
| FAULT about a switch; ALARM or SWITCHING that tells of protection | the switch opened |
| DEVICE_EVENT whose text has "last gasp" | its subjects fell silent |
| readings of U and I with a source such as `recorder/A` | volts and amperes of phase A |
| the same with a source that names no phase at its end | of all three phases |

Of voltages the lowest in the window is taken, of currents the highest: while the fault lasted. The
last current of the quarter of an hour before is that before the fault.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from graph_service.domain import tables
from graph_service.domain.access import Scope
from graph_service.domain.events import Event, EventFilter
from graph_service.domain.readings import SeriesKey, Window, to_us
from graph_service.ports.fault_locator import NO_VALUES, FaultObservations, SensorReading, Three
from graph_service.ports.timeline_store import TimelineStore
from graph_service.services.neighbourhood import Neighbourhood
from graph_service.services.network import Network
from graph_service.services.traces import kind_mask

_KINDS: Final = frozenset({"FAULT", "ALARM", "SWITCHING", "DEVICE_EVENT"})
_OPENED: Final = ("trip", "opened")
_SILENT: Final = "last gasp"
_MOST_EVENTS: Final = 5_000
_BEFORE_US: Final = 15 * 60 * 1_000_000
_MEASURED: Final = frozenset(
    {"Switch", "ACLineSegment", "BusbarSection", "PowerTransformer", "Junction", "ConnectivityNode"}
)
_PHASES: Final = ("A", "B", "C")
_Shown = dict[str, dict[str, list[float | None]]]
"""element → `U`, `I` or `before` → values of A, B, C"""


class FaultSigns:
    """Looks for signs of a fault.

    Args:
        timeline: where events and readings are.
        network: which elements may have sensors.
        around: looks elements up.
    """

    def __init__(self, timeline: TimelineStore, network: Network, around: Neighbourhood) -> None:
        self._timeline = timeline
        self._network = network
        self._around = around

    def found(self, window: Window, known_at: datetime | None, scope: Scope) -> FaultObservations:
        """What there was in a window, as it was known; of elements that the caller may see."""
        known_us = None if known_at is None else to_us(known_at)
        wanted = EventFilter(kinds=_KINDS, known_us=known_us)
        events = [
            event
            for event in self._timeline.events(wanted, window, _MOST_EVENTS)
            if window.start_us <= event.start_us < window.stop_us
        ]
        switches = self._kinds_of(events, scope)
        return FaultObservations(
            self._sensors(window, known_us, scope),
            tuple(sorted({s for e in events if _tells_opening(e) for s in e.subjects} & switches)),
            tuple(sorted(self._silent(events, scope))),
        )

    def _kinds_of(self, events: Iterable[Event], scope: Scope) -> set[str]:
        """Subjects that are switches."""
        subjects = sorted({s for e in events if _tells_opening(e) for s in e.subjects})
        found = self._around.by_keys(subjects, scope)
        return {str(e.key) for e in found if e is not None and tables.is_a(e.kind, "Switch")}

    def _silent(self, events: Iterable[Event], scope: Scope) -> set[str]:
        told = {s for e in events if _tells_silence(e) for s in e.subjects}
        found = self._around.by_keys(sorted(told), scope)
        return {str(element.key) for element in found if element is not None}

    def _sensors(
        self, window: Window, known_us: int | None, scope: Scope
    ) -> tuple[SensorReading, ...]:
        shown: _Shown = defaultdict(lambda: defaultdict(lambda: [None, None, None]))
        elements = self._measured()
        before = Window(window.start_us - _BEFORE_US, window.start_us)
        for name, quantity, within, choose in (
            ("U", "U", window, min),
            ("I", "I", window, max),
            ("before", "I", before, _last),
        ):
            keys = self._timeline.series(elements, quantity)
            columns = self._timeline.read(keys, within, known_us)
            for key, column in zip(keys, columns, strict=True):
                if len(column):
                    _put(shown[key.element][name], key, choose(column.values))
        visible = self._around.by_keys(list(shown), scope)
        return tuple(
            _reading(key, shown[key])
            for key, element in zip(list(shown), visible, strict=True)
            if element is not None and shown[key].keys() & {"U", "I"}
        )

    def _measured(self) -> list[str]:
        projection = self._network.projection()
        mask = kind_mask(projection, _MEASURED)
        numbers = projection.numbers[mask[projection.kinds]].tolist()
        return [str(key) for key in self._network.keys(numbers)]


def _tells_opening(event: Event) -> bool:
    lowered = event.text.lower()
    return event.kind == "FAULT" or (
        event.kind in ("ALARM", "SWITCHING")
        and "protection" in f"{event.source} {lowered}"
        and any(word in lowered for word in _OPENED)
    )


def _tells_silence(event: Event) -> bool:
    return event.kind == "DEVICE_EVENT" and _SILENT in event.text.lower()


def _put(values: list[float | None], key: SeriesKey, value: float) -> None:
    """Of the phase that the source names at its end, otherwise of all three."""
    phase = key.source.rpartition("/")[2]
    for at, letter in enumerate(_PHASES):
        if phase == letter or phase not in _PHASES:
            values[at] = value


def _reading(element: str, shown: dict[str, list[float | None]]) -> SensorReading:
    return SensorReading(
        element,
        volts=_three(shown.get("U")),
        amperes=_three(shown.get("I")),
        amperes_before=_three(shown.get("before")),
    )


def _three(values: Sequence[float | None] | None) -> Three:
    return (values[0], values[1], values[2]) if values else NO_VALUES


def _last(values: Sequence[float]) -> float:
    return values[-1]
