"""The sensors' places, views and times."""

import numpy as np
import pytest

from stslidr.core.geometry import invert_rigid, project_points
from stslidr_city.recording.rig import (
    BEAM_ELEVATIONS,
    CAMERAS,
    CHANNELS,
    LIDAR,
    LIDAR_HEADING,
    REVOLUTION_SECONDS,
    Rig,
    column_azimuths,
    column_delays,
    passing_delay,
    trigger_delay,
)


def project(rig, channel, in_ego):
    ego2cam = invert_rigid(rig.sensor2ego[channel])[None]
    pixels, depths = project_points(np.atleast_2d(in_ego), ego2cam, rig.cam2img[channel][None])
    return pixels[0], depths[0]


@pytest.mark.parametrize('channel', CAMERAS)
def test_a_camera_looks_where_its_mount_says(channel):
    rig, mount = Rig((1600, 900)), CAMERAS[channel]
    heading = np.radians(mount.heading)
    ahead = np.array(mount.position) + 10 * np.array([np.cos(heading), np.sin(heading), 0])
    left = ahead + [-np.sin(heading), np.cos(heading), 0]
    pixels, depths = project(rig, channel, [ahead, left, ahead + [0, 0, 1]])
    np.testing.assert_allclose(depths, 10)
    u, v = mount.principal_point
    step = mount.focal_length / 10
    np.testing.assert_allclose(pixels, [[u, v], [u - step, v], [u, v - step]], atol=1e-9)


@pytest.mark.parametrize('size', [(400, 225), (320, 240), (160, 90)])
def test_another_size_sees_the_same_directions(size):
    """Pixel centres are at integers, edges at -0.5; another height crops both sides alike."""
    full, small = Rig((1600, 900)), Rig(size)
    scale = size[0] / 1600
    points = np.random.default_rng(0).uniform((4, -3, 0), (40, 3, 4), (20, 3))
    expected, _ = project(full, 'CAM_FRONT', points)
    found, _ = project(small, 'CAM_FRONT', points)
    edges = (expected + 0.5) * scale - 0.5
    edges[:, 1] += (size[1] - 900 * scale) / 2
    np.testing.assert_allclose(found, edges, atol=1e-9)


def test_sensor_frames_are_rotations():
    for transform in Rig((1600, 900)).sensor2ego.values():
        np.testing.assert_allclose(transform[:3, :3] @ transform[:3, :3].T, np.eye(3), atol=1e-12)
        assert np.linalg.det(transform[:3, :3]) == pytest.approx(1)


def test_the_lidars_axes_are_right_forward_up():
    lidar2ego = Rig((1600, 900)).sensor2ego[LIDAR]
    np.testing.assert_allclose(lidar2ego[:3, :3], [[0, 1, 0], [-1, 0, 0], [0, 0, 1]], atol=1e-12)


def test_beams_are_the_hdl_32es():
    np.testing.assert_allclose(np.degrees(BEAM_ELEVATIONS[[0, -1]]), [-30.667, 10.667], atol=1e-3)
    np.testing.assert_allclose(np.degrees(np.diff(BEAM_ELEVATIONS)), 4 / 3)


def test_columns_turn_clockwise_once_and_end_at_the_sweeps_time():
    azimuths, delays = column_azimuths(), column_delays()
    assert (np.diff(azimuths) < 0).all() and (np.diff(delays) > 0).all()
    assert azimuths[0] - azimuths[-1] == pytest.approx(2 * np.pi * 1083 / 1084)
    assert -REVOLUTION_SECONDS < delays[0] < delays[-1] < 0
    np.testing.assert_allclose(passing_delay(azimuths + LIDAR_HEADING), delays, atol=1e-12)


def test_cameras_fire_in_turn_as_the_beams_pass():
    delays = [
        trigger_delay(channel)
        for channel in (
            'CAM_FRONT_LEFT',
            'CAM_FRONT',
            'CAM_FRONT_RIGHT',
            'CAM_BACK_RIGHT',
            'CAM_BACK',
            'CAM_BACK_LEFT',
        )
    ]
    assert delays == sorted(delays) and -REVOLUTION_SECONDS < delays[0] < delays[-1] < 0
    assert trigger_delay(LIDAR) == 0 and len(CHANNELS) == 7
    quarter = passing_delay(0.0) - passing_delay(np.pi / 2)
    assert quarter == pytest.approx(REVOLUTION_SECONDS / 4)
