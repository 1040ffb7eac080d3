"""nuScenes-format roots of others: their LiDAR, and the folders that their files lie in."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from stslidr.datasets.labelled_datasets import LidarSegNuScenesDataset
from stslidr.datasets.pretraining import CameraLidarDataset
from stslidr.errors import InputError
from stslidr.files.infos import read_infos
from stslidr.inspection.keyframe_files import list_keyframes
from stslidr.preparation.camera_images import find_images
from stslidr.preparation.nuscenes_infos import create_nuscenes_infos
from support.idle_transforms import idle_pipeline
from support.tiny_nuscenes import edit_table, make_tiny_nuscenes

SCENES = {'scene-0061': 2, 'scene-0553': 1}
CAMERAS = ('CAM_FRONT', 'CAMERA_7')


def by_scene(name):
    """samples/CAM_FRONT/scene-0061__sample-0.jpg -> samples/scene-0061/CAM_FRONT/sample-0.jpg."""
    path = Path(name)
    scene, sample = path.name.split('__')
    return f'samples/{scene}/{path.parent.name}/{sample}'


def below_the_channel(name):
    path = Path(name)
    scene, sample = path.name.split('__')
    return f'{path.parent}/{scene}/{sample}'


def as_lyft(name):
    """All images in one folder, sweeps in another."""
    path = Path(name)
    folder = 'lidar' if 'LIDAR' in name else 'images'
    return f'{folder}/host_{path.parent.name.lower()}_{path.name}'


def in_the_root(name):
    return name.replace('/', '-')


def rename_channel(folder, old, new):
    """Another name of a sensor, in tables and folders."""
    root = folder.parent

    def rename(records):
        for record in records:
            for key in ('channel', 'filename'):
                if key in record:
                    record[key] = record[key].replace(old, new)

    edit_table(folder, 'sensor', rename)
    edit_table(folder, 'sample_data', rename)
    (root / 'samples' / old).rename(root / 'samples' / new)


def move_files(folder, name_of):
    """Lay the files of the keyframes out otherwise."""
    root = folder.parent

    def move(records):
        for record in records:
            old = root / record['filename']
            record['filename'] = name_of(record['filename'])
            if record['is_key_frame']:
                new = root / record['filename']
                new.parent.mkdir(parents=True, exist_ok=True)
                old.rename(new)

    edit_table(folder, 'sample_data', move)


def train_infos(root):
    return read_infos(root / 'nuscenes_infos_train.pkl')


def samples_of(root):
    """What the data set for pretraining, without any data_prefix, finds on disk."""
    dataset = CameraLidarDataset(
        'nuscenes_infos_train.pkl', str(root), idle_pipeline(), lazy_init=True
    )
    found = []
    for sample in dataset.load_data_list():
        sweep = np.fromfile(sample['lidar_path'], np.float32)
        found.append((sweep.tolist(), [Path(c['path']).read_bytes() for c in sample['cameras']]))
    return found


# The layout of the files


def test_nuscenes_own_layout_states_no_folder(tmp_path):
    make_tiny_nuscenes(tmp_path, SCENES, cameras=CAMERAS, lidarseg=True)
    create_nuscenes_infos(tmp_path, 'v1.0-mini')
    infos = train_infos(tmp_path)
    assert 'folders' not in infos['metainfo']
    assert infos['data_list'][0]['images']['CAMERA_7']['img_path'].startswith('scene-')


@pytest.mark.parametrize(
    ('name_of', 'folders'),
    [
        (by_scene, {'pts': 'samples', 'CAM_FRONT': 'samples', 'CAMERA_7': 'samples'}),
        (below_the_channel, None),
        (as_lyft, {'pts': 'lidar', 'CAM_FRONT': 'images', 'CAMERA_7': 'images'}),
        (in_the_root, {'pts': '.', 'CAM_FRONT': '.', 'CAMERA_7': '.'}),
    ],
)
def test_files_in_other_folders_are_found_without_a_data_prefix(tmp_path, name_of, folders):
    usual, other = tmp_path / 'usual', tmp_path / 'other'
    for root in (usual, other):
        folder = make_tiny_nuscenes(root, SCENES, cameras=CAMERAS)
        if root == other:
            move_files(folder, name_of)
        create_nuscenes_infos(root, 'v1.0-mini')
    assert train_infos(other)['metainfo'].get('folders') == folders
    assert samples_of(other) == samples_of(usual)
    assert not list((other / 'samples').glob('CAM_FRONT/*.jpg'))
    names = [
        [
            image.path.read_bytes()
            for image in find_images(root / 'nuscenes_infos_train.pkl', root, {})
        ]
        for root in (usual, other)
    ]
    assert names[0] == names[1]
    for keyframe in list_keyframes(other / 'nuscenes_infos_train.pkl', other):
        keyframe.read_sweep()
        assert [camera.read().shape[0] for camera in keyframe.cameras()] == [19, 20]


def test_labels_in_another_folder(tmp_path):
    folder = make_tiny_nuscenes(tmp_path, SCENES, lidarseg=True)

    def move(records):
        for number, record in enumerate(records):
            old = tmp_path / record['filename']
            record['filename'] = f'labels/part {number % 2}/{number}.bin'
            (tmp_path / record['filename']).parent.mkdir(parents=True, exist_ok=True)
            old.rename(tmp_path / record['filename'])

    edit_table(folder, 'lidarseg', move)
    create_nuscenes_infos(tmp_path, 'v1.0-mini')
    assert train_infos(tmp_path)['metainfo']['folders'] == {'pts_semantic_mask': 'labels'}
    dataset = LidarSegNuScenesDataset('nuscenes_infos_train.pkl', str(tmp_path), pipeline=[])
    paths = [Path(dataset.get_data_info(i)['pts_semantic_mask_path']) for i in range(len(dataset))]
    assert len(paths) == 3 and all(path.is_file() for path in paths)
    keyframes = list_keyframes(tmp_path / 'nuscenes_infos_train.pkl', tmp_path)
    assert [keyframe.label_path for keyframe in keyframes] == paths


def test_a_name_that_leads_out_of_the_root_is_refused(tmp_path):
    folder = make_tiny_nuscenes(tmp_path, SCENES)
    edit_table(
        folder, 'sample_data', lambda records: records[2].update(filename='../../etc/passwd')
    )
    with pytest.raises(InputError, match=r'v1\.0-mini: a filename is .*no path below'):
        create_nuscenes_infos(tmp_path, 'v1.0-mini')


# Which LiDAR


def test_the_only_lidar_whatever_its_name(tmp_path):
    rename_channel(
        make_tiny_nuscenes(tmp_path, SCENES, cameras=CAMERAS), 'LIDAR_TOP', 'LIDAR_FRONT'
    )
    reports = create_nuscenes_infos(tmp_path, 'v1.0-mini')
    assert 'sweeps are those of LIDAR_FRONT' in reports
    assert train_infos(tmp_path)['metainfo']['folders'] == {'pts': 'samples/LIDAR_FRONT'}
    assert len(samples_of(tmp_path)) == 3


def with_second_lidar(root, first='LIDAR_TOP', second='LIDAR_REAR'):
    """A root in which one of the cameras was a LiDAR."""
    folder = make_tiny_nuscenes(root, SCENES, cameras=CAMERAS)
    rename_channel(folder, 'LIDAR_TOP', first)
    rename_channel(folder, 'CAMERA_7', second)
    edit_table(
        folder,
        'sensor',
        lambda records: [r.update(modality='lidar') for r in records if r['channel'] == second],
    )
    for file in (root / 'samples' / second).iterdir():
        file.write_bytes(np.zeros((7, 5), np.float32).tobytes())
    return folder


def test_of_several_lidars_the_top_one_or_that_which_is_asked_for(tmp_path):
    with_second_lidar(tmp_path)
    create_nuscenes_infos(tmp_path, 'v1.0-mini')
    assert 'folders' not in train_infos(tmp_path)['metainfo']
    reports = create_nuscenes_infos(tmp_path, 'v1.0-mini', lidar='LIDAR_REAR')
    assert 'sweeps are those of LIDAR_REAR' in reports
    infos = train_infos(tmp_path)
    assert infos['metainfo']['folders'] == {'pts': 'samples/LIDAR_REAR'}
    assert [info['lidar_points']['num_points'] for info in infos['data_list']] == [7, 7, 7]
    with pytest.raises(InputError, match='--lidar ROOF: .* has keyframes of LIDAR_REAR, LIDAR_TOP'):
        create_nuscenes_infos(tmp_path, 'v1.0-mini', lidar='ROOF')


def test_of_several_lidars_none_is_guessed(tmp_path):
    with_second_lidar(tmp_path, 'LIDAR_FRONT')
    with pytest.raises(
        InputError, match='of LIDAR_FRONT, LIDAR_REAR: choose the LiDAR with --lida'
    ):
        create_nuscenes_infos(tmp_path, 'v1.0-mini')


def test_no_lidar(tmp_path):
    folder = make_tiny_nuscenes(tmp_path, SCENES)
    edit_table(folder, 'sensor', lambda records: records[0].update(modality='radar'))
    with pytest.raises(InputError, match=r'sample_data\.json has no keyframe of a LiDAR'):
        create_nuscenes_infos(tmp_path, 'v1.0-mini')


def test_a_sample_without_the_lidar_of_the_others(tmp_path):
    folder = make_tiny_nuscenes(tmp_path, SCENES)
    rename_channel(folder, 'LIDAR_TOP', 'ROOF')
    edit_table(folder, 'sample_data', lambda records: records.pop(0))
    with pytest.raises(InputError, match=re.escape('has no keyframe of ROOF')):
        create_nuscenes_infos(tmp_path, 'v1.0-mini')
    create_nuscenes_infos(tmp_path, 'v1.0-mini', allow_partial=True)
    assert len(train_infos(tmp_path)['data_list']) == 2
    assert json.loads((folder / 'sample.json').read_text())
