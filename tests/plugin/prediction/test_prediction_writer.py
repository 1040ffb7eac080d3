"""The files of a submission, by the names that each benchmark wants."""

import json
from dataclasses import replace
from pathlib import PurePath
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from stslidr.dataset_records.semantickitti import SEMANTIC_KITTI
from stslidr.datasets.labelled_datasets import LidarSegKittiDataset, LidarSegNuScenesDataset
from stslidr.errors import InputError
from stslidr.prediction.prediction_writer import PredictionWriter


def runner_of(kind, split='val'):
    """A runner whose test set is of a class, without any data."""
    dataset = kind.__new__(kind) if isinstance(kind, type) else kind
    dataset._metainfo = {'split': split} if split else {}
    dataset.ann_file = 'infos.pkl'
    return SimpleNamespace(test_dataloader=SimpleNamespace(dataset=dataset))


def sample_of(classes, path, **meta):
    """What a segmentor returns for one sweep."""
    mask = SimpleNamespace(pts_semantic_mask=torch.tensor(classes))
    return SimpleNamespace(pred_pts_seg=mask, lidar_path=path, metainfo=meta)


def batch_of(*sizes):
    return {'inputs': {'points': [torch.zeros(size, 4) for size in sizes]}}


def test_nuscenes(tmp_path):
    writer = PredictionWriter(tmp_path)
    runner = runner_of(LidarSegNuScenesDataset)
    writer.before_test(runner)
    about = json.loads((tmp_path / 'val/submission.json').read_text())['meta']
    assert about['use_lidar'] and sum(about.values()) == 1
    samples = [
        sample_of([0, 15, 3], 'x/a.bin', sample_data_token='t1'),
        sample_of([7], 'x/b.bin', sample_data_token='t2'),
    ]
    writer.after_test_iter(runner, 0, batch_of(3, 1), samples)
    folder = tmp_path / 'lidarseg/val'
    assert (folder / 't1_lidarseg.bin').read_bytes() == bytes([1, 16, 4])
    assert (folder / 't2_lidarseg.bin').read_bytes() == bytes([8])
    assert len(list(folder.iterdir())) == 2


def test_semantickitti(tmp_path):
    writer = PredictionWriter(tmp_path)
    runner = runner_of(LidarSegKittiDataset, split=None)
    writer.before_test(runner)
    assert not list(tmp_path.iterdir())
    sample = sample_of([0, 18], 'root/sequences/11/velodyne/000004.bin')
    writer.after_test_iter(runner, 0, batch_of(2), [sample])
    written = np.fromfile(tmp_path / 'sequences/11/predictions/000004.label', '<u4')
    ids = SEMANTIC_KITTI.labels.written_ids
    assert written.tolist() == [ids[0], ids[18]]


def test_what_has_no_format_or_no_name_is_refused(tmp_path):
    with pytest.raises(InputError, match='predictions for SimpleNamespace have no format'):
        PredictionWriter(tmp_path).before_test(runner_of(SimpleNamespace()))
    with pytest.raises(InputError, match='infos.pkl does not state its split'):
        PredictionWriter(tmp_path).before_test(runner_of(LidarSegNuScenesDataset, split=None))
    writer, runner = PredictionWriter(tmp_path), runner_of(LidarSegNuScenesDataset)
    writer.before_test(runner)
    with pytest.raises(InputError, match=r'x/a\.bin: the info file has no sample_data_token'):
        writer.after_test_iter(runner, 0, batch_of(1), [sample_of([1], 'x/a.bin')])
    writer, runner = PredictionWriter(tmp_path), runner_of(LidarSegKittiDataset)
    writer.before_test(runner)
    with pytest.raises(InputError, match=r'does not lie in <sequence>/velodyne'):
        writer.after_test_iter(runner, 0, batch_of(1), [sample_of([1], 'x/a.bin')])


@pytest.mark.parametrize(('classes', 'points'), [([1, 2], 3), ([1], 0)])
def test_one_prediction_for_each_point(tmp_path, classes, points):
    writer, runner = PredictionWriter(tmp_path), runner_of(LidarSegNuScenesDataset)
    writer.before_test(runner)
    sample = sample_of(classes, 'x/a.bin', sample_data_token='t')
    says = rf'x/a\.bin: {len(classes)} predictions for {points} points'
    with pytest.raises(InputError, match=says):
        writer.after_test_iter(runner, 0, batch_of(points), [sample])


@pytest.mark.parametrize('place', ['/elsewhere/a.guess', '../a.guess', 'b/../../a.guess'])
def test_a_record_cannot_write_outside_the_folder(tmp_path, place):
    record = replace(SEMANTIC_KITTI, submission_path=lambda sweep: PurePath(place))
    writer, runner = PredictionWriter(tmp_path / 'out'), runner_of(LidarSegKittiDataset)
    writer.before_test(runner)
    writer.record = record
    with pytest.raises(InputError, match=r'x/a\.bin: its predictions would go to .*, outside'):
        writer.after_test_iter(runner, 0, batch_of(1), [sample_of([1], 'x/a.bin')])
    assert not list(tmp_path.rglob('*.guess'))
