"""Resolutions as people write them: ISO 8601 durations of a fixed length, such as PT15M or P1D.

Limits: weeks, days, hours, minutes and seconds in whole numbers; a day is 24 hours. Months and
years have no fixed length and are refused.
"""

from __future__ import annotations

import re
from typing import Final

from graph_service.domain.errors import BadResolution

_UNITS_S: Final = {"W": 604_800, "D": 86_400, "h": 3_600, "m": 60, "s": 1}
_PATTERN: Final = re.compile(
    r"P(?:([0-9]{1,9})W)?(?:([0-9]{1,9})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})S)?)?"
)
_LONGEST_S: Final = 9_999 * 366 * 86_400


def parse_resolution(text: str) -> int:
    """Give the microseconds of an ISO 8601 duration.

    Raises:
        BadResolution: it is no such duration, zero, or longer than all of time.
    """
    found = _PATTERN.fullmatch(text)
    if found is None:
        raise BadResolution(text)
    numbers = (int(number or 0) for number in found.groups())
    seconds = sum(n * unit for n, unit in zip(numbers, _UNITS_S.values(), strict=True))
    if not 0 < seconds <= _LONGEST_S:
        raise BadResolution(text)
    return seconds * 1_000_000
