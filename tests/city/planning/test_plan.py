"""Block plans against shapely: areas, lots side by side, sidewalks left free, frontages."""

from __future__ import annotations

import numpy as np
import pytest
from city_scene import area_of, make_grid, overlapping
from shapely.geometry import Point, Polygon
from shapely.ops import unary_union

from stslidr_city.catalog.categories import DRIVEABLE_SURFACE, SIDEWALK, TERRAIN
from stslidr_city.planning.land_use import LAYER, LOT_STYLES, VERGE_DEPTHS
from stslidr_city.planning.plan import Area, is_driveable, plan_block
from stslidr_city.planning.streets import CROSSWALK

BLOCKS = [(column, row) for column in (-4, -1, 0, 2) for row in (-2, 0, 3)]
SIDES = ('south', 'north', 'west', 'east')


@pytest.fixture(scope='module', params=['downtown', 'residential', 'industrial'])
def plans(request):
    grid = make_grid(seed=2, neighbourhood=request.param)
    return [plan_block(grid, *block) for block in BLOCKS]


@pytest.fixture(scope='module')
def with_lots(plans):
    found = [plan for plan in plans if plan.lots]
    assert len(found) >= 4
    return found


def ground(lot):
    return area_of(lot.frontage.rectangle(lot.start, lot.end, lot.depth, lot.end_depth))


@pytest.mark.parametrize('turn', range(3))
def test_an_area_holds_what_its_polygon_holds(turn):
    outline = np.array([(0.0, 0.0), (4.0, -1.0), (6.0, 2.0), (3.0, 5.0), (-1.0, 3.0)])
    area = Area(np.roll(outline, turn, axis=0), SIDEWALK, 'paving', 0.1)
    points = np.random.default_rng(turn).uniform(-2, 7, (1500, 2))
    polygon = Polygon(outline)
    expected = [polygon.contains(Point(point)) for point in points]
    assert np.array_equal(area.holds(points), expected)
    assert area.holds(np.zeros((0, 2))).shape == (0,)


def test_plans_are_the_same_whenever_they_are_made(plans):
    grid = make_grid(seed=2, neighbourhood='downtown')
    first, second = (plan_block(grid, 1, 1) for _ in range(2))
    assert first.style == second.style and first.lots == second.lots
    for area, other in zip(first.areas, second.areas, strict=True):
        assert np.array_equal(area.outline, other.outline) and area[1:] == other[1:]


def test_the_whole_block_is_sidewalk_at_the_kerbs_height(plans):
    for plan in plans:
        whole = plan.areas[0]
        assert whole.category == SIDEWALK and np.array_equal(whole.outline, plan.outline)
        assert 0.06 <= whole.top <= 0.17


def test_corners_are_cut_by_two_to_three_and_a_half_metres(plans):
    for plan in plans:
        outline = Polygon(plan.outline)
        box = area_of(outline.bounds)
        missing = box.area - outline.area  # four right triangles
        cut = np.sqrt(missing / 2)
        assert 2.0 <= cut <= 3.5 and outline.is_valid and outline.exterior.is_ccw


def test_covers_are_piled_in_layers(plans):
    """What is higher lies within the block and is never below what it covers."""
    for plan in plans:
        tops = np.array([area.top for area in plan.areas])
        assert (tops[1:] - tops[0] >= LAYER - 1e-9).all()
        assert tops.max() - tops[0] <= 2 * LAYER + 1e-9
        outline = Polygon(plan.outline).buffer(1e-6)
        assert all(outline.contains(Polygon(area.outline)) for area in plan.areas)


def test_the_interior_leaves_the_sidewalks_free(plans):
    for plan in plans:
        x0, y0, x1, y1 = plan.interior
        (low_x, low_y), (high_x, high_y) = plan.outline.min(axis=0), plan.outline.max(axis=0)
        gaps = dict(zip(SIDES, (y0 - low_y, high_y - y1, x0 - low_x, high_x - x1), strict=True))
        for side, frontage in zip(SIDES, plan.frontages, strict=True):
            assert gaps[side] == pytest.approx(frontage.street.sidewalk)


def test_lots_lie_in_the_interior_and_do_not_overlap(with_lots):
    for plan in with_lots:
        lots = [ground(lot) for lot in plan.lots]
        interior = area_of(plan.interior).buffer(1e-6)
        assert all(interior.contains(lot) for lot in lots)
        assert not overlapping(lots, 1e-6)


def test_lots_line_the_whole_sidewalk(with_lots):
    """Together they are a ring of one depth along the interior's edge."""
    for plan in with_lots:
        depth = plan.lots[0].end_depth - plan.lots[0].depth
        ring = area_of(plan.interior).difference(
            area_of(plan.interior).buffer(-depth, join_style=2)
        )
        covered = unary_union([ground(lot) for lot in plan.lots])
        assert covered.symmetric_difference(ring).area < 1e-3 * ring.area


def test_lots_have_the_kinds_and_sizes_of_their_style(with_lots):
    for plan in with_lots:
        style = LOT_STYLES[plan.style]
        low, high = style.depth
        for lot in plan.lots:
            assert lot.kind in style.kinds
            assert low <= lot.end_depth - lot.depth <= high
            assert lot.depth == lot.frontage.street.sidewalk
            assert 0.4 * style.width[0] < lot.end - lot.start < 2.2 * style.width[1]


def test_parks_and_the_like_have_no_lots(plans):
    for plan in plans:
        assert bool(plan.lots) == (plan.style in LOT_STYLES)


def test_verges_lie_along_the_kerb_between_the_crosswalks(plans):
    found = 0
    for plan in plans:
        verges = [
            area
            for area in plan.areas[1:5]
            if area.category == TERRAIN
            and min(np.ptp(area.outline, axis=0))
            == pytest.approx(VERGE_DEPTHS[1] - VERGE_DEPTHS[0])
        ]
        assert len(verges) in (0, 4)
        found += len(verges)
        for verge, frontage in zip(verges, plan.frontages, strict=False):
            along = verge.outline[:, frontage.street.axis]
            assert along.min() > frontage.start + frontage.corner_walks[0]
            assert along.max() < frontage.end - frontage.corner_walks[1]
            assert frontage.start + CROSSWALK[0] < along.min()
    assert found >= 12


def test_frontages_look_at_their_streets(plans):
    """A step outward leads from the sidewalk to the street's middle line."""
    for plan in plans:
        middle = Polygon(plan.outline).centroid
        for frontage in plan.frontages:
            along = (frontage.start + frontage.end) / 2
            at = np.array(frontage.place(along, 0.0))
            step = at + (np.cos(frontage.outward), np.sin(frontage.outward))
            lateral = abs(frontage.street.coordinates(*at)[1])
            assert abs(frontage.street.coordinates(*step)[1]) == pytest.approx(lateral - 1)
            assert middle.distance(Point(step)) > middle.distance(Point(at))
            assert np.allclose(frontage.place(along, -lateral), frontage.street.place(along, 0))


def test_driveable_is_the_topmost_cover(plans):
    """The last area that holds a point decides; outside the block everything is driveable."""
    for plan in plans:
        low, high = plan.outline.min(axis=0) - 10, plan.outline.max(axis=0) + 10
        points = np.random.default_rng(0).uniform(low, high, (400, 2))
        polygons = [Polygon(area.outline) for area in plan.areas]
        expected = []
        for point in map(Point, points):
            holding = [
                area.category
                for area, polygon in zip(plan.areas, polygons, strict=True)
                if polygon.contains(point)
            ]
            expected.append(not holding or holding[-1] == DRIVEABLE_SURFACE)
        assert np.array_equal(is_driveable(plan, points), expected)
        assert not all(expected)
