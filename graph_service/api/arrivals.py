"""Arrivals: uploaded files on their way into the graph.

Files are kept in the data folder while their import runs, one import after the other in a thread
of its own, and removed when it ends, however it ends.
"""

from __future__ import annotations

import asyncio
import errno
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp
from typing import Final

from starlette.datastructures import UploadFile

from graph_service.domain.access import Caller
from graph_service.domain.errors import InvalidCall, StoreError, StoreFull, StoreReadOnly
from graph_service.services.house import Services

_one_by_one: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="import")
_waiting: Final[set[str]] = set()


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery that has been uploaded: who sent it, where it lies, what is to be done."""

    run: str
    caller: Caller
    folder: Path
    paths: tuple[Path, ...]
    into: str | None
    dry_run: bool


def keep(
    house: Services,
    uploads: Sequence[object],
    caller: Caller,
    *,
    run: str,
    into: str | None,
    dry_run: bool,
) -> Arrival:
    """Put uploads into the data folder.

    Raises:
        InvalidCall: something else than files was given, or nothing.
        StoreError: the data folder cannot take them.
    """
    files = [upload for upload in uploads if isinstance(upload, UploadFile)]
    if not files or len(files) < len(uploads):
        hint = "send the files as a GraphQL multipart request"
        raise InvalidCall(f"{len(uploads)} files were named, {len(files)} were sent", hint=hint)
    folder = None
    try:
        folder = Path(mkdtemp(prefix="upload-", dir=house.data))
        paths = tuple(_write(folder, i, file) for i, file in enumerate(files))
    except OSError as error:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        raise _store_error(error) from error
    return Arrival(run, caller, folder, paths, into, dry_run)


def begin(house: Services, arrival: Arrival) -> asyncio.Future[None]:
    """Import in the background; the future ends with the import, and with its error."""
    _waiting.add(arrival.run)
    future = asyncio.get_running_loop().run_in_executor(_one_by_one, _take, house, arrival)
    future.add_done_callback(_seen)
    return future


def is_waiting(run: str) -> bool:
    """Tell whether a run has been announced and has not begun."""
    return run in _waiting


def _take(house: Services, arrival: Arrival) -> None:
    _waiting.discard(arrival.run)
    try:
        house.imports.take(
            arrival.paths,
            arrival.caller,
            into=arrival.into,
            dry_run=arrival.dry_run,
            run=arrival.run,
        )
    finally:
        shutil.rmtree(arrival.folder, ignore_errors=True)


def _seen(future: asyncio.Future[None]) -> None:
    """Take note of the error, which the run keeps for whoever did not wait for it."""
    if not future.cancelled():
        future.exception()


def _write(folder: Path, index: int, upload: UploadFile) -> Path:
    name = PurePosixPath((upload.filename or "").replace("\\", "/")).name
    path = folder / (name if name not in ("", ".", "..") else f"upload-{index}")
    if path.exists():
        path = folder / f"{index}-{path.name}"
    with path.open("wb") as out:
        shutil.copyfileobj(upload.file, out)
    return path


def _store_error(error: OSError) -> StoreError:
    message = f"the data folder cannot take the upload: {error.strerror}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull(message, hint="free some space and send it again")
    return StoreReadOnly(message, hint="make the data folder writable")
