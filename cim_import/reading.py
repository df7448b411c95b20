"""Reading: one CIM RDF/XML file, in pieces of 256 KB, into a document and its parts.

Guarantees: text is kept as it stands, white space included; references keep their written form;
classes, properties and name spaces nobody knows are kept like any other; a file that is not
well-formed is refused whole, with line and column. Never a tree of the document in memory, no
entity is ever expanded (a DOCTYPE is refused), elements may nest 64 deep.

Limits: one document is in memory at a time, in compact form (about 160 bytes a statement).
Processing instructions and comments are not kept; an xml:base below the root is reported, not
followed.

Encodings: UTF-8 with and without byte order mark, UTF-16, all of Python's one-byte encodings
(latin-1, cp1252, ...) and, by way of a decoder, its multi-byte ones.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO, Final
from xml.parsers import expat

from cim_import.gathered import RDF_TYPE, Gathered, Parts, finish, header_parts
from cim_import.grammar import Grammar, Node, TooDeep
from cim_import.headers import describe
from cim_import.identifiers import RDF, XML, identity, split_reference
from cim_import.limits import CHUNK_BYTES, MOST_LEVELS
from cim_import.namespaces import SEPARATOR, Rebound, Types, UnboundPrefix, Uris
from graph_service.domain.findings import Finding, finding
from graph_service.domain.statements import LANGUAGE, LITERAL, URI, Document

Opener = Callable[[], AbstractContextManager[BinaryIO]]
Progress = Callable[[int], None]
"""Told how many bytes were read since the last time."""

_DECLARED: Final = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._\-]+)["']""")
_BYTE_ORDER_MARKS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class LeftOut(Exception):
    """A file that is not taken; the finding says why."""

    def __init__(self, found: Finding):
        super().__init__(found.message)
        self.finding = found


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: the document without fingerprint and counts of findings, and its parts."""

    document: Document
    parts: Parts
    findings: tuple[Finding, ...]


def read_document(
    opener: Opener, name: str, model_set: str = "", progress: Progress | None = None
) -> Reading:
    """Read one file.

    `opener` opens it, more than once where the first bytes show that another way of reading is
    needed; `name` is the document's name, for findings too.

    Raises:
        LeftOut: it is not CIM RDF/XML, not well-formed, or refused.
    """
    processed, encoding = False, None
    while True:
        reader = _Reader(name, processed=processed, encoding=encoding)
        try:
            with opener() as stream:
                return reader.read(stream, model_set, progress or _nobody)
        except Rebound:
            processed = True
        except _MultiByte as found:
            encoding = found.encoding


class _MultiByte(Exception):
    def __init__(self, encoding: str):
        super().__init__(encoding)
        self.encoding = encoding


class _Doctype(Exception):
    pass


class _OtherRoot(Exception):
    pass


class _Reader:
    """The state of reading one file once."""

    def __init__(self, name: str, *, processed: bool, encoding: str | None):
        self.encoding = encoding
        self.gathered = Gathered(name)
        self.uris = Uris(processed)
        self.base = ""
        self.plain = LITERAL
        self.text: list[str] = []
        override = "utf-8" if encoding else None
        self.parser = expat.ParserCreate(override, SEPARATOR if processed else None)
        self.parser.ordered_attributes = True
        self.parser.buffer_text = True
        self.parser.buffer_size = CHUNK_BYTES
        self.parser.StartDoctypeDeclHandler = _refuse_doctype
        self.parser.StartElementHandler = self._root
        self.parser.EndElementHandler = lambda _: None
        if processed:
            self.parser.StartNamespaceDeclHandler = self._declare

    def read(self, stream: BinaryIO, model_set: str, progress: Progress) -> Reading:
        """Read the stream to its end."""
        try:
            for chunk in self._chunks(stream, progress):
                self.parser.Parse(chunk, False)
            self.parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise self._malformed(
                expat.ErrorString(error.code), error.lineno, error.offset
            ) from None
        except (UnicodeError, LookupError) as error:
            raise self._malformed(str(error)) from None
        except UnboundPrefix as error:
            raise self._malformed(f"the prefix '{error}' is not declared") from None
        except _Doctype:
            raise self._refused("a DOCTYPE is not accepted") from None
        except TooDeep:
            raise self._refused(f"elements nest deeper than {MOST_LEVELS} levels") from None
        except _OtherRoot as root:
            raise self._not_cim(f"its root is '{root}', not rdf:RDF") from None
        else:
            return self._reading(model_set)
        finally:
            self._let_go()

    def _chunks(self, stream: BinaryIO, progress: Progress) -> Iterator[bytes]:
        first = stream.read(CHUNK_BYTES)
        self._look_at(first)
        decoder = codecs.getincrementaldecoder(self.encoding)() if self.encoding else None
        chunk = first
        while chunk:
            yield decoder.decode(chunk).encode() if decoder else chunk
            progress(len(chunk))
            chunk = stream.read(CHUNK_BYTES)

    def _look_at(self, first: bytes) -> None:
        """Tell files that are no XML, and encodings that the parser does not know, at once."""
        if not first:
            raise self._not_cim("it is empty")
        for mark in _BYTE_ORDER_MARKS:
            if first.startswith(mark):
                first = first[len(mark) :]
        if not first.lstrip(b" \t\r\n\0").startswith(b"<"):
            raise self._not_cim("it is not XML")
        declared = _DECLARED.match(first[:200])
        if declared and not self.encoding and _is_multi_byte(declared[1].decode()):
            raise _MultiByte(declared[1].decode())

    def _root(self, tag: str, attributes: list[str]) -> None:
        given = self.uris.take_declarations(attributes)
        if self.uris[tag] != f"{RDF}RDF":
            raise _OtherRoot(self.uris.written(tag))
        for name, value in given:
            uri = self.uris[name]
            if uri == f"{XML}base" and f"{value}#" not in self.uris.namespaces.values():
                self.base = value
            elif uri == f"{XML}lang" and value:
                self.plain = LANGUAGE + value
        self.parser.CharacterDataHandler = self.text.append
        _handle_plain_form(self)

    def _declare(self, prefix: str | None, uri: str | None) -> None:
        self.uris.declare(prefix or "", uri or "")

    def _reading(self, model_set: str) -> Reading:
        gathered = self.gathered
        gathered.report_stray(self.text, self.parser.CurrentLineNumber)
        parts = finish(gathered, types_stated=RDF_TYPE in self.uris.values())
        document = describe(
            gathered.file, model_set, header_parts(gathered), self.uris.namespaces, self.base, parts
        )
        return Reading(document, parts, tuple(gathered.findings))

    def _let_go(self) -> None:
        """Cut the circle of parser and handlers, so that memory is free at once."""
        self.parser.StartElementHandler = self.parser.EndElementHandler = None
        self.parser.StartNamespaceDeclHandler = self.parser.CharacterDataHandler = None

    def _malformed(self, why: str, line: int = 0, offset: int = -1) -> LeftOut:
        line = line or self.parser.CurrentLineNumber
        column = offset + 1 or self.parser.CurrentColumnNumber + 1
        message = f"not well-formed in line {line}, column {column}: {why}"
        return self._left_out("MALFORMED_XML", message, line, column)

    def _refused(self, why: str) -> LeftOut:
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        return self._left_out("REFUSED_XML", f"{why} (line {line})", line, column)

    def _not_cim(self, why: str) -> LeftOut:
        return self._left_out("NOT_CIM", f"{why}")

    def _left_out(self, code: str, message: str, line: int = 0, column: int = 0) -> LeftOut:
        name = self.gathered.file
        return LeftOut(finding(code, message, subject=name, file=name, line=line, column=column))


def _handle_plain_form(reader: _Reader) -> None:
    """Set the handlers for the plain form: objects with values and references in them.

    These two functions see every element of every file, so they are long and share their
    variables instead of calling each other: it makes reading half as fast again. `level` is 1
    below the root, 2 in an object, 3 in a property with a value, 4 in one with a reference.
    """
    parser, uris, gathered, text = reader.parser, reader.uris, reader.gathered, reader.text
    rows, facts, plain, base = gathered.rows, gathered.facts, reader.plain, reader.base
    keep_row, keep_fact, clear_text, join = rows.append, facts.extend, text.clear, "".join
    types_of, value_of = Types(uris), _Values(base)
    grammar = Grammar(parser, uris, gathered, text, base, plain)
    id_, about, resource = map(uris.rdf_attribute, ("ID", "about", "resource"))
    by_id, by_id_, by_about, by_uuid = "ID _", "ID ", "about #_", "about urn:uuid:"
    level, open_tag = 1, ""

    def start(tag: str, attributes: list[str]) -> None:
        nonlocal level, open_tag
        if level == 2:
            if not attributes:
                level, open_tag = 3, tag
                if text:
                    if not join(text).isspace():
                        gathered.report_stray(text, parser.CurrentLineNumber)
                    clear_text()
            elif attributes[0] == resource and len(attributes) == 2:
                level = 4
                written = attributes[1]
                if written[:2] == "#_":
                    keep_fact((uris[tag], "&#_", written[2:]))
                elif written[:9] == "urn:uuid:" and written[9:10] != "_":
                    keep_fact((uris[tag], "&urn:uuid:", written[9:]))
                else:
                    keep_fact((uris[tag], *value_of[written]))
            else:
                grammar.enter_property(current(), tag, attributes, resume)
        elif level == 1:
            types = types_of[tag]
            if types and len(attributes) == 2 and attributes[0] in (id_, about):
                level = 2
                name, written = attributes
                if name == id_:
                    underlined = written[:1] == "_"
                    mrid, by = (written[1:], by_id) if underlined else (written, by_id_)
                elif written[:2] == "#_":
                    mrid, by = written[2:], by_about
                elif written[:9] == "urn:uuid:" and written[9:10] != "_":
                    mrid, by = written[9:], by_uuid
                else:
                    mrid, by = identity("about", written, base)
                keep_row((mrid, types, by, "", parser.CurrentLineNumber, len(facts)))
            else:
                grammar.enter_object(tag, attributes, resume)
        else:
            outer = uris[open_tag] if level == 3 else facts[-3]
            level = 2
            grammar.enter_nested(current(), outer, tag, attributes, resume)

    def end(tag: str) -> None:
        nonlocal level
        if level == 3:
            level = 2
            keep_fact((uris[tag], plain, text[0] if len(text) == 1 else join(text)))
            clear_text()
        elif level == 4:
            level = 2
        elif level:
            level -= 1
            if text:
                if not join(text).isspace():
                    gathered.report_stray(text, parser.CurrentLineNumber)
                clear_text()

    def current() -> Node:
        mrid, types, by, section, line, _ = rows[-1]
        return Node(mrid, list(types), by, facts, plain, section, line, kept=True)

    def resume() -> None:
        parser.StartElementHandler, parser.EndElementHandler = start, end

    resume()


class _Values(dict[str, tuple[str, str]]):
    """reference as written → form and value; outside URIs, which repeat, are worked out once."""

    def __init__(self, base: str):
        super().__init__()
        self.base = base

    def __missing__(self, written: str) -> tuple[str, str]:
        form, value = split_reference(written, self.base)
        if form == URI:
            self[written] = form, value
        return form, value


def _refuse_doctype(*_: object) -> None:
    raise _Doctype


def _is_multi_byte(encoding: str) -> bool:
    """Tell whether an encoding is known to Python, but not to the parser."""
    try:
        known = codecs.lookup(encoding).name
        if known.startswith(("utf-8", "utf-16", "ascii", "iso8859-1")):
            return False
        return len(bytes(range(256)).decode(known, "replace")) != 256
    except LookupError:
        return False


def _nobody(_: int) -> None:
    """Progress that nobody watches."""
