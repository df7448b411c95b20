"""What became of values that were brought: counted, and each line put aside with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field

from graph_service.services.formats.addressed import MOST_REASONS, PutAside


@dataclass(slots=True)
class Receipt:
    """What became of one batch.

    Attributes:
        rows: Lines, rows or events understood.
        stored: New values and events.
        duplicates: Those that were known already.
        corrected: Other values for times known already; the older ones are kept.
        rejected: The lines put aside, in their order.
        quarantined: How many of the values are of elements that are not known yet.
    """

    rows: int = 0
    stored: int = 0
    duplicates: int = 0
    corrected: int = 0
    rejected: list[PutAside] = field(default_factory=list)
    quarantined: int = 0


@dataclass(slots=True)
class IngestReport:
    """What became of a file, in this run.

    Attributes:
        format: What the file was.
        rows: Lines, rows or events taken.
        series: How many different series they are of.
        stored, duplicates, corrected, quarantined: As in `Receipt`.
        rejected: The lines put aside, in the order of the file; at most 10,000 are listed.
        rejected_count: How many there were.
        resumed_at: The line after which an earlier run had stopped; 0 for a file read whole.
        already_taken: An earlier run had read the file to its end.
        seconds: How long it took.
    """

    format: str = ""
    rows: int = 0
    series: int = 0
    stored: int = 0
    duplicates: int = 0
    corrected: int = 0
    quarantined: int = 0
    rejected: list[PutAside] = field(default_factory=list)
    rejected_count: int = 0
    resumed_at: int = 0
    already_taken: bool = False
    seconds: float = 0.0

    def add(self, receipt: Receipt) -> None:
        """Count one batch."""
        self.rows += receipt.rows
        self.stored += receipt.stored
        self.duplicates += receipt.duplicates
        self.corrected += receipt.corrected
        self.quarantined += receipt.quarantined
        self.rejected_count += len(receipt.rejected)
        self.rejected += receipt.rejected[: MOST_REASONS - len(self.rejected)]
