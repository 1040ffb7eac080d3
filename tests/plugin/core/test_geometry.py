"""Rigid transforms against pyquaternion, general inverses and a point-by-point chain."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from pyquaternion import Quaternion

from stslidr.core.geometry import (
    compose_lidar2cam,
    invert_rigid,
    project_points,
    rigid_transform,
    rotation_matrix,
)


def random_pose(rng, reach):
    return rng.normal(size=4), rng.uniform(-reach, reach, size=3)


@pytest.mark.parametrize('seed', range(5))
def test_rotation_is_pyquaternions(seed):
    quaternion = np.random.default_rng(seed).normal(size=4)
    ours = rotation_matrix(quaternion)
    assert np.allclose(ours, Quaternion(quaternion).rotation_matrix, rtol=0, atol=1e-14)


def test_known_rotations():
    """w comes first: (w, x, y, z) = (cos 45, 0, 0, sin 45) turns x into y."""
    half = np.sqrt(0.5)
    assert np.allclose(rotation_matrix([half, 0, 0, half]) @ [1, 0, 0], [0, 1, 0], atol=1e-15)
    assert np.allclose(rotation_matrix([half, half, 0, 0]) @ [0, 1, 0], [0, 0, 1], atol=1e-15)
    assert np.array_equal(rotation_matrix([-3, 0, 0, 0]), np.eye(3))


@pytest.mark.parametrize(
    'quaternion', [[0, 0, 0, 0], [1, 0, 0], [np.nan, 0, 0, 1], [np.inf, 0, 0, 0], [[1, 0, 0, 0]]]
)
def test_bad_quaternions_are_refused(quaternion):
    with pytest.raises(ValueError, match='quaternion'):
        rotation_matrix(quaternion)


def test_rigid_transform_turns_then_moves():
    half = np.sqrt(0.5)
    transform = rigid_transform([half, 0, 0, half], [10, 20, 30])
    assert np.allclose(transform @ [1, 0, 0, 1], [10, 21, 30, 1])
    with pytest.raises(ValueError):
        rigid_transform([1, 0, 0, 0], [1, 2])


def test_inverse_of_far_away_poses():
    rng = np.random.default_rng(0)
    transforms = np.stack([rigid_transform(*random_pose(rng, 5000)) for _ in range(20)])
    inverses = invert_rigid(transforms)
    assert np.allclose(inverses, np.linalg.inv(transforms), rtol=0, atol=1e-10)
    assert np.allclose(inverses @ transforms, np.eye(4), rtol=0, atol=1e-11)
    assert np.array_equal(inverses[:, :3, :3], transforms[:, :3, :3].transpose(0, 2, 1))
    assert np.array_equal(inverses[3], invert_rigid(transforms[3]))


def test_inverse_refuses_what_is_not_rigid():
    scaled = np.diag([2.0, 2.0, 2.0, 1.0])
    for bad in (scaled, np.full((4, 4), np.nan), np.eye(3), np.ones(4)):
        with pytest.raises(ValueError):
            invert_rigid(bad)


def test_lidar2cam_is_the_four_step_chain():
    """Each step done on the point itself, as the devkit does, in float64."""
    rng = np.random.default_rng(1)
    lidar, cam = random_pose(rng, 2), random_pose(rng, 2)
    ego_at_lidar, ego_at_cam = random_pose(rng, 2000), random_pose(rng, 2000)
    points = rng.uniform(-50, 50, size=(30, 3))
    lidar2cam = compose_lidar2cam(
        *(rigid_transform(*pose) for pose in (lidar, ego_at_lidar, ego_at_cam, cam))
    )

    for point in points:
        moved = point
        for quaternion, translation in (lidar, ego_at_lidar):
            moved = Quaternion(quaternion).rotate(moved) + translation
        for quaternion, translation in (ego_at_cam, cam):
            moved = Quaternion(quaternion).inverse.rotate(moved - translation)
        assert np.allclose((lidar2cam @ [*point, 1])[:3], moved, rtol=0, atol=1e-9)


def test_lidar2cam_of_a_vehicle_that_drives_on():
    """Two metres ahead between the two time stamps: what was 10 m ahead is 8 m ahead."""
    none = np.eye(4)
    later = rigid_transform([1, 0, 0, 0], [2, 0, 0])
    assert np.allclose(compose_lidar2cam(none, none, later, none) @ [10, 0, 0, 1], [8, 0, 0, 1])


def test_lidar2cam_of_the_keyframe_is_that_of_mmdet3d(keyframe_root):
    """Their converter wrote float32 numbers, here of up to 1 m."""
    from nuscenes.nuscenes import NuScenes

    tables = NuScenes('v1.0-mini', str(keyframe_root), verbose=False)
    sample = tables.get('sample', 'ca9a282c9e77460f8360f564131a8af5')

    def poses(channel):
        record = tables.get('sample_data', sample['data'][channel])
        calibrated = tables.get('calibrated_sensor', record['calibrated_sensor_token'])
        ego = tables.get('ego_pose', record['ego_pose_token'])
        return [
            rigid_transform(pose['rotation'], pose['translation']) for pose in (calibrated, ego)
        ]

    lidar2ego, ego2global_at_lidar = poses('LIDAR_TOP')
    with open(keyframe_root / 'mmdet3d_infos.pkl', 'rb') as file:
        images = pickle.load(file)['data_list'][0]['images']
    assert len(images) == 6
    for channel, info in images.items():
        cam2ego, ego2global_at_cam = poses(channel)
        ours = compose_lidar2cam(lidar2ego, ego2global_at_lidar, ego2global_at_cam, cam2ego)
        assert np.allclose(ours, info['lidar2cam'], rtol=0, atol=6e-8), channel


def test_projection_by_hand():
    """f = 100, principal point (50, 40): a point 2 m ahead, 1 m right, 0.5 m down."""
    cam2img = np.array([[[100, 0, 50], [0, 100, 40], [0, 0, 1.0]]])
    shifted = rigid_transform([1, 0, 0, 0], [0, 0, 1])[None]
    pixels, depths = project_points([[1, 0.5, 2], [1, 0.5, 1]], np.eye(4)[None], cam2img)
    assert np.array_equal(pixels, [[[100, 65], [150, 90]]])
    assert np.array_equal(depths, [[2, 1]])
    assert np.array_equal(project_points([[1, 0.5, 1]], shifted, cam2img)[0], [[[100, 65]]])


@pytest.mark.parametrize(
    'points, lidar2cam, cam2img',
    [
        (np.zeros((5, 4)), np.zeros((2, 4, 4)), np.zeros((2, 3, 3))),
        (np.zeros(3), np.zeros((2, 4, 4)), np.zeros((2, 3, 3))),
        (np.zeros((5, 3)), np.zeros((2, 4, 4)), np.zeros((1, 3, 3))),
        (np.zeros((5, 3)), np.zeros((2, 3, 4)), np.zeros((2, 3, 3))),
        (np.zeros((5, 3)), np.zeros((2, 4, 4)), np.zeros((2, 4, 4))),
    ],
)
def test_projection_refuses_other_shapes(points, lidar2cam, cam2img):
    with pytest.raises(ValueError, match='must be|need'):
        project_points(points, lidar2cam, cam2img)
