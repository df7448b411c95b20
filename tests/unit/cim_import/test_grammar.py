"""The odd places of RDF/XML. rdflib, a full RDF/XML reader, is asked for a second opinion."""

from __future__ import annotations

import rdflib
import rdflib.compare

from cim_import.identifiers import XML_LITERAL
from graph_service.domain.statements import Part, Statement
from tests.rdf import CIM, DM, MD, RDF, codes, parts, rdf, read, rewritten

A = CIM + "A.b"


def by_id(body: str) -> dict[str, Part]:
    return {part.mrid: part for part in parts(body)}


def same_graph(body: str) -> bool:
    """Whether rdflib finds the same statements in a file and in what we make of it."""
    data = rdf(body)
    graphs = [
        rdflib.Graph().parse(data=d, format="xml", publicID="http://x/")
        for d in (data, rewritten(data))
    ]
    return rdflib.compare.isomorphic(*graphs) if len(graphs[0]) else False


def test_literal__language_and_datatype__are_in_the_form() -> None:
    body = (
        '<cim:A rdf:about="#_a"><cim:A.b xml:lang="en">x</cim:A.b>'
        '<cim:A.b rdf:datatype="http://t#int">1</cim:A.b></cim:A>'
    )
    (part,) = parts(body)
    assert part.statements == (Statement(A, "@en", "x"), Statement(A, "^http://t#int", "1"))
    assert same_graph(body)


def test_literal__language_of_the_object_or_the_root__is_inherited() -> None:
    body = (
        '<cim:A rdf:about="#_a" xml:lang="de"><cim:A.b>x</cim:A.b></cim:A>'
        '<cim:A rdf:about="#_c"><cim:A.b>y</cim:A.b></cim:A>'
    )
    first, second = parts(body, 'xml:lang="en"')
    assert {first.statements[0], second.statements[0]} == {
        Statement(A, "@de", "x"),
        Statement(A, "@en", "y"),
    }


def test_nested_object__with_an_id__stands_by_itself_and_is_referred_to() -> None:
    inner = '<cim:B rdf:about="#_c"><cim:A.b>1</cim:A.b></cim:B>'
    body = f'<cim:A rdf:about="#_a"><cim:A.b>\n{inner}</cim:A.b></cim:A>'
    found = by_id(body)
    assert found["a"].statements == (Statement(A, "&#_", "c"),)
    assert found["c"].statements == (Statement(A, "", "1"),)
    assert same_graph(body)


def test_nested_object__without_an_id__gets_one_from_its_content() -> None:
    body = '<cim:A rdf:about="#_a"><cim:A.b><cim:B><cim:A.b>1</cim:A.b></cim:B></cim:A.b></cim:A>'
    found = by_id(body)
    (blank,) = set(found) - {"a"}
    assert blank.startswith("blank-")
    assert found["a"].statements == (Statement(A, "&_:", blank),)
    assert set(by_id(body)) == set(found)
    assert same_graph(body)


def test_nested_object__as_parse_type_resource__is_an_object_without_class() -> None:
    inner = '<cim:A.b rdf:parseType="Resource"><cim:A.b>1</cim:A.b></cim:A.b>'
    body = f'<cim:A rdf:about="#_a">{inner}<cim:A.b>2</cim:A.b></cim:A>'
    found = by_id(body)
    (blank,) = set(found) - {"a"}
    assert found[blank].types == ()
    assert found["a"].statements == (Statement(A, "", "2"), Statement(A, "&_:", blank))
    assert same_graph(body)


def test_objects_without_an_id__with_equal_content__are_told_apart() -> None:
    body = "<cim:A><cim:A.b>1</cim:A.b></cim:A>" * 2
    first, second = parts(body)
    assert second.mrid == f"{first.mrid}-2"
    assert first.identified_by == ""
    assert same_graph(body)


def test_node_id__object_and_reference__meet() -> None:
    body = '<cim:A rdf:nodeID="_a"/><cim:B rdf:ID="b"><cim:A.b rdf:nodeID="_a"/></cim:B>'
    found = by_id(body)
    assert found["a"].identified_by == "nodeID _"
    assert found["b"].statements == (Statement(A, "&_:_", "a"),)
    assert same_graph(body)


def test_xml_literal__markup_and_text__stays_as_it_is() -> None:
    inner = 'x &lt; <cim:i k="1">y</cim:i>'
    body = f'<cim:A rdf:about="#_a"><cim:A.b rdf:parseType="Literal">{inner}</cim:A.b></cim:A>'
    (part,) = parts(body)
    assert part.statements == (Statement(A, f"^{XML_LITERAL}", 'x &lt; <cim:i k="1">y</cim:i>'),)
    assert b'>x &lt; <cim:i k="1">y</cim:i></cim:A.b>' in rewritten(rdf(body))


def test_property_written_as_attribute__becomes_a_statement() -> None:
    body = '<cim:A rdf:about="#_a" cim:A.b="1"/>'
    assert parts(body)[0].statements == (Statement(A, "", "1"),)
    assert same_graph(body)


def test_attributes_that_mean_nothing__are_findings() -> None:
    reading = read(
        rdf('<cim:A rdf:about="#_a" id="x">\n<cim:A.b rdf:ID="y" z="1">v</cim:A.b></cim:A>')
    )
    assert codes(reading) == ["UNREAD_ATTRIBUTE"] * 3
    assert [found.line for found in reading.findings] == [3, 4, 4]


def test_header__full_model__is_kept_apart_and_read() -> None:
    reading = read(
        rdf(
            '<md:FullModel rdf:about="urn:uuid:m1"><md:Model.profile>p1</md:Model.profile>'
            "<md:Model.profile>p2</md:Model.profile><md:Model.version>3</md:Model.version>"
            '<md:Model.Supersedes rdf:resource="urn:uuid:m0"/></md:FullModel><cim:A rdf:ID="_a"/>'
        )
    )
    document = reading.document
    assert (document.model_id, document.version, document.supersedes) == ("m1", "3", ("m0",))
    assert document.profiles == ("p1", "p2")
    assert [part.mrid for part in reading.parts] == ["a"]
    assert (document.part_count, document.statement_count) == (1, 1)


def test_header__at_the_end_of_the_file__is_found_too() -> None:
    reading = read(rdf('<cim:A rdf:ID="_a"/><md:FullModel rdf:about="urn:uuid:m1"/>'))
    assert reading.document.header[0].types == (f"{MD}FullModel",)
    assert len(reading.parts) == 1


def test_difference_model__statements_of_both_sections__carry_the_section() -> None:
    body = (
        "<dm:DifferenceModel><md:Model.version>1</md:Model.version>"
        '<dm:reverseDifferences rdf:parseType="Statements"><rdf:Description rdf:about="#_a">'
        "<cim:A.b>1</cim:A.b></rdf:Description></dm:reverseDifferences>"
        '<dm:forwardDifferences rdf:parseType="Statements"><rdf:Description rdf:about="#_a">'
        '<cim:A.b>2</cim:A.b></rdf:Description><cim:B rdf:ID="_c"/></dm:forwardDifferences>'
        "</dm:DifferenceModel>"
    )
    reading = read(rdf(body))
    found = {(part.section, part.mrid): part for part in reading.parts}
    assert found["forwardDifferences", "a"].statements[0].value == "2"
    assert found["reverseDifferences", "a"].statements[0].value == "1"
    assert found["forwardDifferences", "c"].types == (CIM + "B",)
    assert reading.document.header[0].types == (f"{DM}DifferenceModel",)
    assert codes(reading) == []


def test_rdf_li__is_a_property_like_any_other() -> None:
    (part,) = parts('<rdf:Bag rdf:about="#_a"><rdf:li>1</rdf:li><rdf:li>2</rdf:li></rdf:Bag>')
    assert part.statements == (Statement(f"{RDF}li", "", "1"), Statement(f"{RDF}li", "", "2"))
