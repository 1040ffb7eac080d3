"""Parks, car parks and sites: things within the interior, apart from each other, of their kinds."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from city_scene import (
    area_of,
    ground_of,
    make_grid,
    make_placer,
    of_category,
    overlapping,
    places_of,
    standing,
)

from stslidr_city.catalog.categories import CAR, CONSTRUCTION_WORKER, MANMADE, TERRAIN, VEGETATION
from stslidr_city.planning.interiors import BAY_LENGTH, CAR_BAY, furnish_interior
from stslidr_city.planning.land_use import LAYER
from stslidr_city.planning.plan import plan_block

STYLES = ('park', 'parking', 'construction')
SEEDS = range(4)


def blocks(style, count=2):
    """Plans of blocks of one style."""
    grid = make_grid(seed=6, neighbourhood='parking' if style == 'parking' else 'park')
    plans = (plan_block(grid, column, row) for column in range(-12, 12) for row in range(-6, 6))
    found = []
    for plan in plans:
        if plan.style == style and len(found) < count:
            found.append(plan)
    return found


def furnished(plan, seed=0, claims=()):
    placer = make_placer(claims=claims)
    furnish_interior(placer, np.random.default_rng(seed), plan)
    return placer.objects


@pytest.fixture(scope='module')
def made():
    """(plan, objects) of two blocks of each style and four seeds, by style."""
    return {
        style: [(plan, furnished(plan, seed)) for plan in blocks(style) for seed in SEEDS]
        for style in STYLES
    }


@pytest.mark.parametrize('style', STYLES)
def test_things_stand_in_the_interior_at_its_height(made, style):
    """Origins lie within the back of the sidewalks; borders stand just behind them."""
    for plan, objects in made[style]:
        interior = area_of(plan.interior).buffer(0.01)
        ground = plan.areas[0].top + LAYER
        assert len(objects) > 10
        for thing in objects:
            x, y, z, _ = thing.motion.pose_at(0.0)
            assert interior.covers(ground_of(thing).centroid)
            assert interior.bounds[0] < x < interior.bounds[2]
            assert z in (pytest.approx(ground), pytest.approx(ground - LAYER))


@pytest.mark.parametrize('style', STYLES)
def test_what_is_low_does_not_overlap(made, style):
    """All but trees, whose crowns may, mounds, on which trees may grow, and borders at corners."""
    for _, objects in made[style]:
        low = [
            thing
            for thing in standing(objects)
            if thing.solid.category not in (VEGETATION, TERRAIN) and thing.solid.bounds[1, 2] < 2.5
        ]
        assert not overlapping([ground_of(thing) for thing in low], 0.1)


@pytest.mark.parametrize('style', STYLES)
def test_a_block_is_furnished_the_same_each_time(style):
    plan = blocks(style, 1)[0]
    first, second, other = (furnished(plan, seed) for seed in (3, 3, 4))
    assert np.array_equal(places_of(first), places_of(second))
    assert len(first) != len(other) or not np.array_equal(places_of(first), places_of(other))


@pytest.mark.parametrize('style', STYLES)
def test_full_ground_stays_free(style):
    """Where all ground is taken already, nothing is put there."""
    everywhere = (-9999.0, -9999.0, 9999.0, 9999.0)
    for plan in blocks(style, 1):
        assert furnished(plan, claims=[everywhere]) == []


def test_a_park_has_trees_by_its_area(made):
    """One for each 65 square metres is tried, and most of them find room."""
    for plan, objects in made['park']:
        area = area_of(plan.interior).area
        plants = len(of_category(objects, VEGETATION))
        assert 0.3 * area / 65 < plants < 3.0 * area / 65 + 60


def test_a_parks_mounds_do_not_lie_on_benches(made):
    """A mound is put only where nothing that took ground before stands."""
    count = 0
    for _, objects in made['park']:
        mounds = of_category(objects, TERRAIN)
        count += len(mounds)
        for mound in mounds:
            index = objects.index(mound)
            before = [ground_of(thing) for thing in objects[:index] if thing not in mounds]
            assert not any(ground_of(mound).intersection(each).area > 0.1 for each in before)
    assert count > 8


def test_a_car_park_holds_cars_side_by_side(made):
    for plan, objects in made['parking']:
        cars = of_category(objects, CAR)
        assert len(cars) > 15
        assert {thing.attribute for thing in cars} == {'vehicle.parked'}
        yaws = np.array([thing.motion.pose_at(0.0).yaw for thing in cars])
        assert np.abs(np.cos(yaws)).max() < 0.12  # across the rows
        assert 0.2 < (np.sin(yaws) > 0).mean() < 0.8
        places = places_of(cars)
        x = (places[:, 0] - plan.interior[0] - 4) / CAR_BAY
        assert np.allclose(x, x.round(), atol=1e-6)


def test_rows_of_a_car_park_leave_aisles(made):
    """Rows are more than a car's length apart, and all cars lie well within the edges."""
    for plan, objects in made['parking']:
        places = places_of(of_category(objects, CAR))
        rows = np.unique(places[:, 1].round(3))
        assert np.diff(rows).min() > BAY_LENGTH
        assert (places[:, 1] > plan.interior[1] + 5).all()
        assert (places[:, 1] < plan.interior[3] - 3.5).all()


def test_up_to_four_lamps_light_a_car_park(made):
    numbers = [
        sum(
            any(part.material == 'lamp' for part in thing.solid.parts)
            for thing in of_category(objects, MANMADE)
        )
        for _, objects in made['parking']
    ]
    assert max(numbers) <= 4 and np.mean(numbers) > 1


def test_a_site_has_a_bare_frame_heaps_and_a_fence(made):
    counts = Counter()
    for plan, objects in made['construction']:
        (x0, y0, x1, y1) = plan.interior
        middle = ((x0 + x1) / 2, (y0 + y1) / 2)
        frames = [
            thing
            for thing in of_category(objects, MANMADE)
            if np.ptp(thing.solid.bounds[:, 0]) > 0.3 * (x1 - x0)
            and np.allclose(thing.motion.pose_at(0.0)[:2], middle)
        ]
        assert len(frames) == 1
        size = np.ptp(frames[0].solid.bounds, axis=0)
        assert size[0] <= 0.45 * (x1 - x0) + 1 and size[1] <= 0.45 * (y1 - y0) + 1
        counts['heaps'] += len(of_category(objects, TERRAIN))
        counts['workers'] += len(of_category(objects, CONSTRUCTION_WORKER))
        counts['fences'] += sum(
            np.ptp(thing.solid.bounds[:, 1]) == pytest.approx(8.0, abs=0.05) for thing in objects
        )
    assert counts['heaps'] > 8 and counts['workers'] >= 1 and counts['fences'] > 40


def test_heaps_keep_clear_of_the_building(made):
    for _, objects in made['construction']:
        frame = max(of_category(objects, MANMADE), key=lambda thing: ground_of(thing).area)
        for heap in of_category(objects, TERRAIN):
            assert ground_of(heap).intersection(ground_of(frame)).area < 1.0


def test_borders_stand_just_behind_the_sidewalk_and_look_out(made):
    """Pieces of 8 m, their long side along the street."""
    pieces = 0
    for style in STYLES:
        for plan, objects in made[style]:
            for thing in objects:
                if np.ptp(thing.solid.bounds[:, 1]) != pytest.approx(8.0, abs=0.1):
                    continue
                if np.ptp(thing.solid.bounds[:, 0]) > 1.2:
                    continue
                pieces += 1
                x, y, _, _ = thing.motion.pose_at(0.0)
                depths = [
                    front.side * front.street.coordinates(x, y)[1]
                    - front.street.kerb(front.side)
                    - front.street.sidewalk
                    for front in plan.frontages
                ]
                assert min(abs(depth - 0.7) for depth in depths) < 1e-6
    assert pieces > 60
