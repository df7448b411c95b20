"""Packs are cut in the order of export, and give back what went in."""

from graph_service.adapters.neo4j.packs import PACK_ROWS, Place, Row, _unpack, cut, packed

WORDS = ["", "http://x#B", "http://x#A", "forwardDifferences"]


def row(kind: int = 1, payload: bytes = b"[]") -> Row:
    return Row(payload, kind, 3, 12)


def test_cut__orders_by_class_section_and_mrid():
    rows = [(Place("2", 0, 0), row(1)), (Place("1", 3, 0), row(1)), (Place("9", 0, 0), row(2)),
            (Place("1", 0, 1), row(1)), (Place("1", 0, 0), row(1))]  # fmt: skip
    (pack,) = cut(rows, WORDS)
    places = [place for place, _ in pack]
    assert places == [("9", 0, 0), ("1", 0, 0), ("1", 0, 1), ("2", 0, 0), ("1", 3, 0)]


def test_cut__begins_another_pack_when_one_is_full_or_large():
    many = [(Place(f"{at:05}", 0, 0), row()) for at in range(2 * PACK_ROWS + 1)]
    assert [len(pack) for pack in cut(many, WORDS)] == [PACK_ROWS, PACK_ROWS, 1]
    large = [(Place(str(at), 0, 0), row(payload=b"x" * 700_000)) for at in range(3)]
    assert [len(pack) for pack in cut(large, WORDS)] == [1, 1, 1]


def test_pack__gives_back_what_went_in():
    rows = [(Place('a"\n', 0, 0), row(payload=b'["\\n"]')), (Place("ä", 3, 1), row(2))]
    pack = _unpack(5, 2, 9, [12, 12], packed(rows))
    assert list(zip(pack.places, pack.rows, strict=True)) == [
        (place, Row(one.payload, one.type, one.size, one.line, 5, at, 9))
        for at, (place, one) in enumerate(rows)
    ]


def test_pack__open_rows__leave_out_what_was_closed():
    pack = _unpack(5, 2, 9, [1, 1], packed([(Place("a", 0, 0), row()), (Place("b", 0, 0), row())]))
    pack.closed[0] = 10
    assert [place.mrid for place, _ in pack.open_rows()] == ["b"]
