from graph_service.domain.layers import Layer
from graph_service.domain.merging import merge, precedence, ranked, targets
from graph_service.domain.statements import Document, Part, Statement
from graph_service.domain.switching import OPERATIONS_DOCUMENT, StateBits

CIM = "http://iec.ch/TC57/CIM100#"


def part(kind: str, *statements: tuple[str, str, str], section: str = "") -> Part:
    written = tuple(Statement(CIM + name, form, value) for name, form, value in statements)
    return Part("S1", (CIM + kind,) if kind else (), written, section=section)


def test_merge__takes_the_most_specific_kind_of_all_documents() -> None:
    merged = merge("S1", [("SSH", part("Equipment")), ("EQ", part("Breaker"))])
    assert merged is not None
    assert merged.kind == "Breaker"
    assert merged.kinds == ("Equipment", "Breaker")
    assert merged.layer is Layer.PHYSICAL


def test_merge__later_document_wins_and_the_conflict_is_found() -> None:
    old = part("Breaker", ("IdentifiedObject.name", "", "old"))
    new = part("Breaker", ("IdentifiedObject.name", "", "new"))
    merged = merge("S1", [("a.xml", old), ("b.xml", new)])
    assert merged is not None
    assert merged.name == "new"
    assert [(f.code, f.file) for f in merged.findings] == [("CONFLICTING_VALUES", "b.xml")]


def test_merge__keeps_two_values_of_one_document_side_by_side() -> None:
    twice = part("ACLineSegment", ("ACLineSegment.b0ch", "", "1"), ("ACLineSegment.b0ch", "", "2"))
    merged = merge("S1", [("EQ", twice)])
    assert merged is not None
    assert merged.properties == {"ACLineSegment.b0ch": ("1", "2")}


def test_merge__makes_one_link_of_a_reference_two_documents_give() -> None:
    to_feeder = ("Equipment.EquipmentContainer", "&#_", "F1")
    merged = merge("S1", [("EQ", part("Breaker", to_feeder)), ("X", part("Breaker", to_feeder))])
    assert merged is not None
    assert merged.links == (("Equipment.EquipmentContainer", "F1"),)


def test_merge__terminal_is_at_the_node_that_the_later_document_says() -> None:
    before = part("Terminal", ("Terminal.TopologicalNode", "&#_", "T1"))
    after = part("Terminal", ("Terminal.TopologicalNode", "&#_", "T2"))
    merged = merge("S1", [("0030_TP.xml", before), ("0130_TP.xml", after)])
    assert merged is not None
    assert merged.links == (("Terminal.TopologicalNode", "T2"),)
    assert [(f.code, f.file) for f in merged.findings] == [("CONFLICTING_VALUES", "0130_TP.xml")]


def test_merge__shows_an_enumeration_without_its_name_space() -> None:
    phases = ("Terminal.phases", "<", CIM + "PhaseCode.ABN")
    outside = ("IdentifiedObject.EIC", "<", "http://energy.example/EIC/10X#10Y")
    about = ("Range.PropertyReference", "<", "http://energy.example/Reference/Switch.open")
    merged = merge("S1", [("EQ", part("Terminal", phases, outside, about))])
    assert merged is not None
    assert merged.properties["Terminal.phases"] == "PhaseCode.ABN"
    assert merged.properties["IdentifiedObject.EIC"] == "http://energy.example/EIC/10X#10Y"
    assert merged.properties["Range.PropertyReference"] == about[2]
    assert merged.phases == 1 | 2 | 8


def test_merge__passes_over_what_a_difference_model_would_change() -> None:
    change = part("Breaker", ("Switch.open", "", "true"), section="forwardDifferences")
    assert merge("S1", [("diff.xml", change)]) is None


def test_merge__keeps_empty_text_apart_from_absent() -> None:
    merged = merge("S1", [("EQ", part("Breaker", ("IdentifiedObject.description", "", "")))])
    assert merged is not None
    assert merged.properties == {"IdentifiedObject.description": ""}


def test_merge__reads_the_switching_state_off_the_winning_values() -> None:
    eq = part("Breaker", ("Switch.normalOpen", "", "true"))
    ssh = part("Breaker", ("Switch.open", "", "False"))
    merged = merge("S1", [("EQ", eq), ("SSH", ssh)])
    assert merged is not None
    assert merged.state == StateBits.NORMALLY_OPEN | StateBits.PRESENT_GIVEN


def test_merge__something_without_a_class_is_unknown_but_kept() -> None:
    merged = merge("S1", [("SSH", part("", ("Switch.open", "", "true")))])
    assert merged is not None
    assert merged.kind == "Unknown"


def test_targets__splits_ids_written_one_after_another() -> None:
    assert targets("&#_", "a#_b#_c") == ("a", "b", "c")
    assert targets("&#_", "a") == ("a",)


def test_precedence__operations_outrank_a_later_scenario_time() -> None:
    early = Document("m", "a.xml", scenario_time="2026-01-01T00:00:00Z")
    late = Document("m", "b.xml", scenario_time="2026-02-01T00:00:00Z")
    operations = Document("m", OPERATIONS_DOCUMENT)
    assert sorted([operations, late, early], key=precedence) == [early, late, operations]


def test_precedence__version_ten_is_later_than_version_nine() -> None:
    nine, ten = Document("m", "b.xml", version="9"), Document("m", "a.xml", version="10")
    assert sorted([ten, nine], key=precedence) == [nine, ten]


def test_ranked__a_document_comes_behind_what_it_supersedes() -> None:
    older = Document("m", "z.xml", model_id="1")
    newer = Document("m", "a.xml", model_id="2", supersedes=("1",))
    newest = Document("m", "B.xml", model_id="3", supersedes=("2",))
    assert ranked([newest, older, newer]) == [older, newer, newest]


def test_ranked__documents_that_supersede_each_other_are_ordered_all_the_same() -> None:
    one = Document("m", "a.xml", model_id="1", supersedes=("2",))
    two = Document("m", "b.xml", model_id="2", supersedes=("1",))
    assert ranked([two, one]) == ranked([one, two])


def test_ranked__a_later_scenario_time_outweighs_superseding() -> None:
    later = Document("m", "a.xml", model_id="1", scenario_time="2026-02-01T00:00:00Z")
    early = Document("m", "b.xml", model_id="2", supersedes=("1",), scenario_time="2026-01-01")
    assert ranked([later, early]) == [early, later]


def test_merge__a_position_alone_makes_no_switch() -> None:
    position = part("Breaker", ("Switch.open", "", "true"))
    assert merge("S1", [(OPERATIONS_DOCUMENT, position)]) is None
    assert merge("S1", [("EQ", part("Breaker")), (OPERATIONS_DOCUMENT, position)]) is not None
