"""The ground plan of a block: its kerb, its frontages, its lots, and what covers the ground."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from stslidr_city.catalog.categories import DRIVEABLE_SURFACE, SIDEWALK, TERRAIN
from stslidr_city.planning.chance import choose, generator
from stslidr_city.planning.footprints import Rectangle
from stslidr_city.planning.land_use import (
    BLOCK_STYLES,
    INTERIOR_COVERS,
    LAYER,
    LOT_COVERS,
    LOT_STYLES,
    SIDEWALK_MATERIALS,
    VERGE_DEPTHS,
    VERGES,
)
from stslidr_city.planning.streets import Street, StreetGrid

_SALT = 960


class Area(NamedTuple):
    """A flat piece of ground.

    Args:
        outline: float64 (P, 2), convex polygon in the city, anticlockwise.
        category: nuScenes-lidarseg index.
        material: name.
        top: height, metres.
    """

    outline: np.ndarray
    category: int
    material: str
    top: float

    def holds(self, points: np.ndarray) -> np.ndarray:
        """Whether city positions (N, 2) lie on it, bool (N,)."""
        (x0, y0), (x1, y1) = self.outline.min(axis=0), self.outline.max(axis=0)
        x, y = points[:, 0], points[:, 1]
        inside = (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
        near = np.flatnonzero(inside)
        for start, end in zip(self.outline, np.roll(self.outline, -1, axis=0), strict=True):
            edge, offset = end - start, points[near] - start
            near = near[edge[0] * offset[:, 1] >= edge[1] * offset[:, 0]]
        inside[:] = False
        inside[near] = True
        return inside


class Frontage(NamedTuple):
    """A block's side. A place is (along the street, depth behind the kerb), metres.

    Args:
        street: that it faces.
        side: of the street on which the block lies.
        start: kerb of the first crossing street, metres along the street.
        end: kerb of the second one, likewise.
        corner_walks: widths of the crossing streets' sidewalks at start and end.
    """

    street: Street
    side: int
    start: float
    end: float
    corner_walks: tuple[float, float]

    def place(self, along: float, depth: float) -> tuple[float, float]:
        """Position in the city."""
        return self.street.place(along, self.lateral(depth))

    def lateral(self, depth: float) -> float:
        """Lateral on the street; negative depths are on the road."""
        return self.side * (self.street.kerb(self.side) + depth)

    def rectangle(self, start: float, end: float, depth: float, end_depth: float) -> Rectangle:
        """The ground between two places along it and between two depths."""
        return self.street.rectangle(start, end, self.lateral(depth), self.lateral(end_depth))

    @property
    def outward(self) -> float:
        """Yaw in the city of what looks at the street."""
        return self.street.yaw(1) - self.side * math.pi / 2


class Lot(NamedTuple):
    """A piece of land behind the sidewalk.

    Args:
        kind: one of the kinds in LOT_STYLES.
        frontage: where it lies.
        start: metres along the street.
        end: likewise.
        depth: metres behind the kerb.
        end_depth: likewise, of its far side.
        ground: height, metres.
    """

    kind: str
    frontage: Frontage
    start: float
    end: float
    depth: float
    end_depth: float
    ground: float


class BlockPlan(NamedTuple):
    """A block's ground.

    Args:
        style: one of those in BLOCK_STYLES.
        outline: float64 (8, 2): the kerb, with cut corners, in the city.
        frontages: on the south, north, west and east side.
        lots: none for parks and other blocks in one piece.
        interior: what lies within the sidewalks.
        areas: what covers the ground, from below to above; the first is the whole block.
    """

    style: str
    outline: np.ndarray
    frontages: tuple[Frontage, ...]
    lots: tuple[Lot, ...]
    interior: Rectangle
    areas: tuple[Area, ...]


def plan_block(grid: StreetGrid, column: int, row: int) -> BlockPlan:
    """Plan the block between the streets `column` and next along y, `row` and next along x."""
    scenario = grid.scenario
    rng = generator(scenario.seed, scenario.scene, _SALT, column, row)
    style = choose(rng, BLOCK_STYLES[scenario.neighbourhood])
    frontages = _frontages(grid, column, row)
    whole = _bounds(frontages, [0.0] * 4)
    interior = _bounds(frontages, [frontage.street.sidewalk for frontage in frontages])
    outline = _cut_rectangle(whole, float(rng.uniform(2.0, 3.5)))
    areas = [Area(outline, SIDEWALK, str(rng.choice(SIDEWALK_MATERIALS)), scenario.kerb)]
    areas += _verges(rng, frontages, scenario.kerb + LAYER) if rng.random() < VERGES[style] else []
    ground = scenario.kerb + LAYER
    cover = INTERIOR_COVERS[style][rng.integers(len(INTERIOR_COVERS[style]))]
    areas.append(Area(corners(interior), *cover, ground))
    lots = _lots(rng, style, frontages, ground + LAYER)
    areas += [area for lot in lots for area in _lot_areas(rng, lot)]
    return BlockPlan(style, outline, frontages, lots, interior, tuple(areas))


def is_driveable(plan: BlockPlan, points: np.ndarray) -> np.ndarray:
    """Whether the topmost ground at city positions (N, 2) is driveable, bool (N,).

    What lies outside the block is driveable.
    """
    driveable = np.ones(len(points), dtype=bool)
    for area in plan.areas:
        driveable[area.holds(points)] = area.category == DRIVEABLE_SURFACE
    return driveable


def _frontages(grid: StreetGrid, column: int, row: int) -> tuple[Frontage, ...]:
    """The block's sides: south, north, west, east."""
    south, north = grid.street(0, row), grid.street(0, row + 1)
    west, east = grid.street(1, column), grid.street(1, column + 1)
    along_x, along_y = grid.stretch(south, column), grid.stretch(west, row)
    walks_x, walks_y = (west.sidewalk, east.sidewalk), (south.sidewalk, north.sidewalk)
    return (
        Frontage(south, 1, *along_x, walks_x),
        Frontage(north, -1, *along_x, walks_x),
        Frontage(west, -1, *along_y, walks_y),
        Frontage(east, 1, *along_y, walks_y),
    )


def _bounds(frontages: tuple[Frontage, ...], depths: list[float]) -> Rectangle:
    """The block's rectangle without strips of these depths along its four sides."""
    south, north, west, east = (
        frontage.place(0.0, depth)[1 - frontage.street.axis]
        for frontage, depth in zip(frontages, depths, strict=True)
    )
    return west, south, east, north


def corners(rectangle: Rectangle) -> np.ndarray:
    """float64 (4, 2), anticlockwise."""
    x0, y0, x1, y1 = rectangle
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])


def _cut_rectangle(rectangle: Rectangle, cut: float) -> np.ndarray:
    """float64 (8, 2): the rectangle's outline with its corners cut off, anticlockwise."""
    x0, y0, x1, y1 = rectangle
    return np.array(
        [
            [x0 + cut, y0],
            [x1 - cut, y0],
            [x1, y0 + cut],
            [x1, y1 - cut],
            [x1 - cut, y1],
            [x0 + cut, y1],
            [x0, y1 - cut],
            [x0, y0 + cut],
        ]
    )


def _verges(rng: np.random.Generator, frontages: tuple[Frontage, ...], top: float) -> list[Area]:
    """Strips of grass or soil along the kerbs, between the crosswalks."""
    material = str(rng.choice(['grass', 'grass', 'soil']))
    return [
        Area(
            corners(
                frontage.rectangle(
                    frontage.start + frontage.corner_walks[0] + 1,
                    frontage.end - frontage.corner_walks[1] - 1,
                    *VERGE_DEPTHS,
                )
            ),
            TERRAIN,
            material,
            top,
        )
        for frontage in frontages
    ]


def _lots(
    rng: np.random.Generator, style: str, frontages: tuple[Frontage, ...], ground: float
) -> tuple[Lot, ...]:
    """Lots along all four sides; those on the south and north side have the corners."""
    if style not in LOT_STYLES:
        return ()
    lot_style = LOT_STYLES[style]
    depth = float(rng.uniform(*lot_style.depth))
    lots = []
    for frontage in frontages:
        at_corner = 0.0 if frontage.street.axis == 0 else depth
        start = frontage.start + frontage.corner_walks[0] + at_corner
        end = frontage.end - frontage.corner_walks[1] - at_corner
        count = max(1, round((end - start) / rng.uniform(*lot_style.width)))
        cuts = np.linspace(start, end, count + 1)
        cuts[1:-1] += rng.uniform(-0.15, 0.15, count - 1) * (end - start) / count
        walk = frontage.street.sidewalk
        lots += [
            Lot(
                choose(rng, lot_style.kinds),
                frontage,
                float(first),
                float(last),
                walk,
                walk + depth,
                ground,
            )
            for first, last in zip(cuts[:-1], cuts[1:], strict=True)
        ]
    return tuple(lots)


def _lot_areas(rng: np.random.Generator, lot: Lot) -> list[Area]:
    """What covers a lot's ground; nothing where the block's own cover stays."""
    covers = LOT_COVERS[lot.kind]
    rectangle = lot.frontage.rectangle(lot.start, lot.end, lot.depth, lot.end_depth)
    return [Area(corners(rectangle), *covers[rng.integers(len(covers))], lot.ground)]
