"""What we ask of the exchange of network models: take a delivery, give it back, word for word."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from graph_service.domain.elements import Changes
from graph_service.domain.findings import Finding
from graph_service.ports.graph_store import GraphStore

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, bytes or objects done, total); must be quick and not raise."""


@dataclass(frozen=True, slots=True)
class FileCount:
    """One file of a delivery: what it held."""

    name: str
    profiles: tuple[str, ...]
    objects: int
    statements: int
    changed: bool


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. `revision` is the newest after it, `unchanged` if it made none."""

    model_set: str
    revision: int
    unchanged: bool
    dry_run: bool
    files: tuple[FileCount, ...]
    skipped: tuple[str, ...]
    objects: int
    statements: int
    kinds: Mapping[str, int]
    links: int
    pending: Mapping[str, int]
    changes: Changes
    findings: tuple[Finding, ...]
    seconds: float
    finding_counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export wrote."""

    model_set: str
    files: tuple[str, ...]
    statements: int
    bytes_written: int
    seconds: float


class Exchange(Protocol):
    """CIM in and out of a graph store."""

    def take(
        self,
        paths: Sequence[Path],
        store: GraphStore,
        *,
        into: str | None = None,
        dry_run: bool = False,
        author: str = "",
        progress: Progress | None = None,
    ) -> ImportReport:
        """Import files, folders and archives as one delivery, in one transaction.

        Raises:
            UnreadableInput: nothing of the delivery can be taken; says which file and why.
            StoreError: the store could not keep it; nothing of it was kept.
        """
        ...

    def give(
        self,
        store: GraphStore,
        directory: Path,
        *,
        model_set: str,
        progress: Progress | None = None,
    ) -> ExportReport:
        """Write a model set back as the files it came in.

        Raises:
            UnknownModelSet: there is none of this name.
            UnreadableInput: the folder holds other files, or cannot be written.
        """
        ...
