"""Putting things: numbers and attributes by class, footprints, ground that is taken once."""

from __future__ import annotations

import numpy as np
import pytest
from city_scene import area_of, ground_of, make_placer, overlapping
from hypothesis import given, settings
from hypothesis import strategies as st

from stslidr_city.catalog.annotated import ANNOTATED, attribute_choice
from stslidr_city.catalog.categories import CATEGORIES, MANMADE, SIDEWALK, TERRAIN
from stslidr_city.catalog.finishes import RUBBER
from stslidr_city.catalog.model import Model
from stslidr_city.planning.frame import CityFrame
from stslidr_city.planning.placing import GROUND_DEPTH, IN_USE, LEFT_THERE, footprint, scene_object
from stslidr_city.planning.plan import Area
from stslidr_city.solids.solids import Pose, Standing

STILL = Standing(Pose(0.0, 0.0, 0.0, 0.0))
RNG = np.random.default_rng


def brick(category=MANMADE, x=(0.0, 2.0), y=(0.0, 1.0)):
    """A box whose origin lies in a corner."""
    model = Model()
    model.box(RUBBER, x, y, (0, 1))
    return model.solid(category, centred=False)


@pytest.mark.parametrize('category', range(len(CATEGORIES)))
@pytest.mark.parametrize('standing', [0, 1, 5])
def test_things_with_boxes_get_numbers_and_attributes(category, standing):
    thing = scene_object(brick(category), STILL, 17, standing)
    if category not in ANNOTATED:
        assert (thing.instance, thing.attribute, thing.moving_attribute) == (-1, '', '')
        return
    choice = attribute_choice(category)
    assert thing.instance == 17 and thing.moving_attribute == choice.moving
    if not choice.standing:
        assert thing.attribute == ''
    else:
        assert thing.attribute == choice.standing[min(standing, len(choice.standing) - 1)]


def test_cars_are_left_there_or_in_use():
    placer = make_placer()
    car = placer.stock.draw('car', RNG(0))
    placer.put(car, (0.0, 0.0), 0.0, 0.0, LEFT_THERE)
    placer.put(car, (9.0, 0.0), 0.0, 0.0, IN_USE)
    assert [thing.attribute for thing in placer.objects] == ['vehicle.parked', 'vehicle.stopped']


@settings(max_examples=60, deadline=None)
@given(st.floats(-50, 50), st.floats(-50, 50), st.floats(-7, 7), st.floats(0, 1))
def test_a_footprint_is_the_envelope_of_the_turned_solid(x, y, yaw, margin):
    solid = brick(x=(-0.5, 3.0), y=(-1.0, 0.25))
    thing = scene_object(solid, Standing(Pose(x, y, 0.0, yaw)), 0)
    expected = np.array(ground_of(thing).bounds) + margin * np.array([-1, -1, 1, 1])
    assert np.allclose(footprint(solid, x, y, yaw, margin), expected)


def test_only_what_has_a_box_uses_up_a_number():
    placer = make_placer(first_instance=100)
    for kind in ('car', 'bench', 'standing_adult', 'tree', 'cone'):
        placer.put(placer.stock.draw(kind, RNG(0)), (0.0, 0.0), 0.0, 0.0)
    assert [thing.instance for thing in placer.objects] == [100, -1, 101, -1, 102]


def test_put_asks_nobody_and_takes_no_ground():
    placer = make_placer(claims=[(-5.0, -5.0, 5.0, 5.0)])
    placer.put(brick(), (0.0, 0.0), 0.0, 0.0)
    assert len(placer.objects) == 1
    free = make_placer()
    free.put(brick(), (0.0, 0.0), 0.0, 0.0)
    assert free.claims.is_free((0.0, 0.0, 2.0, 1.0))


@pytest.mark.parametrize('margin', [0.0, 0.5])
def test_try_put_leaves_out_what_has_no_room(margin):
    """Two boxes side by side, less and more than the margins apart."""
    for gap, fits in ((2 * margin + 0.01, True), (2 * margin - 0.01, False)):
        placer = make_placer()
        assert placer.try_put(brick(), (0.0, 0.0), 0.0, 0.0, margin)
        assert placer.try_put(brick(), (2.0 + gap, 0.0), 0.0, 0.0, margin) == fits
        assert len(placer.objects) == 1 + fits


@pytest.mark.parametrize('seed', range(6))
def test_nothing_that_is_tried_overlaps(seed):
    """Things of all sizes at any places and headings: the polygons of those put keep apart."""
    placer, rng = make_placer(seed), RNG(seed)
    tried = 120
    taken = [
        placer.try_put(
            placer.stock.draw(str(rng.choice(['car', 'bench', 'truck', 'power_box'])), rng),
            tuple(rng.uniform(-20, 20, 2)),
            0.0,
            float(rng.uniform(-np.pi, np.pi)),
            0.0,
        )
        for _ in range(tried)
    ]
    assert 8 < sum(taken) == len(placer.objects) < tried
    assert not overlapping([ground_of(thing) for thing in placer.objects])


def test_what_stands_on_one_foot_takes_a_small_square():
    """A tree's crown may hang over what stands beside it; its trunk may not."""
    placer = make_placer()
    tree = placer.stock.draw('tree', RNG(0))
    assert placer.try_put_foot(tree, (0.0, 0.0), 0.1, 0.0, 0.5)
    assert not placer.try_put_foot(tree, (0.9, 0.0), 0.1, 0.0, 0.5)
    assert placer.try_put_foot(tree, (1.1, 0.0), 0.1, 0.0, 0.5)
    assert [thing.motion.pose.z for thing in placer.objects] == [0.1, 0.1]


def test_reserved_ground_is_not_given_away():
    reserved = (0.0, 0.0, 4.0, 4.0)
    placer = make_placer(claims=[reserved])
    rng = RNG(0)
    for x, y in rng.uniform(-6, 9, (200, 2)):
        placer.try_put(brick(), (float(x), float(y)), 0.0, float(rng.uniform(-3, 3)), 0.0)
    assert len(placer.objects) > 10
    inner = area_of(reserved)
    assert not any(ground_of(thing).intersection(inner).area > 1e-9 for thing in placer.objects)


@pytest.mark.parametrize('angle, origin', [(0.0, (0.0, 0.0)), (0.8, (300.0, 200.0))])
def test_a_cover_lies_over_its_outline_up_to_its_top(angle, origin):
    """Rays from above meet it within the outline at its top, and nothing beside it."""
    frame = CityFrame(angle, origin)
    outline = np.array([(10.0, 5.0), (16.0, 5.0), (17.0, 8.0), (10.0, 9.0)])
    placer = make_placer(frame=frame)
    placer.cover(Area(outline, TERRAIN, 'grass', 0.12), RNG(0))
    (thing,) = placer.objects
    assert thing.solid.category == TERRAIN and thing.instance == -1
    (part,) = thing.solid.parts
    x, y, z, yaw = thing.motion.pose_at(0.0)
    assert z == 0 and part.material == 'grass' and len(set(part.tint)) == 1
    points = RNG(1).uniform((9, 4), (18, 10), (500, 2))
    turn = np.array([[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]])
    local = (frame.to_world(points) - (x, y)) @ turn
    origins = np.column_stack([local, np.full(500, 5.0)]).astype(np.float32)
    found = part.shape.distances(origins, np.float32([[0, 0, -1]]))
    inside = Area(outline, TERRAIN, 'grass', 0.12).holds(points)
    assert np.array_equal(np.isfinite(found), inside) and 50 < inside.sum() < 450
    assert np.allclose(found[inside], 5 - 0.12, atol=1e-5)
    assert part.shape.bounds[0, 2] == pytest.approx(0.12 - GROUND_DEPTH)


def test_covers_draw_their_shade():
    placer, rng = make_placer(), RNG(0)
    square = np.array([(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)])
    for _ in range(40):
        placer.cover(Area(square, SIDEWALK, 'paving', 0.1), rng)
    shades = [thing.solid.parts[0].tint[0] for thing in placer.objects]
    assert 0.8 <= min(shades) < 0.85 and 1.1 < max(shades) <= 1.15
