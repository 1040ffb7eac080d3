"""Cars: proportions of five shapes, a cabin that leans in, and what the police has more."""

from __future__ import annotations

import numpy as np
import pytest
from solid_probe import asymmetry, bounds_of, build_all, first_met, held, holds, made_of, volume

from stslidr_city.catalog import cars
from stslidr_city.catalog.categories import CAR, EGO_VEHICLE, POLICE_CAR
from stslidr_city.catalog.finishes import COLOURS, LAMP, TAIL_LAMP, Finish
from stslidr_city.catalog.model import Model

SHAPES = {
    'hatchback': cars.HATCHBACK,
    'sedan': cars.SEDAN,
    'estate': cars.ESTATE,
    'suv': cars.SUV,
    'minivan': cars.MINIVAN,
}
PAINT = Finish('car_paint', 5, COLOURS['blue'])


def of_shape(shape, seed=0):
    """A car of a shape and its mean size."""
    model = Model()
    cars._build_car(model, shape, np.array(shape.size), PAINT, np.random.default_rng(seed))
    return model.solid(CAR)


@pytest.fixture(params=SHAPES, scope='module')
def shape(request):
    return SHAPES[request.param]


@pytest.fixture(scope='module')
def drawn():
    return build_all(cars.car, range(30))


def test_proportions_lie_within_the_car(shape):
    assert 0 < shape.nose < 1 and 0 < shape.tail < 1
    assert 0 <= shape.belt[0] < shape.belt[1] < 1
    assert shape.belt[0] < shape.roof[0] < shape.roof[1] < shape.belt[1]
    assert shape.deck[0] < shape.cowl[0] < 1
    assert 0.15 < shape.rear_axle < 0.25 < cars.FRONT_AXLE


def test_a_car_fills_the_size_that_is_asked_for(shape):
    solid = of_shape(shape)
    assert np.ptp(solid.bounds, axis=0)[[1, 0, 2]] == pytest.approx(shape.size)
    assert len(solid.parts) == 18
    assert solid.bounds[0, 2] == pytest.approx(0, abs=1e-9)


def test_both_sides_of_a_car_are_alike(shape):
    assert asymmetry(of_shape(shape).parts) < 0.002


def test_the_cabin_leans_in_on_all_sides(shape):
    """Its section shrinks from the belt to the roof, by points at two heights."""
    solid = of_shape(shape)
    width, length, height = shape.size
    glass = made_of(solid, 'glass')
    extents = []
    for level in (0.7, 0.92):
        x, y = np.meshgrid(np.linspace(-length / 2, length / 2, 120), np.linspace(0, width / 2, 40))
        points = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, level * height)])
        inside = points[held(glass, points)]
        extents.append(np.ptp(inside[:, :2], axis=0))
    assert (extents[1] < extents[0]).all()


def test_the_roof_covers_the_cabin(shape):
    """From above nobody sees glass over the middle of the roof."""
    solid = of_shape(shape)
    _, length, _ = shape.size
    middle = (np.mean(shape.roof) - 0.5) * length
    part, distance = first_met(solid, (middle, 0, 10), (0, 0, -1))
    assert part.material == 'car_paint'
    assert 10 - distance == pytest.approx(shape.size[2], abs=1e-3)


def test_windscreen_and_rear_window_are_glass(shape):
    solid = of_shape(shape)
    _, length, height = shape.size
    for end in (1, -1):
        part, _ = first_met(solid, (end * length, 0, 0.8 * height), (-end, 0, 0))
        assert part.material == 'glass'


def test_the_body_is_solid_between_the_axles(shape):
    solid = of_shape(shape)
    width, length, height = shape.size
    rng = np.random.default_rng(0)
    box = np.array([0.4 * length, 0.4 * width, 0.12 * height])
    points = rng.uniform(-box, box, (500, 3)) + (0, 0, 0.29 * height)
    assert held(solid.parts, points).all()
    assert 0.35 < volume(solid.parts) / np.prod(shape.size) < 0.85


def test_axles_are_where_the_shape_says(shape):
    tyres = bounds_of(made_of(of_shape(shape), 'rubber')).mean(axis=1)
    expected = sorted((at - 0.5) * shape.size[1] for at in (shape.rear_axle, cars.FRONT_AXLE))
    assert sorted(set(tyres[:, 0].round(6))) == pytest.approx(expected, abs=1e-5)
    assert len(tyres) == 4


def test_lamps_stand_at_the_height_of_nose_and_tail(shape):
    solid = of_shape(shape)
    for tint, level in ((LAMP.tint, shape.nose), (TAIL_LAMP.tint, shape.tail)):
        tops = bounds_of(made_of(solid, 'lamp', tint))[:, 1, 2]
        assert (tops < level * shape.size[2]).all()
        assert (tops > (level - 0.05) * shape.size[2]).all()


def test_shares_of_the_shapes_make_nuscenes_mean():
    """The mean of the mean sizes, by the shares: 1.95 x 4.62 x 1.73 m."""
    assert sum(cars.CAR_SHARES) == pytest.approx(1)
    assert len(cars.CAR_SHARES) == len(cars.CAR_SHAPES)
    mean = np.average([shape.size for shape in cars.CAR_SHAPES], axis=0, weights=cars.CAR_SHARES)
    assert mean == pytest.approx((1.95, 4.62, 1.73), rel=0.03)


def test_drawn_cars_have_every_colour_of_hub_and_body(drawn):
    tints = np.array([made_of(solid, 'car_paint')[0].tint for solid in drawn])
    assert len(np.unique(tints, axis=0)) == len(drawn)
    luminance = tints.mean(axis=1)
    assert luminance.min() < 0.1 and luminance.max() > 0.6
    with_chrome = sum(bool(made_of(solid, 'chrome')) for solid in drawn)
    assert 5 < with_chrome < 25


def test_drawn_cars_belong_to_the_class_and_have_eighteen_parts(drawn):
    assert {solid.category for solid in drawn} == {CAR}
    assert {len(solid.parts) for solid in drawn} == {18}


@pytest.mark.parametrize('seed', range(8))
def test_a_police_car_has_a_stripe_and_a_light_bar(seed):
    solid = cars.police_car(np.random.default_rng(seed))
    assert solid.category == POLICE_CAR and len(solid.parts) == 20
    stripe = max(made_of(solid, 'retroreflector'), key=lambda part: np.ptp(part.shape.bounds[:, 0]))
    assert np.ptp(stripe.shape.bounds[:, 0]) > 2.5
    level = stripe.shape.bounds.mean(axis=0)[2]
    for side in (1, -1):
        assert first_met(solid, (0.0, 10 * side, level), (0, -side, 0))[0] is stripe
    (bar,) = made_of(solid, 'lamp', COLOURS['blue'])
    assert bar.shape.bounds[1, 2] == pytest.approx(solid.bounds[1, 2])
    roof = max(part.shape.bounds[1, 2] for part in made_of(solid, 'car_paint'))
    assert bar.shape.bounds[0, 2] < roof < bar.shape.bounds[1, 2]


def test_police_cars_are_white_black_or_silver():
    palette = np.array([COLOURS[name] for name in ('white', 'black', 'silver')])
    for solid in build_all(cars.police_car, range(20)):
        tint = np.array(made_of(solid, 'car_paint')[0].tint)
        assert np.abs(np.log(tint / palette)).max(axis=1).min() < 0.8


def test_the_ego_vehicle_is_always_the_same():
    first, second = cars.ego_vehicle(), cars.ego_vehicle()
    assert first.category == EGO_VEHICLE
    for part, other in zip(first.parts, second.parts, strict=True):
        assert (part.material, part.look, part.tint) == (other.material, other.look, other.tint)
        assert np.array_equal(part.shape.bounds, other.shape.bounds)


def test_the_ego_roof_is_smaller_than_a_hatchbacks():
    """nuScenes' LiDAR sees past the roof: the ego's is 1 m^2 or so smaller than its like's."""
    assert np.ptp(cars.EGO_SHAPE.roof) < np.ptp(cars.HATCHBACK.roof)
    assert cars.EGO_SHAPE.roof_width < cars.HATCHBACK.roof_width
    solid = cars.ego_vehicle()
    centre = np.array([[0.0, 0.0, 0.9]])
    assert any(holds(part.shape, centre)[0] for part in solid.parts)
    assert cars.EGO_REAR_AXLE < 0
