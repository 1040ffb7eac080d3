"""The sweep: where points lie, what gets lost, what they say."""

import numpy as np
import pytest

from stslidr_city.raycasting.casting import cast
from stslidr_city.raycasting.surface import surface
from stslidr_city.recording import sweep as module
from stslidr_city.recording.rig import LIDAR, Rig
from stslidr_city.recording.sweep import RANGE_NOISE, measure, spinning_rays
from stslidr_city.solids.shapes import Polyhedron
from stslidr_city.solids.solids import Part, Pose, SceneObject, Solid, Standing

GROUND, WALL, BEHIND = 24, 28, 29
RIG = Rig((160, 90))
TIME = 1.0


class Ego:
    """Drives along x at 12 m/s, turning a little."""

    def pose_at(self, time):
        time = np.asarray(time)
        pose = np.zeros((*time.shape, 4, 4))
        cosine, sine = np.cos(0.2 * time), np.sin(0.2 * time)
        pose[..., 0, 0], pose[..., 0, 1] = cosine, -sine
        pose[..., 1, 0], pose[..., 1, 1] = sine, cosine
        pose[..., 2, 2] = pose[..., 3, 3] = 1
        pose[..., 0, 3] = 700 + 12 * time
        return pose


def standing(shape, category):
    return SceneObject(
        Solid((Part(shape, 'concrete'),), category), Standing(Pose(700.0, 0.0, 0.0, 0.0))
    )


@pytest.fixture(scope='module')
def scene():
    """A ground, one long wall at y = 9 and one far behind.

    The grid, what it met, and the LiDAR's pose at the end.
    """
    things = [
        standing(Polyhedron.box((-500, -500, -1), (500, 500, 0)), GROUND),
        standing(Polyhedron.box((-60, 9, 0), (60, 10, 30)), WALL),
        standing(Polyhedron.box((-90, -80, 0), (-80, 80, 30)), BEHIND),
    ]
    grid = spinning_rays(Ego(), RIG, TIME)
    lidar2world = Ego().pose_at(TIME) @ RIG.sensor2ego[LIDAR]
    return grid, surface(grid, cast(grid, things), things), lidar2world


def take(scene, reflectance=0.5, seed=0):
    grid, met, lidar2world = scene
    values = np.full(len(met.ray), reflectance, dtype=np.float32)
    return measure(grid, met, values, lidar2world, np.random.default_rng(seed))


def returned_of(sweep):
    return sweep.labels != module.NOISE


def in_world(scene, points):
    lidar2world = scene[2]
    return points[:, :3].astype(np.float64) @ lidar2world[:3, :3].T + lidar2world[:3, 3]


def test_points_lie_on_the_surfaces_though_the_vehicle_moved(scene):
    sweep = take(scene)
    world = in_world(scene, sweep.points)
    on_wall = sweep.labels == WALL
    near = np.linalg.norm(sweep.points[:, :3], axis=1) < 30
    assert on_wall.sum() > 2000 and (sweep.labels == GROUND).sum() > 8000
    away = np.abs(world[on_wall & near, 1] - 9)
    assert away.max() < 6 * RANGE_NOISE and away.std() > 0
    assert np.abs(world[(sweep.labels == GROUND) & near, 2]).max() < 6 * RANGE_NOISE
    # without compensation the first columns, 50 ms earlier, would be 0.6 m off along the drive
    moved = Ego().pose_at(TIME)[0, 3] - Ego().pose_at(TIME - 0.05)[0, 3]
    assert moved == pytest.approx(0.6)


def test_ranges_have_the_sensors_noise(scene):
    one, other = take(scene, seed=1), take(scene, seed=2)
    both = returned_of(one) & returned_of(other)
    ranges = [
        np.linalg.norm(sweep.points[both, :3].astype(np.float64), axis=1) for sweep in (one, other)
    ]
    assert np.std(ranges[0] - ranges[1]) == pytest.approx(np.sqrt(2) * RANGE_NOISE, rel=0.03)


def test_rows_are_firings_with_ring_0_first(scene):
    sweep = take(scene)
    assert sweep.points.shape == (32 * 1084, 5) and sweep.points.dtype == np.float32
    assert (sweep.points[:, 4] == np.tile(np.arange(32), 1084)).all()
    missing = ~returned_of(sweep)
    assert (sweep.labels[missing] == 0).all() and (sweep.points[missing, 3] == 0).all()
    np.testing.assert_allclose(
        np.linalg.norm(sweep.points[missing, :3], axis=1), module.NO_RETURN_RANGE, atol=1e-4
    )
    assert (np.linalg.norm(sweep.points[returned_of(sweep), :3], axis=1) > 1).all()


def test_weak_signals_get_lost_as_the_formula_says(scene):
    _, met, _ = scene
    weak = 0.0005
    signal = weak * met.incidence / met.distance.astype(np.float64) ** 2
    expected = (1 - module.LOST_AT_RANDOM) * signal / (signal + module.HALF_LOST_SIGNAL)
    low, high = module.MAXIMUM_RANGE
    expected *= np.clip((high - met.distance) / (high - low), 0, 1)
    kept = np.mean([returned_of(take(scene, weak, seed)).sum() for seed in range(4)])
    assert kept == pytest.approx(expected.sum(), rel=0.02)
    assert kept < 0.9 * returned_of(take(scene)).sum()
    assert (met.distance > high).any()
    assert np.linalg.norm(take(scene).points[:, :3], axis=1).max() < high + 6 * RANGE_NOISE


def test_intensities_are_whole_numbers_up_to_255(scene):
    for reflectance in (0.05, 5.0):
        intensity = take(scene, reflectance).points[:, 3]
        assert (intensity == np.round(intensity)).all()
        assert intensity.min() >= 0 and intensity.max() <= 255
    assert take(scene, 5.0).points[:, 3].max() == 255


def test_intensity_follows_reflectance_and_the_root_of_the_incidence(scene):
    _, met, _ = scene
    incidence = np.zeros(32 * 1084)
    incidence[met.ray] = met.incidence
    incidence = incidence.reshape(32, 1084).T.ravel()
    sweep = take(scene, 0.2)
    expected = 255 * 0.2 * np.sqrt(incidence[returned_of(sweep)])
    for low, high in ((0.02, 0.2), (0.2, 0.6), (0.6, 1.0)):
        here = (incidence[returned_of(sweep)] >= low) & (incidence[returned_of(sweep)] < high)
        assert here.sum() > 500
        found = sweep.points[returned_of(sweep), 3][here].mean()
        assert found == pytest.approx(expected[here].mean(), rel=0.03)
