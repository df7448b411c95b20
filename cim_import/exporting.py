"""Exporting: a model set back into the files it came in.

Guarantees: every document is written word for word (see writing.py), under its name as a path in
the folder, archives as folders; nothing outside the folder is touched; the same model set gives
the same bytes every time. A file is written beside its place and then put there, so that no
half-written one is left. Files of an earlier export are replaced; a folder that holds anything
else is refused.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from cim_import.writing import namespaces_of, write_document
from graph_service.domain.errors import UnknownModelSet, UnreadableInput
from graph_service.domain.statements import Document, Part
from graph_service.ports.exchange import ExportReport, Progress
from graph_service.ports.graph_store import GraphStore

_UNFINISHED = ".unfinished"
_BUFFER_BYTES = 1 << 20
_PARTS_BETWEEN_SIGNS = 2_000


def give(
    store: GraphStore,
    directory: Path,
    *,
    model_set: str,
    progress: Progress | None = None,
) -> ExportReport:
    """Write a model set back as files; see `ports.exchange.Exchange.give`."""
    begun = time.monotonic()
    documents = store.documents(model_set)
    if not documents:
        raise UnknownModelSet(model_set, [kept.name for kept in store.model_sets()])
    places = {document.name: _place(directory, document.name) for document in documents}
    _look_at(directory, set(places.values()))
    watch = _Watch(progress, sum(document.part_count for document in documents))
    try:
        written = sum(_write(store, doc, places[doc.name], watch) for doc in documents)
    except OSError as error:
        raise _unwritable(directory, error) from None
    return ExportReport(
        model_set=model_set,
        files=tuple(places),
        statements=sum(document.statement_count for document in documents),
        bytes_written=written,
        seconds=time.monotonic() - begun,
    )


def _place(directory: Path, name: str) -> Path:
    """Where a document goes.

    Raises:
        UnreadableInput: its name leads outside the folder.
    """
    pieces = PurePosixPath(name).parts
    if not pieces or name.startswith("/") or ".." in pieces or "\0" in name or "\\" in name:
        raise UnreadableInput(
            f"the document '{name}' cannot be written below '{directory}'",
            subject=name,
            hint="import it again from a file with a plain relative path",
        )
    return directory.joinpath(*pieces)


def _look_at(directory: Path, places: set[Path]) -> None:
    """Refuse a folder with files that no export of this model set would replace."""
    try:
        others = (p for p in directory.rglob("*") if not p.is_dir() and p not in places)
        other = next(others, None)
    except OSError as error:
        raise _unwritable(directory, error) from None
    if other or (directory.exists() and not directory.is_dir()):
        raise UnreadableInput(
            f"'{directory}' holds other files: {other or directory}",
            subject=str(directory),
            hint="give a new or an empty folder",
        )


def _write(store: GraphStore, document: Document, place: Path, watch: _Watch) -> int:
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = place.with_name(place.name + _UNFINISHED)
    try:
        with unfinished.open("wb", buffering=_BUFFER_BYTES) as out:
            written = _write_parts(store, document, out, watch)
        unfinished.replace(place)
    finally:
        unfinished.unlink(missing_ok=True)
    return written


def _write_parts(store: GraphStore, document: Document, out: BinaryIO, watch: _Watch) -> int:
    def parts() -> Iterator[Part]:
        return store.parts(document.model_set, document.name)

    if not document.namespaces:
        found = namespaces_of(chain(document.header, parts()))
        document = replace(document, namespaces=found)
    return write_document(document, watch.through(parts()), out)


class _Watch:
    """Counts the parts that go by, and tells now and then."""

    def __init__(self, progress: Progress | None, total: int):
        self._progress, self._total, self._done = progress, total, 0

    def through(self, parts: Iterator[Part]) -> Iterator[Part]:
        """Pass parts on."""
        for part in parts:
            yield part
            self._done += 1
            if self._progress and self._done % _PARTS_BETWEEN_SIGNS == 0:
                self._progress("writing", min(self._done, self._total), self._total)
        if self._progress:
            self._progress("writing", min(self._done, self._total), self._total)


def _unwritable(directory: Path, error: OSError) -> UnreadableInput:
    return UnreadableInput(
        f"'{directory}' cannot be written: {error.strerror or error}",
        subject=str(directory),
        hint="choose a folder you may write to, on a disk with room",
    )
