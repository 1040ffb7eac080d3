"""Wheels, lights and plates at the places that are asked for, symmetrical about the middle."""

from __future__ import annotations

import numpy as np
import pytest
from solid_probe import asymmetry, bounds_of, held, made_of, volume

from stslidr_city.catalog.categories import TRUCK
from stslidr_city.catalog.finishes import CHROME, LAMP, PLATE, RUBBER, TAIL_LAMP, Finish
from stslidr_city.catalog.model import Model
from stslidr_city.catalog.vehicle_parts import (
    GAP,
    add_axles,
    add_lights,
    add_plates,
    add_wide_axles,
)

WIDTH, LENGTH, RADIUS, TYRE = 2.5, 7.0, 0.45, 0.24


def made(add, *arguments, **named):
    """The solid that one of the functions makes, where it was put."""
    model = Model()
    add(model, *arguments, **named)
    return model.solid(TRUCK, centred=False)


@pytest.mark.parametrize('axles', [(1.8,), (2.0, -1.5), (2.4, -1.0, -2.2)])
def test_an_axle_has_two_tyres_and_one_hub(axles):
    solid = made(add_axles, axles, WIDTH, RADIUS)
    tyres, hubs = made_of(solid, 'rubber'), made_of(solid, 'chrome')
    assert len(tyres) == 2 * len(axles) and len(hubs) == len(axles)
    middles = bounds_of(tyres).mean(axis=1)
    assert sorted(middles[:, 0]) == pytest.approx(sorted([*axles, *axles]))
    assert np.allclose(middles[:, 2], RADIUS)
    assert asymmetry(solid.parts) == 0


def test_tyres_stand_on_the_ground_within_the_width():
    solid = made(add_axles, (0.0,), WIDTH, RADIUS, tyre_width=TYRE)
    low, high = solid.bounds
    assert low[2] == pytest.approx(0) and high[2] == pytest.approx(2 * RADIUS)
    assert high[1] == pytest.approx(WIDTH / 2) and low[1] == pytest.approx(-WIDTH / 2)
    for bounds in bounds_of(made_of(solid, 'rubber')):
        assert np.ptp(bounds[:, 1]) == pytest.approx(TYRE - GAP / 4)
        assert np.abs(bounds[:, 1]).max() < WIDTH / 2  # the hub is seen from the side


def test_a_tyre_is_a_cylinder():
    """Its volume, and which points of a circle about the axle lie in it."""
    solid = made(add_axles, (0.0,), WIDTH, RADIUS)
    left = made_of(solid, 'rubber')[0]
    expected = np.pi * RADIUS**2 * (TYRE - GAP / 4)
    assert volume([left]) == pytest.approx(expected, rel=0.03)
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    across = np.full(40, WIDTH / 2 - TYRE / 2)
    for share, inside in ((0.98, True), (1.02, False)):
        circle = share * RADIUS * np.column_stack([np.cos(angles), np.sin(angles)])
        points = np.column_stack([circle[:, 0], across, RADIUS + circle[:, 1]])
        assert (held([left], points) == inside).all()


def test_the_hub_is_narrower_than_the_tyre_and_of_the_finish_asked_for():
    steel = Finish('metal', 3)
    solid = made(add_axles, (0.5,), WIDTH, RADIUS, hub=steel)
    (hub,) = made_of(solid, 'metal')
    assert hub.look == 3
    assert np.ptp(hub.shape.bounds, axis=0) == pytest.approx(
        [1.2 * RADIUS, WIDTH, 1.2 * RADIUS], abs=1e-9
    )


def test_wide_axles_reach_from_side_to_side():
    solid = made(add_wide_axles, (1.0, -0.2), WIDTH, RADIUS)
    assert [part.material for part in solid.parts] == ['rubber', 'rubber']
    for part, at in zip(solid.parts, (1.0, -0.2), strict=True):
        low, high = part.shape.bounds
        assert low == pytest.approx([at - RADIUS, -WIDTH / 2, 0], abs=1e-9)
        assert high == pytest.approx([at + RADIUS, WIDTH / 2, 2 * RADIUS])
    (painted,) = made(add_wide_axles, (0.0,), WIDTH, RADIUS, Finish('metal')).parts
    assert painted.material == 'metal'


def test_lights_are_white_before_and_red_behind():
    front, rear = (0.6, 0.8), (0.9, 1.2)
    solid = made(add_lights, LENGTH, WIDTH, front, rear)
    white, red = made_of(solid, 'lamp', LAMP.tint), made_of(solid, 'lamp', TAIL_LAMP.tint)
    assert len(white) == len(red) == 2
    for lamps, end, heights in ((white, 1, front), (red, -1, rear)):
        bounds = bounds_of(lamps)
        assert np.allclose(bounds[:, :, 2], heights)
        outer = bounds[:, 1 if end > 0 else 0, 0]
        assert np.allclose(outer, end * LENGTH / 2)
        assert sorted(np.sign(bounds.mean(axis=1)[:, 1])) == [-1, 1]
        assert np.abs(bounds[:, :, 1]).min() == pytest.approx(0.34 * WIDTH)
        assert np.abs(bounds[:, :, 1]).max() < WIDTH / 2
    assert asymmetry(solid.parts) == 0


def test_tail_lamps_are_red_and_head_lamps_are_not():
    red, green, blue = TAIL_LAMP.tint
    assert red > 5 * max(green, blue)
    assert min(LAMP.tint) == max(LAMP.tint)


@pytest.mark.parametrize('length', [3.6, 7.0, 12.0])
def test_plates_stand_in_the_middle_of_both_ends(length):
    solid = made(add_plates, length, (0.4, 0.51))
    front, rear = sorted(bounds_of(made_of(solid, PLATE.material)), key=lambda each: -each[0, 0])
    for bounds, end in ((front, 1), (rear, -1)):
        assert bounds.mean(axis=0)[1:] == pytest.approx([0, 0.455], abs=1e-9)
        assert np.ptp(bounds, axis=0)[1:] == pytest.approx([0.52, 0.11])
        faces = end * bounds[:, 0]
        assert length / 2 - 0.03 <= faces.min() + 1e-9 and faces.max() < length / 2
    assert front[1, 0] == pytest.approx(-rear[0, 0])


def test_finishes_that_vehicles_share_are_their_own_materials():
    assert (RUBBER.material, CHROME.material) == ('rubber', 'chrome')
    assert (LAMP.material, TAIL_LAMP.material) == ('lamp', 'lamp')
    assert PLATE.material == 'retroreflector'
