from __future__ import annotations

import pytest

from cim_import.pieces import Mark, marks


def marked(text: str) -> list[Mark]:
    before, *pieces = text.split("<")
    assert before == ""
    return list(marks(iter(pieces)))


@pytest.mark.parametrize(
    ("text", "written", "opens"),
    [
        ("<a>text", "<a>", 1),
        ("<a b='1'>text", "<a b='1'>", 1),
        ("</a>text", "</a>", -1),
        ("<a/>text", "<a/>", 0),
        ("<a b='/>' c=\">'\">text", "<a b='/>' c=\">'\">", 1),
        ("<a b='>'/>text", "<a b='>'/>", 0),
        ("<!-- <a> </b> -->text", "<!-- <a> </b> -->", 0),
        ("<![CDATA[<a>]]>text", "<![CDATA[<a>]]>", 0),
        ("<?a <b> > ?>text", "<?a <b> > ?>", 0),
    ],
)
def test_marks__of_every_kind__end_where_their_text_begins(
    text: str, written: str, opens: int
) -> None:
    after = ("text", "te > xt", "")
    for other in after:
        assert marked(text.replace("text", other)) == [Mark(written, other, opens)]


def test_marks__one_after_another__are_all_there() -> None:
    text = "<a>1<!-- < -->2<b/><?c < ?></a>\n"
    assert "".join(mark.written + mark.after for mark in marked(text)) == text
    assert [mark.opens for mark in marked(text)] == [1, 0, 0, 0, -1]
