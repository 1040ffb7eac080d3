"""Calibrations of info files against projecting with the matrices as they stand there."""

import numpy as np
import pytest

from stslidr.errors import InputError
from stslidr.files.camera_calibration import read_calibration, read_calibrations
from stslidr.files.info_entries import InfoEntry

INTRINSIC = np.array([[700.0, 2.0, 600.0], [0.0, 710.0, 180.0], [0.0, 0.0, 1.0]])
OFFSET = np.array([44.8, 0.2, 0.003])
"""The fourth column of KITTI's P2, nearly."""


def rotation(angle):
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]])


def camera(columns=3, rows=3, **changes):
    projection = np.eye(4)
    projection[:3, :3] = INTRINSIC
    projection[:3, 3] = OFFSET
    lidar2cam = np.eye(4)
    lidar2cam[:3, :3], lidar2cam[:3, 3] = rotation(0.3), (0.1, -0.2, 0.4)
    return InfoEntry(
        'a.pkl: sample 0, images, CAM',
        {
            'cam2img': projection[:rows, :columns].tolist(),
            'lidar2cam': lidar2cam.tolist(),
            **changes,
        },
    )


@pytest.mark.parametrize(('rows', 'columns'), [(3, 3), (3, 4), (4, 4)])
def test_points_fall_on_the_same_pixels(rows, columns):
    entry = camera(columns, rows)
    cam2img, lidar2cam = read_calibration(entry)
    assert (cam2img.shape, lidar2cam.shape) == ((3, 3), (4, 4))
    points = np.random.default_rng(0).uniform((-5, -5, 5, 1), (5, 5, 30, 1), (50, 4))
    stated = np.zeros((3, 4))
    stated[:, :columns] = np.array(entry.values['cam2img'])[:3]
    expected = points @ np.array(entry.values['lidar2cam']).T @ stated.T
    found = (points @ lidar2cam.T)[:, :3] @ cam2img.T
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ('changes', 'said'),
    [
        ({'cam2img': np.eye(3) * [-1, 1, 1]}, r'cam2img .* is not \[\[fx, s, cx\]'),
        ({'cam2img': np.ones((3, 3))}, r'cam2img .* is not \[\[fx, s, cx\]'),
        ({'lidar2cam': np.diag([1, 1, -1, 1])}, 'lidar2cam .* is not rigid'),
        ({'lidar2cam': np.diag([1, 1.01, 1, 1])}, 'lidar2cam .* is not rigid'),
        ({'lidar2cam': np.eye(3)}, 'lidar2cam'),
        ({'cam2img': None}, 'cam2img is None'),
    ],
)
def test_no_pinhole_camera(changes, said):
    with pytest.raises(ValueError, match=f'^a.pkl: sample 0, images, CAM: {said}'):
        read_calibration(camera(**changes))


NUMBERS = [
    {},
    {'cam2img': INTRINSIC},
    {'lidar2cam': np.eye(4, dtype=np.float32)},
    {'lidar2cam': np.eye(4, dtype=int).tolist()},
    {'lidar2cam': tuple(map(tuple, np.eye(4).tolist()))},
]


@pytest.mark.parametrize('columns', [3, 4])
def test_many_at_once_are_each_by_itself(columns):
    cameras = [camera(columns, **changes) for changes in NUMBERS]
    at_once = read_calibrations(cameras)
    assert len(at_once) == len(cameras)
    for one, found in zip(cameras, at_once, strict=True):
        for matrix, expected in zip(found, read_calibration(one), strict=True):
            assert matrix.dtype == np.float64
            np.testing.assert_array_equal(matrix, expected)
    assert read_calibrations([]) == []


@pytest.mark.parametrize(
    'wrong',
    [
        {'cam2img': np.eye(3) * [-1, 1, 1]},
        {'cam2img': (np.eye(3) * [1, np.nan, 1]).tolist()},
        {'cam2img': [[1, 2], [3]]},
        {'cam2img': [['1', '0', '0'], ['0', '1', '0'], ['0', '0', '1']]},
        {'cam2img': [[10**400, 0, 0], [0, 1, 0], [0, 0, 1]]},
        {'cam2img': None},
        {'lidar2cam': np.diag([1, 1, -1, 1]).tolist()},
        {'lidar2cam': np.diag([1, 1.01, 1, 1])},
        {'lidar2cam': np.diag([1, 1, 1, 1.01]).tolist()},
        {'lidar2cam': np.full((4, 4), 1e200).tolist()},
        {'lidar2cam': np.eye(4, dtype=bool).tolist()},
        {'lidar2cam': np.eye(4).astype(object)},
    ],
)
def test_a_wrong_one_among_many_is_told_as_by_itself(wrong):
    bad = camera(**wrong)
    with pytest.raises(InputError) as alone:
        read_calibration(bad)
    with pytest.raises(InputError) as among:
        read_calibrations([camera(), camera(), bad, camera()])
    assert str(among.value) == str(alone.value)
