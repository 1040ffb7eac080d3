"""The ego vehicle's drive against differences of its poses."""

from __future__ import annotations

import numpy as np
import pytest

from stslidr_city.planning.chance import generator
from stslidr_city.planning.drive import MAX_SPEED, Drive
from stslidr_city.planning.ego import EgoTrajectory
from stslidr_city.planning.frame import CityFrame
from stslidr_city.planning.plan import plan_block
from stslidr_city.planning.scenario import MANOEUVRES, draw_scenario
from stslidr_city.planning.streets import StreetGrid

SECONDS = {1.0: range(12), 20.0: range(12, 24)}


def trajectory(scene, duration):
    scenario = draw_scenario(3, scene, duration)
    grid = StreetGrid(scenario)
    frame = CityFrame(scenario.angle, (400.0, 300.0))
    return grid, EgoTrajectory(Drive(grid, scenario), frame, generator(3, scene))


@pytest.fixture(
    scope='module',
    params=[(scene, duration) for duration, scenes in SECONDS.items() for scene in scenes],
    ids=str,
)
def driven(request):
    scene, duration = request.param
    grid, ego = trajectory(scene, duration)
    times = np.arange(-0.5, duration + 0.5, 0.02)
    return grid, ego, times, ego.pose_at(times)


def test_poses_are_rigid_and_nearly_upright(driven):
    _, _, _, poses = driven
    rotations = poses[:, :3, :3]
    assert np.allclose(rotations @ rotations.transpose(0, 2, 1), np.eye(3), atol=1e-12)
    assert np.allclose(np.linalg.det(rotations), 1)
    assert (np.degrees(np.arccos(rotations[:, 2, 2])) < 2).all()
    assert np.abs(poses[:, 2, 3]).max() < 0.02
    assert np.array_equal(poses[:, 3], np.tile([0, 0, 0, 1.0], (len(poses), 1)))


def test_velocity_is_the_derivative_of_the_position(driven):
    _, ego, times, _ = driven
    step = 1e-4
    after, before = ego.pose_at(times + step), ego.pose_at(times - step)
    difference = (after[:, :2, 3] - before[:, :2, 3]) / (2 * step)
    assert np.allclose(ego.velocity_at(times), difference, atol=2e-3)


def test_speed_and_acceleration_are_a_cars(driven):
    _, ego, times, poses = driven
    velocities = ego.velocity_at(times)
    speeds = np.linalg.norm(velocities, axis=1)
    assert speeds.max() < 1.05 * MAX_SPEED
    acceleration = np.linalg.norm(np.diff(velocities, axis=0), axis=1) / 0.02
    assert acceleration.max() < 5.0
    yaws = np.unwrap(np.arctan2(poses[:, 1, 0], poses[:, 0, 0]))
    assert np.abs(np.diff(yaws) / 0.02).max() < 0.8
    assert np.abs(np.diff(yaws, 2) / 0.02**2).max() < 2.0  # turns the wheel steadily


def test_it_looks_where_it_goes(driven):
    _, ego, times, poses = driven
    velocities = ego.velocity_at(times)
    speeds = np.linalg.norm(velocities, axis=1)
    moving = speeds > 0.5
    forward = poses[moving, :2, 0]
    assert np.allclose((velocities[moving] * forward).sum(axis=1), speeds[moving], rtol=1e-3)


def test_it_keeps_to_the_road(driven):
    """No corner of the vehicle gets over a kerb: into the outline of a block around it."""
    grid, ego, _, poses = driven
    length, width, behind = 4.08, 1.79, 0.66
    corners = [[x - behind, y, 0, 1] for x in (0, length) for y in (-width / 2, width / 2)]
    for pose in poses[::25]:
        places = ego.frame.to_city((pose @ np.array(corners).T)[:2].T)
        column = grid.index_below(1, places[:, 0])[0]
        row = grid.index_below(0, places[:, 1])[0]
        for east, north in ((0, 0), (-1, 0), (0, -1), (-1, -1)):
            outline = plan_block(grid, column + east, row + north).outline
            ahead = np.roll(outline, -1, axis=0) - outline
            offset = places[:, None] - outline
            left = ahead[:, 0] * offset[..., 1] - ahead[:, 1] * offset[..., 0] > 0
            assert not left.all(axis=1).any()


def test_manoeuvres_are_what_they_say():
    """Turns by a right angle, a change by a lane, a stop; over scenes long enough for them."""
    seen = set()
    for scene in range(24):
        _, ego = trajectory(scene, 20.0)
        manoeuvre = draw_scenario(3, scene, 20.0).manoeuvre
        times = np.arange(-2, 22, 0.1)
        yaws = np.unwrap(ego.drive.heading(times))
        speeds = np.linalg.norm(ego.velocity_at(times), axis=1)
        if manoeuvre.startswith('turn'):
            turned = yaws - yaws[0]
            sign = 1 if manoeuvre == 'turn left' else -1
            assert np.isclose(turned[np.argmax(np.abs(turned) > 1.5)], sign * np.pi / 2, atol=0.1)
        elif manoeuvre == 'stop at a light':
            assert speeds.min() == 0
        else:
            assert speeds.min() > 2.5
        seen.add(manoeuvre)
    assert seen == set(MANOEUVRES)


def test_single_times_and_times_outside():
    _, ego = trajectory(0, 1.0)
    assert ego.pose_at(0.3).shape == (4, 4) and ego.velocity_at(0.3).shape == (2,)
    assert np.array_equal(ego.pose_at([0.1, 0.3])[1], ego.pose_at(0.3))
    with pytest.raises(ValueError, match='on its way from'):
        ego.pose_at(9.0)
