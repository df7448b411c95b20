"""Traces: what can be asked about how elements are connected, and how the answer looks.

A trace begins at elements, walks along the links of the chosen layers and gives the steps it
made, nearest first. A branch that ends says why (`StopReason`).
"""

from __future__ import annotations

from enum import Enum, IntEnum


class TraceKind(Enum):
    """Where a trace goes.

    CONNECTED goes everywhere, UPSTREAM towards the sources, DOWNSTREAM away from them;
    PATH_TO_SOURCE is a shortest way to the nearest source, SHORTEST_PATH one to a target.
    In the communication layer the source is the head end, in the ownership layer the organisation.
    """

    CONNECTED = "connected"
    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"
    PATH_TO_SOURCE = "path_to_source"
    SHORTEST_PATH = "shortest_path"


class StopReason(IntEnum):
    """Why a branch ends at a step; NONE where it goes on.

    OPEN: an open switch or disconnected terminal; OUT_OF_SERVICE: equipment out of service;
    BOUNDARY: the model ends here, the network does not; HEAD: a source; END: nothing lies beyond;
    BUDGET: it would go on, but the trace had to stop.
    """

    NONE = 0
    OPEN = 1
    OUT_OF_SERVICE = 2
    BOUNDARY = 3
    HEAD = 4
    END = 5
    BUDGET = 6
