"""Draws docs/pictures/layers.svg: one small town on its three layers, and one trace through them.

    python docs/pictures/draw_layers.py [FILE]

Cables, stations, cabinets and meters stand where the model has them. What has no position there
is put where its links lead: a cell amid its gateways, the head end at the edge, organisations in
a row. The same code gives the same bytes.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from seen_town import Point, Town, see_town

Sign = Callable[[Point, float, str], str]

PICTURE = Path(__file__).with_name("layers.svg")

WIDTH, HEIGHT = 1000, 770
MIDDLE_X, FRONT_WIDTH, DEPTH = 500.0, 900.0, 178.0
RECEDING = 0.42
"""How much smaller the far edge of a plane is: 1 / (1 + RECEDING)."""
FRONTS = {"ownership": 204.0, "communication": 442.0, "physical": 680.0}
"""Where the near edge of each plane lies, in pixels from the top."""
MARGIN = 0.05

STYLE = """
  svg { --ink: #1f2933; --soft: #7b8794; --faint: #c3cbd4; --plane: #f6f8fa; --edge: #d5dbe2;
        --physical: #c2500a; --communication: #1769aa; --ownership: #2f7d4f; --paper: #ffffff }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #e6ebf0; --soft: #93a1b0; --faint: #44505d; --plane: #151c24; --edge: #2c3743;
          --physical: #ff9b54; --communication: #63b3f2; --ownership: #6fcf97; --paper: #0d1117 }
  }
  text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif;
         fill: var(--soft); paint-order: stroke; stroke: var(--paper); stroke-width: 5px;
         stroke-linejoin: round; stroke-opacity: .8 }
  .title { font-size: 17px; font-weight: 600 }
  .said { fill: var(--ink) }
  .plane { fill: var(--plane); fill-opacity: .62; stroke: var(--edge) }
  .line { fill: none; stroke: var(--faint); stroke-linecap: round; stroke-linejoin: round }
  .traced { stroke: var(--physical) }
  .air { fill: none; stroke: var(--communication); stroke-opacity: .5; stroke-width: .7 }
  .path { fill: none; stroke: var(--communication); stroke-width: 2; stroke-linecap: round }
  .bridge { fill: none; stroke-width: 1; stroke-dasharray: .1 3.2; stroke-linecap: round }
  .physical { fill: var(--physical) }
  .communication { fill: var(--communication) }
  .ownership { fill: var(--ownership) }
  .rest { fill: var(--faint) }
  .ring { stroke: var(--paper); stroke-width: 1.5 }
"""


def main() -> None:
    """Draw the picture into the file named, or into its place."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE
    target.write_text(draw(see_town()), encoding="utf-8", newline="\n")


def draw(town: Town) -> str:
    """The whole picture as SVG."""
    canvas = _Canvas(town)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'role="img" aria-label="{_described(canvas)}">',
        f"<style>{STYLE}</style>",
        *canvas.plane("physical"),
        *canvas.network(),
        *canvas.bridges_to_communication(),
        *canvas.plane("communication"),
        *canvas.carriers(),
        *canvas.bridges_to_ownership(),
        *canvas.plane("ownership"),
        *canvas.organisations(),
        *canvas.legend(),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _described(canvas: _Canvas) -> str:
    return (
        f"A town on three layers. Below transformer {canvas.town.transformer.name} hang "
        f"{len(canvas.traced_meters)} meters; {canvas.carried_by}; {canvas.owned_by}."
    )


class _Canvas:
    """The planes and what stands on them."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self._frame = _frame(town)
        self.traced_meters = [number for number in town.meters if number in town.traced]
        self._gateways = _apart(town, self._frame)
        self._cells = {cell.number: (0.47, 0.62) for cell in town.cells}
        self._head = (0.18, 0.5)
        self._heads = {
            owner.number: ((i + 1) / (len(town.owners) + 1), 0.42)
            for i, owner in enumerate(town.owners)
        }

    @property
    def carried_by(self) -> str:
        """What carries the traced meters, in words."""
        count = sum(number in self.town.traced for number in self.town.gateways)
        gateways = "a gateway" if count == 1 else f"{count} gateways"
        return f"{gateways} and a cell carry their readings to the head end"

    @property
    def owned_by(self) -> str:
        """Who owns the transformer and its gateways, in words."""
        town = self.town
        gateway = next(number for number in town.gateways if number in town.traced)
        network, data = (
            self._name(town.owners_of[number][0]) for number in (town.transformer.number, gateway)
        )
        return f"{network} owns the network, {data} the gateways"

    def plane(self, layer: str) -> Iterator[str]:
        """A plane with its name and what the trace found on it."""
        corners = [_at(layer, (u, v)) for u, v in ((0, 0), (1, 0), (1, 1), (0, 1))]
        said = {
            "physical": f"{self.town.transformer.name} feeds {len(self.traced_meters)} meters",
            "communication": self.carried_by,
            "ownership": self.owned_by,
        }
        x, y = _at(layer, (0, 0))
        yield f'<path class="plane" d="{_path(corners)}Z"/>'
        yield (
            f'<text x="{x:.1f}" y="{y + 22:.1f}"><tspan class="title {layer}">{layer}</tspan>'
            f'<tspan class="said" dx="14">{said[layer]}</tspan></text>'
        )

    def network(self) -> Iterator[str]:
        """Cables, stations, cabinets, meters; what was traced on top."""
        town = self.town
        for is_traced in (False, True):
            for cable in town.cables:
                if cable.is_traced == is_traced:
                    line = [self._spot(point) for point in cable.points]
                    wide = (0.8 if cable.is_service else 1.6) + 0.6 * is_traced
                    look = "line traced" if is_traced else "line"
                    path = _path([_at("physical", spot) for spot in line])
                    yield f'<path class="{look}" stroke-width="{wide:.1f}" d="{path}"/>'
        yield from self._marks("physical", town.meters, 1.7, _dot)
        yield from self._marks("physical", town.cabinets, 2.4, _square)
        yield from self._marks(
            "physical", [n for n in town.stations if n != town.station], 5, _square
        )
        yield _square(_at("physical", self._spot(town.places[town.station])), 7, "physical ring")

    def carriers(self) -> Iterator[str]:
        """Modules of the traced meters, gateways, cells and head end, and what joins them."""
        town = self.town
        for number in self.traced_meters:
            spot, towards = self._spot(town.places[number]), self._next_carrier(number)
            if towards:
                yield f'<path class="air" d="{_straight("communication", spot, towards)}"/>'
        for number in town.gateways:
            if number in town.traced:
                way = [self._gateways[number], self._head]
                if number in town.cell_of:
                    way.insert(1, self._cells[town.cell_of[number]])
                path = _path([_at("communication", spot) for spot in way])
                yield f'<path class="path" d="{path}"/>'
        for number in self.traced_meters:
            spot = self._spot(town.places[number])
            yield _dot(_at("communication", spot), 1.5, "communication")
        for number, spot in self._gateways.items():
            is_traced = number in town.traced
            look = "communication ring" if is_traced else "rest"
            yield _diamond(_at("communication", spot), 7 if is_traced else 4.5, look)
        for cell in town.cells:
            yield from self._labelled("communication", self._cells[cell.number], _dot, cell.name)
        for head in town.head_ends:
            yield from self._labelled("communication", self._head, _square, head.name)

    def organisations(self) -> Iterator[str]:
        """The organisations that own something shown."""
        owners = {o for n in self.town.traced for o in self.town.owners_of.get(n, ())}
        for owner in self.town.owners:
            spot = self._heads[owner.number]
            look = "ownership" if owner.number in owners else "rest"
            yield from self._labelled("ownership", spot, _dot, owner.name, look)

    def bridges_to_communication(self) -> Iterator[str]:
        """From each traced meter straight up to its module."""
        for number in self.traced_meters:
            spot = self._spot(self.town.places[number])
            ends = [_at("physical", spot), _at("communication", spot)]
            yield _bridge(ends, "communication", 0.55)

    def bridges_to_ownership(self) -> Iterator[str]:
        """From stations and gateways to who owns them."""
        town = self.town
        foot = {n: ("physical", self._spot(town.places[n])) for n in town.stations}
        foot |= {n: ("communication", spot) for n, spot in self._gateways.items()}
        foot |= {n: ("communication", spot) for n, spot in self._cells.items()}
        for number, (layer, spot) in foot.items():
            for owner in town.owners_of.get(number, ()):
                ends = [_at(layer, spot), _at("ownership", self._heads[owner])]
                yield _bridge(ends, "ownership", 1 if number in town.traced else 0.45)

    def legend(self) -> Iterator[str]:
        """What the signs mean."""
        y, x = HEIGHT - 24, 58.0
        signs = [
            (_square((x, y), 7, "physical ring"), "the transformer asked"),
            (_square((x, y), 4, "rest"), "station, cabinet"),
            (_dot((x, y), 2.4, "physical"), "meter"),
            (_diamond((x, y), 6, "communication"), "gateway"),
            (_dot((x, y), 6, "ownership"), "organisation"),
            (f'<path class="line traced" stroke-width="2.2" d="M{x - 9} {y}h18"/>', "traced"),
            (f'<path class="line" stroke-width="1.6" d="M{x - 9} {y}h18"/>', "the rest"),
            (_bridge([(x - 9, y), (x + 9, y)], "ownership", 1), "from layer to layer"),
        ]
        steps = (172, 130, 74, 90, 114, 80, 84, 0)
        offset = 0
        for (sign, meaning), step in zip(signs, steps, strict=True):
            yield f'<g transform="translate({offset})">{sign}'
            yield f'<text x="{x + 15:.0f}" y="{y + 4.5}">{meaning}</text></g>'
            offset += step

    def _marks(self, layer: str, numbers: Iterable[int], size: float, sign: Sign) -> Iterator[str]:
        traced = self.town.traced
        for number in sorted(numbers, key=lambda number: number in traced):
            if number in self.town.places:
                look = layer if number in traced else "rest"
                yield sign(_at(layer, self._spot(self.town.places[number])), size, look)

    def _labelled(
        self, layer: str, spot: Point, sign: Sign, label: str, look: str = ""
    ) -> Iterator[str]:
        x, y = _at(layer, spot)
        yield sign((x, y), 8, f"{look or layer} ring")
        yield f'<text class="said" x="{x:.1f}" y="{y - 14:.1f}" text-anchor="middle">{label}</text>'

    def _next_carrier(self, meter: int) -> Point | None:
        town = self.town
        if meter in town.gateway_of:
            return self._gateways[town.gateway_of[meter]]
        return self._cells[town.cell_of[meter]] if meter in town.cell_of else None

    def _name(self, number: int) -> str:
        return next(owner.name for owner in self.town.owners if owner.number == number)

    def _spot(self, point: Point) -> Point:
        return _on_square(point, self._frame)


class _Frame(NamedTuple):
    """How far the town reaches, in metres."""

    east: Point
    north: Point


def _frame(town: Town) -> _Frame:
    points = [point for cable in town.cables for point in cable.points]
    east, north = [x for x, _ in points], [y for _, y in points]
    return _Frame((min(east), max(east)), (min(north), max(north)))


def _on_square(point: Point, frame: _Frame) -> Point:
    """A place of the town on the unit square of a plane: north to the right, east to the front."""
    east, north = point
    u = (north - frame.north[0]) / (frame.north[1] - frame.north[0])
    v = (frame.east[1] - east) / (frame.east[1] - frame.east[0])
    return MARGIN + u * (1 - 2 * MARGIN), 2 * MARGIN + v * (1 - 4 * MARGIN)


def _apart(town: Town, frame: _Frame) -> dict[int, Point]:
    """Where the gateways stand; those of one station side by side."""
    met: Counter[Point] = Counter()
    spots: dict[int, Point] = {}
    for number in town.gateways:
        place = town.places[number]
        u, v = _on_square(place, frame)
        spots[number] = u + 0.021 * met[place], v
        met[place] += 1
    return spots


# --- perspective and signs ---------------------------------------------------------------------


def _at(layer: str, spot: Point) -> Point:
    """Where a spot of a plane's unit square is on the paper; v runs away from the eye."""
    u, v = spot
    small = 1 / (1 + RECEDING * v)
    rise = (1 - small) / (1 - 1 / (1 + RECEDING))
    return MIDDLE_X + (u - 0.5) * FRONT_WIDTH * small, FRONTS[layer] - DEPTH * rise


def _path(points: Iterable[Point]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _straight(layer: str, start: Point, end: Point) -> str:
    return _path([_at(layer, start), _at(layer, end)])


def _bridge(ends: list[Point], layer: str, strength: float) -> str:
    look = f'class="bridge" stroke="var(--{layer})" stroke-opacity="{strength}"'
    return f'<path {look} d="{_path(ends)}"/>'


def _dot(point: Point, size: float, look: str) -> str:
    return f'<circle class="{look}" cx="{point[0]:.1f}" cy="{point[1]:.1f}" r="{size}"/>'


def _square(point: Point, size: float, look: str) -> str:
    x, y = point[0] - size, point[1] - size
    return f'<rect class="{look}" x="{x:.1f}" y="{y:.1f}" width="{2 * size}" height="{2 * size}"/>'


def _diamond(point: Point, size: float, look: str) -> str:
    x, y = point
    corners = ((x, y - size), (x + size, y), (x, y + size), (x - size, y))
    return f'<path class="{look}" d="{_path(corners)}Z"/>'


if __name__ == "__main__":
    main()
