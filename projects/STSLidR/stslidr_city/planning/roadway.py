"""What belongs to a street between two crossings: markings, crosswalks, patches, the median."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from stslidr_city.catalog.categories import DRIVEABLE_SURFACE, OTHER_FLAT, TERRAIN
from stslidr_city.catalog.finishes import LOOKS
from stslidr_city.planning.footprints import Rectangle
from stslidr_city.planning.land_use import LAYER
from stslidr_city.planning.placing import Placer
from stslidr_city.planning.plan import Area, corners
from stslidr_city.planning.streets import CROSSWALK, SIDES, STOP_LINE, Street, StreetGrid
from stslidr_city.solids.shapes import Polyhedron
from stslidr_city.solids.solids import Part, Solid

PAINT_HEIGHT, PATCH_HEIGHT = 0.006, 0.003  # metres
MEDIAN_NOSE = 7.5  # from the crossing's edge to the end of the median
MEDIAN_COVERS = (
    (OTHER_FLAT, 'paving'),
    (OTHER_FLAT, 'concrete'),
    (OTHER_FLAT, 'brick'),
    (OTHER_FLAT, 'asphalt'),
    (TERRAIN, 'grass'),
    (TERRAIN, 'grass'),
)
LINE_WIDTH = 0.14
DASH, DASH_PERIOD = 3.0, 9.0
WHITE_PAINT, YELLOW_PAINT = (0.85, 0.85, 0.82), (0.75, 0.52, 0.08)


class Stretch(NamedTuple):
    """A street between the edges of two crossings.

    Args:
        street: which one.
        start: where along it the first crossing ends, metres.
        end: where the next one begins.
    """

    street: Street
    start: float
    end: float


def stretch_of(grid: StreetGrid, axis: int, index: int, first: int) -> Stretch:
    """The stretch of a street between the crossings with the streets `first` and next."""
    street = grid.street(axis, index)
    return Stretch(street, *grid.stretch(street, first))


def median_area(stretch: Stretch, kerb: float) -> Area | None:
    """The median's ground; None if there is none."""
    street = stretch.street
    start, end = stretch.start + MEDIAN_NOSE, stretch.end - MEDIAN_NOSE
    if street.median == 0 or end - start < 5:
        return None
    half = street.median / 2 - 0.15
    outline = np.array(
        [
            street.place(along, lateral)
            for along, lateral in (
                (start, 0.3 * half),
                (start, -0.3 * half),
                (start + half, -half),
                (end - half, -half),
                (end, -0.3 * half),
                (end, 0.3 * half),
                (end - half, half),
                (start + half, half),
            )
        ]
    )
    return Area(outline, OTHER_FLAT, 'paving', kerb)


def furnish_stretch(
    placer: Placer, rng: np.random.Generator, stretch: Stretch, kerb: float
) -> None:
    """Put everything that belongs to a stretch of street but is not traffic."""
    _put_patches(placer, rng, stretch)
    _put_parts(placer, stretch, _lines(stretch, rng))
    for near_start in (True, False):
        bars = _crosswalk(stretch, near_start, rng)
        _put_parts(placer, stretch, bars)
    area = median_area(stretch, kerb)
    if area is not None:
        category, material = MEDIAN_COVERS[rng.integers(len(MEDIAN_COVERS))]
        placer.cover(area._replace(category=category, material=material), rng)
        _plant_median(placer, rng, stretch, kerb)


class _Strip(NamedTuple):
    """A thin slab on the road: (along, lateral) ranges, and its looks."""

    start: float
    end: float
    lateral: float
    other_lateral: float
    material: str = 'road_paint'
    tint: tuple[float, float, float] = WHITE_PAINT
    height: float = PAINT_HEIGHT
    look: int = 0


def _put_parts(placer: Placer, stretch: Stretch, strips: list[_Strip]) -> None:
    """Put strips as one object about the stretch's middle, turned like the street."""
    if not strips:
        return
    middle = (strips[0].start + strips[-1].end) / 2
    parts = tuple(
        Part(
            Polyhedron.box(
                (strip.start - middle, min(strip.lateral, strip.other_lateral), -0.05),
                (strip.end - middle, max(strip.lateral, strip.other_lateral), strip.height),
            ),
            strip.material,
            strip.look,
            strip.tint,
        )
        for strip in strips
    )
    placer.put(
        Solid(parts, DRIVEABLE_SURFACE),
        stretch.street.place(middle, 0.0),
        0.0,
        stretch.street.yaw(1),
    )


def _lines(stretch: Stretch, rng: np.random.Generator) -> list[_Strip]:
    """Lines between lanes, along their outer edges, in the middle, and where to stop."""
    street = stretch.street
    start, end = stretch.start + STOP_LINE, stretch.end - STOP_LINE
    look = int(rng.integers(LOOKS))
    middle_tint = YELLOW_PAINT if rng.random() < 0.5 else WHITE_PAINT
    strips = [
        _line(start, end, lateral, middle_tint, look)
        for lateral in ((-0.12, 0.12) if street.median == 0 else ())
    ]
    for side in SIDES:
        separators = [
            street.median / 2 + lane * street.lane_width for lane in range(1, street.lanes_on(side))
        ]
        strips += [
            _line(dash, min(dash + DASH, end), side * lateral, WHITE_PAINT, look)
            for lateral in separators
            for dash in np.arange(start, end - 1, DASH_PERIOD)
        ]
        if street.has_parking(side) or street.shoulder > 1.5:
            strips.append(_line(start, end, side * street.lane_edge(side), WHITE_PAINT, look))
        edge = (end, end + 0.4) if side < 0 else (start - 0.4, start)
        strips.append(
            _Strip(
                *edge,
                side * (street.median / 2 + 0.2),
                side * (street.lane_edge(side) - 0.1),
                look=look,
            )
        )
    return strips


def _line(
    start: float, end: float, lateral: float, tint: tuple[float, float, float], look: int
) -> _Strip:
    """A painted line along the street about a lateral."""
    return _Strip(
        float(start),
        float(end),
        lateral - LINE_WIDTH / 2,
        lateral + LINE_WIDTH / 2,
        tint=tint,
        look=look,
    )


def _crosswalk(stretch: Stretch, near_start: bool, rng: np.random.Generator) -> list[_Strip]:
    """Bars or two lines across the street; some crossings have none."""
    street, kind = stretch.street, rng.choice(['bars', 'lines', 'none'], p=[0.55, 0.3, 0.15])
    near, far = CROSSWALK
    start, end = (
        (stretch.start + near, stretch.start + far)
        if near_start
        else (stretch.end - far, stretch.end - near)
    )
    right, left = -street.kerb(-1) + 0.4, street.kerb(1) - 0.4
    look = int(rng.integers(LOOKS))
    if kind == 'none':
        return []
    if kind == 'lines':
        return [_Strip(at, at + 0.25, right, left, look=look) for at in (start, end - 0.25)]
    count = max(2, math.floor((left - right) / 1.35))
    bars = np.linspace(right, left - 0.6, count)
    return [_Strip(start, end, float(bar), float(bar) + 0.6, look=look) for bar in bars]


def _put_patches(placer: Placer, rng: np.random.Generator, stretch: Stretch) -> None:
    """Put a few patches of other asphalt, and manhole covers."""
    street = stretch.street
    strips = []
    for _ in range(int(rng.integers(1, 5))):
        length, width = rng.uniform(1.5, 14), rng.uniform(0.8, 3.2)
        along = rng.uniform(stretch.start, stretch.end - length)
        lateral = rng.uniform(-street.kerb(-1) + 0.1, street.kerb(1) - width - 0.1)
        shade = float(rng.uniform(0.6, 1.5))
        strips.append(
            _Strip(
                along,
                along + length,
                lateral,
                lateral + width,
                str(rng.choice(['asphalt', 'asphalt', 'asphalt', 'concrete', 'gravel', 'metal'])),
                (shade, shade, shade),
                PATCH_HEIGHT,
                int(rng.integers(LOOKS)),
            )
        )
    _put_parts(placer, stretch, strips)


def _plant_median(placer: Placer, rng: np.random.Generator, stretch: Stretch, kerb: float) -> None:
    """Plant a median with grass, trees, bushes or a hedge, or put lamps there, or nothing."""
    street = stretch.street
    kind = str(rng.choice(['grass', 'trees', 'hedge', 'lamps', 'nothing']))
    start, end = stretch.start + MEDIAN_NOSE + 2.5, stretch.end - MEDIAN_NOSE - 2.5
    if end - start < 8:
        return
    if kind in ('grass', 'trees', 'hedge') and street.median > 2:
        half = street.median / 2 - 0.5
        rectangle: Rectangle = street.rectangle(start, end, -half, half)
        placer.cover(Area(corners(rectangle), TERRAIN, 'grass', kerb + LAYER), rng)
    if kind == 'hedge':
        middle = (start + end) / 2
        placer.put(
            placer.stock.draw('hedge', rng, min(end - start, 14.0)),
            street.place(middle, 0.0),
            kerb,
            street.yaw(1) + math.pi / 2,
        )
    if kind in ('trees', 'lamps'):
        thing = 'tree' if kind == 'trees' else 'street_lamp'
        for along in np.arange(start, end, rng.uniform(9, 22)):
            placer.put(
                placer.stock.draw(thing, rng),
                street.place(float(along), 0.0),
                kerb,
                float(rng.uniform(-math.pi, math.pi)),
            )
