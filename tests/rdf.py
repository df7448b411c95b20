"""Writes small CIM files for tests: `rdf('<cim:Breaker rdf:ID="_b"/>')`."""

from __future__ import annotations

from io import BytesIO

from cim_import.reading import Reading, read_document
from cim_import.writing import part_order, write_document
from graph_service.domain.statements import Part

CIM = "http://iec.ch/TC57/CIM100#"
MD = "http://iec.ch/TC57/61970-552/ModelDescription/1#"
DM = "http://iec.ch/TC57/61970-552/DifferenceModel/1#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def rdf(body: str = "", root: str = "", *, cim: str = CIM) -> bytes:
    """A whole file; `root` goes into the root's start tag."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:cim="{cim}" xmlns:md="{MD}" xmlns:dm="{DM}" {root}>\n'
        f"{body}\n</rdf:RDF>\n"
    ).encode()


def read(data: bytes, name: str = "EQ.xml") -> Reading:
    """Read bytes as a document."""
    return read_document(lambda: BytesIO(data), name)


def parts(body: str, root: str = "") -> list[Part]:
    """The parts of a file with this body."""
    return list(read(rdf(body, root)).parts)


def codes(reading: Reading) -> list[str]:
    """The codes of the findings."""
    return [found.code for found in reading.findings]


def rewritten(data: bytes) -> bytes:
    """What a file becomes when it is read and written."""
    reading, out = read(data), BytesIO()
    write_document(reading.document, sorted(reading.parts, key=part_order), out)
    return out.getvalue()
