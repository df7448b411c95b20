"""An independent reading of CIM RDF/XML on lxml, to hold our own reader and writer against.

Written from the definition of a lossless round trip, not from our code: it shares nothing with
`cim_import`, not even the normalisation of ids, and knows only the constructs that the published
models use.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
HEADERS = {"FullModel", "DifferenceModel", "Dataset"}

Fact = tuple[str, str, str, tuple[str, ...]]
"""(section, subject, property URI, value); a value is ('ref', id), ('uri', URI) or ('lit', text)"""


def facts(data: bytes) -> tuple[set[Fact], set[Fact]]:
    """Give the statements and the header statements of a file."""
    root = etree.fromstring(data, etree.XMLParser(huge_tree=True, resolve_entities=False))
    body: set[Fact] = set()
    header: set[Fact] = set()
    for node in root.iterchildren("*"):
        is_header = etree.QName(node).localname in HEADERS
        _node(node, "", header if is_header else body, body)
    return body, header


def _node(node: etree._Element, section: str, into: set[Fact], body: set[Fact]) -> None:
    subject = _id(node.get(f"{RDF}ID") or node.get(f"{RDF}about") or "")
    if node.tag != f"{RDF}Description":
        into.add((section, subject, "type", ("uri", _uri(node))))
    for child in node.iterchildren("*"):
        if child.get(f"{RDF}parseType") == "Statements":
            for inner in child.iterchildren("*"):
                _node(inner, etree.QName(child).localname, body, body)
        elif child.tag == f"{RDF}type":
            into.add((section, subject, "type", ("uri", child.get(f"{RDF}resource", ""))))
        else:
            into.add((section, subject, _uri(child), _value(child)))


def _value(child: etree._Element) -> tuple[str, ...]:
    resource = child.get(f"{RDF}resource")
    if resource is None:
        language = child.get(LANG)
        text = "".join(child.itertext(etree.Element, with_tail=False)) if len(child) else child.text
        return ("lit", text or "", language) if language else ("lit", text or "")
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


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file in a folder of ours, with its path: what an export wrote."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_bytes()
