"""Walking through MeterReadings: XML as a stream, told by local names, with nothing expanded.

Guarantees: a DOCTYPE is refused, elements may nest 32 deep, memory does not grow with the document.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final
from xml.parsers import expat

from graph_service.domain.errors import UnreadableInput

CHUNK_BYTES: Final = 256 * 1024
MOST_LEVELS: Final = 32


class Walker:
    """Walks a document, calling `begin` and `end` with the path below what it looks for."""

    wanted = ""

    def __init__(self, name: str):
        self._name = name
        self._path: list[str] = []
        self._text: list[str] = []
        self._below: int | None = None
        self._seen = False
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.ordered_attributes = True
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._stop
        self.parser.CharacterDataHandler = self._text.append

    def parse(self, file: BinaryIO) -> Iterator[int | None]:
        """Go through the document; gives a number after each piece, None at the end."""
        try:
            while chunk := file.read(CHUNK_BYTES):
                self.parser.Parse(chunk, False)
                yield 1
            self.parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise self._unreadable(
                f"not well-formed in line {error.lineno}, column {error.offset + 1}: "
                f"{expat.ErrorString(error.code)}"
            ) from None
        except (UnicodeError, ValueError, LookupError) as error:  # encodings nobody knows
            raise self._unreadable(str(error)) from None
        finally:
            self.parser.StartElementHandler = self.parser.EndElementHandler = None
            self.parser.CharacterDataHandler = self.parser.StartDoctypeDeclHandler = None
        if not self._seen:
            raise self._unreadable("there is no MeterReadings in it")
        yield None

    def begin(self, path: str, attributes: list[str]) -> None:
        """An element below what is looked for begins; `""` is that itself."""

    def end(self, path: str, text: str) -> None:
        """It ends, with its text."""

    def _start(self, tag: str, attributes: list[str]) -> None:
        local = tag.rpartition(":")[2]
        self._path.append(local)
        if len(self._path) > MOST_LEVELS:
            raise self._unreadable(f"elements nest deeper than {MOST_LEVELS} levels")
        self._text.clear()
        self._seen = self._seen or local == "MeterReadings"
        if self._below is None:
            if local != self.wanted or "MeterReadings" not in self._path[-2:-1]:
                return
            self._below = len(self._path)
        self.begin("/".join(self._path[self._below :]), attributes)

    def _stop(self, _: str) -> None:
        if self._below is not None:
            self.end("/".join(self._path[self._below :]), "".join(self._text).strip())
            if len(self._path) == self._below:
                self._below = None
        self._text.clear()
        self._path.pop()

    def _refuse_doctype(self, *_: object) -> None:
        raise self._unreadable("a DOCTYPE is not accepted")

    def _unreadable(self, reason: str) -> UnreadableInput:
        return UnreadableInput(
            f"{self._name} cannot be read as MeterReadings: {reason}",
            subject=self._name,
            hint="give a MeterReadings document of IEC 61968-9",
        )
