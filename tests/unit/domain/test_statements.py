import pytest

from graph_service.domain.statements import Statement, is_reference, local_name, normalise


@pytest.mark.parametrize(
    ("written", "mrid"),
    [
        ("#_a1", "a1"),
        ("_a1", "a1"),
        ("#a1", "a1"),
        ("urn:uuid:a1", "a1"),
        ("urn:uuid:_a1", "a1"),
        ("#__a1", "_a1"),
        ("_BBE1AA1++BBE4AA1++1", "BBE1AA1++BBE4AA1++1"),
        ("A1-Upper", "A1-Upper"),
        ("#", ""),
    ],
)
def test_normalise__takes_one_prefix_and_one_underscore_away(written: str, mrid: str) -> None:
    assert normalise(written) == mrid


def test_normalise__takes_the_document_base_away_first() -> None:
    assert normalise("http://utility.example/model#_a1", "http://utility.example/model") == "a1"


def test_normalise__leaves_an_identifier_of_another_base_alone() -> None:
    assert normalise("http://other.example/x#_a1", "http://utility.example/model").endswith("#_a1")


def test_local_name__is_what_stands_behind_the_last_hash_or_slash() -> None:
    assert local_name("http://iec.ch/TC57/CIM100#Terminal.phases") == "Terminal.phases"
    assert local_name("http://utility.example/ns/Pole") == "Pole"


def test_is_reference__goes_by_the_form_of_a_statement() -> None:
    assert is_reference(Statement("p", "&#_", "a1").form)
    assert not is_reference(Statement("p", "<", "http://x#y").form)
    assert not is_reference(Statement("p", "", "text").form)
