"""Backups: one folder or tar file that holds graph, records and readings of one point in time.

Beside the copies lies `manifest.json`: when and of what revision, how many things, and the size and
SHA-256 of every file. A backup is there under its name only when it is whole. Restoring checks all
of it before anything of the data folder is touched.
"""

from __future__ import annotations

import hashlib
import shutil
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final

import orjson

from graph_service.domain.errors import Conflict, UnreadableInput
from graph_service.ports.backup import Backup, BackupFacts
from graph_service.ports.exchange import Progress

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1

_TARS: Final = {".tar": "w", ".tgz": "w:gz", ".gz": "w:gz"}


@dataclass(frozen=True, slots=True)
class BackupReport:
    """A backup that was made, or restored.

    Attributes:
        made_at: When it was made.
        revision: The newest revision of the graph in it.
        counts: How many things it holds, by name.
        bytes_copied: The size of its files together.
        before: Where the data are now that a restore replaced.
        seconds: How long it took.
    """

    made_at: datetime
    revision: int
    counts: Mapping[str, int]
    bytes_copied: int
    before: str | None
    seconds: float


class Backups:
    """Makes backups and restores them.

    Args:
        backup: copies the stores.
    """

    def __init__(self, backup: Backup) -> None:
        self._backup = backup

    def make(self, target: Path, progress: Progress | None = None) -> BackupReport:
        """Make a backup: a tar file where the name says so (`.tar`, `.tar.gz`), else a folder.

        Raises:
            Conflict: there is something of this name.
            StoreError: something could not be read or written; nothing is left of it.
        """
        begun = time.monotonic()
        if target.exists():
            raise Conflict(
                f"there is something at {target}", subject=str(target), hint="give another name"
            )
        target.absolute().parent.mkdir(parents=True, exist_ok=True)
        with _beside(target) as folder:
            copies = folder / "copy"
            copies.mkdir()
            made_at = datetime.now(UTC)
            facts = self._backup.take(copies, progress)
            manifest = _manifest(copies, facts, made_at)
            (copies / MANIFEST).write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
            _finish(copies, folder, target)
        return _report(manifest, None, begun)

    def restore(
        self, source: Path, *, replace: bool = False, progress: Progress | None = None
    ) -> BackupReport:
        """Make the data folder what a backup holds.

        Raises:
            UnreadableInput: it is no backup, not whole, or other than when it was made.
            Conflict: there are data already and `replace` is not said, or they are in use.
            StoreError: the copies are damaged, or of a newer version.
        """
        begun = time.monotonic()
        with _beside(self._backup.staging(replace=replace) / "restore") as folder:
            copies = folder / "copy"
            _unpack(source, copies)
            manifest = _checked(source, copies, progress)
            facts = self._backup.facts(copies)
            if (facts.revision, dict(facts.counts)) != (manifest["revision"], manifest["counts"]):
                raise _no_backup(source, "it holds other things than its manifest says")
            (copies / MANIFEST).unlink()
            before = self._backup.put_back(copies, replace=replace)
        return _report(manifest, before, begun)


# --- making -------------------------------------------------------------------------------------


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A folder on the same disk that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.absolute().parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _manifest(copies: Path, facts: BackupFacts, made_at: datetime) -> dict[str, Any]:
    files = sorted(path for path in copies.iterdir() if path.is_file())
    return {
        "format": FORMAT,
        "made_at": made_at.isoformat(),
        "revision": facts.revision,
        "counts": dict(facts.counts),
        "files": {
            path.name: {"bytes": path.stat().st_size, "sha256": _sha256(path)} for path in files
        },
    }


def _finish(copies: Path, folder: Path, target: Path) -> None:
    mode = _TARS.get(target.suffix)
    if mode is None:
        copies.rename(target)
        return
    part = folder / "part"
    with tarfile.open(part, mode) as tar:  # type: ignore[call-overload]
        for path in (copies / MANIFEST, *sorted(copies.glob("*.sqlite"))):
            tar.add(path, path.name)
    part.rename(target)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- restoring ----------------------------------------------------------------------------------


def _unpack(source: Path, copies: Path) -> None:
    """Bring the files of a backup, and nothing else, into a new folder."""
    copies.mkdir()
    try:
        if source.is_dir():
            for path in source.iterdir():
                if path.is_file():
                    shutil.copyfile(path, copies / path.name)
            return
        with tarfile.open(source) as tar:
            for member in tar:
                if not member.isfile() or len(PurePosixPath(member.name).parts) != 1:
                    raise _no_backup(source, f"'{member.name}' does not belong into one")
                tar.extract(member, copies, filter="data")
    except (OSError, EOFError, tarfile.TarError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _no_backup(source, reason) from error


def _checked(source: Path, copies: Path, progress: Progress | None) -> dict[str, Any]:
    """The manifest of copies that are as it says."""
    try:
        manifest: dict[str, Any] = orjson.loads((copies / MANIFEST).read_bytes())
        files, form = manifest["files"], manifest["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _no_backup(source, f"its {MANIFEST} is missing or damaged") from error
    if form != FORMAT:
        raise _no_backup(source, f"it is of format {form}, this program reads {FORMAT}")
    there = {path.name for path in copies.iterdir()} - {MANIFEST}
    if there != files.keys():
        raise _no_backup(source, f"it holds other files than its {MANIFEST} says")
    for at, (name, said) in enumerate(files.items(), start=1):
        if _sha256(copies / name) != said["sha256"]:
            raise _no_backup(source, f"{name} is not what it was when the backup was made")
        if progress is not None:
            progress("checking", at, len(files))
    return manifest


def _no_backup(source: Path, reason: str) -> UnreadableInput:
    return UnreadableInput(
        f"{source} cannot be restored: {reason}",
        subject=str(source),
        hint="give a file or folder that `gridstrata backup` made",
    )


def _report(manifest: Mapping[str, Any], before: Path | None, begun: float) -> BackupReport:
    return BackupReport(
        made_at=datetime.fromisoformat(manifest["made_at"]),
        revision=manifest["revision"],
        counts=manifest["counts"],
        bytes_copied=sum(said["bytes"] for said in manifest["files"].values()),
        before=None if before is None else str(before),
        seconds=time.monotonic() - begun,
    )
