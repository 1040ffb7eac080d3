"""Corruptions in MMDetection3D's segmentation pipeline."""

import numpy as np
import pytest
import torch
from mmdet3d.datasets.transforms import (
    LoadAnnotations3D,
    LoadPointsFromFile,
    Pack3DDetInputs,
    PointSegClassMapping,
)
from mmdet3d.structures.points import LiDARPoints

from stslidr.corruptions.corrupt import KINDS
from stslidr.datasets.transforms.corruption import CorruptSweep
from support.ring_sweep import label_of, make_sweep

ADDS_NOISE = ('fog', 'snow', 'crosstalk')


def make_results(columns=4, labels=True, scale=255.0, offset=0.0, profile='nuscenes', number=None):
    """Results as after loading; the intensity is `scale` x (0 to 1) + `offset`."""
    sweep = make_sweep(profile)
    rows = np.column_stack([sweep.xyz, sweep.intensity * scale + offset, sweep.ring])[:number]
    points = LiDARPoints(torch.from_numpy(rows[:, :columns].astype(np.float32)), points_dim=columns)
    results = {'points': points, 'eval_ann_info': {}, 'lidar_path': 'sweep.bin'}
    if labels:
        mask = label_of(rows[:, :3])
        results['pts_semantic_mask'] = mask
        results['eval_ann_info']['pts_semantic_mask'] = mask
    return results


@pytest.mark.parametrize('columns', [4, 5])
@pytest.mark.parametrize('kind', KINDS)
def test_labels_follow_their_points(kind, columns):
    before, results = make_results(columns), CorruptSweep(kind, 'heavy')(make_results(columns))
    points, labels = results['points'], results['pts_semantic_mask']
    assert type(points) is LiDARPoints and points.tensor.shape == (len(labels), columns)
    assert points.tensor.dtype == torch.float32 and torch.isfinite(points.tensor).all()
    assert labels.dtype == np.int64
    assert np.array_equal(results['eval_ann_info']['pts_semantic_mask'], labels)
    ignored = labels == 16
    assert ignored.any() == (kind in ADDS_NOISE)
    if kind == 'motion_blur':
        assert np.array_equal(labels, before['pts_semantic_mask'])
    else:
        xyz = points.tensor[:, :3].numpy()
        assert np.array_equal(label_of(xyz[~ignored]), labels[~ignored])
    assert len(points) < len(before['points']) or not torch.equal(
        points.tensor, before['points'].tensor
    )


def test_masks_that_are_not_the_same_array_both_follow():
    results = make_results()
    results['eval_ann_info']['pts_semantic_mask'] = results['pts_semantic_mask'].copy()
    CorruptSweep('beam_missing', 'heavy')(results)
    assert len(results['eval_ann_info']['pts_semantic_mask']) == len(results['points'])
    assert len(results['pts_semantic_mask']) == len(results['points'])


@pytest.mark.parametrize('kind', [kind for kind in KINDS if kind != 'incomplete_echo'])
def test_labels_change_no_point_and_need_not_be_there(kind):
    with_labels = CorruptSweep(kind, 'moderate')(make_results())
    without = CorruptSweep(kind, 'moderate')(make_results(labels=False))
    assert torch.equal(with_labels['points'].tensor, without['points'].tensor)
    assert 'pts_semantic_mask' not in without and not without['eval_ann_info']


def test_labels_of_an_evaluation_alone_serve_incomplete_echo():
    results = make_results()
    del results['pts_semantic_mask']
    CorruptSweep('incomplete_echo', 'heavy')(results)
    assert len(results['eval_ann_info']['pts_semantic_mask']) == len(results['points'])
    with pytest.raises(ValueError, match='has no labels'):
        CorruptSweep('incomplete_echo', 'heavy')(make_results(labels=False))


def test_rings_of_the_file_and_of_elevations_are_the_same_here():
    by_file = CorruptSweep('beam_missing', 'moderate')(make_results(columns=5))
    by_elevation = CorruptSweep('beam_missing', 'moderate')(make_results(columns=4))
    assert torch.equal(by_file['points'].tensor[:, :4], by_elevation['points'].tensor)


def test_rings_of_the_file_come_first():
    results = make_results(columns=5)
    results['points'].tensor[:, 4] = 3  # against their elevations
    seeds = [
        len(CorruptSweep('beam_missing', 'light', seed)({'points': results['points']})['points'])
        for seed in range(10)
    ]
    assert set(seeds) == {0, len(results['points'])}


@pytest.mark.parametrize('kind', KINDS)
def test_intensity_keeps_its_scale_and_offset(kind):
    """SemanticKITTI: remission from 0 to 1, to which loading adds 1."""
    raw = CorruptSweep(kind, 'heavy', profile='semantickitti')(
        make_results(scale=1.0, profile='semantickitti')
    )['points'].tensor
    shifted = CorruptSweep(
        kind, 'heavy', profile='semantickitti', intensity_scale=2.0, intensity_offset=1.0
    )(make_results(scale=2.0, offset=1.0, profile='semantickitti'))['points'].tensor
    assert torch.allclose(raw[:, :3], shifted[:, :3])
    # float32 keeps less of an intensity with an offset: one count where it is rounded
    assert (2 * raw[:, 3] + 1 - shifted[:, 3]).abs().max() <= 2 / 255 + 1e-6
    assert shifted[:, 3].min() >= 1 and shifted[:, 3].max() <= 3


def test_untouched_intensities_stay_bit_for_bit():
    for scale, profile in ((255.0, 'nuscenes'), (1.0, 'semantickitti')):
        before = make_results(scale=scale, profile=profile)
        after = CorruptSweep('motion_blur', 'light', profile=profile)(
            make_results(scale=scale, profile=profile)
        )
        assert torch.equal(before['points'].tensor[:, 3], after['points'].tensor[:, 3])


@pytest.mark.parametrize('kind', KINDS)
def test_an_empty_sweep_stays_empty(kind):
    results = CorruptSweep(kind, 'heavy')(make_results(number=0))
    assert len(results['points']) == len(results['pts_semantic_mask']) == 0


def test_it_is_the_same_in_another_place_and_process_state():
    first = CorruptSweep('crosstalk', 'light', seed=4)(make_results())
    np.random.random(100)
    torch.rand(100)
    moved = {**make_results(), 'lidar_path': 'elsewhere/other.bin'}
    again = CorruptSweep('crosstalk', 'light', seed=4)(moved)
    assert torch.equal(first['points'].tensor, again['points'].tensor)


def test_it_stands_in_the_pipeline_of_mmdetection3d(tmp_path):
    sweep = make_sweep()
    rows = np.column_stack([sweep.xyz, sweep.intensity * 255, sweep.ring]).astype('<f4')
    rows.tofile(tmp_path / 'sweep.bin')
    raw = sweep.labels.astype(np.uint8) + 10
    raw.tofile(tmp_path / 'labels.bin')
    results = {
        'lidar_points': {'lidar_path': str(tmp_path / 'sweep.bin'), 'num_pts_feats': 5},
        'pts_semantic_mask_path': str(tmp_path / 'labels.bin'),
        'eval_ann_info': {},
        'seg_label_mapping': np.where(np.arange(256) < 10, 16, np.arange(256) - 10),
    }
    for step in (
        LoadPointsFromFile('LIDAR', load_dim=5, use_dim=4),
        LoadAnnotations3D(
            with_bbox_3d=False,
            with_label_3d=False,
            with_seg_3d=True,
            seg_3d_dtype='np.uint8',
            dataset_type='nuscenes',
        ),
        PointSegClassMapping(),
        CorruptSweep('fog', 'heavy'),
        Pack3DDetInputs(keys=['points', 'pts_semantic_mask']),
    ):
        results = step(results)
    points, sample = results['inputs']['points'], results['data_samples']
    labels = sample.gt_pts_seg.pts_semantic_mask.numpy()
    assert len(points) == len(labels) == len(sweep)
    assert np.array_equal(labels, sample.eval_ann_info['pts_semantic_mask'])
    clear = labels != 16
    assert 0.3 < clear.mean() < 1
    assert np.array_equal(label_of(points[clear, :3].numpy()), labels[clear])


@pytest.mark.parametrize(
    'wrong, said',
    [
        ({'kind': 'rain'}, 'fog, snow'),
        ({'severity': 'extreme'}, 'light, moderate, heavy'),
        ({'profile': 'waymo'}, 'nuscenes, semantickitti'),
        ({'seed': 2**32}, 'seed'),
        ({'intensity_scale': 0.0}, 'intensity_scale'),
        ({'intensity_offset': np.inf}, 'offset'),
    ],
)
def test_settings_are_checked(wrong, said):
    with pytest.raises(ValueError, match=said):
        CorruptSweep(**{'kind': 'fog', 'severity': 'light', **wrong})


@pytest.mark.parametrize(
    'results, said',
    [
        (make_results(columns=3), '3 columns'),
        (make_results(offset=1.0, scale=1e4), 'intensities'),
        (
            {**make_results(), 'pts_semantic_mask': np.zeros(7, dtype=np.int64)},
            '7 labels for 12800',
        ),
        ({**make_results(), 'pts_semantic_mask': np.full(12800, 24)}, 'PointSegClassMapping'),
    ],
)
def test_results_are_checked(results, said):
    with pytest.raises(ValueError, match=said):
        CorruptSweep('fog', 'light')(results)


@pytest.mark.parametrize('ring', [32, -1, 0.5])
def test_a_fifth_column_that_is_no_ring_is_refused(ring):
    results = make_results(columns=5)
    results['points'].tensor[0, 4] = ring
    with pytest.raises(ValueError, match='the ring, 0 to 31'):
        CorruptSweep('fog', 'light')(results)
