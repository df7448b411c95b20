"""The exchange of network models as CIM RDF/XML: what `graph_service.ports.exchange` asks for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cim_import.exporting import give
from cim_import.importing import take
from graph_service.ports.exchange import ExportReport, ImportReport, Progress
from graph_service.ports.graph_store import GraphStore

__all__ = ["CimExchange"]


class CimExchange:
    """CIM in and out of a graph store; keeps nothing itself."""

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
            BadName: `into` cannot name a model set.
            StoreError: the store could not keep it; nothing of it was kept.
        """
        return take(paths, store, into=into, dry_run=dry_run, author=author, progress=progress)

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
        return give(store, directory, model_set=model_set, progress=progress)
