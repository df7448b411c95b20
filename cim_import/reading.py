"""Reading: one CIM RDF/XML file, 64 KB at a time, into a document and its parts.

An XML parser checks the file up to its root. From there a UTF-8 file is first read in a way that
proves by itself that all is well-formed (see `plain`); where it cannot, the file is read again
with the parser checking every byte.

Guarantees: text is kept as it stands, white space included; references keep their written form;
classes, properties and name spaces nobody knows are kept like any other; a file that is not
well-formed is refused whole, with line and column. Never a tree of the document in memory, no
entity is ever expanded (a DOCTYPE is refused), elements may nest 64 deep.

Limits: one document is in memory at a time, in compact form (about 160 bytes a statement).
Processing instructions and comments are not kept; an xml:base below the root is reported, not
followed.

Encodings: UTF-8 with and without byte order mark, UTF-16, and all that Python can decode and
that the XML declaration names (latin-1, cp1252, gb2312, ...).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from io import IncrementalNewlineDecoder
from itertools import chain
from typing import BinaryIO, Final
from xml.parsers import expat

from cim_import.gathered import Gathered, Parts, finish, header_parts
from cim_import.grammar import OtherRoot
from cim_import.headers import describe
from cim_import.limits import CHUNK_BYTES, MOST_LEVELS
from cim_import.namespaces import Namespaces
from cim_import.odd_places import BadNames, OddPlaces, TooDeep, Unproven
from cim_import.plain import read_plain
from graph_service.domain.findings import Finding, finding
from graph_service.domain.statements import Document

Opener = Callable[[], AbstractContextManager[BinaryIO]]
Progress = Callable[[int], None]
"""Told how many bytes were read since the last time."""

_DECLARED: Final = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._\-]+)["']""")
_LEGAL: Final = bytes([0x09, 0x0A, 0x0D, *range(0x20, 0x100)])
"""What a character of an XML document may have among its bytes in UTF-8."""
_UTF_16: Final = (
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)


class LeftOut(Exception):
    """A file that is not taken; the finding says why."""

    def __init__(self, found: Finding):
        super().__init__(found.message)
        self.finding = found


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: the document without its fingerprint, its parts, and what was odd."""

    document: Document
    parts: Parts
    findings: tuple[Finding, ...]


def read_document(
    opener: Opener, name: str, model_set: str = "", progress: Progress | None = None
) -> Reading:
    """Read one file; `name` is the document's name, for findings too.

    Raises:
        LeftOut: it is not CIM RDF/XML, not well-formed, or refused.
    """
    further = _Further(progress or _nobody)
    with opener() as stream:
        try:
            return _Reader(name, stream, further, is_checked=False).read(model_set)
        except (LeftOut, Unproven):  # the parser says what is wrong, and where, if anything is
            further.begin_again()
    with opener() as stream:
        return _Reader(name, stream, further, is_checked=True).read(model_set)


class _Doctype(Exception):
    pass


class _Further:
    """Progress in a file that may be read again from its beginning."""

    def __init__(self, progress: Progress):
        self._progress = progress
        self._at = self._furthest = 0

    def begin_again(self) -> None:
        self._at = 0

    def __call__(self, count: int) -> None:
        self._at += count
        if self._at > self._furthest:
            self._progress(self._at - self._furthest)
            self._furthest = self._at


class _Reader:
    """The state of reading one file; `is_checked` has the parser see all of it."""

    def __init__(self, name: str, stream: BinaryIO, progress: Progress, *, is_checked: bool):
        self._name, self._stream, self._progress = name, stream, progress
        self._is_checked = is_checked
        self._gathered = Gathered(name)
        self._namespaces = Namespaces()
        self._parser = expat.ParserCreate()
        self._is_root_open = False

    def read(self, model_set: str) -> Reading:
        """Read the stream to its end.

        Raises:
            LeftOut: it is not taken; why may be inexact where it is not checked.
            Unproven: it is not checked, and may not be well-formed.
        """
        odd = OddPlaces(self._gathered, self._namespaces, is_checked=self._is_checked)
        try:
            pieces = chain.from_iterable(self._pieces())
            line = odd.open_root(pieces)
            read_plain(pieces, self._gathered, odd, line)
        except expat.ExpatError as error:
            why = expat.ErrorString(error.code)
            raise self._malformed(why, error.lineno, error.offset + 1) from None
        except (UnicodeError, LookupError) as error:
            raise self._malformed(str(error), self._parser.CurrentLineNumber) from None
        except BadNames as error:
            raise self._malformed(str(error), error.line) from None
        except _Doctype:
            line = self._parser.CurrentLineNumber
            raise self._refused("a DOCTYPE is not accepted", line) from None
        except TooDeep as error:
            why = f"elements nest deeper than {MOST_LEVELS} levels"
            raise self._refused(why, error.line) from None
        except OtherRoot as root:
            raise self._not_cim(f"its root is '{root}', not rdf:RDF") from None
        finally:
            odd.close()
        return self._reading(model_set, odd.grammar.base)

    def _pieces(self) -> Iterator[list[str]]:
        """Give the pieces of the file, those of a chunk at a time.

        What stands before a mistake is given before the parser's error is raised, so that a
        file with another root is not called malformed.
        """
        utf_8 = codecs.getincrementaldecoder("utf-8")()
        decoder = IncrementalNewlineDecoder(utf_8, translate=True)
        held, given = [""], 0
        for chunk in chain(self._utf_8(), [b""]):
            try:
                self._check(chunk)
            except (expat.ExpatError, _Doctype):
                good = chunk[: max(self._parser.ErrorByteIndex - given, 0)]
                text = "".join((*held, decoder.decode(good)))
                yield text[: text.rfind(">") + 1].split("<")
                raise
            given += len(chunk)
            text = decoder.decode(chunk, not chunk)
            if not self._is_checked and ("\ufffe" in text or "\uffff" in text):
                raise Unproven
            first, *pieces = text.split("<")
            held.append(first)
            if pieces:
                yield ["".join(held), *pieces[:-1]]
                held = pieces[-1:]
        yield ["".join(held)]

    def _check(self, chunk: bytes) -> None:
        """Have the parser check a chunk, or only its bytes where reading proves the rest."""
        if self._is_checked or not self._is_root_open:
            self._parser.Parse(chunk, not chunk)
        elif chunk.translate(None, _LEGAL):
            raise Unproven

    def _utf_8(self) -> Iterator[bytes]:
        """The chunks of the file, in UTF-8 whatever they were, and a parser for them."""
        chunks = self._chunks()
        first = next(chunks)
        encoding = _encoding(first)
        if encoding != "utf-8" and not self._is_checked:
            raise Unproven
        decoder = codecs.getincrementaldecoder(encoding or "utf-8")()
        is_own = encoding in ("", "utf-8")
        self._parser = expat.ParserCreate(None if is_own else "utf-8")
        self._parser.StartDoctypeDeclHandler = _refuse_doctype
        self._parser.StartElementHandler = self._open_root
        for chunk in chain([first], chunks):
            if is_own:
                yield chunk
            elif text := decoder.decode(chunk):
                yield text.encode()

    def _open_root(self, *_: object) -> None:
        self._is_root_open, self._parser.StartElementHandler = True, None

    def _chunks(self) -> Iterator[bytes]:
        chunk = self._stream.read(CHUNK_BYTES)
        if not chunk:
            raise self._not_cim("it is empty")
        start = chunk.removeprefix(codecs.BOM_UTF8)
        if not _looks_like_xml(start):
            raise self._not_cim("it is not XML")
        while chunk:
            yield chunk
            self._progress(len(chunk))
            chunk = self._stream.read(CHUNK_BYTES)

    def _reading(self, model_set: str, base: str) -> Reading:
        gathered, namespaces = self._gathered, self._namespaces.all
        parts = finish(gathered)
        header = header_parts(gathered)
        document = describe(self._name, model_set, header, namespaces, base, parts)
        return Reading(document, parts, tuple(gathered.findings))

    def _malformed(self, why: str, line: int, column: int = 0) -> LeftOut:
        place = f"line {line}, column {column}" if column else f"line {line}"
        return self._left_out("MALFORMED_XML", f"not well-formed in {place}: {why}", line, column)

    def _refused(self, why: str, line: int) -> LeftOut:
        return self._left_out("REFUSED_XML", f"{why} (line {line})", line)

    def _not_cim(self, why: str) -> LeftOut:
        return self._left_out("NOT_CIM", why)

    def _left_out(self, code: str, message: str, line: int = 0, column: int = 0) -> LeftOut:
        name = self._name
        return LeftOut(finding(code, message, subject=name, file=name, line=line, column=column))


def _looks_like_xml(start: bytes) -> bool:
    for mark, _ in _UTF_16[:2]:
        start = start.removeprefix(mark)
    return start.lstrip(b" \t\r\n\0").startswith(b"<")


def _encoding(start: bytes) -> str:
    """The encoding; empty for one that is declared and that only the parser may judge."""
    for mark, encoding in _UTF_16:
        if start.startswith(mark):
            return encoding
    declared = _DECLARED.match(start[:200].removeprefix(codecs.BOM_UTF8))
    encoding = codecs.lookup(declared[1].decode()).name if declared else "utf-8"
    return "" if encoding.startswith(("utf-16", "utf-32", "ascii")) else encoding


def _refuse_doctype(*_: object) -> None:
    raise _Doctype


def _nobody(_: int) -> None:
    """Progress that nobody watches."""
