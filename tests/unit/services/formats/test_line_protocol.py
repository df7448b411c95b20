"""Line protocol into readings: both ways of reading agree, and every rule has its reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_service.domain.readings import Quality
from graph_service.services.formats import line_protocol
from graph_service.services.formats.line_protocol import LineReader
from graph_service.services.formats.mapping import DEFAULT, mapping_of

NOW = 1_767_225_600_000_000
DAY = 86_400_000_000


def read(text, mapping=DEFAULT, precision="us"):
    body = text if isinstance(text, bytes) else text.encode()
    return LineReader(mapping, "town").read(body, precision, NOW)


def values(batch):
    """(element, quantity, source) → {time: value}"""
    return {
        (lot.target.address.value, lot.target.quantity, lot.target.source): dict(
            zip(lot.columns.valid_us, lot.columns.values, strict=True)
        )
        for lot in batch.block.lots()
    }


def reasons(batch):
    return dict(batch.rejected)


def test_read__one_line_a_value():
    batch = read("readings,element=t1 P=1.5 7\nreadings,element=t1 P=2 9\n")
    assert values(batch) == {("t1", "P", "meter"): {7: 1.5, 9: 2.0}}
    assert (batch.rows, batch.rejected) == (2, [])


def test_read__several_fields_and_sources():
    batch = read("readings,element=t1,source=rtu P=1,Q=2i 7\nreadings,element=t2 P=3u 7")
    assert values(batch) == {
        ("t1", "P", "rtu"): {7: 1.0},
        ("t1", "Q", "rtu"): {7: 2.0},
        ("t2", "P", "meter"): {7: 3.0},
    }
    assert batch.rows == 2


def test_read__registers_through_a_mapping_and_without_one():
    field = {"quantity": "ENERGY_IN_REGISTER", "unit": "kWh"}
    rule = {"measurement": "meter", "element": "serial", "fields": {"total": field}}
    batch = read("meter,serial=m1 total=81.5 7", mapping_of({"rule": [rule]}, "mapping.toml"))
    assert values(batch) == {("m1", "ENERGY_IN_REGISTER", "meter"): {7: 81_500.0}}
    batch = read("readings,element=t1 ENERGY_IN_REGISTER=5,ENERGY_IN=1 7")
    assert [quantity for _, quantity, _ in values(batch)] == ["ENERGY_IN_REGISTER", "ENERGY_IN"]


def test_read__series_ascend_in_time_however_the_lines_stand():
    batch = read("\n".join(f"readings,element=t1 P={at} {at}" for at in (5, 3, 9, 1)))
    [lot] = batch.block.lots()
    assert list(lot.columns.valid_us) == [1, 3, 5, 9]
    assert list(lot.columns.values) == [1, 3, 5, 9]


@pytest.mark.parametrize(
    ("precision", "stamp"),
    [("ns", NOW * 1000), ("us", NOW), ("ms", NOW // 1000), ("s", NOW // 10**6)],
)
@pytest.mark.parametrize("more", ["", ',quality="good"'])
def test_read__precision_says_what_a_stamp_counts(precision, stamp, more):
    batch = read(f"readings,element=t1 P=1{more} {stamp}", precision=precision)
    assert values(batch) == {("t1", "P", "meter"): {NOW: 1.0}}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("readings,element=t1 P=nan 7", "'nan'"),
        ("readings,element=t1 P=NaN 7", "'NaN'"),
        ("readings,element=t1 P=inf 7", "'inf'"),
        ("readings,element=t1 P=-Infinity 7", "'-Infinity'"),
        ("readings,element=t1 P=1e999 7", "finite"),
        ("readings,element=t1 P=1_0 7", "'1_0'"),
        ("readings,element=t1 P=0x1 7", "'0x1'"),
        ("readings,element=t1 P= 7", "no"),
        ('readings,element=t1 P="text" 7', "text, where a number belongs"),
        ("readings,element=t1 P=t 7", "'t'"),
        ("readings,element=t1 P=true,Q=1 7", "'true'"),
        ("readings,element=t1,unit=kWh P=1 7", "does not fit P"),
        ("readings,element=t1 POWER=1 7", "'POWER'"),
        ("readings P=1 7", "'element' is missing"),
        ("readings,element=_ P=1 7", "no mRID"),
        ("cpu usage=1 7", "'cpu'"),
        ("readings,element=t1 P=1", "none is invented"),
        ("readings,element=t1 P=1 today", "'today'"),
        ("readings,element=t1 P=1 7.5", "'7.5'"),
        (f"readings,element=t1 P=1 {NOW + DAY + 1}", "future"),
        ("readings,element=t1 P=1 999999999999999999999999", "time stamp"),
        ('readings,element=t1 P=1,quality="splendid" 7', "'splendid'"),
        ("readings,element=t1 P=1,quality=9 7", "quality"),
        ("readings,element=t1 P=1,Q=x 7", "'x'"),
        ("junk", "no fields"),
        (b"readings,element=t1 P=1 7 \xff", "UTF-8"),
        (b"readings,element=\xff P=1 7", "UTF-8"),
    ],
)
def test_read__bad_line_is_put_aside_with_the_reason_and_the_others_are_taken(line, reason):
    good = b"readings,element=t1 P=1 7"
    body = b"\n".join([good, line if isinstance(line, bytes) else line.encode(), good[:-1] + b"8"])
    batch = read(body)
    [(number, said)] = batch.rejected
    assert (number, reason in said) == (2, True)
    assert (values(batch), batch.rows) == ({("t1", "P", "meter"): {7: 1.0, 8: 1.0}}, 2)


@pytest.mark.parametrize("precision", ["ms", "s"])
def test_read__stamp_that_leaves_the_calendar_is_put_aside(precision):
    batch = read("readings,element=t1 P=1 999999999999999999", precision=precision)
    assert "calendar" in reasons(batch)[1]


def test_read__line_with_one_bad_field_is_put_aside_whole():
    batch = read("readings,element=t1 P=1,Q=1e999 7\nreadings,element=t1 P=2 8")
    assert (list(reasons(batch)), values(batch)) == ([1], {("t1", "P", "meter"): {8: 2.0}})


def test_read__values_are_converted_and_may_be_estimated():
    batch = read('readings,element=t1,unit=kW P=1.5,quality="estimated" 7')
    [lot] = batch.block.lots()
    assert (list(lot.columns.values), list(lot.columns.quality)) == ([1500], [Quality.ESTIMATED])


def test_read__line_without_a_stamp_is_of_its_arrival_where_the_mapping_says_so():
    batch = read("readings,element=t1 P=1", mapping_of({"arrival_time": True}))
    assert values(batch) == {("t1", "P", "meter"): {NOW: 1.0}}


def test_read__measurements_to_ignore_leave_no_trace():
    batch = read('cpu usage=1 7\ndisk1,a=b c="d" 7', mapping_of({"ignore": ["cpu", "disk*"]}))
    assert (batch.rows, batch.rejected, batch.values) == (0, [], 0)


def test_read__fields_a_rule_does_not_name_are_left_out():
    rule = {"measurement": "m", "element": "id", "fields": {"p": {"quantity": "P", "unit": "kW"}}}
    batch = read('m,id=t1 p=1,firmware="2.1",rssi=-80i 7', mapping_of({"rule": [rule]}))
    assert values(batch) == {("t1", "P", "meter"): {7: 1000.0}}


def test_read__empty_body_is_nothing():
    batch = read("")
    assert (batch.rows, batch.values, batch.rejected) == (0, 0, [])


numbers = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True).map(repr),
    st.integers(-9, 10**6).map(lambda n: f"{n}i"),
    st.sampled_from(["t", '"x"', "", "1e999", "5u", "-5u", ".5", "1_0", "+3"]),
)
fields = st.lists(
    st.tuples(st.sampled_from(["P", "Q", "POWER", "quality"]), numbers), min_size=1, max_size=3
).map(lambda pairs: ",".join(f"{name}={value}" for name, value in pairs))
stamps = st.sampled_from(["", " 7", " 8", "  9 ", " x", f" {NOW + 2 * DAY}", " -5"])
heads = st.sampled_from(
    ["readings,element=t1", "readings,element=t2,unit=kW", "readings", "cpu", "", "#", "readings,"]
)
written = st.builds(lambda head, body, stamp: f"{head} {body}{stamp}", heads, fields, stamps)


@given(st.lists(written, max_size=6))
def test_read__quick_way_and_grammar_agree(text):
    body = "\n".join(text)
    quick = read(body)
    slow = read(body + '\nreadings,element=t3 P=1,quality="good" 1'.replace("t3", "t4"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line_protocol._Body, "_several", lambda *_: False)
        by_grammar = read(body + '\n#"')
    assert values(by_grammar) == values(quick)
    assert set(reasons(by_grammar)) == set(reasons(quick))
    assert {key: v for key, v in values(slow).items() if key[0] != "t4"} == values(quick)
