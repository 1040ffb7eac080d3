"""nuScenes info files against MMDetection3D's file of the real keyframe and the devkit's chain."""

import json
import os
import re

import numpy as np
import pytest
from nuscenes.nuscenes import NuScenes
from nuscenes.utils.geometry_utils import transform_matrix
from pyquaternion import Quaternion

from stslidr.files.infos import read_infos
from stslidr.files.synthetic_manifest import SyntheticManifest
from stslidr.preparation.nuscenes_infos import create_nuscenes_infos
from support.tiny_nuscenes import CAMERAS, edit_table, make_tiny_nuscenes

MINI_TRAIN, MINI_VAL = ('scene-0061', 'scene-0553'), 'scene-0103'
NAN = float('nan')
SCENES = {MINI_TRAIN[0]: 2, MINI_VAL: 1, MINI_TRAIN[1]: 3}


def read_split(folder, split):
    return read_infos(folder / f'nuscenes_infos_{split}.pkl')


def front_image(root):
    return sorted((root / 'samples' / 'CAM_FRONT').iterdir())[0]


def pose(record, inverse=False):
    return transform_matrix(record['translation'], Quaternion(record['rotation']), inverse)


def lidar2cam_of_devkit(devkit, sample, camera):
    """LiDAR -> ego at the LiDAR's time -> global -> ego at the camera's time -> camera."""
    sweep = devkit.get('sample_data', sample['data']['LIDAR_TOP'])
    image = devkit.get('sample_data', sample['data'][camera])
    return (
        pose(devkit.get('calibrated_sensor', image['calibrated_sensor_token']), inverse=True)
        @ pose(devkit.get('ego_pose', image['ego_pose_token']), inverse=True)
        @ pose(devkit.get('ego_pose', sweep['ego_pose_token']))
        @ pose(devkit.get('calibrated_sensor', sweep['calibrated_sensor_token']))
    )


# What the files say


def assert_matches(ours, theirs, where):
    """Everything that MMDetection3D writes is there: text equal, numbers within 1e-5."""
    if isinstance(theirs, dict):
        for key in theirs:
            assert_matches(ours[key], theirs[key], f'{where}.{key}')
    elif isinstance(theirs, list | float):
        np.testing.assert_allclose(ours, theirs, rtol=1e-7, atol=1e-5, err_msg=where)
    else:
        assert ours == theirs, where


def test_real_keyframe_against_mmdet3d(keyframe_root, tmp_path):
    create_nuscenes_infos(keyframe_root, 'v1.0-mini', tmp_path)
    infos = read_split(tmp_path, 'train')
    (ours,), expected = infos['data_list'], read_infos(keyframe_root / 'mmdet3d_infos.pkl')
    (theirs,) = expected['data_list']
    assert list(ours['images']) == list(theirs['images'])
    assert_matches(
        ours,
        {key: value for key, value in theirs.items() if key not in ('instances', 'cam_instances')},
        'sample',
    )
    assert infos['metainfo'] == {
        'dataset': 'nuscenes',
        'version': 'v1.0-mini',
        'info_version': '1.1',
        'split': 'train',
    }
    assert ours['lidar_points']['num_points'] == 34688
    assert {(image['height'], image['width']) for image in ours['images'].values()} == {(900, 1600)}
    assert ours['scene_name'] == 'scene-0061'
    assert ours['pts_semantic_mask_path'] == '9d9bf11fb0e144c8b446d54a8a00184f_lidarseg.bin'
    assert sorted(os.listdir(tmp_path)) == [
        'nuscenes_infos_pretrain.pkl',
        'nuscenes_infos_train.pkl',
        'nuscenes_label_splits.json',
    ]


def test_real_keyframe_against_devkit(keyframe_root, tmp_path):
    create_nuscenes_infos(keyframe_root, 'v1.0-mini', tmp_path)
    info = read_split(tmp_path, 'pretrain')['data_list'][0]
    devkit = NuScenes('v1.0-mini', str(keyframe_root), verbose=False)
    for camera in CAMERAS:
        np.testing.assert_allclose(
            info['images'][camera]['lidar2cam'],
            lidar2cam_of_devkit(devkit, devkit.sample[0], camera),
            rtol=0,
            atol=1e-12,
        )


def test_made_up_scenes_against_devkit(tmp_path):
    make_tiny_nuscenes(tmp_path, SCENES, lidarseg=True)
    devkit = NuScenes('v1.0-mini', str(tmp_path), verbose=False)
    create_nuscenes_infos(tmp_path, 'v1.0-mini')
    infos = read_split(tmp_path, 'train')['data_list']
    expected = [
        sample
        for sample in devkit.sample
        if devkit.get('scene', sample['scene_token'])['name'] in MINI_TRAIN
    ]
    assert [info['token'] for info in infos] == [sample['token'] for sample in expected]
    assert [info['sample_idx'] for info in infos] == list(range(5))
    labels = {record['sample_data_token']: record['filename'] for record in devkit.lidarseg}
    for info, sample in zip(infos, expected, strict=True):
        sweep = devkit.get('sample_data', sample['data']['LIDAR_TOP'])
        path = devkit.get_sample_data_path(sweep['token'])
        scene = devkit.get('scene', sample['scene_token'])
        sensor = devkit.get('calibrated_sensor', sweep['calibrated_sensor_token'])
        assert info['lidar_points']['lidar_path'] == os.path.basename(path)
        assert info['lidar_points']['sample_data_token'] == sweep['token']
        assert info['lidar_points']['num_points'] == len(np.fromfile(path, np.float32)) // 5
        assert info['pts_semantic_mask_path'] == os.path.basename(labels[sweep['token']])
        assert (info['scene_name'], info['scene_token']) == (scene['name'], scene['token'])
        assert info['timestamp'] == sample['timestamp'] / 1e6
        np.testing.assert_allclose(info['lidar_points']['lidar2ego'], pose(sensor), atol=1e-14)
        np.testing.assert_allclose(
            info['ego2global'], pose(devkit.get('ego_pose', sweep['ego_pose_token'])), atol=1e-14
        )
        assert tuple(info['images']) == CAMERAS
        for camera, image in info['images'].items():
            record = devkit.get('sample_data', sample['data'][camera])
            sensor = devkit.get('calibrated_sensor', record['calibrated_sensor_token'])
            assert image['sample_data_token'] == record['token']
            assert image['img_path'] == os.path.basename(record['filename'])
            assert image['cam2img'] == sensor['camera_intrinsic']
            assert image['timestamp'] == record['timestamp'] / 1e6
            assert (image['height'], image['width']) == (record['height'], record['width'])
            np.testing.assert_allclose(image['cam2ego'], pose(sensor), atol=1e-14)
            np.testing.assert_allclose(
                image['lidar2cam'], lidar2cam_of_devkit(devkit, sample, camera), rtol=0, atol=1e-12
            )


def test_a_far_map_origin_costs_no_precision(tmp_path):
    """Poses in UTM coordinates: moving the map's origin must not move a camera."""

    def snap(records, offset):  # to a grid on which adding the offset is exact
        for record in records:
            record['translation'] = [
                round(value * 1024) / 1024 + offset for value in record['translation']
            ]

    matrices = []
    for name, offset in (('near', 0.0), ('far', 2.0**22)):
        folder = make_tiny_nuscenes(tmp_path / name, {'scene-0061': 1})
        edit_table(folder, 'ego_pose', lambda records, offset=offset: snap(records, offset))
        create_nuscenes_infos(tmp_path / name, 'v1.0-mini')
        images = read_split(tmp_path / name, 'train')['data_list'][0]['images']
        matrices.append([image['lidar2cam'] for image in images.values()])
    np.testing.assert_allclose(matrices[0], matrices[1], rtol=0, atol=1e-12)


def test_splits_share_samples_but_not_positions(tmp_path):
    folder = make_tiny_nuscenes(tmp_path, {'a': 1, 'b': 2, 'c': 1}, version='mine')
    (folder / 'splits.json').write_text(json.dumps({'train': ['a', 'b'], 'few': ['a']}))
    reports = create_nuscenes_infos(tmp_path, 'mine', tmp_path / 'made' / 'here')
    train, few, pretrain = (
        read_split(tmp_path / 'made' / 'here', split) for split in ('train', 'few', 'pretrain')
    )
    assert [info['scene_name'] for info in train['data_list']] == ['b', 'b', 'a']
    assert [info['sample_idx'] for info in train['data_list']] == [0, 1, 2]
    assert [info['sample_idx'] for info in few['data_list']] == [0]
    assert pretrain['data_list'] == train['data_list']
    assert few['metainfo']['split'] == 'few'
    assert [report.split(':')[0] for report in reports] == [
        'train',
        'few',
        'pretrain',
        'label splits of train (scenes)',
    ]


def test_other_cameras(tmp_path):
    folder = make_tiny_nuscenes(tmp_path, {'a': 2}, 'mine', cameras=('EYE_2', 'CAM_BACK', 'EYE_1'))
    (folder / 'splits.json').write_text('{"train": ["a"]}')
    create_nuscenes_infos(tmp_path, 'mine')
    for info in read_split(tmp_path, 'train')['data_list']:
        assert list(info['images']) == ['CAM_BACK', 'EYE_1', 'EYE_2']


def test_unstated_size_is_read_from_the_header(tmp_path):
    folder = make_tiny_nuscenes(tmp_path, {'scene-0061': 1})
    edit_table(
        folder,
        'sample_data',
        lambda records: [record.update(height=0, width=0) for record in records],
    )
    create_nuscenes_infos(tmp_path, 'v1.0-mini')
    images = read_split(tmp_path, 'train')['data_list'][0]['images']
    assert {camera: (image['height'], image['width']) for camera, image in images.items()} == {
        camera: (19 + index, 32) for index, camera in enumerate(CAMERAS)
    }
    image = front_image(tmp_path)
    image.write_bytes(b'no image')
    with pytest.raises(ValueError, match=rf'{re.escape(str(image))} cannot be read'):
        create_nuscenes_infos(tmp_path, 'v1.0-mini')


# What is not there


def test_split_without_scenes_writes_no_file_and_says_so(tmp_path):
    make_tiny_nuscenes(tmp_path, {'scene-0061': 1})
    reports = create_nuscenes_infos(tmp_path, 'v1.0-mini', tmp_path / 'out')
    assert sorted(os.listdir(tmp_path / 'out')) == [
        'nuscenes_infos_pretrain.pkl',
        'nuscenes_infos_train.pkl',
        'nuscenes_label_splits.json',
    ]
    assert 'val: no file written, none of its 2 scenes is in the tables' in reports


def test_no_scene_of_any_split(tmp_path):
    make_tiny_nuscenes(tmp_path, {'scene-9999': 1})
    with pytest.raises(ValueError, match='nothing to write for v1.0-mini; train: no file written'):
        create_nuscenes_infos(tmp_path, 'v1.0-mini', tmp_path / 'out')
    assert not (tmp_path / 'out').exists()


def test_only_keyframes_and_tables_are_needed(tmp_path):
    make_tiny_nuscenes(tmp_path, {'scene-0061': 1})
    assert not (tmp_path / 'sweeps').exists()
    (tmp_path / 'maps' / 'blank.png').unlink()
    create_nuscenes_infos(tmp_path, 'v1.0-mini')


def damage_two_scenes(root):
    """Three files of two samples in two scenes: two are missing, one is empty."""
    make_tiny_nuscenes(root, SCENES)
    first, *_, last = sorted((root / 'samples' / 'CAM_FRONT').glob('scene-0061*')) + sorted(
        (root / 'samples' / 'CAM_FRONT').glob('scene-0553*')
    )
    first.unlink()
    (root / 'samples' / 'CAM_BACK' / first.name).write_bytes(b'')
    last.unlink()


def test_missing_files_are_counted(tmp_path):
    damage_two_scenes(tmp_path)
    with pytest.raises(FileNotFoundError) as error:
        create_nuscenes_infos(tmp_path, 'v1.0-mini', tmp_path / 'out')
    assert '3 of 42 files are not on disk (or empty), in 2 scenes' in str(error.value)
    assert 'samples/CAM_FRONT/scene-0061__' in str(error.value)
    assert '--allow-partial' in str(error.value)
    assert not (tmp_path / 'out').exists(), 'no split may be written'


def test_partial_leaves_samples_out(tmp_path):
    damage_two_scenes(tmp_path)
    reports = create_nuscenes_infos(tmp_path, 'v1.0-mini', allow_partial=True)
    infos = read_split(tmp_path, 'train')['data_list']
    assert sorted(info['scene_name'] for info in infos) == ['scene-0061'] + ['scene-0553'] * 2
    assert [info['sample_idx'] for info in infos] == [0, 1, 2]
    assert len(read_split(tmp_path, 'val')['data_list']) == 1
    assert reports[-1].startswith('left out 2 of 6 samples: 3 of 42 files')


def test_split_of_which_nothing_is_complete(tmp_path):
    make_tiny_nuscenes(tmp_path, {'scene-0061': 1, 'scene-0103': 1})
    sorted((tmp_path / 'samples' / 'LIDAR_TOP').glob('scene-0103*'))[0].unlink()
    reports = create_nuscenes_infos(tmp_path, 'v1.0-mini', allow_partial=True)
    assert (
        'val: no file written, no sample of its 1 scenes in the tables is complete on disk'
        in reports
    )
    assert not (tmp_path / 'nuscenes_infos_val.pkl').exists()


def test_pretraining_needs_no_label(tmp_path):
    make_tiny_nuscenes(tmp_path / 'with', SCENES, lidarseg=True)
    make_tiny_nuscenes(tmp_path / 'without', SCENES, lidarseg=True)
    for file in (tmp_path / 'without' / 'lidarseg' / 'v1.0-mini').iterdir():
        file.unlink()
    create_nuscenes_infos(tmp_path / 'with', 'v1.0-mini')
    reports = create_nuscenes_infos(tmp_path / 'without', 'v1.0-mini')
    labelled, bare = (
        read_split(tmp_path / name, 'pretrain')['data_list'] for name in ('with', 'without')
    )
    assert all(info.pop('pts_semantic_mask_path') for info in labelled)
    assert bare == labelled
    assert 'no lidarseg file is on disk' in reports[-1]


def test_some_missing_labels_are_an_incomplete_download(tmp_path):
    make_tiny_nuscenes(tmp_path, SCENES, lidarseg=True)
    label = sorted((tmp_path / 'lidarseg' / 'v1.0-mini').iterdir())[0]
    label.unlink()
    with pytest.raises(FileNotFoundError, match=rf'1 of 48 files .* in 1 scenes: .*{label.name}'):
        create_nuscenes_infos(tmp_path, 'v1.0-mini')


# What is broken


def test_missing_root_and_version(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'root .*/none is no folder'):
        create_nuscenes_infos(tmp_path / 'none', 'v1.0-mini')
    make_tiny_nuscenes(tmp_path, {'scene-0061': 1})
    with pytest.raises(FileNotFoundError, match=r'v1\.0-trainval does not exist; .*: v1\.0-mini'):
        create_nuscenes_infos(tmp_path, 'v1.0-trainval')


def test_unfinished_synthetic_root(tmp_path):
    SyntheticManifest({'seed': 1}).write(tmp_path)
    with pytest.raises(FileNotFoundError, match='unfinished .* tools/create_synthetic.py again'):
        create_nuscenes_infos(tmp_path, 'v1.0-synthetic')


@pytest.mark.parametrize('table', ['ego_pose', 'sample_data', 'instance', 'scene'])
def test_missing_table(tmp_path, table):
    folder = make_tiny_nuscenes(tmp_path, {'scene-0061': 1})
    (folder / f'{table}.json').unlink()
    with pytest.raises(FileNotFoundError, match=rf'v1\.0-mini lacks the tables {table}\.json'):
        create_nuscenes_infos(tmp_path, 'v1.0-mini')


@pytest.mark.parametrize('content', ['[{"token": ', '{"token": "a"}', '["a"]', '\x00'])
def test_damaged_table(tmp_path, content):
    folder = make_tiny_nuscenes(tmp_path, {'scene-0061': 1})
    (folder / 'ego_pose.json').write_text(content)
    with pytest.raises(ValueError, match=r'ego_pose\.json is no'):
        create_nuscenes_infos(tmp_path, 'v1.0-mini')


@pytest.mark.parametrize(
    ('table', 'edit', 'said'),
    [
        ('ego_pose', lambda records: records.pop(0), r"ego_pose\.json has no row 'ego_pose-0'"),
        ('sensor', lambda records: records.pop(0), r"sensor\.json has no row 'sensor-0'"),
        ('sample_data', lambda records: records.pop(2), 'sample-0 has no keyframe of CAM_FRONT in'),
        ('sample_data', lambda records: records.pop(0), 'sample-0 has no keyframe of LIDAR_TOP in'),
        (
            'ego_pose',
            lambda records: records[0].update(rotation=[0, 0, 0, 0]),
            'ego_pose-0 holds no pose: .*quaternion',
        ),
        (
            'calibrated_sensor',
            lambda records: records[1].update(translation=[1, 2]),
            'calibrated_sensor-1 holds no pose',
        ),
        (
            'ego_pose',
            lambda records: records[0].update(translation=[0, NAN, 0]),
            'ego_pose-0 holds no pose: a translation needs finite numbers',
        ),
        (
            'calibrated_sensor',
            lambda records: records[1].update(camera_intrinsic=[[NAN] * 3] * 3),
            'sample_data.json: cam2img is not finite',
        ),
        (
            'calibrated_sensor',
            lambda records: records[1].update(camera_intrinsic=[]),
            'sample_data.json: cam2img',
        ),
        ('sample_data', lambda records: records[2].update(timestamp=NAN), 'has the timestamp nan'),
        ('sample', lambda records: records[0].update(timestamp='now'), "the timestamp 'now'"),
    ],
)
def test_tables_that_do_not_fit(tmp_path, table, edit, said):
    folder = make_tiny_nuscenes(tmp_path, {'scene-0061': 2})
    edit_table(folder, table, edit)
    with pytest.raises(ValueError, match=said):
        create_nuscenes_infos(tmp_path, 'v1.0-mini')


@pytest.mark.parametrize(
    ('index', 'name', 'others'), [(1, 'noise', 'animal'), (0, 'void', 'noise'), (32, 'tram', None)]
)
def test_labels_that_are_numbered_otherwise(tmp_path, index, name, others):
    folder = make_tiny_nuscenes(tmp_path, {'scene-0061': 1}, lidarseg=True)
    edit_table(folder, 'category', lambda records: records[0].update(index=index, name=name))
    reports = create_nuscenes_infos(tmp_path, 'v1.0-mini')
    assert re.search(
        rf"category\.json gives the index {index} to '{name}', nuScenes-lidarseg to {others!r}, .*"
        r': pts_semantic_mask_path is left out',
        reports[-1],
    )
    (info,) = read_split(tmp_path, 'pretrain')['data_list']
    assert 'pts_semantic_mask_path' not in info


@pytest.mark.parametrize('table', ['map', 'log'])
def test_tables_that_nothing_reads_may_be_empty(tmp_path, table):
    folder = make_tiny_nuscenes(tmp_path, {'scene-0061': 1})
    edit_table(folder, table, list.clear)
    assert create_nuscenes_infos(tmp_path, 'v1.0-mini')[0].startswith('train: 1 samples')


@pytest.mark.parametrize('table, key', [('sample_data', 'prev'), ('ego_pose', 'timestamp')])
def test_nan_where_nothing_is_read(tmp_path, table, key):
    folder = make_tiny_nuscenes(tmp_path, {'scene-0061': 1})
    edit_table(folder, table, lambda records: [record.update({key: NAN}) for record in records])
    assert create_nuscenes_infos(tmp_path, 'v1.0-mini')[0].startswith('train: 1 samples')


@pytest.mark.parametrize('row, channel', [(0, 'LIDAR_TOP'), (2, 'CAM_FRONT')])
def test_a_sample_that_lacks_a_sensor_is_left_out(tmp_path, row, channel):
    folder = make_tiny_nuscenes(tmp_path, {'scene-0061': 3})
    edit_table(folder, 'sample_data', lambda records: records.pop(row))
    with pytest.raises(ValueError, match=rf'has no keyframe of {channel} in .*--allow-partial'):
        create_nuscenes_infos(tmp_path, 'v1.0-mini')
    reports = create_nuscenes_infos(tmp_path, 'v1.0-mini', allow_partial=True)
    assert len(read_split(tmp_path, 'train')['data_list']) == 2
    assert reports[-1].startswith('left out 1 of 3 samples') and channel in reports[-1]


def test_categories_without_an_index(tmp_path):
    """As nuScenes itself comes; the download of lidarseg brings another table."""
    folder = make_tiny_nuscenes(tmp_path, {'scene-0061': 1}, lidarseg=True)
    edit_table(folder, 'category', lambda records: records[0].pop('index'))
    create_nuscenes_infos(tmp_path, 'v1.0-mini')


def test_no_camera(tmp_path):
    make_tiny_nuscenes(tmp_path, {'scene-0061': 1}, cameras=())
    with pytest.raises(ValueError, match=r'sample_data\.json has no keyframe of a camera'):
        create_nuscenes_infos(tmp_path, 'v1.0-mini')


def test_truncated_sweep(tmp_path):
    make_tiny_nuscenes(tmp_path, {'scene-0061': 1})
    sweep = next((tmp_path / 'samples' / 'LIDAR_TOP').iterdir())
    sweep.write_bytes(sweep.read_bytes()[:-3])
    with pytest.raises(ValueError, match=rf'{re.escape(str(sweep))} has .* truncated'):
        create_nuscenes_infos(tmp_path, 'v1.0-mini')
