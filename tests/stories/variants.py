"""The same model as another tool would have written it: other bytes, the same statements.

A variant takes the files of a delivery (name → bytes) and gives others. Only constructs of
RDF/XML that some published file uses.
"""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from lxml import etree

from tests import oracle
from tests.oracle import RDF

Files: TypeAlias = dict[str, bytes]
Node: TypeAlias = etree._Element

XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_FORMS = re.compile(r'(rdf:(?:ID|about|resource))="(#_|urn:uuid:_?|_)([^"#:]+)"')


def files_of(*folders: Path) -> Files:
    """The files of published models, archives opened."""
    return {
        f"{folder.name}/{name.replace('.zip/', '/')}": data
        for folder in folders
        for name, data in oracle.delivered(folder)
    }


def write(files: Files, folder: Path) -> Path:
    """Put files into a folder."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


# --- spelling ------------------------------------------------------------------------------------


def other_prefixes(files: Files) -> Files:
    """`grid:` for `cim:` and `r:` for `rdf:`."""

    def change(text: str) -> str:
        text = re.sub(r"(</?|xmlns:)cim([:=])", r"\1grid\2", text)
        return re.sub(r"(</?|xmlns:|\s)rdf([:=])", r"\1r\2", text)

    return _rewritten(files, change)


def default_namespace(files: Files) -> Files:
    """CIM without a prefix."""

    def change(text: str) -> str:
        return re.sub(r"(</?)cim:", r"\1", text.replace("xmlns:cim=", "xmlns="))

    return _rewritten(files, change)


def prefixes_below_the_root(files: Files) -> Files:
    """Every object declares its own prefix, which is bound differently at the root."""

    def change(text: str) -> str:
        (space,) = set(re.findall(r'xmlns:cim="([^"]+)"', text))
        text = text.replace(f'xmlns:cim="{space}"', 'xmlns:cim="http://example.org/other#"')
        return re.sub(r"(<cim:\w+)( rdf:(?:ID|about)=)", rf'\1 xmlns:cim="{space}"\2', text)

    return _rewritten(files, change)


def hash_ids(files: Files) -> Files:
    """`rdf:about="#_x"` and `#_x` in references, for every other form."""

    def change(found: re.Match[str]) -> str:
        attribute = found[1].replace("ID", "about")
        return f'{attribute}="#_{found[3]}"'

    return _rewritten(files, lambda text: _FORMS.sub(change, text))


def uuid_ids(files: Files) -> Files:
    """`urn:uuid:x` everywhere."""

    def change(found: re.Match[str]) -> str:
        attribute = found[1].replace("ID", "about")
        return f'{attribute}="urn:uuid:{found[3]}"'

    return _rewritten(files, lambda text: _FORMS.sub(change, text))


def bare_ids(files: Files) -> Files:
    """`rdf:ID="x"` without an underscore, `#x` in references."""

    def change(found: re.Match[str]) -> str:
        sign = "" if found[1] == "rdf:ID" else "#"
        return f'{found[1]}="{sign}{found[3]}"'

    return _rewritten(files, lambda text: _FORMS.sub(change, text))


def references_in_another_case(files: Files) -> Files:
    """Ids as they were, references in the other case; `Switch.open` and the like in capitals."""

    def swap(found: re.Match[str]) -> str:
        return found[1] + (found[2].swapcase() if _UUID.fullmatch(found[2]) else found[2])

    def change(text: str) -> str:
        text = re.sub(r'(rdf:resource="(?:#_|urn:uuid:))([^"]+)', swap, text)
        return re.sub(r">(true|false)<", lambda found: found[0].title(), text)

    return _rewritten(files, change)


def single_quotes_and_odd_spaces(files: Files) -> Files:
    """Attributes in single quotes, spaces and line ends within tags."""

    def change(text: str) -> str:
        return re.sub(r' (rdf:\w+)="([^"\']*)"', r"\n\t \1 = '\2'\n", text)

    return _rewritten(files, change)


def on_one_line(files: Files) -> Files:
    """No white space between elements."""
    return _rewritten(files, lambda text: re.sub(r">\s+<", "><", text))


def with_comments_and_instructions(files: Files) -> Files:
    """Comments and processing instructions between and within objects, CDATA for text."""

    def change(text: str) -> str:
        text = re.sub(r">([\w .-]+)</cim:", r"><!-- a --><![CDATA[\1]]><?b c?></cim:", text)
        return text.replace("</cim:", "<!-- <cim:Breaker/> --></cim:")

    return _rewritten(files, change)


# --- bytes ---------------------------------------------------------------------------------------


def utf_16(files: Files) -> Files:
    """UTF-16 with a byte order mark."""
    return {name: _declared(data, "UTF-16").encode("utf-16") for name, data in files.items()}


def latin_1(files: Files) -> Files:
    """ISO 8859-1, what it lacks as character references."""
    return {
        name: _declared(data, "ISO-8859-1").encode("latin-1", "xmlcharrefreplace")
        for name, data in files.items()
    }


def marked_without_declaration(files: Files) -> Files:
    """UTF-8 with a byte order mark and no XML declaration, lines ended as in Windows."""
    return {
        name: _declared(data, "").replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8-sig")
        for name, data in files.items()
    }


def zipped(files: Files) -> Files:
    """All in one archive."""
    return {"delivery.zip": _zip(files)}


def zips_in_a_zip(files: Files) -> Files:
    """Every file in an archive of its own, all archives in one, with a note beside them."""
    inner = {f"{name}.zip": _zip({"any.xml": data}) for name, data in files.items()}
    return {"delivery.zip": _zip({**inner, "readme.txt": b"All profiles of the model."})}


# --- order and distribution ----------------------------------------------------------------------


def shuffled(files: Files) -> Files:
    """Objects, and the statements of each, in another order."""

    def change(root: Node) -> None:
        for node in [root, *root.iterchildren("*")]:
            children = list(node)
            random.Random(7).shuffle(children)  # noqa: S311 -- any order will do
            node[:] = children

    return _reshaped(files, change)


def split_by_object(files: Files) -> Files:
    """Every third object into another file."""

    def keep(root: Node, third: int) -> None:
        for index, node in enumerate(_objects(root)):
            if index % 3 != third:
                root.remove(node)

    return _in_three(files, keep)


def split_by_statement(files: Files) -> Files:
    """Every object in three files, each with a third of its statements."""

    def keep(root: Node, third: int) -> None:
        for node in _objects(root):
            for index, statement in enumerate(list(node)):
                if index % 3 != third:
                    node.remove(statement)

    return _in_three(files, keep)


def in_one_file(files: Files) -> Files:
    """All objects of all files in one file, headers and all."""
    roots = [etree.fromstring(data, _parser()) for data in files.values()]
    first = roots[0]
    for root in roots[1:]:
        first.extend(list(root))
    return {"all.xml": etree.tostring(first, xml_declaration=True, encoding="UTF-8")}


def as_descriptions(files: Files) -> Files:
    """`rdf:Description` with `rdf:type` instead of typed elements."""

    def change(root: Node) -> None:
        for node in _objects(root):
            name = etree.QName(node)
            kind = etree.Element(f"{RDF}type")
            kind.set(f"{RDF}resource", f"{name.namespace}{name.localname}")
            node.insert(0, kind)
            node.tag = f"{RDF}Description"

    return _reshaped(files, change)


def with_a_base(files: Files) -> Files:
    """`xml:base` at the root, whole URIs in references."""

    def change(root: Node) -> None:
        root.set(XML_BASE, "http://example.org/grid")
        for node in root.iter("*"):
            written = node.get(f"{RDF}resource", "")
            if written.startswith("#"):
                node.set(f"{RDF}resource", f"http://example.org/grid{written}")

    return _reshaped(files, change)


def from_the_other_end(files: Files) -> Files:
    """Terminals named by their equipment and nodes, instead of naming them."""

    def change(root: Node) -> None:
        found = [node for node in root.iter("*") if etree.QName(node).localname in _INVERSE]
        for node in found:
            terminal = node.getparent()
            assert terminal is not None
            space, name = etree.QName(node).namespace, _INVERSE[etree.QName(node).localname]
            other = etree.SubElement(root, f"{RDF}Description")
            other.set(f"{RDF}about", node.get(f"{RDF}resource", ""))
            back = etree.SubElement(other, f"{{{space}}}{name}")
            back.set(f"{RDF}resource", _as_reference(terminal))
            terminal.remove(node)

    return _reshaped(files, change)


SPELLINGS: list[Callable[[Files], Files]] = [
    other_prefixes,
    default_namespace,
    prefixes_below_the_root,
    hash_ids,
    uuid_ids,
    bare_ids,
    references_in_another_case,
    single_quotes_and_odd_spaces,
    on_one_line,
    with_comments_and_instructions,
    utf_16,
    latin_1,
    marked_without_declaration,
    zipped,
    zips_in_a_zip,
    shuffled,
    split_by_object,
    split_by_statement,
    in_one_file,
    as_descriptions,
    with_a_base,
    from_the_other_end,
]

_INVERSE = {
    "Terminal.ConductingEquipment": "ConductingEquipment.Terminals",
    "Terminal.ConnectivityNode": "ConnectivityNode.Terminals",
    "Terminal.TopologicalNode": "TopologicalNode.Terminal",
}


def _as_reference(node: Node) -> str:
    about = node.get(f"{RDF}about")
    return about if about is not None else "#" + node.get(f"{RDF}ID", "")


def _objects(root: Node) -> list[Node]:
    """The objects of a file without its header."""
    return [n for n in root.iterchildren("*") if etree.QName(n).localname not in oracle.HEADERS]


def _parser() -> etree.XMLParser:
    return etree.XMLParser(huge_tree=True, resolve_entities=False)


def _reshaped(files: Files, change: Callable[[Node], None]) -> Files:
    changed = {}
    for name, data in files.items():
        root = etree.fromstring(data, _parser())
        change(root)
        changed[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return changed


def _in_three(files: Files, keep: Callable[[Node, int], None]) -> Files:
    return {
        name.replace(".xml", f".{third}.xml"): data
        for third in range(3)
        for name, data in _reshaped(files, lambda root, third=third: keep(root, third)).items()
    }


def _rewritten(files: Files, change: Callable[[str], str]) -> Files:
    return {name: change(_text(data)).encode() for name, data in files.items()}


def _text(data: bytes) -> str:
    return data.decode("utf-8-sig")


def _declared(data: bytes, encoding: str) -> str:
    text = re.sub(r"^\s*<\?xml[^>]*\?>\s*", "", _text(data))
    return f'<?xml version="1.0" encoding="{encoding}"?>\n{text}' if encoding else text


def _zip(files: Files) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()
