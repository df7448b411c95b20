from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cim_import.writing import namespaces_of, part_order, write_document
from graph_service.domain.statements import Document, Part, Statement
from tests.building import part
from tests.rdf import CIM, MD, RDF, rdf, read, rewritten

SPACES = {"cim": CIM, "rdf": RDF, "md": MD}


def written(*parts: Part, namespaces: dict[str, str] | None = None, base: str = "") -> str:
    document = Document("town", "EQ.xml", namespaces=namespaces or SPACES, base=base)
    out = BytesIO()
    count = write_document(document, parts, out)
    assert count == len(out.getvalue())
    return out.getvalue().decode()


def test_write__one_part__gives_a_file_a_person_can_read() -> None:
    assert written(part("b", "Breaker", {"Switch.open": "true"}, links={"A.e": "x"})) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<rdf:RDF\n\txmlns:cim="{CIM}"\n\txmlns:md="{MD}"\n\txmlns:rdf="{RDF}">\n'
        '<cim:Breaker rdf:ID="_b">\n'
        '\t<cim:A.e rdf:resource="#_x"/>\n'
        "\t<cim:Switch.open>true</cim:Switch.open>\n"
        "</cim:Breaker>\n</rdf:RDF>\n"
    )


def test_write__statements_in_another_order__gives_the_same_bytes() -> None:
    one = rdf(
        '<cim:A rdf:ID="_a"><cim:A.b>1</cim:A.b><cim:A.b>2</cim:A.b></cim:A><cim:B rdf:ID="_b"/>'
    )
    two = rdf(
        '<cim:B rdf:ID="_b"/><cim:A rdf:ID="_a"><cim:A.b>2</cim:A.b><cim:A.b>1</cim:A.b></cim:A>'
    )
    assert rewritten(one) == rewritten(two)


def test_write__header__stands_first_and_in_the_difference_model_its_sections() -> None:
    data = rdf(
        '<cim:A rdf:ID="_a"/><dm:DifferenceModel rdf:about="urn:uuid:m">'
        '<dm:forwardDifferences rdf:parseType="Statements"><cim:B rdf:ID="_b"/>'
        "</dm:forwardDifferences></dm:DifferenceModel>"
    )
    lines = [line.strip() for line in rewritten(data).decode().splitlines()]
    at = lines.index('<dm:DifferenceModel rdf:about="urn:uuid:m">')
    assert lines[at + 1 : at + 4] == [
        '<dm:forwardDifferences rdf:parseType="Statements">',
        '<cim:B rdf:ID="_b">',
        "</cim:B>",
    ]
    assert lines.index('<cim:A rdf:ID="_a">') > lines.index("</dm:DifferenceModel>")
    assert rewritten(rewritten(data)) == rewritten(data)


def test_write__property_of_an_unknown_name_space__declares_it_where_it_stands() -> None:
    odd = Part("a", (f"{CIM}A",), (Statement("http://x/y#P.q", "", "1"),))
    text = written(odd)
    assert '<ns1:P.q xmlns:ns1="http://x/y#">1</ns1:P.q>' in text
    assert next(iter(read(text.encode()).parts)).statements == odd.statements


def test_write__documents_own_prefixes__are_used_and_the_longest_name_space_wins() -> None:
    spaces = {"r": RDF, "a": "http://x/", "": "http://x/y#"}
    text = written(Part("a", ("http://x/y#A",), ()), namespaces=spaces)
    assert '<A r:about="#_a">' in text


def test_write__base__is_kept() -> None:
    assert 'xml:base="http://x/&amp;"' in written(base="http://x/&")


def test_namespaces_of__parts_without_a_file__names_them() -> None:
    parts = [part("a", "A", {"A.b": "1"}), Part("c", ("http://x#C",), ())]
    assert namespaces_of(parts) == {"rdf": RDF, "cim": CIM, "ns1": "http://x#"}


XML_TEXT = st.text(
    st.characters(
        exclude_categories=["Cs", "Cc"],
        include_characters="\t\n\r",
        exclude_characters="\ufffe\uffff",
    )
)
IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,8}", fullmatch=True)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(IDS, XML_TEXT, XML_TEXT, IDS), unique_by=lambda row: row[0]))
def test_write_and_read__any_text__comes_back(rows: list[tuple[str, str, str, str]]) -> None:
    parts = [
        Part(
            mrid,
            (f"{CIM}A",),
            tuple(
                sorted(
                    {
                        Statement(f"{CIM}A.text", "", text),
                        Statement(f"{CIM}A.said", "@en", said),
                        Statement(f"{CIM}A.towards", "&#_", target),
                    }
                )
            ),
        )
        for mrid, text, said, target in rows
    ]
    parts.sort(key=part_order)
    assert [_unplaced(p) for p in read(written(*parts).encode()).parts] == parts


@pytest.mark.parametrize("uri", ["http://a/b?c=1&d=<2>", "#http://x#A.b", "cim:A.b", 'x:q"u\n'])
def test_write_and_read__uri_of_any_kind__comes_back(uri: str) -> None:
    odd = Part("a", (), (Statement(f"{CIM}A.b", "<", uri),))
    assert list(map(_unplaced, read(written(odd).encode()).parts)) == [odd]


def _unplaced(part: Part) -> Part:
    return Part(part.mrid, part.types, part.statements, part.identified_by, part.section)
