"""`LabelledSweepDataset`: what the shipped datasets are, by the name of their record."""

import numpy as np
import pytest

from stslidr.dataset_records.nuscenes import NUSCENES
from stslidr.dataset_records.semantickitti import SEMANTIC_KITTI
from stslidr.datasets.labelled_datasets import LabelledSweepDataset, LidarSegKittiDataset, record_of
from support.labelled_samples import loading_pipeline, same_sample

COLUMNS = {'nuscenes': 5, 'semantickitti': 4}


def by_record(record, root, **settings):
    return LabelledSweepDataset(
        record,
        ann_file=f'{record}_infos_train.pkl',
        data_root=str(root),
        pipeline=loading_pipeline(COLUMNS[record]),
        **settings,
    )


@pytest.mark.parametrize('settings', [{}, {'label_split': '50pct'}, {'test_mode': True}])
@pytest.mark.parametrize('record', COLUMNS)
def test_it_is_the_same_data_set(request, record, settings):
    kind = record.removeprefix('semantic')
    found = by_record(record, request.getfixturevalue(f'{kind}_root'), **settings)
    expected = request.getfixturevalue(kind)(**settings)
    assert len(found) == len(expected) > 0
    assert all(same_sample(found[index], expected[index]) for index in range(len(expected)))
    meta = dict(found.metainfo)
    for key, value in expected.metainfo.items():
        assert np.array_equal(meta.pop(key), value), key
    assert not meta


def test_a_prefix_of_the_config_goes_before_the_folders_of_the_record(nuscenes_root):
    dataset = by_record('nuscenes', nuscenes_root, data_prefix={'pts': 'elsewhere'})
    paths = [sample['lidar_path'] for sample in map(dataset.get_data_info, range(len(dataset)))]
    assert all(path.startswith(str(nuscenes_root / 'elsewhere')) for path in paths)


def test_an_unknown_record(nuscenes_root):
    with pytest.raises(ValueError, match="no data set 'toy', but nuscenes, semantickitti"):
        LabelledSweepDataset(
            'toy', ann_file='a.pkl', data_root=str(nuscenes_root), pipeline=[], lazy_init=True
        )


def test_the_record_of_a_config():
    import stslidr.plugin  # noqa: F401

    assert record_of({'type': 'LidarSegKittiDataset'}) is SEMANTIC_KITTI
    assert record_of({'type': 'LabelledSweepDataset', 'record': 'nuscenes'}) is NUSCENES
    assert record_of({'type': LidarSegKittiDataset.__name__, 'test_mode': True}) is SEMANTIC_KITTI
    for other in ('CameraLidarDataset', 'SemanticKittiDataset'):
        assert record_of({'type': other}) is None
