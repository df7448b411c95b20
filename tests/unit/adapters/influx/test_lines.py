from hypothesis import given
from hypothesis import strategies as st

from graph_service.adapters.influx import flux
from graph_service.adapters.influx.lines import name_of, series_head, tag, written_tag
from graph_service.domain.readings import SeriesKey

names = st.text(st.characters(exclude_categories=["Cs"]))


@given(names)
def test_tag__of_any_name__gives_the_name_back(name):
    assert name_of(tag(name)) == name


@given(names, names)
def test_tag__of_different_names__is_different(one, other):
    assert (tag(one) == tag(other)) == (one == other)


@given(names)
def test_tag__has_nothing_a_line_cannot_hold(name):
    assert tag(name)
    assert not set(tag(name)) & {"\n", "\r", "\\", "\0"}


def test_written_tag__delimiters_are_escaped():
    assert written_tag("a, b=c") == "a\\,\\ b\\=c"


def test_series_head__of_a_usual_series__reads_as_it_is():
    key = SeriesKey("town/meter-1", "ENERGY_IN", "meter")
    head = "readings,element=town/meter-1,quantity=ENERGY_IN,source=meter"
    assert series_head("readings", key) == head


def test_literal__cannot_be_left():
    assert flux.literal('a" or "b\\') == '"a\\" or \\"b\\\\"'
    assert flux.literal("${secret}") == '"\\${secret}"'


def test_any_of__special_characters_stand_for_themselves():
    assert flux.any_of(["b.*", "a/(c)|d"]) == r"/^(?:a\/\(c\)\|d|b\.\*)$/"


def test_moment__is_written_to_the_nanosecond():
    assert flux.moment(-1) == "1969-12-31T23:59:59.999999999Z"
    assert flux.moment(1_728_000_000_000_000_001) == "2024-10-04T00:00:00.000000001Z"
