"""Pairs against nuscenes-devkit on the keyframe and against a loop over points and cameras."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stslidr.core.geometry import compose_lidar2cam, project_points, rigid_transform
from stslidr.core.pairing import PointPixelPairs, pair_points

CAMERAS = (
    'CAM_FRONT',
    'CAM_FRONT_RIGHT',
    'CAM_BACK_RIGHT',
    'CAM_BACK',
    'CAM_BACK_LEFT',
    'CAM_FRONT_LEFT',
)
FORWARD = np.eye(4)[None]  # the camera looks along the LiDAR's z axis
UNIT = np.eye(3)[None]  # u = x / z, v = y / z


def pair_by_loop(points, lidar2cam, cam2img, image_sizes, min_depth=1.0):
    """One point and one camera at a time, in Python floats."""
    found = []
    for image, (extrinsic, intrinsic, (height, width)) in enumerate(
        zip(lidar2cam.tolist(), cam2img.tolist(), image_sizes, strict=True)
    ):
        for index, point in enumerate(np.asarray(points, dtype=np.float64).tolist()):
            x, y, z = (
                math.fsum(a * b for a, b in zip(row, [*point, 1.0], strict=True))
                for row in extrinsic[:3]
            )
            if not z > min_depth:
                continue
            u, v, scale = (
                math.fsum(a * b for a, b in zip(row, (x, y, z), strict=True)) for row in intrinsic
            )
            u, v = u / scale, v / scale
            if 0 < u < width - 1 and 0 < v < height - 1:
                found.append((image, index, round(v), round(u)))
    return found


def as_tuples(pairs):
    return list(
        zip(pairs.images.tolist(), pairs.points.tolist(), *pairs.pixels.T.tolist(), strict=True)
    )


@given(st.integers(0, 2**32 - 1), st.integers(0, 5), st.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_pairs_of_any_rig_are_those_of_the_loop(seed, cameras, count):
    """Any number of cameras, each with its own size, intrinsics and place."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(-20, 20, size=(count, 3)).astype(np.float32)
    lidar2cam = np.array(
        [rigid_transform(rng.normal(size=4), rng.normal(size=3)) for _ in range(cameras)]
    ).reshape(-1, 4, 4)
    sizes = rng.integers(1, 400, size=(cameras, 2))
    cam2img = np.zeros((cameras, 3, 3))
    cam2img[:, 0, 0], cam2img[:, 1, 1] = rng.uniform(10, 300, size=(2, cameras))
    cam2img[:, 0, 2], cam2img[:, 1, 2] = sizes[:, 1] / 2, sizes[:, 0] / 2
    cam2img[:, 2, 2] = 1
    pairs = pair_points(points, lidar2cam, cam2img, sizes)
    assert as_tuples(pairs) == pair_by_loop(points, lidar2cam, cam2img, sizes)


def test_borders_are_outside_and_halves_go_to_even():
    """u = x / 2, v = y / 2 in a 5 x 8 image, exact in floats; x, y step over both borders."""
    steps = np.arange(-4, 20) / 2
    points = np.array([(x, y, 2.0) for x in steps for y in steps])
    sizes = [(5, 8)]
    scale = np.diag([1.0, 1.0, 1.0])[None]
    pairs = pair_points(points, FORWARD, scale, sizes)
    assert as_tuples(pairs) == pair_by_loop(points, FORWARD, scale, sizes)

    def paired(x, y):
        return pair_points([(x, y, 2.0)], FORWARD, UNIT, sizes).pixels.tolist()

    assert paired(0, 2) == paired(2, 0) == paired(14, 2) == paired(2, 8) == []
    assert paired(13.99, 7.99) == [[4, 7]]
    assert paired(0.01, 0.01) == [[0, 0]]
    assert paired(5, 3) == [[2, 2]]  # (2.5, 1.5) -> column 2, row 2
    assert paired(7, 5) == [[2, 4]]


def test_depth_is_strict_and_configurable():
    points = [(0.5, 0.5, 1.0), (0.5, 0.5, np.nextafter(1, 2)), (-3, -3, -1), (0, 0, 0)]
    assert pair_points(points, FORWARD, UNIT, [(9, 9)]).points.tolist() == [1]
    assert pair_points(points, FORWARD, UNIT, [(9, 9)], min_depth=0.5).points.tolist() == [0, 1]
    assert pair_points(points, FORWARD, UNIT, [(9, 9)], min_depth=-2).points.tolist() == [0, 1, 2]


def test_points_that_are_not_finite_never_pair():
    bad = [np.nan, np.inf, -np.inf]
    points = [(a, b, c) for a in [*bad, 3.0] for b in [*bad, 3.0] for c in [*bad, 3.0]]
    with np.errstate(all='raise'):
        pairs = pair_points(points, FORWARD, UNIT, [(9, 9)])
    assert as_tuples(pairs) == [(0, len(points) - 1, 1, 1)]


def test_a_point_seen_twice_gives_two_pairs():
    pairs = pair_points(
        [(4, 4, 2)], np.tile(FORWARD, (3, 1, 1)), np.tile(UNIT, (3, 1, 1)), [(9, 9), (2, 2), (4, 7)]
    )
    assert as_tuples(pairs) == [(0, 0, 2, 2), (2, 0, 2, 2)]
    assert pairs.count_per_image(3).tolist() == [1, 0, 1]


def test_empty_sweep_and_no_camera():
    empty = pair_points(np.empty((0, 3)), FORWARD, UNIT, [(9, 9)])
    blind = pair_points(np.ones((4, 3)), np.empty((0, 4, 4)), np.empty((0, 3, 3)), np.empty((0, 2)))
    for pairs in (empty, blind):
        assert len(pairs) == 0 and pairs.pixels.shape == (0, 2)
        assert pairs.points.dtype == pairs.images.dtype == pairs.pixels.dtype == np.int64
    assert empty.count_per_image(2).tolist() == [0, 0]
    assert blind.count_per_image(0).tolist() == []


@pytest.mark.parametrize('sizes', [[(9, 9), (9, 9)], [9, 9], [(9, 9, 3)]])
def test_sizes_of_other_cameras_are_refused(sizes):
    with pytest.raises(ValueError, match='image_sizes'):
        pair_points(np.ones((4, 3)), FORWARD, UNIT, sizes)


def test_pairs_select_and_follow_their_points():
    pairs = PointPixelPairs(
        np.array([0, 2, 3, 2]), np.array([0, 0, 1, 1]), np.array([[1, 2], [3, 4], [5, 6], [7, 8]])
    )
    assert as_tuples(pairs.select(np.array([3, 0]))) == [(1, 2, 7, 8), (0, 0, 1, 2)]
    assert len(pairs.select(np.zeros(4, dtype=bool))) == 0
    kept = pairs.keep_points(np.array([False, True, True, True, False]))
    assert as_tuples(kept) == [(0, 1, 3, 4), (1, 2, 5, 6), (1, 1, 7, 8)]
    assert kept.points.dtype == np.int64
    assert len(pairs.keep_points(np.zeros(5, dtype=bool))) == 0
    assert pairs.points.tolist() == [0, 2, 3, 2]


def test_pairs_of_unlike_lengths_are_refused():
    with pytest.raises(ValueError, match='pairs need'):
        PointPixelPairs(np.zeros(3, int), np.zeros(2, int), np.zeros((3, 2), int))
    with pytest.raises(ValueError, match='pairs need'):
        PointPixelPairs(np.zeros(3, int), np.zeros(3, int), np.zeros((3, 3), int))


@pytest.fixture(scope='module')
def explorer(keyframe_root):
    from nuscenes.nuscenes import NuScenes, NuScenesExplorer

    return NuScenesExplorer(NuScenes('v1.0-mini', str(keyframe_root), verbose=False))


def calibration(tables, sensor_token):
    """The record, its matrices sensor2ego and ego2global, and its intrinsics."""
    record = tables.get('sample_data', sensor_token)
    sensor = tables.get('calibrated_sensor', record['calibrated_sensor_token'])
    ego = tables.get('ego_pose', record['ego_pose_token'])
    matrices = [rigid_transform(pose['rotation'], pose['translation']) for pose in (sensor, ego)]
    return record, *matrices, sensor['camera_intrinsic']


def test_pairs_of_the_keyframe_are_the_devkits(explorer, keyframe_root):
    """All six cameras: the devkit's set and exactly the points with 0 < u <= 1 or 0 < v <= 1.

    The devkit keeps the cloud in float32 while it is in the global frame, kilometres from its
    origin, so that its points are up to some 0.1 mm off: a tenth of a pixel for the nearest.
    """
    tables = explorer.nusc
    sample = tables.get('sample', 'ca9a282c9e77460f8360f564131a8af5')
    lidar_token = sample['data']['LIDAR_TOP']
    sweep, lidar2ego, ego_at_lidar, _ = calibration(tables, lidar_token)
    points = np.fromfile(keyframe_root / sweep['filename'], np.float32).reshape(-1, 5)[:, :3]
    assert len(points) == 34688

    cameras = [calibration(tables, sample['data'][name]) for name in CAMERAS]
    lidar2cam = np.stack(
        [
            compose_lidar2cam(lidar2ego, ego_at_lidar, ego_at_cam, cam2ego)
            for _, cam2ego, ego_at_cam, _ in cameras
        ]
    )
    cam2img = np.array([intrinsics for *_, intrinsics in cameras])
    sizes = np.array([(record['height'], record['width']) for record, *_ in cameras])
    pairs = pair_points(points, lidar2cam, cam2img, sizes)
    positions, depths = project_points(points, lidar2cam, cam2img)

    for image, name in enumerate(CAMERAS):
        theirs, their_depths, _ = explorer.map_pointcloud_to_image(
            lidar_token, sample['data'][name]
        )
        ours = pairs.select(pairs.images == image)
        at_border = np.any(positions[image, ours.points] <= 1, axis=1)
        common = ours.select(~at_border)
        # Both are in file order: equal numbers and neighbours in place and depth are equal sets.
        assert len(common) == theirs.shape[1], name
        assert np.allclose(depths[image, common.points], their_depths, rtol=0, atol=1e-3)
        assert np.allclose(positions[image, common.points], theirs[:2].T, rtol=0, atol=0.2)
        offset = np.abs(common.pixels[:, ::-1] - theirs[:2].T)
        assert offset.max() <= 0.5 + 0.2, name
        assert np.mean(common.pixels[:, ::-1] != np.rint(theirs[:2].T)) < 0.01

        # The rest are the points of the border band, all of them and nothing else.
        u, v = positions[image].T
        in_front = depths[image] > 1
        height, width = sizes[image]
        band = (u > 0) & (v > 0) & (u < width - 1) & (v < height - 1) & ((u <= 1) | (v <= 1))
        assert np.array_equal(np.flatnonzero(band & in_front), ours.points[at_border])
    assert np.all(pairs.count_per_image(6) > 2000)
