"""MeterReadings of IEC 61968-9: envelopes and prefixes, intervals, names, qualities, refusals."""

import pytest

from graph_service.domain.errors import UnreadableInput
from graph_service.domain.readings import Quality
from graph_service.services.formats import meter_readings, walking
from graph_service.services.formats.meter_readings import DEVICE, USAGE_POINT

NS = 'xmlns="http://iec.ch/TC57/2011/MeterReadings#"'
QUARTER = "0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0"
REGISTER = "0.0.0.1.1.1.12.0.0.0.0.{}.0.0.0.3.72.0"
POWER = "0.0.0.12.1.1.37.0.0.0.0.0.0.0.0.3.38.0"
UP = "<UsagePoint><mRID>_up-1</mRID></UsagePoint>"


def document(*meters, more="", root=f"MeterReadings {NS}"):
    inner = "".join(f"<MeterReading>{meter}</MeterReading>" for meter in meters)
    return f"<{root}>\n{inner}{more}</{root.split()[0]}>"


def interval(stamp="2026-01-01T00:15:00Z", value="0.5", more=""):
    stamped = f"<timeStamp>{stamp}</timeStamp>" if stamp else ""
    return f"<IntervalReadings>{stamped}<value>{value}</value>{more}</IntervalReadings>"


def block(*readings, ref=QUARTER):
    return f'<IntervalBlocks>{"".join(readings)}<ReadingType ref="{ref}"/></IntervalBlocks>'


def single(value="2", stamp="2026-01-01T00:15:00Z", ref=POWER, more=""):
    inner = f"<timeStamp>{stamp}</timeStamp><value>{value}</value>{more}"
    return f'<Readings>{inner}<ReadingType ref="{ref}"/></Readings>'


def quality(code):
    return f'<ReadingQualities><ReadingQualityType ref="{code}"/></ReadingQualities>'


@pytest.fixture
def read(reader):
    return lambda content, **more: reader(meter_readings.read, content, **more)


def test_read__interval_ends_at_its_stamp_and_is_kept_under_its_start(read):
    got = read(document(block(interval(), interval("2026-01-01T00:30:00Z", "0.25")) + UP))
    assert got.values() == {("up-1", "ENERGY_IN", "meter"): {"01 00:00": 500, "01 00:15": 250}}
    assert got.reasons == {}


def test_read__instant_is_kept_under_its_stamp(read):
    got = read(document(single() + UP))
    assert got.values() == {("up-1", "P", "meter"): {"01 00:15": 2000}}


def test_read__time_period_says_when_an_interval_begins(read):
    period = "<timePeriod><start>2026-01-01T00:00:00+01:00</start></timePeriod>"
    code = "11.0.0.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0"
    got = read(document(single(ref=code, more=period) + UP))
    assert got.values() == {("up-1", "ENERGY_IN", "meter"): {"31 23:00": 2000}}


@pytest.mark.parametrize(
    ("who", "value", "lookup"),
    [
        (UP, "up-1", USAGE_POINT),
        ("<UsagePoint><Names><name>7071</name></Names></UsagePoint>", "7071", USAGE_POINT),
        ("<Meter><mRID>m-1</mRID></Meter>", "m-1", DEVICE),
        ("<EndDevice><mRID>m-1</mRID></EndDevice>", "m-1", DEVICE),
        (
            "<Meter><Names><name>M7</name><NameType><name>serial</name></NameType></Names></Meter>",
            "M7",
            DEVICE,
        ),
        ("<Meter><mRID>m-1</mRID></Meter>" + UP, "up-1", USAGE_POINT),
    ],
)
def test_read__usage_point_before_meter_and_mrid_before_name(read, who, value, lookup):
    [lot] = read(document(block(interval()) + who)).lots
    assert (lot.target.address.value, lot.target.address.lookup) == (value, lookup)


def test_read__several_meters_and_types_in_one_document(read):
    other = "<Meter><mRID>m-2</mRID></Meter>"
    got = read(document(block(interval()) + single() + UP, block(interval(value="7")) + other))
    assert got.values() == {
        ("up-1", "ENERGY_IN", "meter"): {"01 00:00": 500},
        ("up-1", "P", "meter"): {"01 00:15": 2000},
        ("m-2", "ENERGY_IN", "meter"): {"01 00:00": 7000},
    }


def test_read__block_may_name_its_type_first(read):
    own = f'<IntervalBlocks><ReadingType ref="{QUARTER}"/>{interval()}</IntervalBlocks>'
    got = read(document(own + single() + UP))
    assert got.values()["up-1", "ENERGY_IN", "meter"] == {"01 00:00": 500}
    assert got.values()["up-1", "P", "meter"] == {"01 00:15": 2000}


def test_read__type_that_the_document_spells_out(read):
    spelt = (
        "<ReadingType><Names><name>kWh 15</name></Names><accumulation>deltaData</accumulation>"
        "<flowDirection>reverse</flowDirection><measurementKind>energy</measurementKind>"
        "<measuringPeriod>fifteenMinute</measuringPeriod><multiplier>k</multiplier>"
        "<unit>Wh</unit></ReadingType>"
    )
    got = read(document(block(interval(), ref="kWh 15") + UP, more=spelt))
    assert got.values() == {("up-1", "ENERGY_OUT", "meter"): {"01 00:00": 500}}


def test_read__envelope_and_prefixes_do_not_matter(read):
    inner = document(block(interval()) + UP, root=f"MeterReadings {NS}")
    prefixed = inner.replace("</", "</m:").replace("<", "<m:").replace("<m:/m:", "</m:")
    prefixed = prefixed.replace("xmlns=", "xmlns:m=")
    got = read(f'<EventMessage xmlns="urn:x"><Payload>{prefixed}</Payload></EventMessage>')
    assert len(got.lots) == 1


def test_read__worst_of_several_qualities_counts(read):
    more = quality("1.0.0") + quality("2.8.0") + quality("1.0.0")
    [lot] = read(document(block(interval(more=more)) + UP)).lots
    assert list(lot.columns.quality) == [Quality.ESTIMATED]


def test_read__value_known_to_be_missing_is_left_out_without_a_word(read):
    got = read(document(block(interval(value="", more=quality("2.5.259")), interval()) + UP))
    assert (len(got.lots[0].columns), got.reasons) == (1, {})


def test_read__single_phases_are_sources_of_their_own(read):
    volts = "0.0.0.12.0.1.54.0.0.0.0.0.0.0.{}.0.29.0"
    got = read(document(*(single(ref=volts.format(phase)) + UP for phase in (129, 65))))
    assert sorted(source for _, _, source in got.values()) == ["meter/AN", "meter/BN"]


def test_read__register_is_of_its_stamp_and_never_mixed_with_intervals(read):
    period = "<timePeriod><start>2026-01-01T00:00:00Z</start></timePeriod>"
    register = single("81.5", ref=REGISTER.format(0), more=period)
    got = read(document(register + block(interval()) + UP))
    assert got.values() == {
        ("up-1", "ENERGY_IN_REGISTER", "meter"): {"01 00:15": 81_500},
        ("up-1", "ENERGY_IN", "meter"): {"01 00:00": 500},
    }


def test_read__registers_of_tariffs_are_sources_of_their_own(read):
    got = read(document(*(single(str(at), ref=REGISTER.format(at)) + UP for at in (0, 1, 2))))
    assert {source: list(by_time.values()) for (_, _, source), by_time in got.values().items()} == {
        "meter": [0],
        "meter/T1": [1000],
        "meter/T2": [2000],
    }


def test_read__register_without_a_stamp_is_put_aside(read):
    period = "<timePeriod><start>2026-01-01T00:00:00Z</start></timePeriod>"
    bare = single(ref=REGISTER.format(0), more=period)
    stamp = "<timeStamp>2026-01-01T00:15:00Z</timeStamp>"
    got = read(document(bare.replace(stamp, "") + UP))
    assert ("none is invented" in next(iter(got.reasons.values())), got.lots) == (True, [])


@pytest.mark.parametrize(
    ("meter", "reason"),
    [
        (block(interval(value="nan")) + UP, "'nan'"),
        (block(interval(value="twelve")) + UP, "'twelve'"),
        (block(interval(stamp="")) + UP, "none is invented"),
        (block(interval(stamp="2026-01-01T00:15:00")) + UP, "no time zone"),
        (block(interval(stamp="2126-01-01T00:15:00Z")) + UP, "future"),
        (block(interval(), ref="0.0.0.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0") + UP, "how long"),
        (block(interval(), ref="0.0.2.3.1.1.12.0.0.0.0.0.0.0.0.3.72.0") + UP, "accumulation 3"),
        (block(interval(), ref="nobody says") + UP, "'nobody says'"),
        (f"<IntervalBlocks>{interval()}</IntervalBlocks>{UP}", "no type"),
        (block(interval()), "neither a UsagePoint nor a Meter"),
    ],
)
def test_read__bad_reading_is_put_aside_and_the_others_are_taken(read, meter, reason):
    got = read(document(block(interval()) + UP, meter))
    [said] = got.reasons.values()
    assert reason in said
    assert got.values() == {("up-1", "ENERGY_IN", "meter"): {"01 00:00": 500}}


def test_read__reason_names_the_line(read):
    text = document("\n" + block("\n" + interval(value="nan")) + UP)
    assert list(read(text).reasons) == [4]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<a/>", "no MeterReadings"),
        ("<MeterReadings>", "not well-formed in line 1"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><MeterReadings/>', "DOCTYPE"),
        ("<a>" * 200_000, "deeper than 32"),
        ("<?xml version='1.0' encoding='klingon'?><MeterReadings/>", "encoding"),
    ],
)
def test_read__document_that_cannot_be_taken_is_an_error(read, content, said):
    with pytest.raises(UnreadableInput, match=said):
        read(content)


def test_read__goes_on_after_the_meter_readings_read_before(read, monkeypatch):
    monkeypatch.setattr(walking, "CHUNK_BYTES", 300)
    monkeypatch.setattr(meter_readings, "VALUES_A_BATCH", 1)
    whole = document(*(block(interval(value=str(at))) + UP for at in range(9)))
    first, *rest = read(whole).batches
    again = read(whole, position=first.position)
    assert [batch.rows for batch in again.batches] == [batch.rows for batch in rest]
