"""CIM from nothing: a town with three layers and readings, or two layers over a given model."""

from cim_import.generating.overlay import OverlaySummary, generate_overlay
from cim_import.generating.town import TownSummary, generate_town

__all__ = ["OverlaySummary", "TownSummary", "generate_overlay", "generate_town"]
