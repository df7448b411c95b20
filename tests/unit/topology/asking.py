"""Asks a drawn network and gives the steps as short texts: `"B3 1"`, `"s1 2 OPEN"`."""

from __future__ import annotations

from typing import Any

from graph_service.domain.traces import StopReason, TraceKind
from graph_service.topology.tracing import TraceRequest, TraceResult, trace
from tests.drawing import Drawing


def ask(drawing: Drawing, starts: str, kind: TraceKind, **more: Any) -> TraceResult:
    """Trace from one or more mRIDs; `target` may be an mRID."""
    if isinstance(more.get("target"), str):
        more["target"] = drawing.number(more["target"])
    numbers = tuple(drawing.number(start) for start in starts.split())
    return trace(drawing.projection, TraceRequest(numbers, kind, **more))


def steps(drawing: Drawing, starts: str, kind: TraceKind, **more: Any) -> list[str]:
    """Name, depth, and the reason why the branch ends, where it is not NONE or END."""
    result = ask(drawing, starts, kind, **more)
    rows = zip(
        drawing.names(result.numbers),
        result.depths.tolist(),
        result.stop_reasons.tolist(),
        strict=True,
    )
    return [_step(name, depth, StopReason(stop)) for name, depth, stop in rows]


def names(drawing: Drawing, starts: str, kind: TraceKind, **more: Any) -> set[str]:
    """The mRIDs of the steps."""
    return set(drawing.names(ask(drawing, starts, kind, **more).numbers))


def reason(drawing: Drawing, starts: str, kind: TraceKind, name: str, **more: Any) -> str:
    """Why the branch ends at one of the steps."""
    result = ask(drawing, starts, kind, **more)
    at = drawing.names(result.numbers).index(name)
    return StopReason(int(result.stop_reasons[at])).name


def _step(name: str, depth: int, stop: StopReason) -> str:
    quiet = stop in (StopReason.NONE, StopReason.END)
    return f"{name} {depth}" if quiet else f"{name} {depth} {stop.name}"
