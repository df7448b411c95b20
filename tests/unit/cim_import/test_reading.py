from __future__ import annotations

from io import BytesIO

import pytest

from cim_import.identifiers import RDF
from cim_import.limits import CHUNK_BYTES
from cim_import.reading import LeftOut, read_document
from graph_service.domain.findings import Finding
from graph_service.domain.statements import Statement
from tests.rdf import CIM, codes, parts, rdf, read

NAME = CIM + "IdentifiedObject.name"


def left_out(data: bytes) -> Finding:
    with pytest.raises(LeftOut) as caught:
        read(data)
    return caught.value.finding


def names(data: bytes) -> list[str]:
    return [s.value for part in read(data).parts for s in part.statements if s.property == NAME]


def test_read__object_with_value_and_reference__gives_one_part() -> None:
    (part,) = parts(
        '<cim:Breaker rdf:ID="_b1">\n <cim:IdentifiedObject.name>B</cim:IdentifiedObject.name>\n'
        ' <cim:Switch.open>true</cim:Switch.open>\n <cim:Equipment.E rdf:resource="#_e"/>\n'
        "</cim:Breaker>"
    )
    assert (part.mrid, part.types, part.identified_by) == ("b1", (CIM + "Breaker",), "ID _")
    assert part.line == 3
    assert part.statements == (
        Statement(CIM + "Equipment.E", "&#_", "e"),
        Statement(NAME, "", "B"),
        Statement(CIM + "Switch.open", "", "true"),
    )


@pytest.mark.parametrize(
    ("written", "form", "value"),
    [
        ("#_a", "&#_", "a"),
        ("#a", "&#", "a"),
        ("#__a", "&#_", "_a"),
        ("urn:uuid:a", "&urn:uuid:", "a"),
        ("urn:uuid:_a", "&urn:uuid:_", "a"),
        ("_a", "&_", "a"),
        ("a", "&", "a"),
        ("#_a#_b", "&#_", "a#_b"),
        ("http://iec.ch/TC57/CIM100#Unit.none", "<", "http://iec.ch/TC57/CIM100#Unit.none"),
        ("#http://iec.ch/x#PhaseCode.ABC", "<", "#http://iec.ch/x#PhaseCode.ABC"),
        ("cim:PhaseCode.ABC", "<", "cim:PhaseCode.ABC"),
        ("", "<", ""),
    ],
)
def test_read_reference__written_in_any_way__keeps_what_was_written(
    written: str, form: str, value: str
) -> None:
    (part,) = parts(f'<cim:A rdf:about="#_x"><cim:A.b rdf:resource="{written}"/></cim:A>')
    assert part.statements == (Statement(CIM + "A.b", form, value),)


@pytest.mark.parametrize(
    ("attribute", "mrid", "identified_by"),
    [
        ('rdf:ID="_a"', "a", "ID _"),
        ('rdf:ID="a+1"', "a+1", "ID "),
        ('rdf:about="#_a"', "a", "about #_"),
        ('rdf:about="urn:uuid:a"', "a", "about urn:uuid:"),
        ('rdf:about="urn:uuid:_a"', "a", "about urn:uuid:_"),
        ('rdf:about="http://x/y#_a"', "http://x/y#_a", "about "),
        ('rdf:nodeID="_a"', "a", "nodeID _"),
    ],
)
def test_read_identity__in_any_attribute__gives_mrid_and_how_it_was_written(
    attribute: str, mrid: str, identified_by: str
) -> None:
    (part,) = parts(f"<cim:A {attribute}/>")
    assert (part.mrid, part.identified_by) == (mrid, identified_by)


def test_read__base_before_ids__is_taken_away_and_kept_in_the_form() -> None:
    body = '<cim:A rdf:about="http://x/y#_a"><cim:A.b rdf:resource="http://x/y#_c"/></cim:A>'
    (part,) = parts(body, 'xml:base="http://x/y"')
    assert (part.mrid, part.identified_by) == ("a", "about http://x/y#_")
    assert part.statements[0] == Statement(CIM + "A.b", "&http://x/y#_", "c")


def test_read__base_that_is_the_cim_name_space__leaves_enumerations_alone() -> None:
    value = f"{CIM}PhaseCode.ABC"
    body = f'<cim:A rdf:ID="_a"><cim:A.b rdf:resource="{value}"/></cim:A>'
    (part,) = parts(body, f'xml:base="{CIM[:-1]}"')
    assert part.statements[0] == Statement(CIM + "A.b", "<", value)


def test_read__white_space_in_a_value__is_data_and_between_elements_is_not() -> None:
    data = rdf(
        '<cim:A rdf:ID="_a">\n\t<cim:IdentifiedObject.name> \n x </cim:IdentifiedObject.name>'
        "\n\t<cim:IdentifiedObject.name> </cim:IdentifiedObject.name>"
        "<cim:IdentifiedObject.name/>\n</cim:A>"
    )
    assert sorted(names(data)) == ["", " ", " \n x "]
    assert codes(read(data)) == []


@pytest.mark.parametrize("length", [CHUNK_BYTES - 1, CHUNK_BYTES, 3 * CHUNK_BYTES])
def test_read__text_across_the_pieces_of_a_file__stays_in_one(length: int) -> None:
    text = "ä" * length
    data = rdf(
        f'<cim:A rdf:ID="_a"><cim:IdentifiedObject.name>{text}</cim:IdentifiedObject.name></cim:A>'
    )
    assert names(data) == [text]


def test_read__text_with_entities_and_cdata__is_put_together() -> None:
    data = rdf(
        '<cim:A rdf:ID="_a"><cim:IdentifiedObject.name>a &amp; b&#13;<![CDATA[<c>]]>'
        "<!-- no --></cim:IdentifiedObject.name></cim:A>"
    )
    assert names(data) == ["a & b\r<c>"]


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("x<cim:A.b>1</cim:A.b>", 4),
        ("<cim:A.b>1</cim:A.b>x", 4),
        ('<cim:A.b rdf:resource="#c">x</cim:A.b>', 4),
        ("\n<![CDATA[x]]>", 5),
        ("\n\nx &amp;\ny\n", 6),
    ],
)
def test_read__text_between_elements__is_a_finding_with_its_line(where: str, line: int) -> None:
    reading = read(rdf(f'<cim:A rdf:ID="_a">\n{where}\n</cim:A>'))
    (found,) = reading.findings
    assert (found.code, found.line, found.file) == ("STRAY_TEXT", line, "EQ.xml")
    assert len(reading.parts) == 1


def test_read__same_id_twice__joins_the_parts_and_says_so() -> None:
    reading = read(
        rdf(
            '<cim:A rdf:ID="_a"><cim:A.b>1</cim:A.b></cim:A>\n'
            '<cim:B rdf:about="#_a"><cim:A.b>2</cim:A.b></cim:B>'
        )
    )
    (part,) = reading.parts
    assert part.types == (CIM + "A", CIM + "B")
    assert [s.value for s in part.statements] == ["1", "2"]
    assert [(f.code, f.subject, f.line) for f in reading.findings] == [
        ("DUPLICATE_DEFINITION", "a", 4)
    ]


def test_read__class_given_as_rdf_type__becomes_a_type() -> None:
    (part,) = parts(
        f'<rdf:Description rdf:about="#_a"><rdf:type rdf:resource="{CIM}A"/></rdf:Description>'
    )
    assert part.types == (CIM + "A",)
    assert part.statements == ()


@pytest.mark.parametrize(
    ("data", "line", "column", "why"),
    [
        (rdf('<cim:A rdf:ID="_a">\n</cim:B>'), 4, 3, "mismatched tag"),
        (rdf("<cim:A")[:-12], 3, 1, "unclosed token"),
        (rdf()[:-12], 3, 1, "no element found"),
        (rdf('<cim:A rdf:ID="_a"/>') + b"<x/>", 5, 1, "junk after document element"),
        (b"<r:RDF xmlns:r='" + RDF.encode() + b"'/><x/>", 1, 63, "junk after document element"),
        (rdf("<nope:A/>"), 3, 0, "unbound prefix"),
        (rdf("<!--ZÜRICH-->").decode().encode("latin-1"), 3, 6, "not well-formed"),
    ],
)
def test_read__malformed_file__is_left_out_with_line_and_column(
    data: bytes, line: int, column: int, why: str
) -> None:
    found = left_out(data)
    assert (found.code, found.line, found.column) == ("MALFORMED_XML", line, column)
    assert why in found.message


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"{}", "not XML"),
        (b"<html><body/></html>", "its root is 'html'"),
        (b"<html><body></html>", "its root is 'html'"),
        (b"\x89PNG\r\n", "not XML"),
        ("@prefix a: <b> .".encode("utf-16"), "not XML"),
    ],
)
def test_read__file_that_is_no_cim__is_left_out_with_the_reason(data: bytes, why: str) -> None:
    found = left_out(data)
    assert found.code == "NOT_CIM"
    assert why in found.message


def test_read__doctype__is_refused_before_any_entity() -> None:
    found = left_out(b'<!DOCTYPE a [<!ENTITY b "c">]>' + rdf()[39:])
    assert (found.code, found.line) == ("REFUSED_XML", 1)


@pytest.mark.parametrize("unit", ["<cim:A>", "<rdf:li>", '<rdf:li rdf:parseType="Literal">'])
def test_read__two_hundred_thousand_levels__is_refused(unit: str) -> None:
    data = rdf().replace(b"</rdf:RDF>", unit.encode() * 200_000)
    found = left_out(data)
    assert found.code == "REFUSED_XML"
    assert "64 levels" in found.message


@pytest.mark.parametrize(
    "encoding", ["utf-16", "iso-8859-1", "windows-1252", "cp1250", "gb2312", "shift_jis"]
)
def test_read__encoding_declared__text_is_what_it_means(encoding: str) -> None:
    text = {"gb2312": "变电站", "shift_jis": "変電所"}.get(encoding, "Zürich ö")
    body = (
        f'<cim:A rdf:ID="_a"><cim:IdentifiedObject.name>{text}</cim:IdentifiedObject.name></cim:A>'
    )
    data = rdf(body).decode().replace("UTF-8", encoding).encode(encoding)
    assert names(data) == [text]


def test_read__byte_order_mark_without_declaration__is_utf_8() -> None:
    body = '<cim:A rdf:ID="_a"><cim:IdentifiedObject.name>Ä</cim:IdentifiedObject.name></cim:A>'
    assert names(b"\xef\xbb\xbf" + rdf(body).split(b"\n", 1)[1]) == ["Ä"]


def test_read__unknown_encoding__is_malformed() -> None:
    assert "encoding" in left_out(rdf().replace(b"UTF-8", b"klingon")).message


def test_read__prefixes_other_than_usual__give_the_same_statements() -> None:
    plain = rdf('<cim:A rdf:ID="_a"><cim:A.b rdf:resource="#_c"/></cim:A>')
    other = plain.replace(b"rdf:", b"r:").replace(b":rdf", b":r").replace(b"cim:", b"ns1:")
    other = other.replace(b":cim", b":ns1")
    assert list(read(other).parts) == list(read(plain).parts)


def test_read__prefix_bound_anew_below_the_root__means_what_it_says_there() -> None:
    reading = read(
        rdf(
            '<cim:A rdf:ID="_a"/><x:B xmlns:x="http://one#" rdf:ID="_b"/>'
            '<x:C xmlns:x="http://two#" rdf:ID="_c"><x:C.d rdf:resource="#_a"/></x:C>'
        )
    )
    types = [part.types[0] for part in reading.parts]
    assert types == [CIM + "A", "http://one#B", "http://two#C"]
    assert reading.document.namespaces["x2"] == "http://two#"


def test_read__progress__adds_up_to_the_size_of_the_file() -> None:
    data = rdf("<!--" + "x" * CHUNK_BYTES + "-->")
    seen: list[int] = []
    read_document(lambda: BytesIO(data), "EQ.xml", progress=seen.append)
    assert sum(seen) == len(data)
    assert len(seen) == 2
