"""CIM from nothing: a town with three layers and readings, or two layers over a given model."""

from cim_import.generating.town import TownSummary, generate_town

__all__ = ["TownSummary", "generate_town"]
