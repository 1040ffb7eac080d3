"""Markings, crosswalks, patches and medians against the street's cross-section."""

from __future__ import annotations

import numpy as np
import pytest
from city_scene import ground_of, make_grid, make_placer, make_street, of_category, standing
from shapely.geometry import Polygon

from stslidr_city.catalog.categories import DRIVEABLE_SURFACE, OTHER_FLAT, TERRAIN, VEGETATION
from stslidr_city.planning.land_use import LAYER
from stslidr_city.planning.roadway import (
    DASH,
    DASH_PERIOD,
    LINE_WIDTH,
    MEDIAN_NOSE,
    PAINT_HEIGHT,
    PATCH_HEIGHT,
    WHITE_PAINT,
    YELLOW_PAINT,
    Stretch,
    furnish_stretch,
    median_area,
    stretch_of,
)
from stslidr_city.planning.streets import CROSSWALK, SIDES, STOP_LINE

KERB = 0.15
STREETS = {
    'plain': make_street(0, 5.0),
    'wide': make_street(0, 5.0, lanes=(2, 2)),
    'uneven': make_street(0, 5.0, lanes=(2, 1), parking=(False, True), shoulder=0.9),
    'median': make_street(0, 5.0, lanes=(2, 2), median=3.0),
}


def stretch(name, length=70.0):
    return Stretch(STREETS[name], 10.0, 10.0 + length)


def furnished(name, seed=0, length=70.0):
    """All that is put on a stretch, in the city's frame."""
    placer = make_placer()
    furnish_stretch(placer, np.random.default_rng(seed), stretch(name, length), KERB)
    return placer.objects


def strips(objects, material='road_paint'):
    """(N, 2, 3) bounds of the painted strips in the city, and their tints."""
    bounds, tints = [], []
    for thing in of_category(objects, DRIVEABLE_SURFACE):
        x, y, z, yaw = thing.motion.pose_at(0.0)
        assert yaw == pytest.approx(0)
        for part in thing.solid.parts:
            if part.material == material:
                bounds.append(part.shape.bounds + (x, y, z))
                tints.append(part.tint)
    return np.array(bounds).reshape(-1, 2, 3), tints


def lines_along(objects):
    """Solid lines along the street as laterals, and their tints."""
    bounds, tints = strips(objects)
    long = np.ptp(bounds[:, :, 0], axis=1) > 40
    laterals = (bounds[long].mean(axis=1)[:, 1] - 5.0).round(6)
    colours = [tint for tint, is_long in zip(tints, long, strict=True) if is_long]
    return dict(zip(laterals, colours, strict=True))


@pytest.mark.parametrize('name', STREETS)
def test_everything_painted_lies_on_the_road(name):
    for seed in range(5):
        bounds, _ = strips(furnished(name, seed))
        street = STREETS[name]
        assert (bounds[:, 0, 1] - 5.0 > -street.kerb(-1)).all()
        assert (bounds[:, 1, 1] - 5.0 < street.kerb(1)).all()
        assert (bounds[:, 0, 0] > 10).all() and (bounds[:, 1, 0] < 80).all()
        assert np.allclose(bounds[:, 1, 2], PAINT_HEIGHT)


@pytest.mark.parametrize('name', STREETS)
def test_a_double_line_parts_the_directions_where_no_median_does(name):
    lines = lines_along(furnished(name))
    doubled = {-0.12, 0.12} <= set(lines)
    assert doubled == (STREETS[name].median == 0)
    if doubled:
        assert lines[0.12] == lines[-0.12] and lines[0.12] in (WHITE_PAINT, YELLOW_PAINT)


@pytest.mark.parametrize('name', STREETS)
def test_a_line_bounds_the_lanes_where_something_lies_beyond(name):
    street, lines = STREETS[name], lines_along(furnished(name))
    for side in SIDES:
        at = round(side * street.lane_edge(side), 6)
        assert (at in lines) == (street.has_parking(side) or street.shoulder > 1.5)
        assert lines.get(at, WHITE_PAINT) == WHITE_PAINT


@pytest.mark.parametrize('name, lanes', [('plain', 0), ('wide', 2), ('uneven', 1), ('median', 2)])
def test_dashes_part_lanes_of_one_direction(name, lanes):
    """Three metres of paint, six without, between all neighbouring lanes."""
    bounds, _ = strips(furnished(name))
    dashes = bounds[
        (np.ptp(bounds[:, :, 0], axis=1) < DASH + 0.01)
        & np.isclose(np.ptp(bounds[:, :, 1], axis=1), LINE_WIDTH)
    ]
    laterals = dashes.mean(axis=1)[:, 1] - 5.0
    assert len(set(laterals.round(6))) == lanes
    for lateral in set(laterals.round(6)):
        starts = np.sort(dashes[np.isclose(laterals, lateral), 0, 0])
        assert np.allclose(np.diff(starts), DASH_PERIOD)
        assert starts[0] == pytest.approx(10 + STOP_LINE)
        expected = STREETS[name].median / 2 + STREETS[name].lane_width
        assert abs(lateral) == pytest.approx(expected)


@pytest.mark.parametrize('name', STREETS)
def test_stop_lines_end_the_lanes_that_come_to_a_crossing(name):
    """Traffic keeps to the right: on the right side at the end, on the left at the start."""
    street = STREETS[name]
    bounds, _ = strips(furnished(name))
    across = bounds[np.isclose(np.ptp(bounds[:, :, 0], axis=1), 0.4)]
    assert len(across) == 2
    for line in across:
        side = np.sign(line.mean(axis=0)[1] - 5.0)
        near = line[0, 0] if side < 0 else line[1, 0]
        expected = 80 - STOP_LINE if side < 0 else 10 + STOP_LINE
        assert near == pytest.approx(expected)
        lateral = np.sort(np.abs(line[:, 1] - 5.0))
        edge = street.lane_edge(int(side))
        assert lateral == pytest.approx([street.median / 2 + 0.2, edge - 0.1])


def test_crosswalks_are_bars_lines_or_none():
    """Both ends draw their own kind; all lie between their bounds from the crossing."""
    kinds = set()
    for seed in range(25):
        bounds, _ = strips(furnished('plain', seed))
        near = bounds[bounds[:, 1, 0] <= 10 + CROSSWALK[1] + 1e-9]
        assert (near[:, 0, 0] >= 10 + CROSSWALK[0] - 1e-9).all()
        lengths = np.ptp(near[:, :, 0], axis=1)
        kinds.add('none' if not len(near) else 'bars' if lengths.max() > 1 else 'lines')
        if len(near) and lengths.max() > 1:
            gaps = np.diff(np.sort(near[:, 0, 1]))
            assert np.allclose(gaps, gaps[0]) and 0.9 < gaps[0] < 1.6
            assert np.allclose(np.ptp(near[:, :, 1], axis=1), 0.6)
        elif len(near):
            assert len(near) == 2 and np.allclose(lengths, 0.25)
    assert kinds == {'none', 'bars', 'lines'}


def test_patches_lie_flat_below_the_paint():
    for seed in range(8):
        patches = [
            (part, thing.motion.pose_at(0.0))
            for thing in of_category(furnished('wide', seed), DRIVEABLE_SURFACE)
            for part in thing.solid.parts
            if part.material != 'road_paint'
        ]
        assert 1 <= len(patches) <= 4
        for part, pose in patches:
            assert part.shape.bounds[1, 2] == pytest.approx(PATCH_HEIGHT)
            low, high = part.shape.bounds[:, 1] + pose.y - 5.0
            assert -STREETS['wide'].kerb(-1) < low < high < STREETS['wide'].kerb(1)
    assert 0 < PATCH_HEIGHT < PAINT_HEIGHT < 0.01


def test_the_median_is_a_long_octagon_in_the_middle():
    area = median_area(stretch('median'), KERB)
    polygon = Polygon(area.outline)
    assert polygon.is_valid and polygon.exterior.is_ccw and polygon.convex_hull.equals(polygon)
    x0, y0, x1, y1 = polygon.bounds
    assert (x0, x1) == pytest.approx((10 + MEDIAN_NOSE, 80 - MEDIAN_NOSE))
    assert (y0, y1) == pytest.approx((5 - 1.35, 5 + 1.35))
    assert area.category == OTHER_FLAT and area.top == KERB


@pytest.mark.parametrize('name, length', [('plain', 70.0), ('median', 19.9), ('median', 5.0)])
def test_there_is_no_median_without_width_or_length(name, length):
    assert median_area(stretch(name, length), KERB) is None
    placed = furnished(name, length=max(length, 19.9))
    assert not of_category(placed, OTHER_FLAT, TERRAIN)


def test_the_longest_street_without_a_median_has_no_plants():
    for seed in range(6):
        assert not standing(furnished('wide', seed, 200.0))


def test_medians_are_planted_lit_or_bare():
    """What stands there lies on the median; grass is a layer above its kerb."""
    counts = {'plants': 0, 'lamps': 0, 'grass': 0, 'bare': 0}
    outline = Polygon(median_area(stretch('median'), KERB).outline)
    for seed in range(40):
        objects = furnished('median', seed)
        things = standing(objects)
        grass = [
            each
            for each in of_category(objects, TERRAIN)
            if ground_of(each).area < outline.area * 0.8
        ]
        for thing in things:
            x, y, z, _ = thing.motion.pose_at(0.0)
            assert abs(y - 5.0) < 1e-6 and 10 + MEDIAN_NOSE < x < 80 - MEDIAN_NOSE
            assert z == KERB
        for cover in grass:
            assert cover.solid.bounds[1, 2] == pytest.approx(KERB + LAYER)
            assert outline.buffer(0.01).contains(ground_of(cover))
        plants = of_category(things, VEGETATION)
        hedges = [each for each in plants if np.ptp(each.solid.bounds[:, 1]) >= 13]
        if things and not hedges:
            assert min(each.motion.pose_at(0.0).x for each in things) == pytest.approx(20.0)
        for hedge in hedges:  # along the street, in the middle
            x0, _, x1, _ = ground_of(hedge).bounds
            assert (x0 + x1) / 2 == pytest.approx(45.0) and x1 - x0 > 13
        counts['plants'] += bool(plants)
        counts['lamps'] += len(things) > len(plants)
        counts['grass'] += bool(grass)
        counts['bare'] += not things and not grass
    assert min(counts.values()) >= 3


@pytest.mark.parametrize('axis', [0, 1])
def test_a_stretch_lies_between_the_kerbs_of_the_crossing_streets(axis):
    grid = make_grid(seed=4)
    for index in (-2, 0, 3):
        for first in (-1, 0, 2):
            found = stretch_of(grid, axis, index, first)
            before, after = (grid.street(1 - axis, number) for number in (first, first + 1))
            reach = 15.0
            assert found.street == grid.street(axis, index)
            assert before.centre < found.start < before.centre + reach
            assert after.centre - reach < found.end < after.centre
            for crossing, edge in ((before, found.start), (after, found.end)):
                at = found.street.place(edge, 0.0)
                lateral = crossing.coordinates(*at)[1]
                side = 1 if lateral > 0 else -1
                assert abs(lateral) == pytest.approx(crossing.kerb(side))


def test_streets_along_y_are_painted_alike():
    """Turned by a right angle: the same stretch on the other axis, strip by strip."""
    placers = []
    for axis in (0, 1):
        street = make_street(axis, 0.0, lanes=(2, 1))
        placer = make_placer()
        furnish_stretch(placer, np.random.default_rng(3), Stretch(street, 10.0, 80.0), KERB)
        placers.append(placer.objects)
    for first, second in zip(*placers, strict=True):
        x, y, _, yaw = first.motion.pose_at(0.0)
        assert second.motion.pose_at(0.0) == pytest.approx((-y, x, 0.0, yaw + np.pi / 2))
        for part, other in zip(first.solid.parts, second.solid.parts, strict=True):
            assert np.allclose(part.shape.bounds, other.shape.bounds)
