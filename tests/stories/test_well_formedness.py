"""What is read without a parser is accepted exactly where a parser would accept it.

The same text in UTF-16 is checked by the parser to its last byte.
"""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cim_import.reading import LeftOut, read_document
from graph_service.domain.findings import Finding
from graph_service.domain.statements import Part
from tests.rdf import rdf

START = rdf("").decode().rpartition("</")[0]
PARTS = (
    '<cim:Fuse rdf:ID="_a">\n\t',
    "<cim:A.b>1</cim:A.b>\n",
    '<cim:A.c rdf:resource="#_b"/>',
    "<cim:A.d>x &amp; y</cim:A.d>",
    "</cim:Fuse>\n",
    '<cim:Line rdf:about="urn:uuid:b"/>\n',
    '<md:FullModel rdf:about="urn:uuid:m"/>',
    "<!-- cim:A -->",
    "<![CDATA[",
    "]]>",
    "</rdf:RDF>",
    "<cim:A.b>",
    "</cim:A.b>",
    "</cim:A.b >",
    "<cim:A.b/>",
    *"<>/\"'&; =:-!?x\0\x0b\ufffe\uffff\u00a0ä\n\t",
    "1:",
    "cim:",
    "xmlns:cim",
    "&lt;",
    "<?x y?>",
    "<!--",
    "-->",
    "<!DOCTYPE x>",
)
BODY = (
    '<cim:Fuse rdf:ID="_a">\n\t<cim:A.b>1</cim:A.b>\n<cim:A.c rdf:resource="#_b"/>\n'
    '</cim:Fuse>\n<cim:Line rdf:about="urn:uuid:b"/>\n</rdf:RDF>\n'
)


class Drip(BytesIO):
    """A stream that gives the root, and then a few bytes at a time."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(7 if self.tell() else len(START))


def outcome(text: str, encoding: str) -> str | tuple[list[Part], tuple[Finding, ...]]:
    """What a document says, or why it is left out."""
    data = text.encode(encoding)
    try:
        found = read_document(lambda: Drip(data), "EQ.xml")
    except LeftOut as left:
        return left.finding.code
    return list(found.parts), found.findings


@st.composite
def changed(draw: st.DrawFn) -> str:
    """A document with some stretches of it replaced by others."""
    body = draw(st.sampled_from([BODY, "".join(PARTS[:7]) + "</rdf:RDF>"]))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(body)))
        gone = draw(st.sampled_from([0, 0, 1, 2, 12]))
        body = body[:at] + draw(st.sampled_from(PARTS)) + body[at + gone :]
    return START + body


@settings(max_examples=300, deadline=None)
@given(changed())
def test_read__any_change_of_a_document__is_accepted_exactly_where_a_parser_does(text: str) -> None:
    assert outcome(text, "utf-8") == outcome(text, "utf-16")


@pytest.mark.parametrize(
    "body",
    [
        "<cim:A.b>1</cim:A.c>",
        "<cim:A.b>]]></cim:A.b>",
        "<cim:A.b>\x01</cim:A.b>",
        "<cim:A.b>\uffff</cim:A.b>",
        "<cim:A.b>&</cim:A.b>",
        "<cim:1.b>1</cim:1.b>",
        '<cim:A.c rdf:resource="#_b"x/>',
        "<cim:A.b>1</cim:A.b>&nbsp;",
        "</cim:Line>",
    ],
)
def test_read__mistake_in_a_plain_object__is_malformed_in_its_line(body: str) -> None:
    data = (START + f'<cim:Fuse rdf:ID="_a">\n{body}\n</cim:Fuse></rdf:RDF>').encode()
    with pytest.raises(LeftOut) as caught:
        read_document(lambda: Drip(data), "EQ.xml")
    found = caught.value.finding
    assert (found.code, found.line) == ("MALFORMED_XML", START.count("\n") + 2)


@pytest.mark.parametrize("after", ["<cim:Line rdf:ID='_x'/>", "x", "</rdf:RDF>", "<!-- x"])
def test_read__more_behind_the_root__is_malformed(after: str) -> None:
    assert outcome(f"{START}{BODY}{after}", "utf-8") == "MALFORMED_XML"


@pytest.mark.parametrize("end", ["", "</rdf:Rdf>", "</rdf:RDF", "</rdf:RDF><"])
def test_read__root_that_does_not_end__is_malformed(end: str) -> None:
    assert outcome(START + BODY.replace("</rdf:RDF>\n", end), "utf-8") == "MALFORMED_XML"


def test_read__file_that_is_read_twice__tells_its_bytes_once() -> None:
    data = (START + BODY.replace("\n\t", "stray")).encode()
    told: list[int] = []
    read_document(lambda: Drip(data), "EQ.xml", progress=told.append)
    assert sum(told) == len(data)
