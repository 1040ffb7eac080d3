"""Where sensors' files lie: as the info file says, else as is usual in its data set."""

import pytest

from stslidr.dataset_records.nuscenes import NUSCENES
from stslidr.dataset_records.semantickitti import SEMANTIC_KITTI
from stslidr.dataset_records.sensor_folders import SensorFolders
from stslidr.errors import InputError


def find(sensor, record=None, **metainfo):
    return SensorFolders('a.pkl', metainfo, record).find(sensor)


@pytest.mark.parametrize(
    ('sensor', 'folder'),
    [
        ('pts', 'samples/LIDAR_TOP'),
        ('CAM_BACK', 'samples/CAM_BACK'),
        ('CAMERA_7', 'samples/CAMERA_7'),
        ('pts_semantic_mask', 'lidarseg/v1.0-mini'),
    ],
)
def test_of_nuscenes(sensor, folder):
    assert find(sensor, dataset='nuscenes', version='v1.0-mini') == folder
    assert find(sensor, NUSCENES, version='v1.0-mini') == folder


def test_of_semantickitti_paths_start_from_the_root():
    for sensor in ('pts', 'image_2', 'pts_semantic_mask'):
        assert find(sensor, dataset='semantickitti') == ''


def test_what_the_file_states_goes_first():
    folders = {'pts': 'lidar', 'CAM_BACK': '.', 'pts_semantic_mask': 'labels'}
    for sensor, folder in folders.items():
        assert find(sensor, dataset='nuscenes', folders=folders) == folder
    assert find('CAM_FRONT', dataset='nuscenes', folders=folders) == 'samples/CAM_FRONT'


def test_the_record_of_a_dataset_goes_before_the_name_in_the_file():
    folders = SensorFolders('a.pkl', {'dataset': 'nuscenes'}, SEMANTIC_KITTI)
    assert folders.record is SEMANTIC_KITTI and folders.find('pts') == ''


@pytest.mark.parametrize('metainfo', [{}, {'dataset': 'mine'}])
def test_a_data_set_that_is_not_known(metainfo):
    assert find('CAM_BACK', **metainfo) == 'samples/CAM_BACK'
    assert find('pts', **metainfo) == 'samples/LIDAR_TOP'
    assert find('EYE', **metainfo) is None
    assert find('EYE', folders={'EYE': 'eye'}, **metainfo) == 'eye'


def test_labels_of_a_version_that_is_not_stated():
    with pytest.raises(InputError, match=r'a\.pkl: label files lie in .lidarseg/\{version\}'):
        find('pts_semantic_mask', dataset='nuscenes')


def test_a_malformed_statement_is_refused_at_once():
    with pytest.raises(InputError, match=r'metainfo\.folders\.pts is .*no path below'):
        SensorFolders('a.pkl', {'folders': {'pts': '../..'}})
