"""The three layers of the graph: the same network as wires, as data paths and as property."""

from enum import Enum

__all__ = ["Layer"]


class Layer(Enum):
    """A way to look at the network; an element or a link is in one of them, or in none."""

    PHYSICAL = "physical"
    COMMUNICATION = "communication"
    OWNERSHIP = "ownership"
