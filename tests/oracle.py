"""An independent reading of CIM RDF/XML on lxml, to hold our own reader and writer against.

Written from the definition of a lossless round trip, not from our code: it shares nothing with
`cim_import`, not even the normalisation of ids, and knows only the constructs that the published
models use.
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
HEADERS = {"FullModel", "DifferenceModel", "Dataset"}

Fact = tuple[str, str, str, tuple[str, ...]]
"""(section, subject, property URI, value); value ('ref', id), ('uri', URI) or ('lit', text)"""


def facts(data: bytes) -> tuple[set[Fact], set[Fact]]:
    """Give the statements and the header statements of a file."""
    body: set[Fact] = set()
    header: set[Fact] = set()
    for node in _root(data).iterchildren("*"):
        into = header if etree.QName(node).localname in HEADERS else body
        _read(node, "", into, body)
    return body, header


def kinds(folder: Path) -> Counter[str]:
    """Count elements by class (local name), each element once, over all files of a model.

    Elements with several classes are counted under the longest list joined by `+`.
    """
    classes: dict[str, set[str]] = {}
    for _, data in delivered(folder):
        try:
            body, _ = facts(data)
        except etree.XMLSyntaxError:
            continue
        for section, subject, name, value in body:
            if name == "type" and not section:
                classes.setdefault(subject, set()).add(value[1].rpartition("#")[2])
    return Counter("+".join(sorted(names)) for names in classes.values())


def delivered(path: Path, name: str = "") -> Iterator[tuple[str, bytes]]:
    """Every file of a delivery that may be CIM, archives opened, with its path inside."""
    if path.is_dir():
        for inner in sorted(path.rglob("*")):
            if inner.is_file():
                yield from _unpacked(inner.relative_to(path).as_posix(), inner.read_bytes())
    else:
        yield from _unpacked(path.name, path.read_bytes())


def _unpacked(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for inner in archive.namelist():
                if not inner.endswith("/"):
                    yield from _unpacked(f"{name}/{inner}", archive.read(inner))
    elif b":RDF" in data or ":RDF".encode("utf-16-le") in data:
        yield name, data


def _root(data: bytes) -> etree._Element:
    return etree.fromstring(data, etree.XMLParser(huge_tree=True, resolve_entities=False))


def _read(node: etree._Element, section: str, into: set[Fact], body: set[Fact]) -> None:
    subject = _id(node.get(f"{RDF}ID") or node.get(f"{RDF}about") or "")
    if node.tag != f"{RDF}Description":
        into.add((section, subject, "type", ("uri", _uri(node))))
    for child in node.iterchildren("*"):
        if child.get(f"{RDF}parseType") == "Statements":
            for inner in child.iterchildren("*"):
                _read(inner, etree.QName(child).localname, body, body)
        elif child.tag == f"{RDF}type":
            into.add((section, subject, "type", ("uri", child.get(f"{RDF}resource", ""))))
        else:
            into.add((section, subject, _uri(child), _value(child)))


def _value(child: etree._Element) -> tuple[str, ...]:
    resource = child.get(f"{RDF}resource")
    if resource is None:
        text = "".join(child.itertext(tag=None)) if len(child) else child.text or ""
        language = child.get(LANG)
        return ("lit", text, language) if language else ("lit", text)
    outside = ":" in resource.split("//")[0] and not resource.startswith("urn:uuid:")
    return ("uri", resource) if outside else ("ref", _id(resource))


def _id(written: str) -> str:
    for start in ("urn:uuid:", "#"):
        if written.startswith(start):
            written = written[len(start) :]
            break
    return written[1:] if written.startswith("_") else written


def _uri(element: etree._Element) -> str:
    name = etree.QName(element)
    return f"{name.namespace or ''}{name.localname}"
