"""Grids of rays: where rays go, and windows that leave out no ray that hits."""

from __future__ import annotations

import numpy as np
import pytest
from grids import CAM2IMG, GRIDS, HOME, camera_pose, parallel, pinhole, spinning

from stslidr.core.geometry import invert_rigid, project_points
from stslidr_city.raycasting.placement import place
from stslidr_city.raycasting.rays import ParallelRays, PinholeRays, SpinningRays
from stslidr_city.solids.shapes import Polyhedron
from stslidr_city.solids.solids import Part, Pose, SceneObject, Solid, Standing
from support.reference_casting import MAKERS, Straight, search, to_object, turned


def corners_of(grid, each):
    """Corners of the object's bounds while the grid's rays are cast."""
    placements = place(grid, [each])
    return placements.corners(grid, np.array([0]), each.solid.bounds[None])[0]


def mask_of(grid, windows):
    """Rays in the windows, bool (rows, columns); no two windows overlap."""
    count = np.zeros(grid.shape, dtype=int)
    for window in windows:
        count[window] += 1
    assert count.max(initial=0) <= 1
    return count > 0


@pytest.mark.parametrize('maker', GRIDS)
@pytest.mark.parametrize('seed', range(3))
def test_rays_are_where_first_principles_put_them(maker, seed):
    grid, origins, directions, times = maker(np.random.default_rng(seed))
    every = np.arange(len(directions))
    assert grid.directions.dtype == grid.offsets.dtype == np.float32
    assert grid.centre.dtype == grid.times.dtype == np.float64
    assert np.abs(grid.directions.reshape(-1, 3) - directions).max() < 2e-7
    offsets = np.broadcast_to(grid.offsets, grid.directions.shape).reshape(-1, 3)
    assert np.abs(grid.centre + offsets - origins).max() < 5e-5
    assert np.array_equal(np.broadcast_to(grid.times_of(every), times.shape), times)
    assert np.array_equal(np.broadcast_to(grid.starts_of(every), origins.shape), offsets)
    assert np.array_equal(
        np.broadcast_to(grid.directions_of(every), origins.shape), grid.directions.reshape(-1, 3)
    )
    assert grid.mid_time == pytest.approx((times[0] + times.max()) / 2)


@pytest.mark.parametrize('seed', range(3))
def test_pixels_project_onto_themselves(seed):
    """A nuScenes-like camera at 1600 x 900: any depth, within a thousandth of a pixel."""
    rng = np.random.default_rng(seed)
    pose = camera_pose(rng)
    cam2img = np.array([[1266.4, 0, 816.3], [0, 1266.4, 491.5], [0, 0, 1]])
    grid = PinholeRays(pose, cam2img, (900, 1600), 0.0)
    v, u = rng.integers(0, 900, 2000), rng.integers(0, 1600, 2000)
    directions = grid.directions[v, u]
    points = grid.centre + rng.uniform(1, 150, (2000, 1)) * directions
    pixels, depths = project_points(points, invert_rigid(pose)[None], cam2img[None])
    assert np.abs(pixels[0] - np.stack([u, v], axis=1)).max() < 1e-3
    assert (depths > 0).all()


def random_object(rng, far):
    """A random shape `far` times as far as its size, in any direction, moving fast or standing."""
    sample = MAKERS[rng.integers(len(MAKERS))](rng)
    x, y, z = HOME + rng.normal(size=3) * (far, far, 1 + far / 4)
    motion = Straight(Pose(x, y, z, rng.uniform(-4, 4)), tuple(rng.normal(size=2) * 20))
    if rng.random() < 0.5:
        motion = Standing(Pose(x, y, z, rng.uniform(-4, 4)))
    return sample, SceneObject(Solid((Part(sample.shape, 'metal'),), 0), motion)


@pytest.mark.parametrize('maker', GRIDS)
def test_no_ray_that_hits_is_left_out(maker):
    """Near objects around the sensor, behind it and at the edges, and far ones."""
    rng = np.random.default_rng(7)
    met = small = 0
    for number in range(30):
        grid, origins, directions, times = maker(rng)
        sample, each = random_object(rng, far=(2, 5, 15)[number % 3])
        mask = mask_of(grid, grid.windows(corners_of(grid, each)))
        yaw = each.motion.pose_at(grid.mid_time).yaw
        distances, _ = search(
            sample.gauge, to_object(each, times, grid.mid_time, origins), turned(directions, -yaw)
        )
        hit = np.isfinite(distances)
        assert mask.ravel()[hit].all()
        bound = grid.nearest(corners_of(grid, each)[None])[0]
        assert distances.min() > bound - 1e-3
        met += hit.any()
        small += 0 < mask.mean() < 0.5
    assert met > 6 and small > 6  # far from all hulls fill the grid


@pytest.mark.parametrize('maker', GRIDS)
def test_windows_of_boxes_are_tight(maker):
    """A box some way off: hardly more rows and columns than those that hit."""
    rng = np.random.default_rng(3)
    compared = 0
    while compared < 10:
        grid, origins, directions, times = maker(rng)
        half = rng.uniform(1, 3, 3)
        position = HOME + np.array([*rng.normal(size=2) * 15, rng.uniform(-3, 1)])
        box = Polyhedron.box(-half, half)
        each = SceneObject(
            Solid((Part(box, 'metal'),), 0), Standing(Pose(*position, rng.uniform(-4, 4)))
        )
        windows = grid.windows(corners_of(grid, each))
        if not windows or np.hypot(*(position - HOME)[:2]) < 8:
            continue
        yaw = each.motion.pose_at(0).yaw
        distances, _ = search(
            lambda points, half=half: (np.abs(points) - half).max(axis=1),
            to_object(each, times, grid.mid_time, origins),
            turned(directions, -yaw),
        )
        hit = np.isfinite(distances).reshape(grid.shape)
        mask = mask_of(grid, windows)
        rows, columns = hit.any(axis=1).sum(), hit.any(axis=0).sum()
        border = hit[[0, -1]].any() or hit[:, [0, -1]].any()  # the box may reach beyond
        if not rows or (border and maker is not spinning):
            continue
        compared += 1
        loose = (4, 6) if maker is spinning else (1, 1)
        assert rows <= mask.any(axis=1).sum() <= rows + loose[0]
        assert columns <= mask.any(axis=0).sum() <= columns + loose[1]


def box_at(low, high):
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    return np.where(corners, high, low).astype(np.float32)


def plain_lidar():
    """One that stands still: 90 columns of 4 degrees from azimuth 0, 5 rows of -20 to 20."""
    poses = np.tile(np.eye(4), (90, 1, 1))
    return SpinningRays(
        poses,
        np.deg2rad(4.0 * np.arange(90)),
        np.deg2rad([-20, -10, 0, 10, 20]),
        np.linspace(0, 0.05, 90),
    )


def test_a_window_that_wraps_around_is_two():
    """Straight ahead, 10 degrees to both sides: columns from 0 to 8 and from 352 degrees on."""
    grid = plain_lidar()
    windows = grid.windows(box_at((10, -10 * np.tan(np.deg2rad(10)), -0.5), (12, 1.76, 0.5)))
    assert [columns for _, columns in windows] == [slice(0, 3), slice(88, 90)]
    assert {(rows.start, rows.stop) for rows, _ in windows} == {(2, 3)}


def test_what_stands_around_the_axis_gets_all_columns():
    grid = plain_lidar()
    assert grid.windows(box_at((-9, -9, -2), (9, 9, -1))) == [(slice(0, 2), slice(0, 90))]
    assert grid.windows(box_at((-1, -1, -2), (1, 1, 2))) == [(slice(0, 5), slice(0, 90))]


def test_a_long_wall_is_near_in_its_middle():
    """From its ends, 30 m away, it is low; beside the sensor all but the lowest rays hit it."""
    ((rows, columns),) = plain_lidar().windows(box_at((-30, 2, -0.5), (30, 2.3, 3)))
    assert (rows.start, rows.stop) == (1, 5)
    assert columns.start <= 1 and columns.stop >= 45


def test_a_lidar_that_drives_on_comes_nearer_than_from_its_middle():
    poses = np.tile(np.eye(4), (9, 1, 1))
    poses[:, 0, 3] = np.linspace(0, 1, 9)
    grid = SpinningRays(poses, np.zeros(9), np.zeros(1), np.linspace(0, 0.05, 9))
    assert grid.centre[0] == 0.5
    wall = box_at((9.5, -0.1, -0.1), (9.6, 0.1, 0.1))  # 10 m from the start, 9 m from the end
    assert 8.9 < grid.nearest(wall[None])[0] <= 9


def test_what_no_ray_reaches_gets_no_window():
    lidar = plain_lidar()
    assert lidar.windows(box_at((10, -1, 8), (12, 1, 9))) == []
    camera = PinholeRays(np.eye(4), CAM2IMG, (36, 64), 0.0)
    assert camera.windows(box_at((-1, -1, -5), (1, 1, -1))) == []
    assert camera.windows(box_at((100, -1, 5), (101, 1, 6))) == []
    sun = ParallelRays((0, 0, 0), (0, 0, -1), 10.0, 0.5, 0.0)
    assert sun.windows(box_at((6, 0, 0), (7, 1, 1))) == []


def test_a_box_around_the_camera_fills_the_image():
    camera = PinholeRays(np.eye(4), CAM2IMG, (36, 64), 0.0)
    assert camera.windows(box_at((-1, -1, -1), (1, 1, 1))) == [(slice(0, 36), slice(0, 64))]


def test_a_box_beside_the_camera_is_bounded_by_its_front_end():
    """It reaches from behind the camera to 10 m before it, 2 m to the right."""
    camera = PinholeRays(np.eye(4), CAM2IMG, (36, 64), 0.0)
    ((rows, columns),) = camera.windows(box_at((2, -1, -5), (3, 1, 10)))
    assert (rows.start, rows.stop) == (0, 36)
    # u of the front end's left edge is 31.5 + 40 * 2 / 10
    assert (columns.start, columns.stop) == (40, 64)


@pytest.mark.parametrize('direction', [(0, 0, -1), (0.3, -0.4, -0.5), (-5, 1, -0.2)])
def test_points_have_coordinates_in_the_suns_grid(direction):
    """Rows, columns and distance lead back to the point."""
    rng = np.random.default_rng(0)
    grid = ParallelRays(HOME, direction, 30.0, 0.5, 0.0)
    rows, columns = rng.integers(0, 60, (2, 200))
    distances = rng.uniform(300, 500, 200)
    points = grid.offsets[rows, columns] + distances[:, None] * grid.directions[rows, columns]
    found = grid.coordinates(points)
    for values, expected in zip(found, (rows, columns, distances), strict=True):
        assert np.abs(values - expected).max() < 1e-3
    middle = grid.coordinates(np.zeros((1, 3)))
    assert [float(each[0]) for each in middle[:2]] == pytest.approx([29.5, 29.5])
    steps = grid.offsets[1:, 0] - grid.offsets[:-1, 0], grid.offsets[0, 1:] - grid.offsets[0, :-1]
    for step in steps:
        assert np.allclose(np.linalg.norm(step, axis=-1), 0.5, atol=1e-4)


def test_grids_have_their_sizes():
    rng = np.random.default_rng(0)
    shapes = [maker(rng).grid.shape for maker in (pinhole, spinning, parallel)]
    assert shapes == [(36, 64), (12, 200), (50, 50)]
