from __future__ import annotations

from cim_import.examining import Examined, examine
from graph_service.domain.findings import Finding
from tests.rdf import rdf, read

HEADER = (
    '<md:FullModel rdf:about="urn:uuid:m"><md:Model.version>1</md:Model.version></md:FullModel>\n'
)


def examined(body: str, *, header: str = HEADER) -> Examined:
    return examine(read(rdf(header + body)))


def found(body: str, code: str) -> Finding:
    (one,) = (f for f in examined(body).findings if f.code == code)
    return one


def fingerprint(body: str, *, header: str = HEADER) -> str:
    return examined(body, header=header).document.fingerprint


A = '<cim:Breaker rdf:ID="_a"><cim:A.b>1</cim:A.b><cim:A.c>2</cim:A.c></cim:Breaker>'


def test_fingerprint__other_order_and_spacing__is_the_same() -> None:
    other = '<cim:Fuse rdf:ID="_f"/>'
    turned = '<cim:Breaker rdf:ID="_a">\n<cim:A.c>2</cim:A.c><cim:A.b>1</cim:A.b></cim:Breaker>'
    assert fingerprint(A + other) == fingerprint(other + "\n\n" + turned)


def test_fingerprint__anything_said_differently__is_another() -> None:
    bodies = [A, A.replace("1", "1.0"), A.replace("_a", "_b"), A.replace("Breaker", "Fuse"), ""]
    assert len({fingerprint(body) for body in bodies}) == len(bodies)
    assert fingerprint(A) != fingerprint(A, header=HEADER.replace("1", "2"))


def test_examine__plain_file__has_no_findings() -> None:
    assert examined(A).findings == ()
    assert examined(A).classes == {"Breaker": 1}


def test_examine__no_header__is_a_finding() -> None:
    assert [f.code for f in examined(A, header="").findings] == ["NO_HEADER"]


def test_examine__class_nobody_knows__is_counted_once_a_file() -> None:
    one = found('<cim:Wizard rdf:ID="_a"/>\n<cim:Wizard rdf:ID="_b"/>', "UNKNOWN_CLASS")
    assert (one.subject, one.line) == ("Wizard", 4)
    assert one.message.startswith("2 of class")


def test_examine__id_that_is_no_name__is_a_finding() -> None:
    assert found('<cim:Fuse rdf:ID="_a+b"/>', "ILLEGAL_ID").subject == "a+b"


def test_examine__different_mrid_text__is_a_finding_and_case_or_underscore_is_not() -> None:
    text = "<cim:IdentifiedObject.mRID>{}</cim:IdentifiedObject.mRID>"
    body = '<cim:Fuse rdf:ID="_{0}">' + text + "</cim:Fuse>"
    odd = body.replace("{0}", "a").format("other")
    fine = body.replace("{0}", "b").format("_B") + body.replace("{0}", "c").format("c")
    assert found(odd + fine, "MRID_DIFFERS").subject == "a"


def test_examine__value_given_twice__is_a_finding_where_the_two_differ() -> None:
    values = "<cim:F.x>1</cim:F.x><cim:F.y>1</cim:F.y><cim:F.x>{}</cim:F.x>"
    body = f'<cim:Fuse rdf:ID="_a">{values}</cim:Fuse>'
    assert found(body.format("2"), "REPEATED_VALUE").message == "F.x is '1', '2'"
    assert examined(body.format("1")).findings == ()


def test_examine__several_references_of_one_property__are_normal() -> None:
    two = '<cim:F.x rdf:resource="#_1"/><cim:F.x rdf:resource="#_2"/>'
    body = f'<cim:Fuse rdf:ID="_a">{two}</cim:Fuse>'
    assert examined(body).findings == ()


def test_examine__difference_model__says_that_it_was_not_applied() -> None:
    assert found('<dm:DifferenceModel rdf:about="urn:uuid:d"/>', "DIFFERENCE_MODEL").subject == "d"
