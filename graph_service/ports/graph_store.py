"""What we ask of the graph: keep parts and documents, merge them to elements, answer, remember.

Every adapter owes:
- One transaction is one revision. It lands whole or not at all, also when the process is killed.
- Parts are versioned: the change log of a revision is the parts it closed (reverse) and opened
  (forward). Undo is a new revision that swaps them.
- Elements and links are derived from the open parts by `domain.merging`, the same on every
  store; an element without open parts is gone, but its number is never given to another.
- Reads never wait for a writer and see one revision.
- A scope is applied inside the query, before paging and counting. What is out of scope is
  answered as if it did not exist.
- Driver errors come out as `domain.errors.StoreError`, nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from graph_service.domain.access import Scope
from graph_service.domain.columns import GraphColumns
from graph_service.domain.drift import Drift, Repair
from graph_service.domain.elements import (
    Changes,
    Element,
    ElementKey,
    ModelSet,
    Neighbour,
    Revision,
)
from graph_service.domain.filters import ElementFilter, ElementPage, PageRequest
from graph_service.domain.findings import Finding
from graph_service.domain.history import RevisionLog
from graph_service.domain.layers import Layer
from graph_service.domain.statements import Document, Part


class GraphTransaction(Protocol):
    """One write in the making: leaving its `with` block lands it, an exception drops it."""

    def put_document(self, document: Document, parts: Iterable[Part]) -> bool:
        """Keep a document, replacing what stood under the same model set and name.

        `parts` is consumed as a stream. Returns False where document and parts equal what the
        store has; then nothing is written for it.
        """
        ...

    def put_parts(self, model_set: str, document: str, parts: Iterable[Part]) -> None:
        """Replace single parts of a document, leaving its other parts as they are.

        The document is made when it does not exist. A part without statements and types is
        removed.
        """
        ...

    def drop_document(self, model_set: str, document: str) -> None:
        """Take a document and all it states out of the graph."""
        ...

    def changes(self) -> Changes:
        """Merge what was touched and count what the transaction does so far."""
        ...

    def findings(self) -> list[Finding]:
        """What merging found: conflicting values, dangling references, case differences, ..."""
        ...

    def abandon(self) -> None:
        """Leave the store as it was when the block ends (a dry run)."""
        ...


class GraphStore(Protocol):
    """The layered graph. All numbers are element numbers."""

    def revision(self) -> int:
        """The number of the newest revision; 0 for an empty store."""
        ...

    def revisions(self, first: int, before: int | None = None) -> list[Revision]:
        """Revisions, newest first, older than `before`."""
        ...

    def transaction(self, *, author: str, message: str) -> AbstractContextManager[GraphTransaction]:
        """Begin a write. A block that changes nothing makes no revision.

        Raises:
            StoreBusy: another writer did not finish in time.
        """
        ...

    def undo(self, revision: int, *, author: str) -> Revision:
        """Make a new revision that takes an earlier one back.

        Raises:
            UnknownRevision: there is no such revision.
            Conflict: a later revision changed the same parts; names it.
        """
        ...

    def log(self, revision: int) -> RevisionLog:
        """What a revision changed, word for word; its documents by model set and name.

        Raises:
            UnknownRevision: there is no such revision.
        """
        ...

    def replay(self, log: RevisionLog) -> None:
        """Make a revision just as another store has it: number, time, author, counts, places.

        New elements get the numbers they have there. What is derived is derived anew.

        Raises:
            Conflict: it does not follow what is here; nothing was kept.
        """
        ...

    def drift(self, *, thorough: bool = False) -> Drift:
        """What was kept with the newest revision beside what is there, whoever wrote it.

        Counts are had at once. A `thorough` look reads all elements and links for a checksum.
        """
        ...

    def resync(self, *, author: str) -> Repair:
        """Make elements and links again what the documents say, as a revision of its own.

        The statements of the documents are believed, all else is derived anew; an element that had
        gone may come back under another number. Nothing is written where nothing differs.
        """
        ...

    def model_sets(self) -> list[ModelSet]:
        """The model sets, by name."""
        ...

    def documents(self, model_set: str) -> list[Document]:
        """The documents of a model set, by name; empty where the model set is unknown."""
        ...

    def parts(self, model_set: str, document: str) -> Iterator[Part]:
        """The parts of a document, ordered by first class URI, section and mRID; a stream."""
        ...

    def parts_of(self, key: ElementKey) -> list[tuple[str, Part]]:
        """What each document states about one element: (document name, part)."""
        ...

    def elements(self, numbers: Sequence[int], scope: Scope) -> list[Element | None]:
        """Elements by number, in the order asked; None where there is none."""
        ...

    def keys(self, numbers: Sequence[int]) -> list[ElementKey]:
        """The keys of existing elements by number, in the order asked; quicker than `elements`.

        Raises:
            KeyError: a number was never given.
        """
        ...

    def by_mrid(
        self, mrids: Sequence[str], scope: Scope, model_set: str | None = None
    ) -> list[list[Element]]:
        """Elements by mRID, in the order asked, one list each (several model sets may use it)."""
        ...

    def find(self, wanted: ElementFilter, page: PageRequest, scope: Scope) -> ElementPage:
        """A page of the elements a filter chooses.

        A container is meant with all that lies in it, through containers of containers.
        """
        ...

    def count(self, wanted: ElementFilter, scope: Scope) -> int:
        """How many elements a filter chooses."""
        ...

    def count_by_kind(self, wanted: ElementFilter, scope: Scope) -> dict[str, int]:
        """How many of each kind a filter chooses."""
        ...

    def neighbours(
        self,
        numbers: Sequence[int],
        scope: Scope,
        *,
        links: frozenset[str] | None = None,
        layer: Layer | None = None,
    ) -> list[list[Neighbour]]:
        """The elements linked with each of these, ordered by link name, direction and number.

        `links` keeps links of these names only, `layer` neighbours of this layer only.
        """
        ...

    def owners_of(self, numbers: Sequence[int]) -> list[tuple[int, ...]]:
        """The numbers of the organisations that own each of these, stated or inherited."""
        ...

    def pending(self, model_set: str | None = None) -> Mapping[str, int]:
        """References that wait for their element, counted by link name."""
        ...

    def scan(self) -> GraphColumns:
        """The whole graph as columns of one revision, for the projection."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
