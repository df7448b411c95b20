"""Importing: a delivery into a graph store, in one transaction.

Each file is read whole, into compact parts, before anything of it goes to the store; so a file
that turns out to be malformed at its last line leaves no trace, and the others are taken. What
is wrong with an archive or with the disk stops the import, and the store stays as it was.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cim_import.archives import Member
from cim_import.delivery import Delivery
from cim_import.examining import Examined, examine
from cim_import.headers import guess_profile
from cim_import.reading import LeftOut, Reading, read_document
from graph_service.domain.access import EVERYTHING
from graph_service.domain.elements import Changes, check_name
from graph_service.domain.errors import UnreadableInput
from graph_service.domain.filters import ElementFilter
from graph_service.domain.findings import Finding, Severity
from graph_service.domain.statements import Part
from graph_service.ports.exchange import FileCount, ImportReport, Progress
from graph_service.ports.graph_store import GraphStore, GraphTransaction

_PARTS_BETWEEN_SIGNS = 2_000


def take(
    paths: Sequence[Path],
    store: GraphStore,
    *,
    into: str | None = None,
    dry_run: bool = False,
    author: str = "",
    progress: Progress | None = None,
) -> ImportReport:
    """Import files, folders and archives as one delivery; see `ports.exchange.Exchange.take`."""
    begun = time.monotonic()
    delivery = Delivery(paths)
    model_set = check_name(into or delivery.name)
    message = f"import of {', '.join(path.name for path in paths)} into {model_set}"
    with store.transaction(author=author, message=message) as transaction:
        intake = _Intake(model_set, transaction, progress or _nobody, delivery.disk_bytes)
        for member in delivery.members():
            intake.take(member)
        intake.require_a_document(paths)
        if dry_run:
            transaction.abandon()
        changes, found = intake.merge()
    return _report(intake, store, changes, found, begun, dry_run)


@dataclass(slots=True)
class _Intake:
    """The import under way."""

    model_set: str
    transaction: GraphTransaction
    progress: Progress
    disk_bytes: int
    files: list[FileCount] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    _read_bytes: int = 0
    _stored: int = 0

    def take(self, member: Member) -> None:
        """Read one file and hand it to the store, or note why not."""
        try:
            reading = self._read(member)
        except LeftOut as left_out:
            self.skipped.append(member.name)
            self.findings.append(left_out.finding)
            return
        examined = examine(reading)
        self.findings.extend(examined.findings)
        changed = self.transaction.put_document(examined.document, self._watched(reading.parts))
        self.files.append(_counted(examined, changed))

    def require_a_document(self, paths: Sequence[Path]) -> None:
        """Refuse a delivery of which nothing could be read.

        Raises:
            UnreadableInput: says what was wrong with each file.
        """
        if self.files:
            return
        what = ", ".join(str(path) for path in paths)
        reasons = [f"{found.file}: {found.message}" for found in self.findings[:5]]
        left = len(self.findings) - len(reasons)
        raise UnreadableInput(
            f"there is nothing to import in {what}"
            + "".join(f"\n  {reason}" for reason in reasons)
            + (f"\n  and {left} more" if left > 0 else ""),
            subject=what,
            hint="give CIM RDF/XML files (root element rdf:RDF), folders of them, or zips",
        )

    def merge(self) -> tuple[Changes, list[Finding]]:
        """Let the store merge what came; gives the changes and all findings."""
        self.progress("merging", 0, 1)
        changes = self.transaction.changes()
        found = [*self.findings, *self.transaction.findings()]
        self.progress("merging", 1, 1)
        return changes, found

    def _read(self, member: Member) -> Reading:
        done, size = 0, member.disk_bytes

        def read(count: int) -> None:
            nonlocal done
            done = min(done + count, size)
            self.progress("reading", self._read_bytes + done, self.disk_bytes)

        try:
            return read_document(member.opener, member.name, self.model_set, read)
        except OSError as error:
            raise UnreadableInput(
                f"'{member.name}' cannot be read: {error.strerror or error}",
                subject=member.name,
                hint="check that you may read it",
            ) from None
        finally:
            self._read_bytes += size

    def _watched(self, parts: Iterable[Part]) -> Iterator[Part]:
        for count, part in enumerate(parts):
            if count % _PARTS_BETWEEN_SIGNS == 0:
                self.progress("reading", self._read_bytes, self.disk_bytes)
            yield part


def _counted(examined: Examined, changed: bool) -> FileCount:
    document = examined.document
    guess = () if document.header else (f"({guess_profile(examined.classes)})",)
    return FileCount(
        document.name,
        document.profiles or guess,
        document.part_count,
        document.statement_count,
        changed,
    )


def _report(
    intake: _Intake,
    store: GraphStore,
    changes: Changes,
    found: Sequence[Finding],
    begun: float,
    dry_run: bool,
) -> ImportReport:
    name = intake.model_set
    links = sum(kept.links for kept in store.model_sets() if kept.name == name)
    return ImportReport(
        model_set=name,
        revision=store.revision(),
        unchanged=not any(file.changed for file in intake.files),
        dry_run=dry_run,
        files=tuple(intake.files),
        skipped=tuple(intake.skipped),
        objects=sum(file.objects for file in intake.files),
        statements=sum(file.statements for file in intake.files),
        kinds=_kinds(store, name, changes if dry_run else None),
        links=links + (changes.links_added - changes.links_removed if dry_run else 0),
        pending=store.pending(name),
        changes=changes,
        findings=tuple(sorted(found, key=_by_weight)),
        seconds=time.monotonic() - begun,
        finding_counts=Counter(one.code for one in found),
    )


def _kinds(store: GraphStore, model_set: str, planned: Changes | None) -> dict[str, int]:
    """Elements of the model set by kind, with what a dry run would change."""
    kinds = Counter(store.count_by_kind(ElementFilter(model_set=model_set), EVERYTHING))
    if planned:
        for kind, (added, _, removed) in (planned.by_kind or {}).items():
            kinds[kind] += added - removed
    return {kind: count for kind, count in sorted(kinds.items()) if count > 0}


def _by_weight(found: Finding) -> int:
    return _WEIGHTS[found.severity]


def _nobody(what: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


_WEIGHTS = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
