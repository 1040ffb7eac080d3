"""Barriers stand across, cones taper, debris lies, bins roll, dogs have four legs."""

from __future__ import annotations

import numpy as np
import pytest
from solid_probe import (
    asymmetry,
    bounds_of,
    build_all,
    first_met,
    held,
    holds,
    made_of,
    seen,
    volume,
)

from stslidr_city.catalog import movables
from stslidr_city.catalog.categories import ANIMAL, BARRIER, DEBRIS, PUSHABLE_PULLABLE, TRAFFIC_CONE
from stslidr_city.catalog.model import Model

BARRIERS = {build.__name__.removeprefix('_'): build for build in movables.BARRIERS}
WHEELED = {
    'bin': movables._add_wheeled_bin,
    'container': movables._add_container,
    'trolley': movables._add_trolley,
}
SEEDS = range(12)


def made(build, seed, *arguments):
    """What one of the room's own builders adds, before it is centred."""
    model = Model()
    build(model, np.random.default_rng(seed), *arguments)
    return model.solid(BARRIER, centred=False)


@pytest.mark.parametrize('name', BARRIERS)
@pytest.mark.parametrize('width', [1.9, 2.5, 3.1])
def test_a_barrier_is_as_wide_as_asked_and_stands_across(name, width):
    for seed in SEEDS:
        solid = made(BARRIERS[name], seed, width)
        extent = np.ptp(solid.bounds, axis=0)
        assert extent[1] == pytest.approx(width, abs=0.01)
        assert extent[0] < 0.7 < 0.8 < extent[2] < 1.2
        assert asymmetry(solid.parts, 2000) < 0.05
        assert len(solid.parts) <= 13


@pytest.mark.parametrize('name', BARRIERS)
def test_a_barrier_is_broadest_at_its_foot(name):
    """A line across it at 5 cm meets more of it than one near its top."""
    for seed in SEEDS:
        solid = made(BARRIERS[name], seed, 2.5)
        top = solid.bounds[1, 2]
        x, y = np.meshgrid(np.linspace(-0.35, 0.35, 71), np.linspace(-1.2, 1.2, 97))
        reach = []
        for level in (0.02, top - 0.06):
            points = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, level)])
            inside = points[held(solid.parts, points)]
            reach.append(np.abs(inside[:, 0]).max())
        assert reach[0] > reach[1]


@pytest.mark.parametrize('name', ['concrete_barrier', 'plastic_barrier', 'board_barrier'])
def test_a_barrier_closes_the_way(name):
    """Level rays along x at the middle of its height meet it all along its width."""
    for seed in range(6):
        solid = made(BARRIERS[name], seed, 2.5)
        level = 0.43 if name == 'board_barrier' else 0.5 * solid.bounds[1, 2]
        starts = [(5.0, y, level) for y in np.linspace(-1.2, 1.2, 25)]
        assert None not in seen(solid, starts, (-1, 0, 0))


def test_a_crowd_fence_lets_look_through():
    """Between the bars of those without a cloth."""
    for seed in range(16):
        solid = made(movables._steel_barrier, seed, 2.5)
        cloth = made_of(solid, 'cloth')
        starts = [(5.0, y, 0.3 * solid.bounds[1, 2]) for y in np.linspace(-1.15, 1.15, 60)]
        share = np.mean([part is None for part in seen(solid, starts, (-1, 0, 0))])
        assert share < 0.2 if cloth else share > 0.7


def test_a_crowd_fence_is_a_frame_with_thinner_bars():
    """Two rails and two uprights at the ends of 4 cm, six bars of 2.4 cm between them."""
    for seed in SEEDS:
        solid = made(movables._steel_barrier, seed, 2.5)
        upright = [
            bounds
            for bounds in bounds_of(solid.parts)
            if np.ptp(bounds[:, :2], axis=0).max() < 0.05
        ]
        upright.sort(key=lambda bounds: bounds[0, 1])
        widths = [np.ptp(bounds[:, 1]) for bounds in upright]
        assert widths == pytest.approx([0.04, *[0.024] * 6, 0.04])
        middles = np.mean(upright, axis=1)[:, 1]
        assert np.allclose(np.diff(middles), 2.46 / 7)


def test_stripes_of_boards_alternate():
    for seed in SEEDS:
        solid = made(movables._board_barrier, seed, 2.5)
        boards = sorted(made_of(solid, 'retroreflector'), key=lambda part: part.shape.bounds[0, 1])
        assert len(boards) == 5
        tints = [part.tint for part in boards]
        assert tints[0] == tints[2] == tints[4] != tints[1] == tints[3]
        edges = bounds_of(boards)[:, :, 1]
        assert np.allclose(edges[1:, 0], edges[:-1, 1])


def test_a_plastic_barriers_middle_has_another_colour():
    for seed in SEEDS:
        solid = made(movables._plastic_barrier, seed, 2.4)
        blocks = sorted(
            (part for part in solid.parts if part.shape.bounds[1, 2] > 0.5),
            key=lambda part: part.shape.bounds[0, 1],
        )
        assert len(blocks) == 3
        assert blocks[0].tint == blocks[2].tint != blocks[1].tint
        assert np.ptp(bounds_of(blocks)[:, :, 1], axis=1).sum() == pytest.approx(2.4)


def test_drawn_barriers_are_of_all_kinds_and_about_two_and_a_half_metres():
    assert sum(movables.BARRIER_SHARES) == pytest.approx(1)
    solids = build_all(movables.barrier, range(60))
    assert {solid.category for solid in solids} == {BARRIER}
    widths = np.array([np.ptp(solid.bounds[:, 1]) for solid in solids])
    assert widths.min() > 1.88 and widths.max() < 3.12
    assert widths.mean() == pytest.approx(2.5, abs=0.08)
    assert {solid.parts[0].material for solid in solids} >= {'concrete', 'plastic', 'metal'}
    given = movables.barrier(np.random.default_rng(0), 1.5)
    assert np.ptp(given.bounds[:, 1]) == pytest.approx(1.5, abs=0.01)


def test_cones_tubes_and_drums_taper_and_wear_bands():
    bands = []
    for solid in build_all(movables.traffic_cone, range(40)):
        assert solid.category == TRAFFIC_CONE
        body = solid.parts[1].shape
        low, high = body.bounds
        levels = np.linspace(low[2] + 0.01, high[2] - 0.01, 12)
        radii = []
        for level in levels:
            x = np.linspace(0, high[0], 200)
            inside = holds(body, np.column_stack([x, 0 * x, np.full(200, level)]))
            radii.append(x[inside].max())
        assert (np.diff(radii) <= 1e-9).all()
        shining = made_of(solid, 'retroreflector')
        bands.append(len(shining))
        for band in shining:
            z = band.shape.bounds.mean(axis=0)[2]
            assert first_met(solid, (5, 0, z), (-1, 0, 0))[0] is band
    assert set(bands) == {1, 2}


def test_a_cone_stands_on_a_square_foot():
    for solid in build_all(movables.traffic_cone, SEEDS):
        foot = solid.parts[0].shape.bounds
        assert foot[1] == pytest.approx(-foot[0] + (0, 0, 0.05))
        assert foot[1, 0] == pytest.approx(solid.bounds[1, 0])
        assert foot[1, 0] == foot[1, 1]


def test_debris_lies_on_the_ground_and_is_of_four_kinds():
    materials = set()
    for solid in build_all(movables.debris, range(50)):
        assert solid.category == DEBRIS and len(solid.parts) <= 8
        assert solid.bounds[0, 2] == pytest.approx(0, abs=1e-9)
        assert solid.bounds[1, 2] < 0.9
        materials |= {part.material for part in solid.parts}
    assert materials == {'bark', 'leaves', 'wood', 'plastic', 'concrete', 'brick', 'stone'}


@pytest.mark.parametrize('kind', ['boxes', 'bags', 'rubble'])
def test_a_piece_of_debris_lies_where_it_is_put(kind):
    at = np.array([2.0, -1.0])
    for seed in SEEDS:
        solid = made(movables._add_piece, seed, kind, at)
        low, high = bounds_of(solid.parts[:1])[0]
        assert low[2] == pytest.approx(0, abs=1e-9)
        assert (low[:2] < at).all() and (at < high[:2]).all()
        assert np.abs(np.array([low, high])[:, :2] - at).max() <= 0.36


def test_a_lump_of_rubble_lies_on_a_face():
    """At 1 mm height its section has an area: points spread over its box."""
    for seed in SEEDS:
        (lump,) = made(movables._add_piece, seed, 'rubble', np.zeros(2)).parts
        low, high = lump.shape.bounds
        points = np.random.default_rng(0).uniform(low, high, (4000, 3))
        points[:, 2] = 0.001
        assert holds(lump.shape, points).mean() > 0.005


@pytest.mark.parametrize('name', WHEELED)
def test_what_rolls_has_wheels_on_the_ground_on_both_sides(name):
    for seed in SEEDS:
        solid = made(WHEELED[name], seed)
        wheels = [
            part
            for part in made_of(solid, 'rubber') + made_of(solid, 'plastic')
            if part.shape.bounds[1, 2] < 0.25
        ]
        assert len(wheels) == (2 if name == 'bin' else 4)
        bounds = bounds_of(wheels)
        assert np.allclose(bounds[:, 0, 2], 0)
        assert sorted(np.sign(bounds.mean(axis=1)[:, 1])) == [-1] * (len(wheels) // 2) + [1] * (
            len(wheels) // 2
        )
        assert asymmetry(solid.parts, 2000) < 0.01


@pytest.mark.parametrize('name, litres', [('bin', (150, 500)), ('container', (450, 1500))])
def test_bins_have_the_volume_of_bins(name, litres):
    """Two-wheeled ones of up to half a cubic metre, containers of up to one and a half."""
    for seed in SEEDS:
        body = made(WHEELED[name], seed).parts[0]
        assert litres[0] < 1000 * volume([body], 8000) < litres[1]


def test_a_bins_lid_closes_it():
    for seed in SEEDS:
        solid = made(movables._add_wheeled_bin, seed)
        body, lid = solid.parts[:2]
        assert first_met(solid, (0.0, 0.0, 5.0), (0, 0, -1))[0] is lid
        assert lid.shape.bounds[0, 2] < body.shape.bounds[1, 2] < lid.shape.bounds[1, 2]


def test_all_kinds_that_roll_are_drawn():
    solids = build_all(movables.pushable_pullable, range(40))
    assert {solid.category for solid in solids} == {PUSHABLE_PULLABLE}
    assert {len(solid.parts) for solid in solids} == {4, 6, 9}


def test_a_dog_has_four_paws_two_ears_and_its_head_before():
    for solid in build_all(movables.animal, SEEDS):
        assert solid.category == ANIMAL and len(solid.parts) == 12
        bounds = bounds_of(solid.parts)
        paws = bounds[bounds[:, 0, 2] < 0.02]
        assert len(paws) == 4
        middles = paws.mean(axis=1)
        assert {(x > 0.0, y > 0) for x, y, _ in middles} == {
            (False, False),
            (False, True),
            (True, False),
            (True, True),
        }
        highest = bounds[bounds[:, 1, 2].argmax()]
        assert highest.mean(axis=0)[0] > 0.1  # the ears
        assert {part.material for part in solid.parts} == {'hair'}


def test_a_dogs_ears_and_muzzle_are_darker():
    for solid in build_all(movables.animal, SEEDS):
        tints = {part.tint for part in solid.parts}
        assert len(tints) == 2
        bright, dark = sorted(tints, key=sum, reverse=True)
        assert sum(dark) < 0.95 * sum(bright)
        assert sum(part.tint == dark for part in solid.parts) == 3
