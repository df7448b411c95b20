"""The map: locations and their points, in degrees (WGS 84), into the geographical file."""

from __future__ import annotations

from collections.abc import Sequence

from cim_import.generating.chance import Chance
from cim_import.generating.geography import Place, degrees
from cim_import.generating.model_file import ModelFile, named, ref, text


class PlaceWriter:
    """Writes where things are."""

    def __init__(self, gl: ModelFile, chance: Chance):
        self._gl, self._chance = gl, chance
        self._coordinates = chance.mrid()
        gl.define(
            "cim:CoordinateSystem",
            self._coordinates,
            named("WGS 84"),
            text("cim:CoordinateSystem.crsUrn", "urn:ogc:def:crs:EPSG::4326"),
        )

    def location(self, name: str, resource: str, points: Sequence[Place]) -> str:
        """Where a power system resource is, or the way it takes."""
        mrid = self._chance.mrid()
        self._gl.define(
            "cim:Location",
            mrid,
            named(name),
            ref("cim:Location.CoordinateSystem", self._coordinates),
            ref("cim:Location.PowerSystemResources", resource),
        )
        self._positions(mrid, points)
        return mrid

    def service_location(self, location: str, place: Place) -> None:
        """The position of a service location that the customer file defines."""
        self._gl.extend(
            "cim:ServiceLocation",
            location,
            ref("cim:Location.CoordinateSystem", self._coordinates),
        )
        self._positions(location, (place,))

    def _positions(self, location: str, points: Sequence[Place]) -> None:
        """The points of a location, in order."""
        for number, point in enumerate(points, 1):
            longitude, latitude = degrees(point)
            self._gl.define(
                "cim:PositionPoint",
                self._chance.mrid(),
                ref("cim:PositionPoint.Location", location),
                text("cim:PositionPoint.sequenceNumber", number),
                text("cim:PositionPoint.xPosition", longitude),
                text("cim:PositionPoint.yPosition", latitude),
            )
