"""Files of line protocol: the same lines as over HTTP, time stamps in nanoseconds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from graph_service.services.formats.addressed import Batch, PutAside, Read, Reading
from graph_service.services.formats.line_protocol import LineReader
from graph_service.services.formats.mapping import Mapping

PIECE_BYTES: Final = 2_000_000
LONGEST_LINE: Final = 4_000_000


def reader(mapping: Mapping) -> Read:
    """A reader of files by a mapping."""

    def read(file: BinaryIO, reading: Reading, position: int, line: int) -> Iterator[Batch]:
        lines = LineReader(mapping, reading.model_set)
        file.seek(position)
        for piece in _pieces(file):
            batch = lines.read(piece, "ns", reading.now_us)
            batch.rejected = [PutAside(at + line, reason) for at, reason in batch.rejected]
            position += len(piece)
            line += piece.count(b"\n")
            batch.position, batch.line = position, line
            yield batch

    return read


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    """Pieces that end where a line does."""
    while piece := file.read(PIECE_BYTES):
        yield piece + (b"" if piece.endswith(b"\n") else file.readline(LONGEST_LINE))
