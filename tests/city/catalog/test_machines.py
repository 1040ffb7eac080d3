"""Construction vehicles: tracks and wheels on the ground, tools before, cabins of glass."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import ConvexHull
from solid_probe import bounds_of, build_all, first_met, holds, made_of, touch, volume

from stslidr_city.catalog import machines
from stslidr_city.catalog.categories import CONSTRUCTION_VEHICLE
from stslidr_city.catalog.finishes import COLOURS, MACHINE_COLOURS, Finish
from stslidr_city.catalog.model import Model

BUILDERS = {build.__name__.removeprefix('_'): build for build in machines.MACHINES}
PAINT = Finish('car_paint', 0, COLOURS['yellow'])
SEEDS = range(10)


def made(build, seed):
    """A machine of one kind, painted yellow, before it is centred."""
    model = Model()
    build(model, np.random.default_rng(seed), PAINT)
    return model.solid(CONSTRUCTION_VEHICLE, centred=False)


def fleet(name):
    return [made(BUILDERS[name], seed) for seed in SEEDS]


def on_the_ground(solid):
    """Bounds of the parts whose lowest point is the ground."""
    return [part for part in solid.parts if abs(part.shape.bounds[0, 2]) < 1e-9]


@pytest.mark.parametrize('name', BUILDERS)
def test_something_stands_on_the_ground_on_both_sides(name):
    for solid in fleet(name):
        feet = bounds_of(on_the_ground(solid))
        assert len(feet) >= 2
        assert feet[:, 1, 1].max() > 0.5 and feet[:, 0, 1].min() < -0.5
        assert solid.bounds[0, 2] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize('name', BUILDERS)
def test_sizes_are_those_of_the_class(name):
    """nuScenes' mean is 2.73 x 6.37 x 3.19 m; each kind is within a third of it."""
    sizes = np.array([np.ptp(solid.bounds, axis=0)[[1, 0, 2]] for solid in fleet(name)])
    assert (np.abs(sizes.mean(axis=0) / (2.73, 6.37, 3.19) - 1) < 0.34).all()
    assert (sizes.std(axis=0) > 0.01).all()
    assert max(len(solid.parts) for solid in fleet(name)) <= 15


@pytest.mark.parametrize('name', ['excavator', 'wheel_loader', 'bulldozer'])
def test_a_cabin_is_glass_under_a_roof(name):
    for solid in fleet(name):
        (glass,) = made_of(solid, 'glass')
        x, y, z = glass.shape.bounds.mean(axis=0)
        seen, _ = first_met(solid, (x, y + 20, z), (0, -1, 0))
        assert seen is glass
        above, distance = first_met(solid, (x, y, 20.0), (0, 0, -1))
        assert above.material == 'car_paint'
        assert 20 - distance > glass.shape.bounds[1, 2]


def test_some_rollers_have_a_roof_on_posts_instead_of_a_cabin():
    solids = [made(machines._roller, seed) for seed in range(24)]
    closed = [solid for solid in solids if made_of(solid, 'glass')]
    assert 4 < len(closed) < 20
    for solid in solids:
        posts = [
            part
            for part in made_of(solid, 'metal')
            if np.ptp(part.shape.bounds[:, 2]) > 1.2 and np.ptp(part.shape.bounds[:, 0]) < 0.1
        ]
        assert len(posts) == (0 if made_of(solid, 'glass') else 4)


def test_a_rollers_drum_is_before_and_its_tyres_behind():
    for solid in fleet('roller'):
        drum = max(on_the_ground(solid), key=lambda part: part.shape.bounds[1, 0])
        assert drum.material == 'metal'
        low, high = drum.shape.bounds
        radius, width = (high[2] - low[2]) / 2, high[1] - low[1]
        assert volume([drum]) == pytest.approx(np.pi * radius**2 * width, rel=0.03)
        tyres = bounds_of(made_of(solid, 'rubber'))
        assert len(tyres) == 2 and tyres[:, 1, 0].max() < low[0]
        assert high[0] == pytest.approx(solid.bounds[1, 0])


def test_a_loaders_bucket_reaches_foremost_and_over_the_whole_width():
    for solid in fleet('wheel_loader'):
        bucket = max(solid.parts, key=lambda part: part.shape.bounds[1, 0])
        assert bucket.material == 'metal'
        assert bucket.shape.bounds[:, 1] == pytest.approx(solid.bounds[:, 1])
        assert bucket.shape.bounds[0, 2] > 0.1
        assert len(made_of(solid, 'rubber')) == 4


def test_two_arms_lead_from_a_loaders_body_down_to_its_bucket():
    for solid in fleet('wheel_loader'):
        arms = [
            part
            for part in made_of(solid, 'car_paint')
            if np.ptp(part.shape.bounds[:, 1]) == pytest.approx(0.34)
        ]
        bucket = max(solid.parts, key=lambda part: part.shape.bounds[1, 0])
        height, width, front = solid.bounds[1, 2], np.ptp(solid.bounds[:, 1]), solid.bounds[1, 0]
        assert len(arms) == 2
        middles = bounds_of(arms).mean(axis=1)
        assert sorted(middles[:, 1]) == pytest.approx([-0.16 * width, 0.16 * width])
        for arm in arms:
            low, high = arm.shape.bounds
            assert high[2] == pytest.approx(0.52 * height + 0.15, abs=0.02)
            assert low[0] == pytest.approx(0.1 * front, abs=0.13)
            assert touch(arm, bucket)


def test_a_loaders_tyres_keep_within_its_bucket():
    for solid in fleet('wheel_loader'):
        tyres = bounds_of(made_of(solid, 'rubber'))
        half = np.ptp(solid.bounds[:, 1]) / 2
        assert np.abs(tyres[:, :, 1]).max() == pytest.approx(half - 0.1)
        assert np.ptp(tyres[:, :, 1], axis=1) == pytest.approx([0.55] * 4)
        assert np.ptp(tyres[:, :, 2], axis=1) == pytest.approx([0.46 * solid.bounds[1, 2]] * 4)


@pytest.mark.parametrize(
    'name, foot, top',
    [('wheel_loader', 0.2, 0.58), ('roller', 0.2, 0.52), ('bulldozer', 0.2, 0.58)],
)
def test_the_engine_lies_below_the_drivers_eyes(name, foot, top):
    """The largest painted part, in heights of the machine; above it is the cabin."""
    for solid in fleet(name):
        body = max(made_of(solid, 'car_paint'), key=lambda part: volume([part], 2000))
        shares = body.shape.bounds[:, 2] / solid.bounds[1, 2]
        assert shares == pytest.approx([foot, top], abs=0.005)


def test_a_bulldozer_has_its_blade_before_and_its_ripper_behind():
    for solid in fleet('bulldozer'):
        blade = max(solid.parts, key=lambda part: part.shape.bounds[1, 0])
        ripper = min(solid.parts, key=lambda part: part.shape.bounds[0, 0])
        assert blade.material == ripper.material == 'metal'
        wide, narrow = (np.ptp(part.shape.bounds[:, 1]) for part in (blade, ripper))
        assert wide > 6 * narrow
        assert 0 < blade.shape.bounds[0, 2] < 0.1


def test_an_excavators_arm_bends_down_to_its_shovel():
    """Two beams meet at an elbow; the shovel is the foremost part, nearer to the ground."""
    for solid in fleet('excavator'):
        shovel = max(solid.parts, key=lambda part: part.shape.bounds[1, 0])
        assert shovel.material == 'metal'
        arm = [
            part
            for part in made_of(solid, 'car_paint')
            if np.ptp(part.shape.bounds[:, 1]) == pytest.approx(0.34)
        ]
        assert len(arm) == 2
        boom, stick = sorted(arm, key=lambda part: part.shape.bounds[0, 0])
        assert boom.shape.bounds[1, 2] > shovel.shape.bounds[1, 2]
        assert stick.shape.bounds[1, 0] > boom.shape.bounds[1, 0]
        assert shovel.shape.bounds[0, 2] > 0


@pytest.mark.parametrize('height', [0.6, 0.9, 1.2])
def test_a_track_is_an_octagon(height):
    """Its volume is that of its box without four corners, each a right triangle."""
    model = Model()
    machines._add_track(model, (-1.5, 2.5), (0.4, 1.0), height)
    (track,) = model.solid(CONSTRUCTION_VEHICLE, centred=False).parts
    assert track.shape.bounds.tolist() == [[-1.5, 0.4, 0], [2.5, 1.0, height]]
    cut = 0.3 * height
    assert volume([track]) == pytest.approx(0.6 * (4 * height - 2 * cut**2), rel=0.01)
    corners = [[-1.49, 0.7, 0.01], [2.49, 0.7, height - 0.01], [0.5, 0.7, 0.01]]
    assert holds(track.shape, corners).tolist() == [False, False, True]


@pytest.mark.parametrize('end', [(3.0, 1.0), (1.2, 3.5), (-1.0, 2.0)])
def test_a_beam_runs_from_start_to_end(end):
    """Its section is the hull of four corners across its axis, by scipy's area."""
    start, halves = (0.0, 1.0), (0.3, 0.1)
    model = Model()
    machines._add_beam(model, PAINT, start, end, halves, 0.5)
    (beam,) = model.solid(CONSTRUCTION_VEHICLE, centred=False).parts
    axis = np.subtract(end, start) / np.linalg.norm(np.subtract(end, start))
    normal = np.array([-axis[1], axis[0]])
    corners = [start + sign * 0.3 * normal for sign in (1, -1)]
    corners += [end + sign * 0.1 * normal for sign in (1, -1)]
    expected = 0.34 * ConvexHull(corners).volume  # scipy calls the area of a polygon so
    assert volume([beam]) == pytest.approx(expected, rel=0.04)
    share = np.linspace(0.02, 0.98, 20)[:, None]
    line = start + share * np.subtract(end, start)
    assert holds(beam.shape, np.column_stack([line[:, 0], np.full(20, 0.5), line[:, 1]])).all()


def test_a_cabin_has_a_foot_glass_and_a_roof_that_overhangs():
    model = Model()
    machines._add_cabin(model, PAINT, (0.0, 1.5), (-0.5, 0.5), (1.0, 2.6))
    foot, glass, roof = model.solid(CONSTRUCTION_VEHICLE, centred=False).parts
    assert foot.shape.bounds[1, 2] == glass.shape.bounds[0, 2] == pytest.approx(1.48)
    assert roof.shape.bounds[:, 2] == pytest.approx([2.5, 2.6])
    assert np.ptp(roof.shape.bounds[:, 0]) > np.ptp(foot.shape.bounds[:, 0])
    assert np.ptp(glass.shape.bounds[:, 1]) < np.ptp(foot.shape.bounds[:, 1])


def test_drawn_machines_are_of_all_kinds_and_colours():
    assert sum(machines.MACHINE_SHARES) == pytest.approx(1)
    solids = build_all(machines.construction_vehicle, range(60))
    assert {solid.category for solid in solids} == {CONSTRUCTION_VEHICLE}
    tracked = sum(
        bool(made_of(solid, 'metal', machines.TRACK.tint)) for solid in solids
    )  # excavators and bulldozers
    assert 0.35 < tracked / 60 < 0.8
    palette = np.array([COLOURS[name] for name in set(MACHINE_COLOURS)])
    tints = np.array([made_of(solid, 'car_paint')[0].tint for solid in solids])
    nearest = np.abs(np.log(tints[:, None] / palette)).sum(axis=2).argmin(axis=1)
    assert len(set(nearest)) >= 5
