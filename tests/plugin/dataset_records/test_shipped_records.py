"""The two shipped records: where submissions lie; that they agree with what writes the files."""

import pickle

import pytest

from stslidr.dataset_records.nuscenes import NUSCENES
from stslidr.dataset_records.registry import RECORDS, find_label_format, find_record
from stslidr.dataset_records.semantickitti import SEMANTIC_KITTI
from stslidr.dataset_records.submission import PredictedSet, PredictedSweep
from stslidr.files.info_entries import InfoEntry
from stslidr.files.infos import read_infos
from stslidr.preparation.nuscenes_splits import published_splits
from support.tiny_labelled import make_labelled_kitti, make_labelled_nuscenes

VAL = PredictedSet('infos.pkl', 'val')


def test_they_are_found_by_name():
    assert find_record('nuscenes') is NUSCENES and find_record('semantickitti') is SEMANTIC_KITTI
    assert list(RECORDS)[:2] == ['nuscenes', 'semantickitti']
    assert find_label_format('lidarseg') is NUSCENES.labels
    for find in (find_record, find_label_format):
        with pytest.raises(ValueError, match="no .* 'kitti', but .*semantickitti"):
            find('kitti')


@pytest.mark.parametrize('record', [NUSCENES, SEMANTIC_KITTI], ids=lambda record: record.name)
def test_the_written_ids_are_read_as_the_classes(record):
    """Of SemanticKITTI; the challenge of nuScenes-lidarseg counts its classes from 1 instead."""
    if record is NUSCENES:
        assert list(record.labels.written_ids) == list(range(1, 17))
    else:
        assert record.labels.class_table[list(record.labels.written_ids)].tolist() == [*range(19)]


def test_a_record_goes_to_worker_processes():
    sent = pickle.loads(pickle.dumps(NUSCENES))
    assert sent.name == 'nuscenes' and sent.split_rule == NUSCENES.split_rule


def test_the_splits_of_nuscenes_are_those_that_were_published():
    published = {
        split
        for version in ('v1.0-trainval', 'v1.0-mini', 'v1.0-test')
        for split in published_splits(version)
    }
    assert set(NUSCENES.info_kinds) == published


def test_prepared_files_are_as_the_records_say(tmp_path):
    make_labelled_nuscenes(tmp_path / 'n', {'scene-a': 1, 'scene-b': 1})
    make_labelled_kitti(tmp_path / 'k', {'00': 2})
    for record, root in ((NUSCENES, tmp_path / 'n'), (SEMANTIC_KITTI, tmp_path / 'k')):
        infos = read_infos(root / record.info_file('train'))
        assert find_record(infos['metainfo']['dataset']) is record
        version = infos['metainfo'].get('version')
        assert (root / record.label_split_file).is_file()
        for sample in infos['data_list']:
            lidar = sample['lidar_points']
            assert lidar['num_pts_feats'] == record.num_pts_feats
            assert (root / record.folders.sweeps / lidar['lidar_path']).is_file()
            labels = root / record.folders.labels_of(version, root)
            assert (labels / sample['pts_semantic_mask_path']).is_file()


def test_places_in_a_submission_of_nuscenes():
    sweep = PredictedSweep(VAL, '/data/samples/LIDAR_TOP/a.pcd.bin', 'abc')
    assert NUSCENES.submission_path(sweep).as_posix() == 'lidarseg/val/abc_lidarseg.bin'
    (content,) = NUSCENES.submission_files(VAL).items()
    assert content[0] == 'val/submission.json' and content[1]['meta']['use_lidar'] is True
    with pytest.raises(ValueError, match='a.pcd.bin: the info file has no sample_data_token'):
        NUSCENES.submission_path(sweep._replace(sample_data_token=None))
    with pytest.raises(ValueError, match='infos.pkl does not state its split'):
        NUSCENES.submission_files(VAL._replace(split=None))


def test_places_in_a_submission_of_semantickitti():
    sweep = PredictedSweep(VAL, '/data/sequences/08/velodyne/000123.bin', None)
    place = SEMANTIC_KITTI.submission_path(sweep).as_posix()
    assert place == 'sequences/08/predictions/000123.label'
    assert not SEMANTIC_KITTI.submission_files(VAL)
    for elsewhere in ('000123.bin', 'velodyne/000123.bin', '/data/08/000123.bin'):
        with pytest.raises(ValueError, match=elsewhere):
            SEMANTIC_KITTI.submission_path(sweep._replace(lidar_path=elsewhere))


@pytest.mark.parametrize(
    'path, sequence', [('sequences/08/velodyne/000000.bin', '08'), ('000000.bin', None)]
)
def test_the_scene_of_semantickitti_is_the_sequence(path, sequence):
    entry = InfoEntry('here', {'lidar_points': {'lidar_path': path}})
    assert SEMANTIC_KITTI.scene_of(entry) == sequence


@pytest.mark.parametrize('record', [NUSCENES, SEMANTIC_KITTI], ids=lambda record: record.name)
def test_labels_are_mapped_as_the_table_of_raw_ids_says(record):
    """Each id that the type holds: known ones to their class, all others to the ignored one."""
    labels = record.labels
    table = labels.class_table
    known = {raw: table[raw] for raw in labels.class_of_raw}
    assert known == dict(labels.class_of_raw) and labels.ignored == len(record.classes)
    others = [raw for raw in range(len(table)) if raw not in known]
    assert all(table[raw] == labels.ignored for raw in others)


@pytest.mark.parametrize('record', [NUSCENES, SEMANTIC_KITTI], ids=lambda record: record.name)
def test_names_colours_and_beams_are_distinct(record):
    assert len(set(record.classes)) == len(set(record.palette)) == len(record.classes)
    assert sorted(set(record.profile.elevations)) == list(record.profile.elevations)
    assert record.profile.ignored == record.labels.ignored
