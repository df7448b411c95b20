"""Imports: every delivery taken is a run that can be asked about, with its findings.

A run is kept beside the graph: RUNNING while it works, then LANDED with its revision, UNCHANGED,
TRIED (a dry run) or FAILED with the reason. A run found RUNNING whose process is gone (see
`import_lives.py`) was cut off; since an import lands whole or not at all, it is marked INTERRUPTED
and can be repeated.
How a run ended while its store was away is said as soon as that answers again.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Final

from graph_service.domain.access import Caller, Right
from graph_service.domain.errors import AccessDenied, GridStrataError, StoreError
from graph_service.domain.findings import Finding, Severity
from graph_service.ports.exchange import Exchange, ExportReport, ImportReport, Progress
from graph_service.ports.graph_store import GraphStore
from graph_service.ports.record_store import Record, RecordStore
from graph_service.services.access import require
from graph_service.services.chronicle import Chronicle
from graph_service.services.import_lives import Lives, this_process
from graph_service.services.notices import (
    REVISIONS_TOPIC,
    ImportProgress,
    Notices,
    RevisionChanged,
)

RUNS: Final = "import_runs"
FINDINGS: Final = "findings"


class RunState(Enum):
    """Where a run stands."""

    RUNNING = "running"
    LANDED = "landed"
    UNCHANGED = "unchanged"
    TRIED = "tried"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class ImportRun:
    """One import as it is remembered; counts are zero until it ends."""

    id: str
    state: RunState
    author: str
    model_set: str
    paths: tuple[str, ...]
    started_at: datetime
    seconds: float
    revision: int | None
    files: int
    objects: int
    statements: int
    links: int
    kinds: Mapping[str, int]
    finding_counts: Mapping[str, int]
    error: str


class Imports:
    """Takes and gives deliveries, and remembers."""

    def __init__(
        self,
        graph: GraphStore,
        records: RecordStore,
        exchange: Exchange,
        notices: Notices,
        chronicle: Chronicle | None = None,
    ) -> None:
        self._graph = graph
        self._records = records
        self._exchange = exchange
        self._notices = notices
        self._chronicle = chronicle
        self._unsaid: dict[str, Record] = {}
        self._lives = Lives(records)

    def take(
        self,
        paths: Sequence[Path],
        caller: Caller,
        *,
        into: str | None = None,
        dry_run: bool = False,
        run: str | None = None,
        progress: Progress | None = None,
    ) -> tuple[str, ImportReport]:
        """Import files, folders and archives as one delivery; gives the run's id and the report.

        Raises:
            AccessDenied: the caller has no right to import.
            UnreadableInput, StoreError: nothing was kept; the run says why.
        """
        require(caller, Right.IMPORT)
        run = run or new_run_id()
        record = _begun(caller, into or "", paths)
        self._keep(run, record)

        def tell(stage: str, done: int, total: int) -> None:
            event = ImportProgress(run, RunState.RUNNING.value, stage, done, total)
            self._notices.publish(run, event)
            if progress:
                progress(stage, done, total)

        try:
            with self._lives.living(run):
                report = self._exchange.take(
                    paths,
                    self._graph,
                    into=into,
                    dry_run=dry_run,
                    author=caller.name,
                    progress=tell,
                )
        except BaseException as error:
            reason = error.message if isinstance(error, GridStrataError) else repr(error)
            self._keep_later(run, record | {"state": RunState.FAILED.value, "error": reason})
            self._notices.publish(run, ImportProgress(run, RunState.FAILED.value, reason, 0, 0))
            raise
        self._finish(run, record, report)
        return run, report

    def give(
        self,
        directory: Path,
        caller: Caller,
        *,
        model_set: str,
        progress: Progress | None = None,
    ) -> ExportReport:
        """Write a model set back to files. Only who sees everything may have whole files.

        Raises:
            AccessDenied: the caller's scope hides something.
            UnknownModelSet: there is none of this name.
        """
        if not caller.scope.everything:
            raise AccessDenied(
                f"'{caller.name}' sees only some owners' elements; files hold them all",
                subject=caller.name,
                hint="use a token without owners",
            )
        return self._exchange.give(self._graph, directory, model_set=model_set, progress=progress)

    def runs(self, first: int, after: str | None = None) -> list[ImportRun]:
        """Runs, newest first, those before the run `after`."""
        self._say()
        rows = self._records.page(RUNS, first, after=after, descending=True)
        return [_run(key, record) for key, record in rows]

    def count(self) -> int:
        """How many runs there are."""
        return self._records.count(RUNS)

    def run(self, run: str) -> ImportRun | None:
        """One run, or None."""
        self._say()
        record = self._records.get(RUNS, [run])[0]
        return None if record is None else _run(run, record)

    def findings(
        self, run: str, first: int, after: str | None = None, code: str | None = None
    ) -> list[tuple[str, Finding]]:
        """Findings of a run in the order found, each with its key, those beyond `after`."""
        equal = {"code": code} if code else None
        rows = self._records.page(FINDINGS, first, after=after, prefix=f"{run}/", equal=equal)
        return [(key, _finding(record)) for key, record in rows]

    def close_interrupted(self) -> int:
        """Mark runs that a process left unfinished; a service does so again and again."""
        rows = self._records.page(
            RUNS, first=10_000, equal={"state": RunState.RUNNING.value}, descending=True
        )
        cut = {"state": RunState.INTERRUPTED.value, "error": "the process ended while it ran"}
        gone = [
            (key, {**record, **cut}) for key, record in rows if self._lives.is_gone(key, record)
        ]
        self._records.put(RUNS, gone)
        for key, _ in gone:
            self._lives.forget(key)
        return len(gone)

    def _finish(self, run: str, record: dict[str, Any], report: ImportReport) -> None:
        state = _state(report)
        found = ((f"{run}/{i:07d}", _recorded(f)) for i, f in enumerate(report.findings))
        self._records.put(FINDINGS, found)
        self._keep(run, record | _ended(state, report))
        self._notices.publish(run, ImportProgress(run, state.value, "done", 1, 1))
        if state is RunState.LANDED:
            if self._chronicle:
                self._chronicle.imported(report, record["author"])
            self._notices.publish(REVISIONS_TOPIC, RevisionChanged(report.revision))

    def _keep(self, run: str, record: Record) -> None:
        self._records.put(RUNS, [(run, record)])

    def _keep_later(self, run: str, record: Record) -> None:
        """Keep how a run ended, later where the store is what it failed of."""
        self._unsaid[run] = record
        with suppress(StoreError):
            self._say()

    def _say(self) -> None:
        """Keep what could not be kept when it happened."""
        while self._unsaid:
            run, record = next(iter(self._unsaid.items()))
            self._keep(run, record)
            self._unsaid.pop(run, None)


def new_run_id() -> str:
    """An id for a run; ids sort by the time they were made."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(3)}"


def _begun(caller: Caller, into: str, paths: Sequence[Path]) -> dict[str, Any]:
    return {
        "state": RunState.RUNNING.value,
        "author": caller.name,
        **this_process(),
        "model_set": into,
        "paths": [path.name for path in paths],
        "started_at": datetime.now(UTC).isoformat(),
    }


def _ended(state: RunState, report: ImportReport) -> dict[str, Any]:
    return {
        "state": state.value,
        "model_set": report.model_set,
        "seconds": report.seconds,
        "revision": report.revision,
        "files": len(report.files),
        "objects": report.objects,
        "statements": report.statements,
        "links": report.links,
        "kinds": dict(report.kinds),
        "finding_counts": dict(report.finding_counts),
    }


def _state(report: ImportReport) -> RunState:
    if report.dry_run:
        return RunState.TRIED
    return RunState.UNCHANGED if report.unchanged else RunState.LANDED


def _run(key: str, record: Record) -> ImportRun:
    return ImportRun(
        id=key,
        state=RunState(record["state"]),
        author=record["author"],
        model_set=record["model_set"],
        paths=tuple(record["paths"]),
        started_at=datetime.fromisoformat(record["started_at"]),
        seconds=record.get("seconds", 0.0),
        revision=record.get("revision"),
        files=record.get("files", 0),
        objects=record.get("objects", 0),
        statements=record.get("statements", 0),
        links=record.get("links", 0),
        kinds=record.get("kinds", {}),
        finding_counts=record.get("finding_counts", {}),
        error=record.get("error", ""),
    )


def _recorded(found: Finding) -> dict[str, Any]:
    return {
        "code": found.code,
        "severity": found.severity.value,
        "message": found.message,
        "subject": found.subject,
        "file": found.file,
        "line": found.line,
        "column": found.column,
    }


def _finding(record: Record) -> Finding:
    return Finding(
        record["code"],
        Severity(record["severity"]),
        record["message"],
        record["subject"],
        record["file"],
        record["line"],
        record["column"],
    )
