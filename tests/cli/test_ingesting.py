"""Loading readings and events on the command line: any format, a mapping, going on, quarantine."""

from __future__ import annotations

import gzip

import pytest

USAGE_POINT = "de237d67-8ba0-4fe3-bd90-7d6d26c83f16"
WIDE = "usage_point,quantity,source,start,resolution,values\n"
LONG = f"element,quantity,time,value\n{USAGE_POINT},P,2026-01-07T00:00:00Z,1\n"
EVENT = """{"source": "me", "id": "1", "kind": "NOTE", "start": "2026-01-07T00:00:00Z",
"text": "Hello"}"""
RULE = """[[rule]]
measurement = "meter"
element = "id"
fields.kw = { quantity = "P", unit = "kW" }
"""


def test_ingest__of_readings_plain_or_gzip__counts_them(run, delivery, data, tmp_path):
    packed = tmp_path / "readings.csv.gz"
    packed.write_bytes(gzip.compress((delivery / "readings.csv").read_bytes()))
    [again] = run("--data", data, "ingest", packed, "--format", "json").json.values()
    assert (again["stored"], again["series"]) == (0, 65)
    assert again["duplicates"] > 2000


def test_ingest__of_several_files__says_what_became_of_each(run, data, tmp_path):
    (tmp_path / "long.csv").write_text(LONG)
    (tmp_path / "events.json").write_text(EVENT)
    ended = run("--data", data, "ingest", "long.csv", "events.json")
    assert ended.code == 0
    assert "long.csv\n1 readings of 1 series stored" in ended.out
    assert "events.json\n1 events stored" in ended.out


def test_ingest__of_a_file_read_before__says_so_and_again_reads_it(run, data, tmp_path):
    (tmp_path / "long.csv").write_text(LONG)
    run("--data", data, "ingest", "long.csv")
    assert "taken already" in run("--data", data, "ingest", "long.csv").out
    assert "1 known already" in run("--data", data, "ingest", "long.csv", "--again").out


def test_ingest__of_line_protocol__is_read_by_the_mapping(run, data, tmp_path):
    (tmp_path / "my.toml").write_text(RULE)
    (tmp_path / "lines").write_text(f"meter,id={USAGE_POINT} kw=1.5 1767225600000000000\n")
    ended = run("--data", data, "ingest", "lines", "--mapping", "my.toml")
    assert "1 readings of 1 series stored" in ended.out
    asked = f'{{ readings(element: "{USAGE_POINT}", quantity: P, start: "2026-01-01T00:00:00Z",'
    asked += ' stop: "2026-01-02T00:00:00Z") { values } }'
    assert run("--data", data, "query", asked).json == {"data": {"readings": {"values": [1500.0]}}}


@pytest.mark.parametrize("rule", [RULE.replace("kW", "kWh"), "rule = ["])
def test_ingest__with_a_mapping_that_cannot_be__is_refused(run, data, tmp_path, rule):
    (tmp_path / "my.toml").write_text(rule)
    (tmp_path / "long.csv").write_text(LONG)
    ended = run("--data", data, "ingest", "long.csv", "--mapping", "my.toml")
    assert (ended.code, "my.toml" in ended.err) == (1, True)


def test_ingest__of_unknown_elements__says_that_they_wait_and_status_counts_them(
    run, data, tmp_path
):
    (tmp_path / "long.csv").write_text(LONG.replace(USAGE_POINT, "of-tomorrow"))
    ended = run("--data", data, "ingest", "long.csv")
    assert "1 of them wait for elements" in ended.out
    assert "1 identifiers wait in quarantine" in run("--data", data, "status").out
    assert run("--data", data, "status", "--format", "json").json["waiting"] == 1


def test_ingest__of_lines_nobody_understands__shows_them_with_the_reason(run, data, tmp_path):
    (tmp_path / "r.csv").write_text(WIDE + "x,ENERGY,meter,2026-01-01T00:00:00Z,PT1H,1\n")
    ended = run("--data", data, "ingest", tmp_path / "r.csv")
    assert ended.code == 0
    assert "line 2: no quantity is called 'ENERGY'" in ended.out


@pytest.mark.parametrize("content", [None, "", "a,b,c\n1,2,3\n"])
def test_ingest__of_no_readings__is_refused_and_says_what_is_taken(run, data, tmp_path, content):
    if content is not None:
        (tmp_path / "r.csv").write_text(content)
    ended = run("--data", data, "ingest", tmp_path / "r.csv")
    assert ended.code == 1
    assert "line protocol" in ended.hint
