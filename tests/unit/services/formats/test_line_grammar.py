"""The grammar of line protocol: escapes, types, texts over lines, and reasons."""

import pytest

from graph_service.services.formats.addressed import BadLine
from graph_service.services.formats.line_grammar import Point, head, lines, point


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("m v=1 5", Point("m", {}, {"v": 1.0}, 5)),
        ("m v=1", Point("m", {}, {"v": 1.0}, None)),
        ("m,a=b,c=d v=1.5e3 -5", Point("m", {"a": "b", "c": "d"}, {"v": 1500.0}, -5)),
        (r"my\ m\,x,a\ b=c\,d\=e v\ w=1 5", Point("my m,x", {"a b": "c,d=e"}, {"v w": 1.0}, 5)),
        (r"m=x,a=\b v=1", Point("m=x", {"a": r"\b"}, {"v": 1.0}, None)),
        ('m,a="b" v="x y, z=1" 5', Point("m", {"a": '"b"'}, {"v": "x y, z=1"}, 5)),
        (r'm v="say \"so\" \\ \n",w=2', Point("m", {}, {"v": r'say "so" \ \n', "w": 2.0}, None)),
        ("m i=-3i,u=4u", Point("m", {}, {"i": -3.0, "u": 4.0}, None)),
        ("m t=T,f=false", Point("m", {}, {"t": True, "f": False}, None)),
        ("m v=.5   7  ", Point("m", {}, {"v": 0.5}, 7)),
        ("mäß,ort=Zürich v=1", Point("mäß", {"ort": "Zürich"}, {"v": 1.0}, None)),
    ],
)
def test_point__reads_what_influxdb_reads(line, expected):
    assert point(line.encode()) == expected


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "measurement"),
        (",a=b v=1", "measurement"),
        ("m", "no fields"),
        ("m,a=b", "no fields"),
        ("m  ", "no fields"),
        ("m,a v=1", "name=value"),
        ("m,a= v=1", "'a' has no value"),
        ("m v", "name=value"),
        ("m v=", "'v' has no value"),
        ("m v=1,", "name=value"),
        ("m v=abc", "'abc'"),
        ("m v=nan", "'nan'"),
        ("m v=1_0", "'1_0'"),
        ("m v=1.5i", "'1.5i'"),
        ("m v=-1u", "'-1u'"),
        ('m v="open', "does not end"),
        ("m v=1 today", "'today'"),
        ("m v=1 1 2", "time stamp"),
        ("m v=1 1.5", "time stamp"),
    ],
)
def test_point__says_what_is_wrong(line, reason):
    with pytest.raises(BadLine, match=reason):
        point(line.encode())


def test_point__that_is_no_utf8_is_refused():
    with pytest.raises(BadLine, match="UTF-8"):
        point(b"m v=\xff")


def test_head__stops_before_the_fields():
    assert head(b"m,a=b") == ("m", {"a": "b"})
    with pytest.raises(BadLine, match="tags"):
        head(b"m,a=b=c")


def test_lines__leave_blank_ones_and_comments_out_and_keep_their_numbers():
    body = b"# comment\r\n\r\nm v=1\r\n  m v=2  \n#m v=3\nm v=4"
    assert list(lines(body)) == [(3, b"m v=1"), (4, b"m v=2"), (6, b"m v=4")]


def test_lines__text_may_go_over_several():
    body = b'm v="a\nb" 1\nm v=2'
    assert list(lines(body)) == [(1, b'm v="a\nb" 1'), (3, b"m v=2")]


def test_lines__text_that_never_ends_does_not_swallow_the_rest():
    body = b'm v="a\nm v=2\nm v=3'
    assert [number for number, _ in lines(body)] == [1, 2, 3]


def test_lines__quotation_mark_in_a_tag_opens_nothing():
    body = b'm,a=5" v=1\nm v=2'
    assert [number for number, _ in lines(body)] == [1, 2]
