"""The comparison itself, on a world of a floor and a wall whose every ray is solved by hand."""

import numpy as np
import pytest
from pyquaternion import Quaternion

from support.sensor_agreement import (
    Calibration,
    compare,
    inside_one_class,
    project,
    robust_spread,
    surfaces_at,
)

HEIGHT, WIDTH = 90, 160
INTRINSICS = np.array([[120.0, 0, 79.5], [0, 120.0, 44.5], [0, 0, 1]])
WALL_AT, WALL_LEFT, WALL_RIGHT = 12.0, 4.0, -3.0
"""The wall stands 12 m east of the origin, from y = -3 to y = 4, without end to the top."""
FLOOR, WALL, SKY = 24, 28, 0
SPEED = 0.6
"""Metres that the vehicle drives between LiDAR and camera."""
CAMERA_AXES = np.array([[0.0, 0, 1], [-1, 0, 0], [0, -1, 0]])


def pose_row(position, rotation, **more):
    quaternion = Quaternion(matrix=rotation).elements.tolist()
    return {'translation': list(position), 'rotation': quaternion, **more}


def turned(degrees):
    return Quaternion(axis=(0, 0, 1), degrees=degrees).rotation_matrix


LIDAR = Calibration(pose_row((0.9, 0, 1.8), turned(-90)), pose_row((700.0, 300, 0), turned(30)))
AHEAD = turned(30) @ (SPEED, 0, 0)
CAMERA = Calibration(
    pose_row((1.5, 0.1, 1.5), CAMERA_AXES, camera_intrinsic=INTRINSICS.tolist()),
    pose_row((700 + AHEAD[0], 300 + AHEAD[1], 0), turned(32)),
)


def in_world(calibration, points):
    """Sensor frame -> ego frame -> frame of the floor and the wall, whose origin is (700, 300)."""
    for pose in calibration:
        points = points @ Quaternion(pose['rotation']).rotation_matrix.T + pose['translation']
    return (points - (700, 300, 0)) @ turned(30)


def meet(start, direction):
    """Distance along one ray and class of what it meets, (inf, SKY) if nothing."""
    best = np.inf, SKY
    if direction[2] < 0:
        best = -start[2] / direction[2], FLOOR
    if direction[0] > 0:
        distance = (WALL_AT - start[0]) / direction[0]
        if WALL_RIGHT < start[1] + distance * direction[1] < WALL_LEFT and distance < best[0]:
            best = distance, WALL
    return best


def photograph(camera):
    """Depth map and class map of the world, one ray a pixel."""
    start = in_world(camera, np.zeros((1, 3)))[0]
    depth_map, class_map = np.zeros((HEIGHT, WIDTH)), np.zeros((HEIGHT, WIDTH), np.uint8)
    for row in range(HEIGHT):
        for column in range(WIDTH):
            ray = np.linalg.inv(INTRINSICS) @ (column, row, 1.0)  # depth 1
            direction = in_world(camera, ray[None])[0] - start
            depth_map[row, column], class_map[row, column] = meet(start, direction)
    return depth_map, class_map


def swept(noise, rng):
    """A sweep of the world with range noise, and its labels."""
    start = in_world(LIDAR, np.zeros((1, 3)))[0]
    points, labels = [], []
    for elevation in np.radians(np.linspace(-25, 10, 30)):
        for azimuth in np.radians(np.linspace(0, 360, 240, endpoint=False)):
            beam = np.array(
                [
                    np.cos(elevation) * np.cos(azimuth),
                    np.cos(elevation) * np.sin(azimuth),
                    np.sin(elevation),
                ]
            )
            distance, label = meet(start, in_world(LIDAR, beam[None])[0] - start)
            if distance < 60:
                points.append(beam * (distance + rng.normal(0, noise)))
                labels.append(label)
    return np.array(points), np.array(labels, dtype=np.uint8)


@pytest.fixture(scope='module')
def maps():
    return photograph(CAMERA)


@pytest.fixture(scope='module')
def sweep():
    return swept(0.02, np.random.default_rng(0))


def agreement(maps, sweep, camera=CAMERA, margin=0.15):
    points, labels = sweep
    return compare(project(points, LIDAR, camera, (HEIGHT, WIDTH)), labels, *maps, margin)


def test_one_world_agrees_within_the_noise(maps, sweep):
    found = agreement(maps, sweep)
    assert {FLOOR, WALL} == set(found.residual_labels.tolist())
    assert len(found.residuals) > 400
    assert 0.01 < robust_spread(found.residuals) < 0.03
    assert np.mean(np.abs(found.residuals) < 0.1) > 0.99
    assert np.mean(found.labels == found.classes) > 0.99
    assert found.hidden < 0.02


def test_without_noise_the_surface_is_met_exactly(maps):
    found = agreement(maps, swept(0.0, np.random.default_rng(0)))
    assert np.abs(found.residuals).max() < 1e-6
    assert (found.labels == found.classes).all()


def test_left_out_ego_motion_is_found(maps, sweep):
    """The wall is 0.6 m too far, and its edges are elsewhere."""
    still = Calibration(CAMERA.sensor, LIDAR.ego)
    right, wrong = agreement(maps, sweep), agreement(maps, sweep, still, margin=1.0)
    on_wall = wrong.residual_labels == WALL
    assert np.median(wrong.residuals[on_wall]) == pytest.approx(SPEED, abs=0.1)
    assert np.mean(wrong.labels == wrong.classes) < np.mean(right.labels == right.classes) - 0.01
    assert agreement(maps, sweep, still).hidden > 0.3  # by the usual margin they are behind it


def test_another_label_is_found(maps, sweep):
    points, labels = sweep
    wrong = agreement(maps, (points, np.where(labels == WALL, FLOOR, labels)))
    assert np.mean(wrong.labels == wrong.classes) < 0.9


def test_points_before_the_surface_count_and_those_behind_are_hidden(maps, sweep):
    points, labels = sweep
    near, far = agreement(maps, (points * 0.9, labels)), agreement(maps, (points * 1.1, labels))
    assert np.median(near.residuals) < -0.3 and near.hidden == 0
    assert far.hidden > 0.9


def test_surfaces_between_pixels():
    """Of a plane z = 1 / (a + b u + c v) every position is exact; an edge is not smooth."""
    rows, columns = np.mgrid[:20, :30]
    depth_map = 1 / (0.02 + 0.001 * columns + 0.002 * rows)
    positions = np.random.default_rng(1).uniform(2, 17, (200, 2))
    seen = surfaces_at(depth_map, positions)
    assert seen.smooth.all()
    np.testing.assert_allclose(
        seen.depth, 1 / (0.02 + 0.001 * positions[:, 0] + 0.002 * positions[:, 1]), rtol=1e-12
    )
    depth_map[:, 10:] = np.inf
    beside = surfaces_at(depth_map, positions)
    np.testing.assert_array_equal(beside.smooth, positions[:, 0] < 8)
    depth_map[:, 10:] = 3.0
    np.testing.assert_array_equal(
        surfaces_at(depth_map, positions).smooth, (positions[:, 0] < 8) | (positions[:, 0] >= 11)
    )


@pytest.mark.parametrize('reach', [1, 2])
def test_edges_of_classes(reach):
    class_map = np.random.default_rng(2).choice([3, 7], (12, 15), p=[0.97, 0.03])
    rows, columns = (grid.ravel() for grid in np.mgrid[:12, :15])
    inner = inside_one_class(class_map, (rows, columns), reach)
    for row, column, found in zip(rows, columns, inner, strict=True):
        window = class_map[
            max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1
        ]
        assert found == (len(np.unique(window)) == 1)
    assert 0 < inner.mean() < 1


def test_points_that_no_image_shows_are_left_out():
    inside = project(
        np.array([[0.0, 5, -1], [0, -5, -1], [np.nan, 0, 0], [0, 0.5, 0]]),
        LIDAR,
        CAMERA,
        (HEIGHT, WIDTH),
    )
    assert inside.index.tolist() == [0]


def test_robust_spread_is_the_deviation_of_normal_noise():
    values = np.random.default_rng(3).normal(5, 0.3, 20000)
    values[:500] = 1e6
    assert robust_spread(values) == pytest.approx(0.3, rel=0.05)
