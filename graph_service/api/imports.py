"""Imports in the schema: runs with their findings, uploads, and progress while one works.

A run is seen by who sees everything, and by its author. An import needs a token with the right
to import and without owners, since a file holds everybody's elements.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final

import strawberry

from graph_service.api import arrivals
from graph_service.api.batching import in_thread
from graph_service.api.context import Context, Info
from graph_service.api.element_pages import KindCount, kind_counts
from graph_service.api.paging import (
    After,
    First,
    PageInfo,
    check_first,
    cursor,
    fingerprint,
    page_info,
    position_of,
)
from graph_service.api.vocabulary import RunState, Severity
from graph_service.domain import findings
from graph_service.domain.access import Caller, Right
from graph_service.domain.errors import AccessDenied, InvalidCall
from graph_service.services import imports, notices
from graph_service.services.access import require
from graph_service.services.imports import new_run_id

_RUNS: Final = "importRuns"


@strawberry.type(description="Something wrong with the data: what, and where.")
class Finding:
    """A finding."""

    code: str
    severity: Severity
    message: str
    subject: str = strawberry.field(description="An mRID, a property or a file.")
    file: str
    line: int = strawberry.field(description="1-based; 0 where it is not known.")
    column: int


@strawberry.type(description="How many findings have a code.")
class FindingCount:
    """A code, counted."""

    code: str
    count: int


@strawberry.type(description="A page of findings, in the order found.")
class FindingConnection:
    """Findings."""

    nodes: list[Finding]
    total_count: int
    page_info: PageInfo


@strawberry.type(description="One import, as it is remembered; counts are 0 until it ends.")
class ImportRun:
    """A run."""

    id: strawberry.ID
    state: RunState
    author: str
    model_set: str
    paths: list[str]
    started_at: datetime
    seconds: float
    revision: int | None
    files: int
    objects: int
    statements: int
    links: int
    kinds: list[KindCount]
    finding_counts: list[FindingCount]
    error: str = strawberry.field(description="Why it failed; empty otherwise.")

    @strawberry.field(description="What it found, all or of one code.")
    async def findings(
        self, info: Info, first: First = 50, after: After = None, code: str | None = None
    ) -> FindingConnection:
        """A page of findings."""
        check_first(first)
        mark = fingerprint("findings", self.id, code)
        begin = position_of(after, mark)
        ask = info.context.house.imports.findings
        rows = await in_thread(ask, self.id, first + 1, begin and str(begin[0]), code)
        shown = rows[:first]
        counted = self.finding_counts
        return FindingConnection(
            nodes=[_finding(found) for _, found in shown],
            total_count=sum(row.count for row in counted if code in (None, row.code)),
            page_info=page_info(_ends(mark, [key for key, _ in shown]), after, len(rows) > first),
        )


@strawberry.type(description="A page of imports, the newest first.")
class ImportRunConnection:
    """Runs."""

    nodes: list[ImportRun]
    total_count: int
    page_info: PageInfo


@strawberry.type(description="How far an import is.")
class ImportProgress:
    """One step of progress."""

    run_id: strawberry.ID
    state: RunState
    stage: str = strawberry.field(description="What is being done; at the end, what came of it.")
    done: float = strawberry.field(description="Bytes or objects of this stage.")
    total: float


async def run_of(context: Context, run: str) -> ImportRun | None:
    """One run, or None where there is none the caller may see."""
    found = await in_thread(context.house.imports.run, run)
    if found is None or not _may_see(context.asker, found.author):
        return None
    return _run(found)


async def page_of_runs(context: Context, first: int, after: str | None) -> ImportRunConnection:
    """A page of runs; empty for who sees only some owners."""
    check_first(first)
    mark = fingerprint(_RUNS)
    begin = position_of(after, mark)
    if not context.scope.everything:
        return ImportRunConnection(nodes=[], total_count=0, page_info=page_info(None, after, False))
    service = context.house.imports
    rows = await in_thread(service.runs, first + 1, begin and str(begin[0]))
    return ImportRunConnection(
        nodes=[_run(found) for found in rows[:first]],
        total_count=await in_thread(service.count),
        page_info=page_info(
            _ends(mark, [found.id for found in rows[:first]]), after, len(rows) > first
        ),
    )


async def import_files(
    context: Context, files: Sequence[object], into: str | None, dry_run: bool, wait: bool
) -> ImportRun:
    """Import uploads as one delivery; gives the run when it has ended, or at once."""
    caller = context.asker
    require_all(caller)
    run = new_run_id()
    kept = partial(arrivals.keep, context.house, files, caller)
    arrival = await in_thread(kept, run=run, into=into, dry_run=dry_run)
    future = arrivals.begin(context.house, arrival)
    if wait:
        await asyncio.shield(future)
    found = await in_thread(context.house.imports.run, run)
    return _run(found or _announced(arrival))


async def progress_of(context: Context, run: str) -> AsyncIterator[ImportProgress]:
    """How far a run is, from now until it ends; one last entry where it has ended.

    Raises:
        InvalidCall: there is no such run, or not for this caller.
    """
    caller, service = context.asker, context.house.imports
    stream = context.house.notices.subscribe(run)
    following = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)  # from here on nothing is missed
    try:
        found = await in_thread(service.run, run)
        if found is None and not arrivals.is_waiting(run):
            raise InvalidCall(f"no import run is called '{run}'", subject=run)
        if found is not None and not _may_see(caller, found.author):
            raise InvalidCall(f"no import run is called '{run}'", subject=run)
        state = found.state if found else RunState.RUNNING
        yield ImportProgress(run_id=strawberry.ID(run), state=state, stage="", done=0, total=0)
        while state is RunState.RUNNING:
            event = await following
            following = asyncio.ensure_future(anext(stream))
            if isinstance(event, notices.ImportProgress):
                state = RunState(event.state)
                yield _progress(event)
    finally:
        following.cancel()


def require_all(caller: Caller) -> None:
    """Stop a caller who may not change what belongs to everybody.

    Raises:
        AccessDenied: the right to import is missing, or something is hidden from the caller.
    """
    require(caller, Right.IMPORT)
    if not caller.scope.everything:
        raise AccessDenied(
            f"'{caller.name}' sees only some owners' elements; this touches them all",
            subject=caller.name,
            hint="use a token without owners",
        )


def _may_see(caller: Caller, author: str) -> bool:
    return caller.scope.everything or caller.name == author


def _announced(arrival: arrivals.Arrival) -> imports.ImportRun:
    """A run that waits for another one to end."""
    return imports.ImportRun(
        id=arrival.run,
        state=RunState.RUNNING,
        author=arrival.caller.name,
        model_set=arrival.into or "",
        paths=tuple(path.name for path in arrival.paths),
        started_at=datetime.now(UTC),
        seconds=0.0,
        revision=None,
        files=0,
        objects=0,
        statements=0,
        links=0,
        kinds={},
        finding_counts={},
        error="",
    )


def _run(found: imports.ImportRun) -> ImportRun:
    return ImportRun(
        id=strawberry.ID(found.id),
        state=found.state,
        author=found.author,
        model_set=found.model_set,
        paths=list(found.paths),
        started_at=found.started_at,
        seconds=found.seconds,
        revision=found.revision,
        files=found.files,
        objects=found.objects,
        statements=found.statements,
        links=found.links,
        kinds=kind_counts(found.kinds.items()),
        finding_counts=[
            FindingCount(code=code, count=count)
            for code, count in sorted(found.finding_counts.items())
        ],
        error=found.error,
    )


def _finding(found: findings.Finding) -> Finding:
    return Finding(
        code=found.code,
        severity=found.severity,
        message=found.message,
        subject=found.subject,
        file=found.file,
        line=found.line,
        column=found.column,
    )


def _progress(event: notices.ImportProgress) -> ImportProgress:
    return ImportProgress(
        run_id=strawberry.ID(event.run),
        state=RunState(event.state),
        stage=event.stage,
        done=event.done,
        total=event.total,
    )


def _ends(mark: str, keys: Sequence[str]) -> tuple[str, str] | None:
    return (cursor(mark, (keys[0], 0)), cursor(mark, (keys[-1], 0))) if keys else None
