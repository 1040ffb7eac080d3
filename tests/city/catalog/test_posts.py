"""What stands on one post: the foot at the origin, faces to +x, lamps over the road."""

from __future__ import annotations

import numpy as np
import pytest
from solid_probe import bounds_of, build_all, first_met, held, holds, made_of, volume

from stslidr_city.catalog import posts
from stslidr_city.catalog.categories import MANMADE
from stslidr_city.catalog.finishes import COLOURS
from stslidr_city.catalog.model import Model

ON_POSTS = {
    'street_lamp': (4.0, 10.0),
    'traffic_light': (3.2, 5.9),
    'traffic_sign': (2.3, 3.0),
    'bollard': (0.6, 1.24),
    'utility_pole': (7.0, 10.0),
    'hydrant': (0.65, 0.9),
    'parking_meter': (1.25, 2.2),
}
"""Lowest and highest height that a kind may have, metres."""
SEEDS = range(16)


@pytest.fixture(params=ON_POSTS, scope='module')
def kind(request):
    return request.param


def solids(kind, **given):
    return build_all(getattr(posts, kind), SEEDS, **given)


def test_the_foot_stands_at_the_origin(kind):
    """A point just above the ground at the origin is in the thing."""
    for solid in solids(kind):
        assert held(solid.parts, [[0.0, 0.0, 0.02]])[0]
        assert solid.bounds[0, 2] == pytest.approx(0, abs=1e-9)
        assert solid.category == MANMADE


def test_heights_lie_in_their_range(kind):
    low, high = ON_POSTS[kind]
    heights = [solid.bounds[1, 2] for solid in solids(kind)]
    assert low - 1e-9 <= min(heights) and max(heights) <= high + 1e-9
    assert np.ptp(heights) > 0.2 * (high - low)


def test_nothing_is_wide_near_the_ground(kind):
    """What begins below 1.2 m keeps within 45 cm of the post, on the sides and behind."""
    for solid in solids(kind):
        low = bounds_of([part for part in solid.parts if part.shape.bounds[0, 2] < 1.2])
        assert np.abs(low[:, :, 1]).max() < 0.45 and low[:, 0, 0].min() > -0.45


@pytest.mark.parametrize('height', [5.0, 7.5, 10.0])
def test_a_mast_has_its_lamp_on_an_arm_before_it(height):
    for solid in solids('street_lamp', height=height):
        (lamp,) = made_of(solid, 'lamp')
        x, y, z = lamp.shape.bounds.mean(axis=0)
        assert 1.0 < x < 3.0 and y == pytest.approx(0, abs=1e-9)
        assert z == pytest.approx(height, abs=0.2)
        seen, _ = first_met(solid, (x, 0.0, 1.0), (0, 0, 1))
        assert seen is lamp  # it shines down
        assert solid.bounds[1, 2] == pytest.approx(height)


@pytest.mark.parametrize('height', [3.5, 4.9])
def test_a_low_lamp_is_a_lantern_on_its_post(height):
    for solid in solids('street_lamp', height=height):
        (lamp,) = made_of(solid, 'lamp')
        assert np.abs(lamp.shape.bounds.mean(axis=0)[:2]).max() < 1e-9
        assert solid.bounds[1, 2] == pytest.approx(height)
        assert solid.bounds[1, 0] < 0.3


@pytest.mark.parametrize('reach', [3.0, 4.5, 5.5])
def test_an_arm_carries_a_second_signal_over_the_lane(reach):
    for solid in solids('traffic_light', reach=reach):
        cases = [
            part for part in made_of(solid, 'plastic') if np.ptp(part.shape.bounds[:, 2]) > 0.9
        ]
        assert len(cases) == 2
        near, far = sorted(bounds_of(cases).mean(axis=1), key=lambda each: each[0])
        assert near[0] < 0.2 and far[0] == pytest.approx(reach - 0.2)
        assert far[2] - 0.49 > 4.5  # lorries pass under it
        assert solid.bounds[1, 0] >= reach - 0.05


def test_one_lens_of_three_is_lit_and_it_is_the_same_in_both_signals():
    for solid in solids('traffic_light', reach=4.0):
        lit = made_of(solid, 'lamp')
        dark = made_of(solid, 'glass')
        assert len(lit) == 2 and len(dark) == 4
        assert lit[0].tint == lit[1].tint
        assert lit[0].tint in [COLOURS[name] for name in ('green', 'yellow', 'red')]
    lit = {made_of(solid, 'lamp')[0].tint for solid in solids('traffic_light')}
    assert len(lit) == 3


def test_lights_are_red_over_yellow_over_green_and_seen_from_the_front():
    for solid in solids('traffic_light', reach=0.0):
        assert solid.bounds[1, 0] < 0.4
        lenses = sorted(
            made_of(solid, 'lamp') + made_of(solid, 'glass'),
            key=lambda part: part.shape.bounds[0, 2],
        )
        expected = [COLOURS[name] for name in ('green', 'yellow', 'red')]
        assert [part.tint for part in lenses] == expected
        for lens in lenses:
            _, y, z = lens.shape.bounds.mean(axis=0)
            assert first_met(solid, (20, y, z), (-1, 0, 0))[0] is lens


def test_signs_shine_towards_the_front_and_hang_high():
    for solid in solids('traffic_sign'):
        faces = made_of(solid, 'retroreflector')
        assert len(faces) in (1, 2)
        for face in faces:
            low, high = face.shape.bounds
            y, z = (low + high)[1:] / 2
            assert first_met(solid, (20, y, z), (-1, 0, 0))[0] is face
            assert low[2] > 0.7 and low[0] > 0
        if len(faces) == 2:
            upper, lower = sorted(bounds_of(faces), key=lambda each: -each[0, 2])
            assert lower[1, 2] < upper[0, 2] + 0.25


def test_plates_are_discs_triangles_squares_and_arrows():
    """Told apart by the share of their box that they fill, at a thickness of 2 cm."""
    shares = []
    for seed in range(60):
        model = Model()
        next_top = posts._add_plate(model, np.random.default_rng(seed), 3.0)
        (plate,) = model.solid(MANMADE, centred=False).parts
        low, high = plate.shape.bounds
        assert high[2] == pytest.approx(3.0) and high[0] - low[0] == pytest.approx(0.02)
        assert next_top < low[2] + 0.2
        shares.append(volume([plate], 3000) / np.prod(high - low))
    kinds = np.digitize(shares, [0.65, 0.83, 0.97])
    assert set(kinds) == {0, 1, 2, 3}  # 1/2, pi/4, 0.95, 1


def test_bollards_taper_and_some_have_a_cap_or_a_band():
    solids = build_all(posts.bollard, range(40))
    for solid in solids:
        shaft = solid.parts[0].shape
        low, high = shaft.bounds
        radius = high[0]
        rim = [[0.97 * radius, 0, 0.01], [0.97 * radius, 0, high[2] - 0.01]]
        assert holds(shaft, rim).tolist() == [True, False]
    assert {len(solid.parts) for solid in solids} == {1, 2, 3}
    assert 8 < sum(bool(made_of(solid, 'retroreflector')) for solid in solids) < 26


def test_poles_have_crossbars_near_their_top():
    for solid in solids('utility_pole'):
        top = solid.bounds[1, 2]
        bars = [
            bounds
            for bounds in bounds_of(solid.parts)
            if np.ptp(bounds[:, 1]) == pytest.approx(1.9)
        ]
        assert 1 <= len(bars) <= 2
        assert all(top - 1.2 < bounds[0, 2] < top for bounds in bars)


def test_a_hydrant_has_three_outlets():
    for solid in solids('hydrant'):
        z = 0.6 * solid.bounds[1, 2]
        for outlet in ([0.19, 0, z], [0, 0.19, z], [0, -0.19, z]):
            assert held(solid.parts, [outlet])[0]
        assert not held(solid.parts, [[-0.19, 0, z]])[0]
        assert len({(part.material, part.tint) for part in solid.parts}) == 1


def test_meters_are_small_or_machines_with_a_sign():
    kinds = set()
    for solid in solids('parking_meter'):
        if made_of(solid, 'retroreflector'):
            (sign,) = made_of(solid, 'retroreflector')
            assert sign.shape.bounds[1, 2] == pytest.approx(solid.bounds[1, 2])
            screen, _ = first_met(
                solid, (5, 0, 0.7 * solid.parts[0].shape.bounds[1, 2]), (-1, 0, 0)
            )
            assert screen.material == 'plastic'
        else:
            assert solid.bounds[1, 2] < 1.5
        kinds.add(len(solid.parts))
    assert kinds == {2, 3}
