"""The published splits, against the devkit's lists, and custom ones."""

import json
from types import SimpleNamespace

import pytest
from nuscenes.utils.splits import create_splits_scenes

from stslidr.preparation.nuscenes_splits import VERIFYING, published_splits, scene_splits

DEVKIT = create_splits_scenes()


def tables(root, version, splits=None):
    """What the devkit's database tells about its folder."""
    (root / version).mkdir()
    if splits is not None:
        text = splits if isinstance(splits, str) else json.dumps(splits)
        (root / version / 'splits.json').write_text(text)
    return SimpleNamespace(dataroot=str(root), version=version)


def test_verifying_scenes():
    assert len(VERIFYING) == len(set(VERIFYING)) == 100
    assert set(VERIFYING) <= set(DEVKIT['train'])
    numbers = [int(scene.removeprefix('scene-')) for scene in VERIFYING]
    assert numbers == sorted(numbers)
    assert sum(numbers) == 49768  # of the published list
    assert VERIFYING[::33] == ('scene-0008', 'scene-0305', 'scene-0678', 'scene-1107')


def test_trainval():
    splits = published_splits('v1.0-trainval')
    sizes = {split: len(scenes) for split, scenes in splits.items()}
    assert sizes == {'train': 700, 'val': 150, 'pretrain': 600, 'verifying': 100}
    assert splits['train'] == DEVKIT['train']
    assert splits['val'] == DEVKIT['val']
    assert not set(splits['pretrain']) & set(splits['verifying'])
    assert set(splits['pretrain']) | set(splits['verifying']) == set(DEVKIT['train'])


def test_mini_and_test():
    mini = published_splits('v1.0-mini')
    assert mini == {
        'train': DEVKIT['mini_train'],
        'val': DEVKIT['mini_val'],
        'pretrain': DEVKIT['mini_train'],
    }
    assert published_splits('v1.0-test') == {'test': DEVKIT['test']}
    assert published_splits('v1.0-other') == {}


def test_custom_splits(tmp_path):
    splits = {'train': ['a', 'b'], 'val': ['c'], 'night-1.5': []}
    read = scene_splits(tables(tmp_path, 'mine', splits))
    assert read == {**splits, 'pretrain': ['a', 'b']}


def test_custom_train_is_not_the_published_one(tmp_path):
    assert scene_splits(tables(tmp_path, 'mine', {'train': ['a']}))['train'] == ['a']


def test_custom_pretrain_is_kept(tmp_path):
    splits = {'train': ['a', 'b'], 'pretrain': ['b']}
    assert scene_splits(tables(tmp_path, 'mine', splits)) == splits


def test_custom_without_train_has_no_pretrain(tmp_path):
    assert scene_splits(tables(tmp_path, 'mine', {'day': ['a']})) == {'day': ['a']}


def test_custom_splits_beside_published_ones(tmp_path):
    splits = scene_splits(tables(tmp_path, 'v1.0-trainval', {'rain': ['scene-0001']}))
    assert splits == {**published_splits('v1.0-trainval'), 'rain': ['scene-0001']}


def test_published_splits_cannot_be_renamed(tmp_path):
    with pytest.raises(ValueError, match=r'splits\.json defines pretrain, val, which v1\.0-mini'):
        scene_splits(tables(tmp_path, 'v1.0-mini', {'val': ['a'], 'pretrain': [], 'x': []}))


def test_missing_splits_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'mine/splits\.json does not exist'):
        scene_splits(tables(tmp_path, 'mine'))


@pytest.mark.parametrize(
    ('content', 'said'),
    [
        ('{"train": [', 'no readable JSON'),
        ([['scene-0001']], 'must be a dict'),
        ({}, 'must be a dict'),
        ({'train': 'scene-0001'}, "'train' must be a list"),
        ({'train': [1]}, "'train' must be a list"),
        ({'../train': []}, 'cannot be part of a file name'),
        ({'a/b': []}, 'cannot be part of a file name'),
        ({'': []}, 'cannot be part of a file name'),
    ],
)
def test_damaged_splits_file(tmp_path, content, said):
    with pytest.raises(ValueError, match=rf'splits\.json.*{said}'):
        scene_splits(tables(tmp_path, 'mine', content))
