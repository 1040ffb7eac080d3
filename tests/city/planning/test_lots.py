"""What stands on lots: buildings on their plots, borders, plants, yards and squares."""

from __future__ import annotations

import numpy as np
import pytest
from city_scene import (
    area_of,
    ground_of,
    make_placer,
    make_street,
    of_category,
    overlapping,
    places_of,
    standing,
)

from stslidr_city.catalog.buildings import OVERHANG
from stslidr_city.catalog.categories import ADULT, CAR, DEBRIS, MANMADE, TRUCK, VEGETATION
from stslidr_city.planning import lots
from stslidr_city.planning.land_use import LOT_COVERS
from stslidr_city.planning.lots import furnish_lot
from stslidr_city.planning.plan import Frontage, Lot
from stslidr_city.planning.stock import SIZE_STEP

KINDS = tuple(LOT_COVERS)
GROUND = 0.2
SEEDS = range(10)


def make_lot(kind, width=20.0, depth=15.0, axis=0, side=1):
    street = make_street(axis, -30.0)
    front = Frontage(street, side, 0.0, 100.0, (3.5, 3.5))
    return Lot(kind, front, 30.0, 30.0 + width, 3.5, 3.5 + depth, GROUND)


def furnished(lot, seed=0, claims=()):
    placer = make_placer(claims=claims)
    furnish_lot(placer, np.random.default_rng(seed), lot)
    return placer.objects


def plot_of(lot):
    return area_of(lot.frontage.rectangle(lot.start, lot.end, lot.depth, lot.end_depth))


def depth_of(lot, thing):
    """How far behind the kerb a thing's origin lies, metres."""
    x, y, _, _ = thing.motion.pose_at(0.0)
    lateral = lot.frontage.street.coordinates(x, y)[1]
    return lot.frontage.side * lateral - lot.frontage.street.kerb(lot.frontage.side)


def building_of(objects):
    """The largest thing of stone, wood or glass; None if there is none."""
    houses = [
        thing
        for thing in of_category(objects, MANMADE)
        if min(np.ptp(thing.solid.bounds[:, :2], axis=0)) > 4
    ]
    return houses[0] if houses else None


@pytest.fixture(scope='module', params=[(0, 1), (0, -1), (1, 1), (1, -1)], ids=str)
def orientation(request):
    return dict(zip(('axis', 'side'), request.param, strict=True))


@pytest.mark.parametrize('kind', KINDS)
def test_things_stand_on_their_lot(kind, orientation):
    """All origins lie on it; only crowns and awnings reach beyond."""
    lot = make_lot(kind, **orientation)
    plot = plot_of(lot).buffer(0.02)
    for seed in SEEDS:
        for thing in furnished(lot, seed):
            assert plot.covers(ground_of(thing).centroid) or thing.solid.category == VEGETATION
            x, y, z, _ = thing.motion.pose_at(0.0)
            assert plot.bounds[0] < x < plot.bounds[2] and plot.bounds[1] < y < plot.bounds[3]
            assert z == pytest.approx(GROUND, abs=0.031)


@pytest.mark.parametrize('kind', KINDS)
def test_nothing_low_overlaps(kind):
    for seed in SEEDS:
        objects = furnished(make_lot(kind), seed)
        low = [
            thing
            for thing in standing(objects)
            if thing.solid.bounds[1, 2] < 2.6 and thing.solid.category != VEGETATION
        ]
        assert not overlapping([ground_of(thing) for thing in low], 0.6)


@pytest.mark.parametrize('kind', KINDS)
def test_a_lot_is_the_same_each_time(kind):
    first, second = (furnished(make_lot(kind), 5) for _ in range(2))
    assert np.array_equal(places_of(first), places_of(second))
    assert [thing.solid for thing in first] == [thing.solid for thing in second]


@pytest.mark.parametrize('kind', KINDS)
def test_taken_ground_stays_free(kind):
    everywhere = (-999.0, -999.0, 999.0, 999.0)
    assert furnished(make_lot(kind), claims=[everywhere]) == []


@pytest.mark.parametrize('kind', ['building', 'house', 'shed'])
def test_a_building_looks_at_the_street_and_leaves_the_sidewalk_free(kind, orientation):
    lot = make_lot(kind, **orientation)
    outward = np.array([np.cos(lot.frontage.outward), np.sin(lot.frontage.outward)])
    for seed in SEEDS:
        house = building_of(furnished(lot, seed))
        yaw = house.motion.pose_at(0.0).yaw
        assert (np.cos(yaw), np.sin(yaw)) @ outward == pytest.approx(1)
        corners = np.array(ground_of(house).exterior.coords)
        depths = [
            lot.frontage.side * lot.frontage.street.coordinates(*corner)[1]
            - lot.frontage.street.kerb(lot.frontage.side)
            for corner in corners
        ]
        assert min(depths) > lot.depth - OVERHANG
        assert max(depths) < lot.end_depth + 0.5


def test_gaps_between_houses_are_asked_for():
    """A width that is left over on both sides, after rounding to half metres."""
    for gap in (0.0, 3.0, 6.0):
        lot = make_lot('building', 20.0)
        placer = make_placer()
        lots._put_building(placer, np.random.default_rng(0), lot, 'hall', 1.0, gap)
        (hall,) = placer.objects
        width = np.ptp(hall.solid.bounds[:, 1])
        assert 20 - gap - SIZE_STEP < width < 20 - gap + 0.45
        x, y, _, _ = hall.motion.pose_at(0.0)
        assert lot.frontage.street.coordinates(x, y)[0] == pytest.approx(40.0)


@pytest.mark.parametrize('kind', lots.HEIGHTS)
def test_walls_have_the_heights_of_their_kind(kind):
    low, high = lots.HEIGHTS[kind]
    tops = []
    for seed in range(12):
        placer = make_placer()
        lots._put_building(
            placer, np.random.default_rng(seed), make_lot('building'), kind, 1.0, 1.0
        )
        tops.append(placer.objects[0].solid.bounds[1, 2])
    assert min(tops) > low - SIZE_STEP
    roof = 7.0 if kind == 'house' else 4.0
    assert max(tops) < high + roof + (3 * 3.2 + 3 if kind == 'office' else 5)
    assert len({round(top, 3) for top in tops}) >= 3


@pytest.mark.parametrize('width, depth', [(6.9, 15.0), (15.0, 6.9)])
def test_no_building_without_room(width, depth):
    placer = make_placer()
    lots._put_building(
        placer, np.random.default_rng(0), make_lot('house', width, depth), 'house', 1.0, 1.0
    )
    assert placer.objects == []


def test_a_building_gives_way_to_what_is_there():
    """A reserved spot in the middle of the plot: no building, and the spot stays free."""
    lot = make_lot('building')
    spot = (38.0, -14.0, 40.0, -12.0)
    assert plot_of(lot).contains(area_of(spot))
    for seed in range(6):
        objects = furnished(lot, seed, [spot])
        assert building_of(objects) is None


def test_borders_leave_an_entrance():
    """Pieces along the sidewalk with a gap of three metres or so between them."""
    gaps = []
    for seed in range(30):
        placer = make_placer()
        lot = make_lot('garden', 24.0)
        lots._put_border(placer, np.random.default_rng(seed), lot, share=1.0)
        spans = sorted(
            (x - np.ptp(thing.solid.bounds[:, 1]) / 2, x + np.ptp(thing.solid.bounds[:, 1]) / 2)
            for thing, (x, _) in zip(placer.objects, places_of(placer.objects), strict=True)
        )
        assert 1 <= len(spans) <= 2
        if len(spans) == 2:
            gaps.append(spans[1][0] - spans[0][1])
    assert len(gaps) > 15
    assert min(gaps) > 2.9 and max(gaps) < 5.5


def test_no_border_where_none_is_wanted():
    placer = make_placer()
    lots._put_border(placer, np.random.default_rng(0), make_lot('garden'), share=0.0)
    assert placer.objects == []


@pytest.mark.parametrize('trees, bushes', [(0.0, 0.0), (3.0, 0.0), (0.0, 4.0), (2.0, 2.0)])
def test_plants_come_in_the_numbers_that_are_asked_for(trees, bushes):
    """Means over 40 lots; a few find no room."""
    total = 0
    for seed in range(40):
        placer = make_placer()
        lots._plant(placer, np.random.default_rng(seed), make_lot('garden'), trees, bushes)
        assert all(thing.solid.category == VEGETATION for thing in placer.objects)
        total += len(placer.objects)
    assert total / 40 <= trees + bushes + 0.7
    assert total / 40 >= 0.7 * (trees + bushes)


def test_four_in_ten_houses_have_a_car_beside_them():
    cars = []
    for seed in range(60):
        placer = make_placer()
        lots._put_car_in_drive(placer, np.random.default_rng(seed), make_lot('house'))
        cars += placer.objects
    assert 14 < len(cars) < 36
    assert {thing.solid.category for thing in cars} == {CAR}
    assert {thing.attribute for thing in cars} == {'vehicle.parked'}
    places = places_of(cars)
    assert set(places[:, 0].round(3)) == {31.6, 48.4}


def test_a_square_has_benches_trees_and_people():
    kinds = set()
    for seed in range(20):
        objects = furnished(make_lot('plaza'), seed)
        kinds |= {thing.solid.category for thing in objects}
        assert 1 <= len(objects) <= 12
    assert {MANMADE, VEGETATION, ADULT} <= kinds


def test_a_yard_has_vehicles_side_by_side_and_a_wall_behind():
    kinds, count = set(), 0
    for seed in range(20):
        lot = make_lot('yard', 30.0)
        objects = furnished(lot, seed)
        vehicles = of_category(objects, CAR, TRUCK)
        count += len(vehicles)
        kinds |= {thing.solid.category for thing in objects}
        assert {thing.attribute for thing in vehicles} <= {'vehicle.parked'}
        along = np.sort(places_of(vehicles)[:, 0])
        assert not len(along) or np.diff(along).min(initial=9) > 3.0
        back = [
            thing
            for thing in objects
            if np.ptp(thing.solid.bounds[:, 1]) > 0.9 * (30 - 1 - SIZE_STEP)
            and np.ptp(thing.solid.bounds[:, 0]) < 1
        ]
        depths = [depth_of(lot, thing) for thing in back]
        assert lot.end_depth - 0.5 in (pytest.approx(depth) for depth in depths)
    assert {CAR, DEBRIS} <= kinds
    assert 0.25 < count / (20 * 9) < 0.45  # of the places, 3.1 m apart


def test_seven_in_ten_yards_have_a_border_to_the_street():
    with_border = 0
    for seed in range(40):
        lot = make_lot('yard', 30.0)
        depths = [depth_of(lot, thing) for thing in furnished(lot, seed)]
        with_border += any(depth == pytest.approx(lot.depth + 0.6) for depth in depths)
    assert 20 < with_border < 36


def test_a_squares_wall_is_at_its_back():
    for seed in SEEDS:
        lot = make_lot('plaza')
        wall = furnished(lot, seed)[0]
        assert depth_of(lot, wall) == pytest.approx(lot.end_depth - 0.6)
        assert np.ptp(wall.solid.bounds[:, 1]) == pytest.approx(20.0, abs=0.1)
