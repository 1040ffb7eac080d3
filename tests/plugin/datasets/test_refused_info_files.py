"""Info files and settings that CameraLidarDataset refuses, by name."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from stslidr.core.geometry import rigid_transform


def change(rig, edit):
    """Edit the first sample's info and write the file."""
    edit(rig.infos['data_list'][0])
    rig.write_infos()


def refuse(rig, edit, said):
    """Check that the changed info file is refused, by name and with what is said."""
    change(rig, edit)
    with pytest.raises(ValueError, match=said) as error:
        rig.dataset()
    assert str(rig.root / 'infos.pkl') in str(error.value)
    assert 'sample0' in str(error.value)


@pytest.mark.parametrize(
    ('edit', 'said'),
    [
        (lambda info: info.pop('lidar_points'), "sample0 has no entry 'lidar_points'"),
        (lambda info: info['lidar_points'].pop('lidar_path'), "has no entry 'lidar_path'"),
        (lambda info: info['images']['eye0'].pop('cam2img'), "eye0 has no entry 'cam2img'"),
        (lambda info: info['images']['eye0'].pop('lidar2cam'), "eye0 has no entry 'lidar2cam'"),
        (lambda info: info['images'].clear(), 'sample0 has no image of any camera'),
        (lambda info: info.pop('images'), "sample0 has no entry 'images'"),
    ],
)
def test_an_info_file_that_lacks_something_is_refused(make_rig, edit, said):
    refuse(make_rig(), edit, said)


@pytest.mark.parametrize(
    ('key', 'value', 'said'),
    [
        ('images', None, r'images is None \(NoneType\), expected a dict'),
        ('images', [{'img_path': 'a.png'}], r'images is \[.*\] \(list\), expected a dict'),
        ('lidar_points', None, 'lidar_points is None'),
        ('lidar_points.lidar_path', None, 'lidar_points: lidar_path is None'),
        ('lidar_points.lidar_path', 7, r'lidar_points: lidar_path is 7 \(int\), expected text'),
        ('lidar_points.lidar_path', '', "lidar_path is '' .*not empty"),
        (
            'lidar_points.num_points',
            '900',
            r"num_points is '900' \(text\), expected a positive whole",
        ),
        ('lidar_points.num_points', 3000.5, r'num_points is 3000\.5 \(float\)'),
        ('lidar_points.num_points', -1, 'num_points is -1'),
        ('lidar_points.num_pts_feats', '5', r"num_pts_feats is '5' \(text\)"),
        ('lidar_points.num_pts_feats', [5], r'num_pts_feats is \[5\] \(list\)'),
        ('lidar_points.num_pts_feats', True, r'num_pts_feats is True \(bool\)'),
        ('images.eye1.img_path', 5, r'eye1: img_path is 5 \(int\), expected text'),
        ('images.eye1.img_path', np.zeros(3), r'eye1: img_path is array.* \(ndarray\)'),
        ('images.eye1.height', '48x', r"eye1: height is '48x' \(text\)"),
        ('images.eye1.height', '64', r"eye1: height is '64' \(text\)"),
        ('images.eye1.width', 0, 'eye1: width is 0'),
        ('images.eye1.width', float('nan'), r'eye1: width is nan \(float\)'),
        (
            'images.eye1.sample_data_token',
            12,
            r'eye1: sample_data_token is 12 \(int\), expected text',
        ),
        ('images.eye1.cam2img', None, 'eye1: cam2img is None'),
        (
            'images.eye1.cam2img',
            'K',
            r"eye1: cam2img is 'K' \(text\), expected a matrix of numbers",
        ),
        (
            'images.eye1.cam2img',
            [['1', '0', '0']] * 3,
            'eye1: cam2img is .*expected a matrix of num',
        ),
        (
            'images.eye1.cam2img',
            [[1, 0, 0], [0, 1], [0, 0, 1]],
            'eye1: cam2img is .*expected a matrix',
        ),
        ('images.eye1.cam2img', [[1, 0], [0, 1]], r'eye1: cam2img \(2, 2\), expected .*\(4, 4\)'),
        ('images.eye1.lidar2cam', np.eye(3), r'eye1: lidar2cam \(3, 3\), expected .*\(4, 4\)'),
        ('images.eye1.lidar2cam', [*np.eye(4)[:3].tolist(), [1]], 'eye1: lidar2cam is .*a matrix'),
        (
            'images.eye1.lidar2cam',
            np.eye(4).astype(str),
            'eye1: lidar2cam is .*a matrix of numbers',
        ),
        ('images.eye1.lidar2cam', np.eye(4) * np.nan, 'eye1: lidar2cam is not finite'),
        ('images.8', {'img_path': 'a'}, None),
    ],
)
def test_a_value_of_another_type_is_named(make_rig, key, value, said):
    *path, last = key.split('.')

    def edit(info):
        for name in path:
            info = info[name]
        info[int(last) if last.isdecimal() else last] = value

    refuse(make_rig(), edit, said or r'images has the camera 8 \(int\), expected text')


def intrinsic(**entries):
    """A cam2img (3, 3) with some entries changed: `r0c1` is that of row 0 and column 1."""
    matrix = np.array([[80.0, 0, 32], [0, 80, 32], [0, 0, 1]])
    for name, value in entries.items():
        matrix[int(name[1]), int(name[3])] = value
    return matrix


def padded(matrix, rows):
    """A cam2img of four columns and 3 or 4 rows."""
    wide = np.eye(4)
    wide[:3, :3] = matrix
    return wide[:rows]


@pytest.mark.parametrize(
    'form', [np.array, lambda matrix: padded(matrix, 3), lambda matrix: padded(matrix, 4).tolist()]
)
@pytest.mark.parametrize(
    'matrix',
    [
        np.zeros((3, 3)),
        intrinsic(r0c0=0),
        intrinsic(r0c0=-80),
        intrinsic(r1c1=-80),
        intrinsic(r0c1=80, r1c0=80),
        intrinsic(r2c2=0),
        intrinsic(r2c2=2),
        intrinsic(r2c0=1),
        intrinsic().T,
    ],
)
def test_intrinsics_of_no_pinhole_camera_are_refused(make_rig, form, matrix):
    refuse(
        make_rig(),
        lambda info: info['images']['eye1'].update(cam2img=form(matrix)),
        r'infos\.pkl: sample sample0, eye1: cam2img .* is not \[\[fx, s, cx\]',
    )


TURNED = rigid_transform((0.9, 0.1, -0.2, 0.3), (1, 2, 3))


def scaled(*factors):
    """A lidar2cam whose rows are scaled."""
    return np.diag(factors) @ TURNED


@pytest.mark.parametrize(
    'lidar2cam',
    [
        np.zeros((4, 4)),
        scaled(1, 1, -1, 1),
        scaled(2, 2, 2, 1),
        scaled(1, 1.001, 1, 1),
        scaled(1, 1, 1, 0),
        TURNED.T,
        scaled(1e300, 1, 1, 1),
        np.ones((4, 4)),
    ],
)
def test_an_extrinsic_that_is_not_rigid_is_refused(make_rig, lidar2cam):
    refuse(
        make_rig(),
        lambda info: info['images']['eye1'].update(lidar2cam=lidar2cam.tolist()),
        r'infos\.pkl: sample sample0, eye1: lidar2cam .* is not rigid',
    )


def test_calibration_that_was_stored_in_float32_is_read(make_rig):
    rig = make_rig()
    change(
        rig,
        lambda info: info['images']['eye1'].update(
            lidar2cam=TURNED.astype(np.float32),
            cam2img=intrinsic(r0c0=81.3).astype(np.float32),
            height=np.int32(64),
        ),
    )
    camera = rig.dataset().get_data_info(0)['cameras'][1]
    assert camera['cam2img'].dtype == camera['lidar2cam'].dtype == np.float64
    np.testing.assert_allclose(camera['lidar2cam'], TURNED, atol=1e-7)
    assert camera['size'] == (64, 64)


def test_a_camera_without_a_token_has_no_superpixels(make_rig):
    rig = make_rig()
    change(rig, lambda info: info['images']['eye1'].pop('sample_data_token'))
    with pytest.raises(ValueError, match='s0c01.png: the info file has no sample_data_token'):
        rig.dataset()[0]
    rig.dataset(rig.pipeline(superpixels=False))[0]


def test_a_missing_prefix_is_named_beside_those_that_are_there(make_rig):
    rig = make_rig()
    prefix = {name: rig.data_prefix[name] for name in rig.data_prefix if name != 'eye1'}
    said = "neither data_prefix nor .*infos.pkl says where the files of 'eye1' lie.*pts, eye0, Eye1"
    with pytest.raises(ValueError, match=said):
        rig.dataset(data_prefix={**prefix, 'Eye1': 'images/eye1'})


def test_a_folder_that_the_info_file_states_needs_no_prefix(make_rig):
    rig = make_rig()
    expected = rig.dataset()[0]
    rig.infos['metainfo']['folders'] = {**rig.data_prefix}
    rig.write_infos()
    found = rig.dataset(data_prefix=None)[0]
    assert torch.equal(found['inputs']['voxels'], expected['inputs']['voxels'])
    with pytest.raises(FileNotFoundError, match='elsewhere'):
        rig.dataset(data_prefix={'pts': 'elsewhere'})[0]
    rig.infos['metainfo']['folders']['pts'] = '../elsewhere'
    rig.write_infos()
    with pytest.raises(ValueError, match=r'metainfo\.folders\.pts is .*no path below a folder'):
        rig.dataset(data_prefix=None)


@pytest.mark.parametrize(
    ('settings', 'said'),
    [
        ({'cameras': ['eye0', 'eye5']}, 'sample sample0 has no image of eye5; it lists eye0, eye1'),
        ({'cameras': []}, 'cameras names each camera once'),
        ({'cameras': ['eye0', 'eye0']}, 'cameras names each camera once'),
    ],
)
def test_cameras_that_are_not_there_are_named(make_rig, settings, said):
    with pytest.raises(ValueError, match=said):
        make_rig().dataset(**settings)


def test_a_missing_and_an_empty_info_file(make_rig):
    rig = make_rig()
    with pytest.raises(FileNotFoundError, match=r'absent\.pkl'):
        rig.dataset(ann_file='absent.pkl')
    assert rig.dataset(ann_file='absent.pkl', lazy_init=True).pipeline is not None
    rig.infos['data_list'].clear()
    rig.write_infos()
    with pytest.raises(ValueError, match=r'infos\.pkl: no samples'):
        rig.dataset()


def test_a_transform_without_its_input_is_named(make_rig):
    rig = make_rig()
    steps = rig.pipeline()
    with pytest.raises(ValueError, match='PairPointsWithPixels needs points, which no earlier'):
        rig.dataset(steps[1:])[0]


def test_an_unknown_setting_is_refused(make_rig):
    with pytest.raises(TypeError, match='max_refetch'):
        make_rig().dataset(max_refetch=3)


def test_the_number_of_samples_can_be_limited(make_rig):
    assert len(make_rig(samples=4).dataset(indices=3)) == 3
