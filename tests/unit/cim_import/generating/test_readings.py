"""The readings of a town: whole days of whole watt-hours, with believable gaps and loads."""

import csv
from datetime import date
from pathlib import Path

import pytest

from cim_import.generating import TownSummary, generate_town
from cim_import.generating.readings import GIVEN, READINGS_COLUMNS, TAKEN, TEMPERATURE
from tests.deliveries import Delivery

Row = tuple[str, str, list[float | None]]


def read(directory: Path, quantity: str = TAKEN) -> list[Row]:
    with (directory / "readings.csv").open(newline="") as file:
        head, *rows = csv.reader(file)
    assert tuple(head) == READINGS_COLUMNS
    return [
        (row[0], row[3], [float(value) if value else None for value in row[5:]])
        for row in rows
        if row[1] == quantity
    ]


@pytest.fixture(scope="module")
def rows(summary: TownSummary) -> list[Row]:
    return read(summary.directory)


def test_readings__one_line_a_usage_point_and_day(rows: list[Row], summary: TownSummary):
    keys = [(point, day) for point, day, _ in rows]
    others = [read(summary.directory, quantity) for quantity in (GIVEN, TEMPERATURE)]
    assert len(set(keys)) == len(keys) == summary.reading_lines - sum(map(len, others))
    assert {day for _, day, _ in rows} == {f"2026-01-0{day}T00:00:00Z" for day in (5, 6, 7)}
    assert {len(values) for _, _, values in rows} == {24}


def test_readings__hang_on_usage_points_of_the_town(rows: list[Row], town: Delivery):
    points = {point for point, _, _ in rows}
    assert points < {thing.mrid for thing in town.of("cim:UsagePoint")}
    assert 0.95 * 420 < len(points) < 420  # a few meters never report


def test_readings__some_are_missing_and_most_are_there(rows: list[Row]):
    values = [value for _, _, day in rows for value in day]
    missing = sum(value is None for value in values) / len(values)
    assert 0.001 < missing < 0.05


def test_readings__loads_are_those_of_a_small_town(rows: list[Row]):
    values = [value for _, _, day in rows for value in day if value is not None]
    mean_w = sum(values) / len(values)
    assert min(values) >= 0
    assert 400 < mean_w < 2500


def test_readings__evening_is_above_night(rows: list[Row]):
    def total(hour: int) -> float:
        return sum(day[hour] or 0 for _, _, day in rows)

    assert total(18) > 1.5 * total(3)


def test_readings__winter_is_above_summer(tmp_path: Path):
    totals = []
    for name, start in (("winter", date(2026, 1, 5)), ("summer", date(2026, 7, 6))):
        generate_town(tmp_path / name, meters=110, seed=1, days=2, start=start)
        totals.append(sum(value or 0 for _, _, day in read(tmp_path / name) for value in day))
    assert totals[0] > 1.1 * totals[1]


def test_readings__of_the_temperature_hang_on_the_first_substation(
    summary: TownSummary, town: Delivery
):
    rows = read(summary.directory, TEMPERATURE)
    assert [day for _, day, _ in rows] == [f"2026-01-0{day}T00:00:00Z" for day in (5, 6, 7)]
    assert {town.things[mrid].value("cim:IdentifiedObject.name") for mrid, _, _ in rows} == {
        "Quellmoor 1"
    }
    assert all(value is not None and -30 < value < 40 for _, _, day in rows for value in day)


def test_readings__of_what_is_given_are_there_exactly_where_the_taken_are(
    rows: list[Row], summary: TownSummary
):
    taken = {(point, day): values for point, day, values in rows}
    given = read(summary.directory, GIVEN)
    assert 0 < len(given) < 0.2 * len(rows)
    for point, day, values in given:
        pairs = list(zip(taken[point, day], values, strict=True))
        assert all((a is None) == (b is None) for a, b in pairs)
        assert all(not a or not b for a, b in pairs)


def test_readings__of_who_gives_are_those_with_panels(summary: TownSummary, town: Delivery):
    givers = {point for point, _, _ in read(summary.directory, GIVEN)}
    names = {town.things[point].value("cim:IdentifiedObject.name") for point in givers}
    panels = {t.value("cim:IdentifiedObject.name") for t in town.of("cim:PhotoVoltaicUnit")}
    assert {f"Panels {name}" for name in names} <= panels
    assert len(panels) - len(names) < 3  # a silent meter says nothing of its panels
