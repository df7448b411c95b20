"""Where things stand: places in metres around the middle of the town, and what that is in degrees.

Only the four arithmetic operations and square roots are used, which every machine rounds alike;
sines would differ in the last digit from one library to the next.
"""

from __future__ import annotations

from math import sqrt
from typing import Final, NamedTuple

MIDDLE_LONGITUDE_DEG: Final = 10.0
MIDDLE_LATITUDE_DEG: Final = 53.0
METRES_PER_DEGREE_LATITUDE: Final = 111_195.0
METRES_PER_DEGREE_LONGITUDE: Final = 66_918.8
"""At 53 degrees north, on a sphere of 6,371 km."""


class Place(NamedTuple):
    """Metres east and north of the middle of the town."""

    east_m: float
    north_m: float

    def towards(self, heading: Heading, metres: float) -> Place:
        """The place so many metres on in a direction."""
        return Place(self.east_m + heading.east * metres, self.north_m + heading.north * metres)


class Heading(NamedTuple):
    """A direction of length one."""

    east: float
    north: float

    @property
    def left(self) -> Heading:
        """A quarter turn to the left."""
        return Heading(-self.north, self.east)

    def turned(self, bend: float) -> Heading:
        """Turned to the left by the angle whose tangent is `bend`."""
        east, north = self.east - bend * self.north, self.north + bend * self.east
        length = sqrt(east * east + north * north)
        return Heading(east / length, north / length)


def heading(of_circle: float) -> Heading:
    """The direction after a part of a full turn (0 to 1); evenly enough for a town.

    A circle drawn without sines: each quarter by t → ((1 - t²), 2t) / (1 + t²).
    """
    quarter, t = divmod(of_circle % 1.0 * 4, 1.0)
    t *= 0.65685425 + 0.34314575 * t  # close to the tangent of half the angle
    direction = Heading((1 - t * t) / (1 + t * t), 2 * t / (1 + t * t))
    for _ in range(int(quarter)):
        direction = direction.left
    return direction


def distance_m(a: Place, b: Place) -> float:
    """Metres between two places."""
    east, north = b.east_m - a.east_m, b.north_m - a.north_m
    return sqrt(east * east + north * north)


def between(a: Place, b: Place, fraction: float, aside_m: float = 0.0) -> Place:
    """A place on the way from `a` to `b`, so many metres to the left of it."""
    length = distance_m(a, b) or 1.0
    east, north = (b.east_m - a.east_m), (b.north_m - a.north_m)
    return Place(
        a.east_m + east * fraction - north / length * aside_m,
        a.north_m + north * fraction + east / length * aside_m,
    )


def degrees(place: Place) -> tuple[str, str]:
    """Longitude and latitude (WGS 84), as text with a resolution of a decimetre."""
    return (
        f"{MIDDLE_LONGITUDE_DEG + place.east_m / METRES_PER_DEGREE_LONGITUDE:.6f}",
        f"{MIDDLE_LATITUDE_DEG + place.north_m / METRES_PER_DEGREE_LATITUDE:.6f}",
    )
