"""Parts, solids and objects: bounds that hold all parts, defaults, what cannot be changed."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from stslidr_city.solids.shapes import Ellipsoid, Frustum, Polyhedron
from stslidr_city.solids.solids import WHITE, Part, Pose, SceneObject, Solid, Standing

BOX = Polyhedron.box((0, 0, 0), (1, 2, 3))
BALL = Ellipsoid((4, 0, 1), (1, 1, 1))
POLE = Frustum((-2, 0, 0), (-2, 0, 5), 0.2, 0.1)
STILL = Standing(Pose(1.0, 2.0, 0.5, 0.25))


def parts_of(*shapes):
    return tuple(Part(shape, 'metal') for shape in shapes)


@pytest.mark.parametrize('shapes', [(BOX,), (BOX, BALL), (POLE, BALL, BOX)])
def test_bounds_hold_every_part_and_touch_some(shapes):
    solid = Solid(parts_of(*shapes), 28)
    bounds = np.stack([shape.bounds for shape in shapes])
    assert solid.bounds.dtype == np.float64 and solid.bounds.shape == (2, 3)
    assert (solid.bounds[0] <= bounds[:, 0]).all() and (solid.bounds[1] >= bounds[:, 1]).all()
    for axis in range(3):
        assert solid.bounds[0, axis] in bounds[:, 0, axis]
        assert solid.bounds[1, axis] in bounds[:, 1, axis]


def test_bounds_do_not_depend_on_the_order_of_parts():
    first, second = (Solid(parts_of(*order), 28) for order in ((BOX, BALL), (BALL, BOX)))
    assert np.array_equal(first.bounds, second.bounds)


def test_bounds_are_computed_once():
    solid = Solid(parts_of(BOX, POLE), 28)
    assert solid.bounds is solid.bounds


def test_a_part_is_white_and_plain_unless_told():
    part = Part(BOX, 'wood')
    assert (part.look, part.tint) == (0, WHITE) == (0, (1.0, 1.0, 1.0))
    assert Part(BOX, 'wood', 3, (0.1, 0.2, 0.3)).tint == (0.1, 0.2, 0.3)


@pytest.mark.parametrize('time', [-10.0, 0.0, 3.5, 1e6])
def test_what_stands_is_always_there_and_has_no_speed(time):
    assert STILL.pose_at(time) == Pose(1.0, 2.0, 0.5, 0.25)
    assert STILL.velocity_at(time) == (0.0, 0.0)


def test_an_object_has_neither_number_nor_attribute_unless_told():
    solid = Solid(parts_of(BOX), 28)
    thing = SceneObject(solid, STILL)
    assert (thing.instance, thing.attribute, thing.moving_attribute) == (-1, '', '')
    numbered = SceneObject(solid, STILL, 7, attribute='vehicle.parked')
    assert (numbered.instance, numbered.attribute) == (7, 'vehicle.parked')
    with pytest.raises(TypeError):
        SceneObject(solid, STILL, 7, 'vehicle.parked')  # attributes go by name


@pytest.mark.parametrize(
    'thing, name',
    [
        (Part(BOX, 'metal'), 'material'),
        (Solid(parts_of(BOX), 28), 'category'),
        (STILL, 'pose'),
        (SceneObject(Solid(parts_of(BOX), 28), STILL), 'instance'),
    ],
    ids=lambda each: each if isinstance(each, str) else type(each).__name__,
)
def test_nothing_can_be_changed(thing, name):
    """Solids are shared by all scenes: who changed one would change them all."""
    with pytest.raises(FrozenInstanceError):
        setattr(thing, name, None)


def test_solids_travel_to_other_processes():
    solid = Solid(parts_of(BOX, BALL, POLE), 17)
    copy = pickle.loads(pickle.dumps(SceneObject(solid, STILL, 3)))
    assert copy.motion == STILL and copy.instance == 3 and copy.solid.category == 17
    assert np.array_equal(copy.solid.bounds, solid.bounds)
    assert [part.material for part in copy.solid.parts] == ['metal'] * 3
