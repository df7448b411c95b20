"""Intake: readings and events on their way into the timeline, whatever format they came in."""

from graph_service.services.intake.intake import Intake
from graph_service.services.intake.receipts import IngestReport, Receipt

__all__ = ["IngestReport", "Intake", "Receipt"]
