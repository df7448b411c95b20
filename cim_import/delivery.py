"""Deliveries: the files behind the paths somebody gives, out of folders, archives and archives
within archives.

Every file gets a name that an export can give back: its path inside the delivery, with `/`, an
archive counting as a folder (`grid.zip/EQ.xml`). Names never become paths on this disk here.

Guarantees: the same paths give the same files in the same order; no two files of a delivery
have the same name.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cim_import.archives import Member, Spent, file_members, unreadable
from cim_import.limits import Limits
from graph_service.domain.errors import UnreadableInput


class Delivery:
    """All files behind some paths, in order of their names."""

    def __init__(self, paths: Sequence[Path], limits: Limits | None = None):
        """Look at the paths, without opening anything.

        Raises:
            UnreadableInput: a path does not exist, or cannot be looked at.
        """
        self._limits = limits or Limits()
        self._sources = _named_apart([_source(path) for path in _distinct(paths)])
        self.name = _default_name([source.path for source in self._sources])
        self.disk_bytes = sum(size for source in self._sources for _, _, size in source.files)

    def members(self) -> Iterator[Member]:
        """Go through the files once.

        Raises:
            UnreadableInput: a file cannot be read, an archive is damaged, beyond the limits,
                or names a path outside itself.
        """
        spent = Spent(self._limits)
        for source in self._sources:
            for name, path, size in source.files:
                yield from file_members(source.prefix + name, path, size, spent)


@dataclass(frozen=True, slots=True)
class _Source:
    """One path given: what its files are called, where they are, how big they are.

    `origin` is the folder the names are relative to; `prefix` is put before them.
    """

    path: Path
    origin: Path
    files: tuple[tuple[str, Path, int], ...]
    prefix: str = ""


def _distinct(paths: Sequence[Path]) -> list[Path]:
    return list(dict.fromkeys(Path(os.path.abspath(path)) for path in paths))  # noqa: PTH100


def _source(path: Path) -> _Source:
    try:
        if path.is_dir():
            return _Source(path, path, tuple(_listed(path)))
        return _Source(path, path.parent, ((path.name, path, path.stat().st_size),))
    except FileNotFoundError:
        raise UnreadableInput(
            f"there is no file or folder '{path}'", subject=str(path), hint="check the path"
        ) from None
    except OSError as error:
        raise unreadable(path, error) from None


def _listed(folder: Path) -> Iterator[tuple[str, Path, int]]:
    for directory, folders, names in os.walk(folder, onerror=_give_up):
        folders.sort()
        for path in (Path(directory, name) for name in sorted(names)):
            if path.is_file():
                yield path.relative_to(folder).as_posix(), path, path.stat().st_size


def _give_up(error: OSError) -> None:
    raise error


def _named_apart(sources: list[_Source]) -> list[_Source]:
    """Put folder names before the files of paths whose names would meet."""
    depth = 0
    while met := _meeting(sources):
        depth += 1
        sources = [
            _prefixed(source, depth) if at in met else source for at, source in enumerate(sources)
        ]
        if depth > max(len(source.origin.parts) for source in sources):
            break
    return sources


def _meeting(sources: list[_Source]) -> set[int]:
    uses = Counter(source.prefix + name for source in sources for name, _, _ in source.files)
    return {
        at
        for at, source in enumerate(sources)
        if any(uses[source.prefix + name] > 1 for name, _, _ in source.files)
    }


def _prefixed(source: _Source, depth: int) -> _Source:
    folders = source.origin.parts[1:][-depth:]
    return _Source(source.path, source.origin, source.files, "".join(f"{f}/" for f in folders))


def _default_name(paths: list[Path]) -> str:
    """A name for the model set: that of the path, or of the folder that holds all of them."""
    if len(paths) == 1:
        name = paths[0].name if paths[0].is_dir() else paths[0].stem
    else:
        name = Path(os.path.commonpath(paths)).name if paths else ""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:100] or "model"
