"""Label splits against an independent reading of the published rules."""

import json

import numpy as np
import pytest
from nuscenes.utils.splits import create_splits_scenes

from stslidr.files.label_split_file import hash_names, read_label_split
from stslidr.preparation.label_splits import (
    TRAINED_ON,
    write_frame_label_splits,
    write_scene_label_splits,
)
from stslidr.preparation.nuscenes_infos import create_nuscenes_infos
from stslidr.preparation.semantickitti_infos import create_semantickitti_infos
from support.tiny_nuscenes import make_tiny_nuscenes

PERCENT = {'1pct': 1, '5pct': 5, '10pct': 10, '25pct': 25, '50pct': 50, '100pct': 100}
# number of sweeps of each training sequence of the benchmark
SEQUENCES = {
    '00': 4541,
    '01': 1101,
    '02': 4661,
    '03': 801,
    '04': 271,
    '05': 2761,
    '06': 1101,
    '07': 1101,
    '09': 1591,
    '10': 1201,
}


def count_off(names, percent, first):
    """Walk the names, counting from 1, and take number `first`, then every 100 / percent-th."""
    taken, next_one = [], first
    for number, name in enumerate(names, start=1):
        if number == next_one:
            taken.append(name)
            next_one += 100 // percent
    return taken


@pytest.fixture(scope='module')
def trainval():
    """The 850 scenes in a made-up order of scene.json, and the devkit's lists."""
    splits = create_splits_scenes()
    scenes = np.random.default_rng(5).permutation(splits['train'] + splits['val']).tolist()
    return scenes, {name: splits[name] for name in ('train', 'val')}


def test_scenes_of_the_train_split_in_the_order_of_the_table(trainval, tmp_path):
    scenes, splits = trainval
    write_scene_label_splits(tmp_path / 'a.json', 'v1.0-trainval', scenes, splits)
    train = [scene for scene in scenes if scene in splits['train']]
    for name, percent in PERCENT.items():
        split = read_label_split(tmp_path / 'a.json', 'train', name)
        assert list(split.names) == count_off(train, percent, first=100 // percent)
        assert len(split.names) == 7 * percent
    one = read_label_split(tmp_path / 'a.json', 'train', '1pct').names
    assert [train.index(scene) + 1 for scene in one] == [100, 200, 300, 400, 500, 600, 700]
    assert one != tuple(splits['train'][99::100]), 'the devkit lists scenes in another order'


def test_val_gets_no_label_split(trainval, tmp_path):
    reports = write_scene_label_splits(tmp_path / 'a.json', 'v1.0-trainval', *trainval)
    assert len(reports) == 1
    assert list(json.loads((tmp_path / 'a.json').read_text())['splits']) == ['train']


def test_frames_of_the_benchmark(tmp_path):
    frames = [
        f'sequences/{sequence}/velodyne/{frame:06d}.bin'
        for sequence, number in SEQUENCES.items()
        for frame in range(number)
    ]
    assert len(frames) == 19130
    shuffled = np.random.default_rng(6).permutation(frames).tolist()
    write_frame_label_splits(tmp_path / 'a.json', shuffled)
    for name, percent in PERCENT.items():
        split = read_label_split(tmp_path / 'a.json', 'train', name)
        assert list(split.names) == count_off(frames, percent, first=1)
        assert split.sha256 == hash_names(split.names)
    one = read_label_split(tmp_path / 'a.json', 'train', '1pct').names
    assert len(one) == 192
    assert one[0] == 'sequences/00/velodyne/000000.bin'
    assert one[46] == 'sequences/01/velodyne/000059.bin', 'counting goes on across sequences'


def test_which_splits_are_trained_on():
    assert [
        name
        for name in (
            'train',
            'synthetic_train',
            'mini-train',
            'v2.train',
            'pretrain',
            'val',
            'trainval',
            'synthetic_val',
            'train_few',
            'strain',
        )
        if TRAINED_ON.fullmatch(name)
    ] == ['train', 'synthetic_train', 'mini-train', 'v2.train']


def test_a_version_without_a_scene_to_train_on_gets_no_file(tmp_path):
    splits = {'test': ['a'], 'train': ['b']}
    assert write_scene_label_splits(tmp_path / 'a.json', 'v1.0-test', ['a'], splits) == []
    assert write_frame_label_splits(tmp_path / 'a.json', []) == []
    assert not (tmp_path / 'a.json').exists()


def test_info_files_of_a_custom_version_come_with_label_splits(tmp_path):
    scenes = ['scene-c', 'scene-a', 'scene-d', 'scene-b', 'scene-e']
    folder = make_tiny_nuscenes(tmp_path, dict.fromkeys(scenes, 1), 'v1.0-own', cameras=('CAM',))
    (folder / 'splits.json').write_text(
        json.dumps({'own_train': sorted(scenes)[:4], 'own_val': ['scene-e']})
    )
    reports = create_nuscenes_infos(tmp_path, 'v1.0-own', tmp_path / 'out')
    file = tmp_path / 'out' / 'nuscenes_label_splits.json'
    content = json.loads(file.read_text())
    assert content['version'] == 'v1.0-own'
    assert list(content['splits']) == ['own_train']
    assert read_label_split(file, 'own_train', '25pct').names == ('scene-b',)
    assert read_label_split(file, 'own_train', '50pct').names == ('scene-a', 'scene-b')
    with pytest.raises(ValueError, match='1 in 100 of 4 scenes is none'):
        read_label_split(file, 'own_train', '1pct')
    assert (
        'label splits of own_train (scenes): 1pct empty, 5pct empty, 10pct empty, 25pct 1, '
        f'50pct 2, 100pct 4 -> {file}'
    ) in reports


def test_scans_on_disk_come_with_label_splits(tmp_path):
    for sequence, number in (('10', 3), ('00', 4), ('08', 2)):
        folder = tmp_path / 'sequences' / sequence / 'velodyne'
        folder.mkdir(parents=True)
        for frame in range(number):
            np.ones((3, 4), '<f4').tofile(folder / f'{frame:06d}.bin')
    create_semantickitti_infos(tmp_path)
    file = tmp_path / 'semantickitti_label_splits.json'
    assert read_label_split(file, 'train', '1pct').names == ('sequences/00/velodyne/000000.bin',)
    assert read_label_split(file, 'train', '25pct').names == (
        'sequences/00/velodyne/000000.bin',
        'sequences/10/velodyne/000000.bin',
    )
    assert len(read_label_split(file, 'train', '100pct').names) == 7


def test_a_second_version_in_one_folder_says_what_it_replaces(tmp_path):
    for version in ('v1.0-one', 'v1.0-two'):
        folder = make_tiny_nuscenes(tmp_path / version, {'a': 1}, version, cameras=('CAM',))
        (folder / 'splits.json').write_text(
            '{"train": ["a"]}' if version == 'v1.0-one' else '{"train": ["a"], "val": ["a"]}'
        )
    out = tmp_path / 'out'
    first, again, other = (
        create_nuscenes_infos(tmp_path / version, version, out)
        for version in ('v1.0-one', 'v1.0-one', 'v1.0-two')
    )
    assert first == again
    assert other[-1].startswith('these files replace those of v1.0-one')
    (tmp_path / 'v1.0-one' / 'v1.0-one' / 'splits.json').write_text('{"test": ["a"]}')
    assert not any(
        'replace' in report
        for report in create_nuscenes_infos(tmp_path / 'v1.0-one', 'v1.0-one', out)
    ), 'a split without label splits replaces nothing'
    assert json.loads((out / 'nuscenes_label_splits.json').read_text())['version'] == 'v1.0-two'
