"""One CIM file in the making: RDF/XML written object by object, as a stream.

Guarantees: a file is written under a temporary name and appears when it is whole; equal calls
give equal bytes. Names and texts are written as they come: `quoted` makes foreign ones safe.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO
from xml.sax.saxutils import escape

from cim_import.profiles import CIM, GS
from graph_service.domain.errors import UnreadableInput

_MODEL_DESCRIPTION: Final = "http://iec.ch/TC57/61970-552/ModelDescription/1#"
_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_OBJECTS_PER_FLUSH: Final = 2000
_PART: Final = ".part"


@dataclass(frozen=True, slots=True)
class Header:
    """The md:FullModel of a file. Model ids are written without `urn:uuid:`; times are ISO 8601."""

    model_id: str
    profiles: tuple[str, ...]
    depends_on: tuple[str, ...]
    created: str
    description: str
    authority: str


def text(name: str, value: object) -> str:
    """A literal, such as `text("cim:IdentifiedObject.name", "Feeder 3")`."""
    return f"    <{name}>{value}</{name}>\n"


def ref(name: str, mrid: str) -> str:
    """A reference to an element."""
    return f'    <{name} rdf:resource="#_{mrid}"/>\n'


def enum(name: str, value: str, namespace: str = CIM) -> str:
    """A value of an enumeration, such as `PhaseCode.ABCN`."""
    return f'    <{name} rdf:resource="{namespace}{value}"/>\n'


def named(name: str) -> str:
    """The name of an element."""
    return f"    <cim:IdentifiedObject.name>{name}</cim:IdentifiedObject.name>\n"


def quoted(foreign: str) -> str:
    """Text from elsewhere, safe within XML text and attributes."""
    return escape(foreign, {'"': "&quot;"})


class ModelFile:
    """A file that is written as a stream; `counts` holds the objects it defines, by kind."""

    def __init__(self, stream: TextIO, header: Header):
        self.counts: Counter[str] = Counter()
        self._stream = stream
        self._pending = [_opening(header)]

    def define(self, kind: str, mrid: str, *properties: str) -> None:
        """Write an element that this file defines (rdf:ID)."""
        self.counts[kind] += 1
        self._add(f'  <{kind} rdf:ID="_{mrid}">\n{"".join(properties)}  </{kind}>\n')

    def extend(self, kind: str, mrid: str, *properties: str) -> None:
        """Write properties of an element that another file defines (rdf:about)."""
        self._add(f'  <{kind} rdf:about="#_{mrid}">\n{"".join(properties)}  </{kind}>\n')

    def finish(self) -> None:
        """Write what is left and the closing tag."""
        self._add("</rdf:RDF>\n")
        self._flush()

    def _add(self, block: str) -> None:
        self._pending.append(block)
        if len(self._pending) >= _OBJECTS_PER_FLUSH:
            self._flush()

    def _flush(self) -> None:
        self._stream.write("".join(self._pending))
        self._pending.clear()


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """A text file that appears when the block ends, whole, and not at all if it fails."""
    part = path.with_name(path.name + _PART)
    try:
        with part.open("w", encoding="utf-8", newline="\n") as stream:
            yield stream
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def elements_by_kind(files: Iterable[ModelFile]) -> dict[str, int]:
    """How many elements the files define, by kind without its prefix, in the order of the kinds."""
    total: Counter[str] = Counter()
    for file in files:
        total += file.counts
    return dict(sorted((kind.partition(":")[2], count) for kind, count in total.items()))


def prepare_directory(directory: Path, ours: Iterable[str]) -> None:
    """Make the folder; one that holds only files of these names may be written again.

    Raises:
        UnreadableInput: it holds other files, is no folder, or cannot be made.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        held = sorted(path.name for path in directory.iterdir())
    except OSError as error:
        raise UnreadableInput(
            f"the folder {directory} cannot be used: {error.strerror}",
            subject=str(directory),
            hint="name a folder that can be written",
        ) from error
    mine = {name + ending for name in ours for ending in ("", _PART)}
    foreign = [name for name in held if name not in mine]
    if foreign:
        raise UnreadableInput(
            f"the folder {directory} holds other files: {', '.join(foreign[:3])}",
            subject=str(directory),
            hint="name a new or empty folder",
        )


def _opening(header: Header) -> str:
    lines = [
        text("md:Model.created", header.created),
        text("md:Model.scenarioTime", header.created),
        text("md:Model.version", 1),
        text("md:Model.description", header.description),
        text("md:Model.modelingAuthoritySet", header.authority),
        *(text("md:Model.profile", profile) for profile in header.profiles),
        *(
            f'    <md:Model.DependentOn rdf:resource="urn:uuid:{quoted(other)}"/>\n'
            for other in header.depends_on
        ),
    ]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<rdf:RDF xmlns:rdf="{_RDF}" xmlns:md="{_MODEL_DESCRIPTION}" xmlns:cim="{CIM}" '
        f'xmlns:gs="{GS}">\n'
        f'  <md:FullModel rdf:about="urn:uuid:{header.model_id}">\n'
        f"{''.join(lines)}  </md:FullModel>\n"
    )
