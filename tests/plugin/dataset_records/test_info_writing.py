"""Info files that a record's own code lists: their entries, names of files, label splits."""

import json
from dataclasses import replace

import pytest

from stslidr.dataset_records.info_writing import INFO_VERSION, write_info_files
from stslidr.dataset_records.nuscenes import NUSCENES
from stslidr.dataset_records.record import Folders, no_options, stated_scene
from stslidr.dataset_records.registry import find_label_format, find_record
from stslidr.dataset_records.semantickitti import SEMANTIC_KITTI
from stslidr.dataset_records.submission import PredictedSet, no_further_files
from stslidr.errors import FileAccessError, InputError
from stslidr.files.info_entries import InfoEntry
from stslidr.files.infos import read_infos

TOY = replace(
    SEMANTIC_KITTI,
    name='toy',
    labels=replace(SEMANTIC_KITTI.labels, name='toy'),
    info_kinds=('train', 'mini_train', 'val'),
)


def sample(name, **more):
    return {'lidar_points': {'lidar_path': f'{name}.bin'}, **more}


def test_entries_are_kept_and_completed(tmp_path):
    train = [sample('b', token='t', pts_semantic_mask_path='b.label'), sample('a', scene_name='s')]
    train[1]['lidar_points']['num_pts_feats'] = 6
    list(write_info_files(TOY, tmp_path, {'train': train, 'val': [sample('c')]}, 'v3'))
    infos = read_infos(tmp_path / 'toy_infos_train.pkl')
    about = dict(dataset='toy', version='v3', info_version=INFO_VERSION, split='train')
    assert infos['metainfo'] == about
    first, second = infos['data_list']
    assert (first['sample_idx'], second['sample_idx']) == (0, 1)
    assert first['lidar_points'] == {'lidar_path': 'b.bin', 'num_pts_feats': 4}
    assert second['lidar_points']['num_pts_feats'] == 6, 'what is stated stays'
    assert (first['token'], first['pts_semantic_mask_path']) == ('t', 'b.label')
    assert second['scene_name'] == 's'
    assert train[0]['lidar_points'] == {'lidar_path': 'b.bin'}, 'the input is not changed'


def test_without_a_version_none_is_stated(tmp_path):
    list(write_info_files(TOY, tmp_path / 'new' / 'folder', {'val': [sample('a')]}))
    infos = read_infos(tmp_path / 'new/folder/toy_infos_val.pkl')
    assert 'version' not in infos['metainfo']


def test_splits_that_are_trained_on_have_label_splits(tmp_path):
    splits = {kind: [sample(f'{kind}{n}') for n in range(4)] for kind in TOY.info_kinds}
    reports = list(write_info_files(TOY, tmp_path, splits))
    assert len(reports) == 5
    stored = json.loads((tmp_path / TOY.label_split_file).read_text())
    assert 'train' in str(stored) and 'mini_train' in str(stored) and "'val'" not in str(stored)


@pytest.mark.parametrize(
    'broken', [{}, {'lidar_points': 3}, {'lidar_points': {}}, {'lidar_points': {'lidar_path': 1}}]
)
def test_a_broken_entry_stops_all_before_a_file_is_written(tmp_path, broken):
    with pytest.raises(InputError, match='toy, val'):
        list(write_info_files(TOY, tmp_path, {'train': [sample('a')], 'val': [broken]}))
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / 'file').touch()
    with pytest.raises((FileAccessError, InputError), match='file'):
        list(write_info_files(TOY, tmp_path / 'file', {'val': [sample('a')]}))


def test_names_follow_the_record():
    assert TOY.info_file('mini_train') == 'toy_infos_mini_train.pkl'
    assert TOY.label_split_file == 'toy_label_splits.json'
    assert NUSCENES.info_file('val') == 'nuscenes_infos_val.pkl'


def test_folders_with_what_stands_for_version_and_camera():
    folders = Folders('s', 'l/{version}/{camera}', 'i/{camera}/{version}')
    assert folders.labels_of('v1', 'a.pkl') == 'l/v1/{camera}'
    assert folders.images_of('LEFT') == 'i/LEFT/{version}'
    assert Folders().labels_of('v1', 'a.pkl') == Folders().images_of('x') == ''


@pytest.mark.parametrize('version', [None, '', 3, ['v1']])
def test_labels_of_a_version_that_is_not_stated_are_nowhere(version):
    with pytest.raises(InputError, match=r'a\.pkl: label files lie in .* not state the version'):
        Folders(labels='l/{version}').labels_of(version, 'a.pkl')
    assert Folders(labels='l').labels_of(version, 'a.pkl') == 'l'


@pytest.mark.parametrize('name', [None, 'night'])
def test_the_scene_that_an_entry_states(name):
    values = {} if name is None else {'scene_name': name}
    assert stated_scene(InfoEntry('here', values)) == name


def test_a_scene_of_another_type_is_refused():
    with pytest.raises(InputError, match='here.*scene_name'):
        stated_scene(InfoEntry('here', {'scene_name': 3}))


def test_records_without_options_and_further_files():
    assert no_options(None) is None
    assert no_further_files(PredictedSet('a.pkl', None)) == {}
    assert find_label_format('lidarseg') is find_record('nuscenes').labels
