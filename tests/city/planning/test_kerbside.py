"""What stands along a kerb: parked vehicles, trees, lamps, signals, furniture and people."""

from __future__ import annotations

import numpy as np
import pytest
from city_scene import (
    ground_of,
    make_grid,
    make_placer,
    make_street,
    of_category,
    overlapping,
    standing,
)

from stslidr_city.catalog.categories import ADULT, CHILD, MANMADE, VEGETATION
from stslidr_city.planning import kerbside
from stslidr_city.planning.interiors import furnish_interior
from stslidr_city.planning.kerbside import KERBSIDES, WALKWAYS, furnish_kerbside
from stslidr_city.planning.plan import Frontage, plan_block
from stslidr_city.planning.streets import CLEAR_OF_CROSSING, PARKING_WIDTH

VEHICLES = (17, 18, 19, 20, 23)
GROUND = 0.14
LENGTH = 90.0


def frontage(side=1, axis=0, length=LENGTH, parking=True):
    street = make_street(axis, 20.0, parking=(parking, parking))
    return Frontage(street, side, 5.0, 5.0 + length, (3.5, 3.4))


def furnished(front, style='downtown', seed=0, liveliness=1.0):
    placer = make_placer()
    furnish_kerbside(placer, np.random.default_rng(seed), front, style, GROUND, liveliness)
    return placer.objects


def depth_of(front, thing):
    """Depth of a thing's origin behind the kerb, and its place along the street."""
    x, y, _, _ = thing.motion.pose_at(0.0)
    along, lateral = front.street.coordinates(x, y)
    return along, front.side * lateral - front.street.kerb(front.side)


def ray_of(thing):
    """Unit vector (2,) into which a thing looks."""
    yaw = thing.motion.pose_at(0.0).yaw
    return np.array([np.cos(yaw), np.sin(yaw)])


@pytest.fixture(scope='module', params=[(1, 0), (-1, 0), (1, 1), (-1, 1)], ids=str)
def sides(request):
    """Frontages on all four sides of a block, furnished with ten seeds each."""
    side, axis = request.param
    front = frontage(side, axis)
    return front, [furnished(front, seed=seed) for seed in range(10)]


def test_styles_have_sensible_numbers():
    for name, style in KERBSIDES.items():
        assert 5 < style.tree_gap < 20 and 0 < style.parked < 0.7, name
        assert 0 < style.furniture < 15 and 0 < style.bystanders < 2


@pytest.mark.parametrize('shares', ['PARKED_KINDS', 'FURNITURE', 'BYSTANDERS'])
def test_shares_sum_to_one(shares):
    assert sum(getattr(kerbside, shares).values()) == pytest.approx(1)


def test_vehicles_park_in_the_parking_lane(sides):
    """Their whole footprint lies between lanes and kerb, a hand's breadth over it at most."""
    front, drawn = sides
    count = 0
    for objects in drawn:
        for thing in of_category(objects, *VEHICLES):
            count += 1
            assert thing.attribute == 'vehicle.parked' and thing.motion.pose_at(0.0).z == 0
            corners = np.array(ground_of(thing).exterior.coords)
            along, lateral = np.array([front.street.coordinates(*each) for each in corners]).T
            depth = front.side * lateral - front.street.kerb(front.side)
            assert depth.min() > -PARKING_WIDTH - 0.5 and depth.max() < 0.35
            assert along.min() > front.start + CLEAR_OF_CROSSING - 0.3
            assert along.max() < front.end - CLEAR_OF_CROSSING + 0.3
    assert count > 25


def test_most_vehicles_park_in_the_heading_of_their_lane(sides):
    """Traffic keeps to the right: on the left side of a street it heads against the axis."""
    front, drawn = sides
    yaw = front.street.yaw(-front.side)
    ahead = np.array([np.cos(yaw), np.sin(yaw)])
    turns = [ray_of(thing) @ ahead for each in drawn for thing in of_category(each, *VEHICLES)]
    assert np.mean(np.array(turns) > 0.99) > 0.85
    assert (np.abs(turns) > 0.99).all()


def test_nobody_parks_where_there_is_no_parking_lane():
    front = frontage(parking=False)
    for seed in range(6):
        assert not of_category(furnished(front, seed=seed), *VEHICLES)


def test_liveliness_fills_the_parking_places():
    counts = [
        sum(
            len(of_category(furnished(frontage(), seed=seed, liveliness=each), *VEHICLES))
            for seed in range(8)
        )
        for each in (0.1, 0.6, 1.4)
    ]
    assert counts[0] < 0.5 * counts[1] < counts[1] < counts[2]


def test_nothing_overlaps_but_crowns(sides):
    """Footprints of all but trees and what hangs over: pairwise, by shapely."""
    _, drawn = sides
    for objects in drawn:
        low = [
            thing
            for thing in standing(objects)
            if thing.solid.category != VEGETATION and thing.solid.bounds[1, 2] < 2.7
        ]
        assert not overlapping([ground_of(thing) for thing in low], 0.05)


def test_trees_and_lamps_stand_in_the_strip_along_the_kerb(sides):
    front, drawn = sides
    for objects in drawn:
        for thing in of_category(objects, VEGETATION):
            along, depth = depth_of(front, thing)
            assert depth == pytest.approx(kerbside.STRIP_DEPTH)
            assert front.start < along < front.end
            assert thing.motion.pose_at(0.0).z == GROUND


def test_walkways_are_free_of_what_stays(sides):
    """Where people walk stand neither furniture nor trunks; only people who have stopped."""
    front, drawn = sides
    for objects in drawn:
        for thing in standing(objects):
            if thing.solid.category in VEHICLES or thing.solid.category in (ADULT, CHILD):
                continue
            _, depth = depth_of(front, thing)
            assert depth < min(WALKWAYS) - 0.2


def test_bystanders_stand_on_the_sidewalk(sides):
    front, drawn = sides
    people = [thing for each in drawn for thing in of_category(each, ADULT, CHILD)]
    assert len(people) > 5
    for thing in people:
        along, depth = depth_of(front, thing)
        assert depth == pytest.approx(0.8) or depth >= 3.3
        assert front.start < along < front.end + 1
        assert thing.attribute == 'pedestrian.standing' and thing.motion.pose_at(0.0).z == GROUND


def test_a_signal_stands_at_the_stop_line_and_looks_at_those_who_come(sides):
    """The first thing that is put; it faces against the heading of the lanes beside it."""
    front, drawn = sides
    heading = -front.side
    for objects in drawn:
        signal = objects[0]
        assert signal.solid.category == MANMADE
        along, depth = depth_of(front, signal)
        line = front.end - 0.7 if heading > 0 else front.start + 0.7
        walk = front.corner_walks[heading > 0]
        assert along == pytest.approx(line - heading * walk) and depth == pytest.approx(0.6)
        lane = front.street.yaw(heading)
        assert ray_of(signal) @ (np.cos(lane), np.sin(lane)) == pytest.approx(-1)


def test_lamps_and_benches_look_at_the_street(sides):
    front, drawn = sides
    outward = np.array([np.cos(front.outward), np.sin(front.outward)])
    lamps = [
        thing
        for each in drawn
        for thing in of_category(each, MANMADE)
        if any(part.material == 'lamp' for part in thing.solid.parts)
        and thing.solid.bounds[1, 0] > 1
    ]
    assert lamps
    assert all(ray_of(thing) @ outward == pytest.approx(1) for thing in lamps)


@pytest.mark.parametrize('gap', [7.0, 15.0, 30.0])
def test_a_row_keeps_its_gap(gap):
    """Things on one foot, scattered by a few percent of the gap."""
    placer, front = make_placer(), frontage()
    kerbside._put_row(placer, np.random.default_rng(1), front, GROUND, 'bollard', gap)
    places = np.sort([depth_of(front, thing)[0] for thing in placer.objects])
    assert len(places) >= int((LENGTH - 12) / gap) - 1
    assert np.abs(np.diff(places) - gap).max() < 0.4 * gap
    assert front.start + 5 < places[0] and places[-1] < front.end - 4


@pytest.mark.parametrize('length', [60.0, 120.0])
def test_furniture_comes_by_the_length_of_the_side(length):
    """Without trees, lamps and people: most of the pieces of the style find room."""
    counts = []
    for seed in range(30):
        placer, front = make_placer(), frontage(length=length)
        rng = np.random.default_rng(seed)
        number = rng.poisson(KERBSIDES['downtown'].furniture * length / 100)
        kerbside._put_furniture(placer, rng, front, GROUND, number)
        assert len(placer.objects) <= number
        counts.append(len(placer.objects))
    expected = KERBSIDES['downtown'].furniture * length / 100
    assert 0.75 * expected < np.mean(counts) < 1.1 * expected
    whole = [len(standing(furnished(frontage(length=length), seed=seed))) for seed in range(12)]
    assert np.mean(whole) > expected + length / KERBSIDES['downtown'].tree_gap / 2


@pytest.mark.parametrize('count', [0, 1, 2, 7])
def test_as_many_bystanders_as_asked_for_if_there_is_room(count):
    placer = make_placer()
    kerbside._put_bystanders(placer, np.random.default_rng(0), frontage(), GROUND, count)
    assert len(placer.objects) <= count and (count == 0 or placer.objects)


def test_bystanders_stand_alone_or_in_twos_a_third_of_them_at_the_kerb():
    """Two of a group are 95 cm apart along the street, at one depth."""
    front, depths, gaps = frontage(), [], []
    for seed in range(80):
        placer = make_placer()
        kerbside._put_bystanders(placer, np.random.default_rng(seed), front, GROUND, 2)
        at = np.array([depth_of(front, thing) for thing in placer.objects])
        depths += at[:, 1].tolist()
        gaps += np.diff(at[:, 0]).tolist()
    assert 0.3 < np.mean(np.isclose(gaps, 0.95)) < 0.7
    assert set(np.round(depths, 6)) == {0.8, 3.4}
    assert 0.22 < np.mean(np.isclose(depths, 0.8)) < 0.48


def test_full_ground_stays_as_it_is():
    """Where everything is taken nothing is put."""
    placer = make_placer(claims=[(-500.0, -500.0, 500.0, 500.0)])
    furnish_kerbside(placer, np.random.default_rng(0), frontage(), 'downtown', GROUND, 1.0)
    assert placer.objects == []


def test_short_sides_stay_empty():
    short = frontage(length=3 * CLEAR_OF_CROSSING - 0.1)
    assert furnished(short) == []
    assert furnished(frontage(length=3 * CLEAR_OF_CROSSING + 0.1))


def test_what_stands_at_the_kerb_leaves_lots_and_parks_alone():
    """The kerb's things of a whole block lie outside of its interior, 20 cm of people apart."""
    grid = make_grid(seed=3, neighbourhood='park')
    plan = next(
        plan
        for plan in (plan_block(grid, column, 0) for column in range(9))
        if plan.style == 'park'
    )
    placer = make_placer()
    furnish_interior(placer, np.random.default_rng(0), plan)
    inside = len(placer.objects)
    for front in plan.frontages:
        furnish_kerbside(placer, np.random.default_rng(1), front, 'park', GROUND, 1.0)
    x0, y0, x1, y1 = plan.interior
    assert inside > 20 and len(placer.objects) > inside + 20
    for thing in placer.objects[inside:]:
        x, y, _, _ = thing.motion.pose_at(0.0)
        assert not (x0 + 0.21 < x < x1 - 0.21 and y0 + 0.21 < y < y1 - 0.21)
