"""The quick way through a file and the grammar must agree, however the file is spelled."""

from __future__ import annotations

from io import BytesIO

import pytest

from cim_import.reading import read_document
from graph_service.domain.statements import Part, Statement
from tests.rdf import CIM, parts, rdf, read

PLAIN = (
    '<cim:Fuse rdf:ID="_a">\n\t<cim:A.b>1</cim:A.b>\n\t<cim:A.c rdf:resource="#_b"/>\n</cim:Fuse>\n'
    '<cim:Line rdf:about="urn:uuid:b"/>\n'
)


class Drip(BytesIO):
    """A stream that gives a few bytes at a time."""

    def __init__(self, data: bytes, size: int):
        super().__init__(data)
        self._few = size

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self._few)


def unplaced(found: list[Part]) -> list[Part]:
    found = sorted(found, key=lambda part: part.mrid)
    return [Part(p.mrid, p.types, p.statements, p.identified_by, p.section) for p in found]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('rdf:ID="_a"', "rdf:ID='_a'"),
        ('rdf:ID="_a"', '\n  rdf:ID = "_a" '),
        ('resource="#_b"/>', 'resource="#_b"></cim:A.c>'),
        ('resource="#_b"/>', 'resource="#_b" />'),
        ('resource="#_b"', 'resource="&#35;_b"'),
        ('uuid:b"/>', 'uuid:b"></cim:Line>'),
        ("<cim:A.b>1</cim:A.b>", "<cim:A.b >1</cim:A.b >"),
        ("<cim:A.b>1</cim:A.b>", "<cim:A.b><!-- one -->1</cim:A.b>"),
        ("<cim:A.b>1</cim:A.b>", "<cim:A.b><![CDATA[1]]></cim:A.b>"),
        ("<cim:A.b>1</cim:A.b>", "<cim:A.b>&#49;</cim:A.b>"),
        ("<cim:A.b>1</cim:A.b>", '<cim:A.b xmlns:x="http://x#">1</cim:A.b>'),
        ("\n\t", "<!-- <cim:A.b>2</cim:A.b> -->\r\n"),
        ("\n", ""),
        ("cim:Fuse", f'fuse:Fuse xmlns:fuse="{CIM}"'),
    ],
)
def test_read__same_file_spelled_another_way__says_the_same(old: str, new: str) -> None:
    assert old in PLAIN
    body = PLAIN.replace(old, new)
    if "fuse:" in new:
        body = body.replace(f"</{new}>", "</fuse:Fuse>")
    assert unplaced(parts(body)) == unplaced(parts(PLAIN))


@pytest.mark.parametrize("size", [1, 2, 7, 100])
def test_read__file_in_pieces_of_any_size__says_the_same(size: int) -> None:
    data = rdf(
        PLAIN + '<md:FullModel rdf:about="urn:uuid:m"/><cim:A>ä<cim:A.b>&amp;</cim:A.b></cim:A>'
    )
    whole = read(data)
    dripped = read_document(lambda: Drip(data, size), "EQ.xml")
    assert list(dripped.parts) == list(whole.parts)
    assert (dripped.document, dripped.findings) == (whole.document, whole.findings)


def test_read__line_ends_within_a_value__are_one_character() -> None:
    (part,) = parts('<cim:A rdf:ID="_a"><cim:A.b>1\r\n2\r3\n4</cim:A.b></cim:A>')
    assert part.statements == (Statement(f"{CIM}A.b", "", "1\n2\n3\n4"),)


def test_read__white_space_in_an_attribute__is_what_xml_makes_of_it() -> None:
    (part,) = parts('<cim:A rdf:ID="_a"><cim:A.b rdf:resource="#_x\n\ty"/></cim:A>')
    assert part.statements == (Statement(f"{CIM}A.b", "&#_", "x  y"),)


def test_read__objects_after_odd_places__have_their_lines() -> None:
    odd = [
        "<!-- one\n two -->",
        '<md:FullModel\n rdf:about="urn:uuid:m">\n</md:FullModel>',
        '<cim:A rdf:ID="_a">\n<cim:A.b>x\n&amp;\ny</cim:A.b>\n</cim:A>',
        "\n\r\n",
    ]
    for body in odd:
        last = parts(body + '<cim:Line rdf:ID="_last"/>')[-1]
        assert (last.mrid, last.line) == ("last", 3 + body.count("\n"))
