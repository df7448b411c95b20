"""Resolutions: ISO 8601 durations of a fixed length."""

import pytest

from graph_service.domain.durations import parse_resolution
from graph_service.domain.errors import BadResolution

SECOND = 1_000_000


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT1S", 1),
        ("PT15M", 900),
        ("PT1H", 3_600),
        ("PT1H30M", 5_400),
        ("P1D", 86_400),
        ("P1DT12H", 129_600),
        ("P2W", 1_209_600),
        ("PT60M", 3_600),
    ],
)
def test_parse_resolution__fixed_lengths_are_microseconds(text, seconds):
    assert parse_resolution(text) == seconds * SECOND


@pytest.mark.parametrize(
    "text",
    [
        *("", "P", "PT", "P1", "1H", "PT1", "PTH", "P1DT", "pt1h", "PT1h", " PT1H", "PT1H "),
        *(
            "P1M",
            "P1Y",
            "PT0.5H",
            "PT-1H",
            "-PT1H",
            "PT0H",
            "P0D",
            "PT1M1H",
            "P9999999W",
            "PT\u0661H",
        ),
        *("PT1H\n", "P" + "9" * 400 + "D"),
    ],
)
def test_parse_resolution__everything_else_is_refused(text):
    with pytest.raises(BadResolution) as error:
        parse_resolution(text)
    assert error.value.subject == text
