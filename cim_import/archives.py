"""Archives: the files inside zips, and inside zips within zips, under names that are safe.

Guarantees: what an archive claims about itself is not trusted; ratio, bytes, members and
nesting are held against `Limits` while inflating. Nothing is unpacked to the disk but archives
within archives, one at a time, into a file without a name. Names of members never become paths.
"""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, cast

from cim_import.limits import CHUNK_BYTES, Limits
from graph_service.domain.errors import UnreadableInput

_ZIP_STARTS: Final = (b"PK\x03\x04", b"PK\x05\x06")
_IN_MEMORY_BYTES: Final = 16 << 20
_DAMAGES: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    RuntimeError,
    NotImplementedError,
    OSError,
)


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a delivery; `disk_bytes` is how much of the disk it stands for.

    `opener` may be called more than once, until the next member is asked for.
    """

    name: str
    disk_bytes: int
    opener: Callable[[], AbstractContextManager[BinaryIO]]


@dataclass(slots=True)
class Spent:
    """How much of the limits a delivery used up so far."""

    limits: Limits
    members: int = 0
    bytes: int = 0
    names: set[str] = field(default_factory=set)

    def count_member(self, archive: str) -> None:
        """Count one more file of an archive."""
        self.members += 1
        if self.members > self.limits.members:
            raise _too_much(archive, f"more than {self.limits.members:,} files")

    def count_bytes(self, archive: str, count: int) -> None:
        """Count inflated bytes."""
        self.bytes += count
        if self.bytes > self.limits.total_bytes:
            raise _too_much(archive, f"more than {self.limits.total_bytes:,} bytes in all")


def file_members(name: str, path: Path, size: int, spent: Spent) -> Iterator[Member]:
    """Give the file itself, or where it is an archive what is in it.

    Raises:
        UnreadableInput: it cannot be read, is damaged, beyond the limits, or names a path
            outside itself.
    """
    try:
        with path.open("rb") as stream:
            if stream.read(4) in _ZIP_STARTS:
                stream.seek(0)
                yield from _archive_members(name, stream, size, spent, 1)
                return
    except OSError as error:
        raise unreadable(path, error) from None
    yield Member(name, size, lambda: path.open("rb"))


def _archive_members(
    archive: str, stream: BinaryIO, size: int, spent: Spent, level: int
) -> Iterator[Member]:
    if level > spent.limits.nesting:
        raise _too_much(archive, f"archives nested deeper than {spent.limits.nesting}")
    try:
        opened = zipfile.ZipFile(stream)
    except _DAMAGES as error:
        raise _damaged(archive, error) from None
    with opened:
        infos = sorted((i for i in opened.infolist() if not i.is_dir()), key=lambda i: i.filename)
        packed = sum(info.compress_size for info in infos) or 1
        for info in infos:
            spent.count_member(archive)
            name = _free_name(f"{archive}/{_safe_name(archive, info.filename)}", spent.names)
            share = size * info.compress_size // packed
            yield from _packed_members(name, opened, info, share, spent, level)


def _packed_members(
    name: str, opened: zipfile.ZipFile, info: zipfile.ZipInfo, size: int, spent: Spent, level: int
) -> Iterator[Member]:
    def inflate() -> AbstractContextManager[BinaryIO]:
        return cast("AbstractContextManager[BinaryIO]", _Inflated(name, opened, info, spent))

    with inflate() as stream:
        start = stream.read(4)
    if start not in _ZIP_STARTS:
        yield Member(name, size, inflate)
        return
    with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as spooled:
        with inflate() as stream:
            while chunk := stream.read(CHUNK_BYTES):
                spooled.write(chunk)
        spooled.seek(0)
        yield from _archive_members(name, cast("BinaryIO", spooled), size, spent, level + 1)


class _Inflated(io.RawIOBase):
    """A member of an archive, inflated as it is read and held against the limits."""

    def __init__(self, name: str, opened: zipfile.ZipFile, info: zipfile.ZipInfo, spent: Spent):
        super().__init__()
        self._name, self._info, self._spent = name, info, spent
        self._given = 0
        try:
            self._stream = opened.open(info)
        except _DAMAGES as error:
            raise _damaged(name, error) from None

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes.

        Raises:
            UnreadableInput: the member is damaged or beyond a limit.
        """
        try:
            chunk = self._stream.read(size)
        except _DAMAGES as error:
            raise _damaged(self._name, error) from None
        self._given += len(chunk)
        self._check(len(chunk))
        return chunk

    def _check(self, count: int) -> None:
        limits, given = self._spent.limits, self._given
        self._spent.count_bytes(self._name, count)
        if given > limits.member_bytes:
            raise _too_much(self._name, f"more than {limits.member_bytes:,} bytes in one file")
        if given > limits.ratio_from_bytes and given > limits.ratio * self._info.compress_size:
            raise _too_much(self._name, f"more than {limits.ratio} times its packed size")

    def close(self) -> None:
        """Let go of the archive's stream."""
        self._stream.close()
        super().close()


def _safe_name(archive: str, name: str) -> str:
    """Give the name of a member with `/`.

    Raises:
        UnreadableInput: it leads outside the archive.
    """
    given = name.replace("\\", "/")
    pieces = given.split("/")
    if given.startswith("/") or ".." in pieces or re.match(r"[A-Za-z]:", given):
        raise UnreadableInput(
            f"the archive '{archive}' has a file named '{name}', which leads outside it",
            subject=archive,
            hint="pack the archive again with paths inside it; nothing of it was taken",
        )
    return "/".join(piece for piece in pieces if piece not in ("", "."))


def _free_name(name: str, taken: set[str]) -> str:
    """The name itself, or with ` (2)`, ... where an archive holds it several times."""
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    taken.add(free)
    return free


def unreadable(path: Path, error: OSError) -> UnreadableInput:
    """The error for a path that the system will not let us read."""
    return UnreadableInput(
        f"'{path}' cannot be read: {error.strerror or error}",
        subject=str(path),
        hint="check that it exists and that you may read it",
    )


def _damaged(name: str, error: BaseException) -> UnreadableInput:
    return UnreadableInput(
        f"the archive file '{name}' cannot be unpacked: {error}",
        subject=name,
        hint="the archive is damaged, encrypted or packed in a way that is not known; send it "
        "again or give its files unpacked",
    )


def _too_much(name: str, what: str) -> UnreadableInput:
    return UnreadableInput(
        f"'{name}' holds {what}; that is not a CIM delivery",
        subject=name,
        hint="if it really is one, unpack it and give the files",
    )
