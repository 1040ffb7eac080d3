"""Bicycles and motorcycles: two wheels in line, handlebars, riders who reach bar and pedals."""

from __future__ import annotations

import numpy as np
import pytest
from solid_probe import asymmetry, bounds_of, build_all, held, made_of

from stslidr_city.catalog.categories import BICYCLE, MOTORCYCLE
from stslidr_city.catalog.finishes import PLATE, TAIL_LAMP
from stslidr_city.catalog.model import Model
from stslidr_city.catalog.two_wheelers import add_bicycle, bicycle, motorcycle

KINDS = {'bicycle': (bicycle, BICYCLE), 'motorcycle': (motorcycle, MOTORCYCLE)}
SEEDS = range(16)


@pytest.fixture(params=KINDS, scope='module')
def kind(request):
    return request.param


def fleet(kind, rider=False, seeds=SEEDS):
    return build_all(KINDS[kind][0], seeds, rider=rider)


def tyres_of(solid):
    """The two tyres, the rear one first."""
    wheels = [part for part in made_of(solid, 'rubber') if part.shape.bounds[0, 2] < 1e-9]
    wheels = [part for part in wheels if np.ptp(part.shape.bounds[:, 2]) > 0.4]
    return sorted(wheels, key=lambda part: part.shape.bounds[0, 0])


def plain_bicycle(seed=0, scale=1.0, y=0.0):
    model = Model()
    add_bicycle(model, np.random.default_rng(seed), scale, y)
    return model.solid(BICYCLE, centred=False)


def test_two_wheels_stand_in_line_on_the_ground(kind):
    for solid in fleet(kind):
        assert solid.category == KINDS[kind][1]
        rear, front = (part.shape.bounds for part in tyres_of(solid))
        assert rear[1, 0] < front[0, 0] + 0.1
        assert rear[:, 1].mean() == pytest.approx(front[:, 1].mean(), abs=1e-9)
        base = front[:, 0].mean() - rear[:, 0].mean()
        assert (0.9 if kind == 'bicycle' else 1.1) < base < 1.6


def test_wheels_are_discs_of_their_radius(kind):
    for solid in fleet(kind, seeds=range(4)):
        for part in tyres_of(solid):
            low, high = part.shape.bounds
            radius = (high[2] - low[2]) / 2
            assert high[0] - low[0] == pytest.approx(2 * radius)
            angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
            centre = (low + high) / 2
            rim = np.column_stack([np.cos(angles), 0 * angles, np.sin(angles)])
            assert held([part], centre + 0.98 * radius * rim).all()
            assert not held([part], centre + 1.02 * radius * rim).any()


def test_a_rider_is_in_the_same_solid_and_higher(kind):
    for alone, ridden in zip(fleet(kind), fleet(kind, rider=True), strict=True):
        assert alone.category == ridden.category
        assert 12 <= len(ridden.parts) - len(alone.parts) <= 14
        assert ridden.bounds[1, 2] > alone.bounds[1, 2] + 0.3
        assert made_of(ridden, 'skin') and not made_of(alone, 'skin')


def test_the_vehicle_is_the_same_with_and_without_a_rider(kind):
    """Whoever rides is added last: the vehicle's own parts have the same finish and size."""
    for alone, ridden in zip(fleet(kind), fleet(kind, rider=True), strict=True):
        for part, other in zip(alone.parts, ridden.parts, strict=False):
            assert (part.material, part.look, part.tint) == (other.material, other.look, other.tint)
            extents = (np.ptp(each.shape.bounds, axis=0) for each in (part, other))
            assert np.allclose(*extents)


def test_hands_reach_the_handlebar(kind):
    """The bar is the widest tube; near both of its ends ends an arm."""
    for solid in fleet(kind, rider=True):
        bar = max(made_of(solid, 'chrome'), key=lambda part: np.ptp(part.shape.bounds[:, 1]))
        x, _, z = bar.shape.bounds.mean(axis=0)
        figure = solid.parts[-14:]
        limbs = [part for part in figure if part.material in ('cloth', 'skin')]
        for side in (1, -1):
            gaps = [
                np.linalg.norm(
                    np.maximum(part.shape.bounds[0] - (x, side * 0.28, z), 0)
                    + np.maximum((x, side * 0.28, z) - part.shape.bounds[1], 0)
                )
                for part in limbs
            ]
            assert min(gaps) < 0.2


def test_who_rides_sits_behind_the_bar_and_looks_ahead(kind):
    for solid in fleet(kind, rider=True):
        head = max(made_of(solid, 'skin'), key=lambda part: part.shape.bounds[1, 2])
        bar = max(made_of(solid, 'chrome'), key=lambda part: np.ptp(part.shape.bounds[:, 1]))
        assert head.shape.bounds.mean(axis=0)[0] < bar.shape.bounds.mean(axis=0)[0] + 0.15
        assert head.shape.bounds[0, 2] > bar.shape.bounds[1, 2]


def test_nine_in_ten_motorcyclists_wear_a_helmet_and_half_of_the_cyclists():
    shares = {}
    for name in KINDS:
        solids = fleet(name, rider=True, seeds=range(40))
        tops = [max(solid.parts, key=lambda part: part.shape.bounds[1, 2]) for solid in solids]
        shares[name] = np.mean([part.material == 'plastic' for part in tops])
    assert 0.3 < shares['bicycle'] < 0.7 < shares['motorcycle'] <= 1


@pytest.mark.parametrize('scale', [0.93, 1.0, 1.06])
def test_a_bicycles_frame_scales_with_it(scale):
    solid = plain_bicycle(3, scale)
    rear, front = (part.shape.bounds.mean(axis=0) for part in tyres_of(solid))
    assert (front - rear)[0] == pytest.approx(1.02 * scale)
    assert rear[2] == pytest.approx(0.34 * scale)
    paint = made_of(solid, 'car_paint')
    assert len(paint) in (5, 6) and len({part.tint for part in paint}) == 1
    assert asymmetry(solid.parts, 2000) < 0.01


def test_a_bicycle_stands_where_it_is_put_in_a_row():
    here, there = plain_bicycle(2), plain_bicycle(2, y=1.5)
    assert np.allclose(there.bounds - here.bounds, [(0, 1.5, 0)] * 2)


def test_lights_of_a_bicycle():
    """A red one behind; before, a white one or a basket."""
    fronts = set()
    for seed in range(30):
        solid = plain_bicycle(seed)
        (tail,) = made_of(solid, 'lamp', TAIL_LAMP.tint)
        assert tail.shape.bounds[1, 0] < -0.7
        last = solid.parts[-1]
        assert last.shape.bounds.mean(axis=0)[0] > 0.4
        fronts.add('lamp' if last.material == 'lamp' else 'basket')
    assert fronts == {'lamp', 'basket'}


def test_some_motorcycles_are_scooters_with_small_wheels():
    radii = np.array(
        [
            np.ptp(tyres_of(solid)[0].shape.bounds[:, 2]) / 2
            for solid in fleet('motorcycle', seeds=range(40))
        ]
    )
    small = radii < 0.275
    assert 0.2 < small.mean() < 0.6
    assert radii[~small].min() > 0.295  # nothing in between


def test_a_motorcycle_bears_a_plate_behind():
    for solid in fleet('motorcycle'):
        (plate,) = made_of(solid, PLATE.material)
        low, high = plate.shape.bounds
        assert high[0] < -0.8 and high[1] == pytest.approx(-low[1])
        assert 0.4 < low[2] < high[2] < 0.7


def test_motorcycles_are_wider_than_their_tyres_and_narrower_than_cars():
    for solid in fleet('motorcycle'):
        assert 0.6 < np.ptp(solid.bounds[:, 1]) < 0.95
        tyres = bounds_of(tyres_of(solid))
        assert np.ptp(tyres[:, :, 1], axis=1).max() < 0.2
