"""Lines of a text file with their numbers, and where in the file each begins.

A reader that stopped goes on at a position. A line too long to be one is put aside, not kept in
memory; text that is no UTF-8 keeps a mark where it went wrong, which the checks find.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from typing import BinaryIO, Final

from graph_service.services.formats.addressed import Batch, PutAside

LONGEST_LINE: Final = 4_000_000


class Lines:
    """The lines of a stream, from a position on.

    Attributes:
        number: The number of the line given last, from 1.
        position: Where the next one begins, in bytes.
        rejected: The lines put aside since `batch` was asked last.
    """

    def __init__(self, file: BinaryIO, position: int = 0, number: int = 0):
        self._file = file
        self.number = number
        self.position = position
        self.rejected: list[PutAside] = []
        if position:
            file.seek(position)

    def __iter__(self) -> Iterator[str]:
        """The lines, without their ends."""
        while line := self._file.readline(LONGEST_LINE):
            first = self.position == 0
            self.number += 1
            self.position += len(line)
            if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                self._pass_over()
                continue
            if first and line.startswith(codecs.BOM_UTF8):
                line = line[len(codecs.BOM_UTF8) :]
            yield line.decode("utf-8", "replace").rstrip("\r\n")

    def rows(self) -> Iterator[list[str]]:
        """The cells of each line of CSV that is not blank.

        Each line stands by itself, so that a stray quotation mark does not swallow what follows.
        """
        for line in self:
            if '"' not in line:
                if line:
                    yield line.split(",")
                continue
            try:
                yield next(csv.reader((line,), strict=True))
            except csv.Error as error:
                self.put_aside(str(error))

    def put_aside(self, reason: str) -> None:
        """Keep the reason why the line given last is not taken."""
        self.rejected.append(PutAside(self.number, reason))

    def batch(self, batch: Batch) -> Batch:
        """Give a batch the lines put aside and the place to go on at."""
        batch.rejected, self.rejected = self.rejected, []
        batch.position, batch.line = self.position, self.number
        return batch

    def _pass_over(self) -> None:
        while line := self._file.readline(LONGEST_LINE):
            self.position += len(line)
            if line.endswith(b"\n"):
                break
        self.put_aside(f"the line is longer than {LONGEST_LINE:,} characters")
