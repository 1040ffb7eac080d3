"""Poses in the tables, read back by nuscenes-devkit's own transforms."""

from __future__ import annotations

import json

import numpy as np
import pytest
from nuscenes.utils.geometry_utils import transform_matrix
from pyquaternion import Quaternion

from stslidr_city.dataset.poses import heading_quaternion, pose_fields
from stslidr_city.recording.rig import Rig


def read_back(fields):
    """ego2global or sensor2ego (4, 4) as the devkit makes it, after a way through JSON."""
    fields = json.loads(json.dumps(fields))
    return transform_matrix(fields['translation'], Quaternion(fields['rotation']))


def random_pose(rng):
    pose = np.eye(4)
    pose[:3, :3] = Quaternion(rng.normal(size=4)).rotation_matrix
    pose[:3, 3] = rng.uniform(-3000, 3000, 3)
    return pose


def test_any_rigid_transform_comes_back():
    rng = np.random.default_rng(0)
    for _ in range(300):
        pose = random_pose(rng)
        found = read_back(pose_fields(pose))
        assert np.array_equal(found[:3, 3], pose[:3, 3])  # 17 digits are all of a float64
        np.testing.assert_allclose(found, pose, rtol=0, atol=1e-12)


@pytest.mark.parametrize('axis', [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, -2, 3)])
@pytest.mark.parametrize('degrees', [0, 1e-6, 90, 179.999999, 180, -180, 270])
def test_half_turns_and_none_come_back_too(axis, degrees):
    """The trace of a rotation says least about it there."""
    pose = np.eye(4)
    pose[:3, :3] = Quaternion(axis=axis, degrees=degrees).rotation_matrix
    np.testing.assert_allclose(read_back(pose_fields(pose)), pose, rtol=0, atol=1e-9)


def test_quaternions_are_unit_and_one_of_two():
    """A rotation has two quaternions: the one with w >= 0 is written, so bytes do not flip."""
    rng = np.random.default_rng(1)
    for _ in range(100):
        quaternion = np.array(pose_fields(random_pose(rng))['rotation'])
        assert quaternion[0] >= 0
        assert np.linalg.norm(quaternion) == pytest.approx(1, abs=1e-12)


def test_every_sensor_of_the_rig_comes_back():
    for sensor2ego in Rig((1600, 900)).sensor2ego.values():
        found = read_back(pose_fields(sensor2ego))
        np.testing.assert_allclose(found, sensor2ego, rtol=0, atol=1e-12)


def test_headings_turn_about_z_alone():
    """The devkit finds the heading again, up to whole turns."""
    for yaw in np.linspace(-7, 7, 99):
        quaternion = Quaternion(heading_quaternion(float(yaw)))
        found, _, _ = quaternion.yaw_pitch_roll
        assert np.exp(1j * found) == pytest.approx(np.exp(1j * yaw))
        np.testing.assert_allclose(quaternion.rotation_matrix[2], [0, 0, 1], atol=1e-12)
        assert all(type(value) is float for value in heading_quaternion(float(yaw)))
