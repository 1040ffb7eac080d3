"""Checks, intensity and labels beside MMDetection3D's own loading transforms."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mmdet3d.datasets.transforms import LoadPointsFromFile
from mmdet3d.structures.points import LiDARPoints

from stslidr.dataset_records.nuscenes import LIDARSEG
from stslidr.datasets.transforms.labelled_loading import (
    CheckSweepFile,
    IntensityFeature,
    LoadPointLabels,
)
from support.tiny_labelled import draw_sweep

RNG = np.random.default_rng(4)
CHECK = CheckSweepFile(load_dim=4, intensity_range=(0, 1))


def results_of(path, **stated):
    return {'lidar_points': {'lidar_path': str(path), **stated}}


@pytest.fixture
def sweep(tmp_path):
    """A SemanticKITTI sweep of 60 points."""
    path = tmp_path / 'sweep.bin'
    draw_sweep(60, 4, 1, RNG).tofile(path)
    return path


# -- CheckSweepFile --------------------------------------------------------------------------------


def test_a_good_sweep_passes_unchanged(sweep):
    results = results_of(sweep, num_pts_feats=4, num_points=60)
    assert CHECK(results) is results
    stated = results_of(sweep, num_pts_feats=4, num_points=60)
    assert results == {**stated, 'num_stored_points': 60}


@pytest.mark.parametrize(
    'results',
    [{}, {'points': np.full((3, 4), np.nan)}, {'lidar_points': {}}],
    ids=['none', 'array', 'path'],
)
def test_without_a_file_there_is_nothing_to_check(results):
    assert CHECK(results) is results


@pytest.mark.parametrize(
    'make_results',
    [results_of, lambda path: {'points': str(path)}],
    ids=['info file', 'inferencer'],
)
@pytest.mark.parametrize(
    ('spoil', 'said'),
    [
        (lambda path: path.write_bytes(b''), 'is empty'),
        (
            lambda path: path.write_bytes(path.read_bytes()[:-3]),
            'is truncated, or has another number',
        ),
        (lambda path: path.write_bytes(np.full(8, np.nan, '<f4')), '2 of 2 points with NaN'),
        (
            lambda path: np.fromfile(path, '<f4').reshape(-1, 4)[:, :3].tofile(path),
            r'(fourth column goes from|repeat every 5) -\d.* to \d.*\(no intensity\?\)',
        ),
        (
            lambda path: np.fromfile(path, '<f4').reshape(-1, 4)[:59, :3].tofile(path),
            'no multiple of a row of 4 float32',
        ),
        (lambda path: draw_sweep(60, 5, 255, RNG).tofile(path), 'goes from|repeat every 5'),
        (lambda path: draw_sweep(60, 4, 255, RNG).tofile(path), 'another scale'),
    ],
)
def test_files_that_mmdet3d_reads_wrongly(sweep, make_results, spoil, said):
    spoil(sweep)
    with pytest.raises(ValueError, match=f'sweep {sweep}.* {said}'):
        CHECK(make_results(sweep))


def test_sweeps_that_are_not_as_the_info_file_says(sweep):
    with pytest.raises(ValueError, match=f'{sweep} has 60 points where the info file states 61'):
        CHECK(results_of(sweep, num_points=61))
    with pytest.raises(ValueError, match=f'{sweep}: the info file states 5 columns, .* load_dim=4'):
        CHECK(results_of(sweep, num_pts_feats=5))


def test_missing_sweep(tmp_path):
    with pytest.raises(FileNotFoundError, match=f'sweep {tmp_path}/none.bin does not exist'):
        CHECK(results_of(tmp_path / 'none.bin'))


def test_any_intensity_where_no_range_is_set(tmp_path):
    draw_sweep(60, 4, 1e4, RNG).tofile(tmp_path / 'a.bin')
    CheckSweepFile(load_dim=4)(results_of(tmp_path / 'a.bin'))


@pytest.mark.parametrize(
    'settings',
    [
        dict(load_dim=3),
        dict(load_dim=4, intensity_range=(1, 1)),
        dict(load_dim=4, intensity_range=(0, float('nan'))),
    ],
)
def test_settings_of_the_check(settings):
    with pytest.raises(ValueError, match='CheckSweepFile'):
        CheckSweepFile(**settings)


# -- IntensityFeature ------------------------------------------------------------------------------


def test_intensity_becomes_the_feature(sweep):
    results = LoadPointsFromFile('LIDAR', load_dim=4, use_dim=4)(results_of(sweep))
    before = results['points'].tensor.clone()
    after = IntensityFeature(scale=0.5, offset=1.0)(results)['points']
    assert isinstance(after, LiDARPoints)
    assert torch.equal(after.tensor[:, :3], before[:, :3])
    torch.testing.assert_close(after.tensor[:, 3], before[:, 3] / 2 + 1)


def test_an_array_that_was_handed_over_keeps_its_values():
    array = draw_sweep(9, 4, 1, RNG)
    kept = array.copy()
    IntensityFeature(offset=1.0)({'points': LiDARPoints(array, points_dim=4)})
    assert np.array_equal(array, kept)


@pytest.mark.parametrize(
    'settings', [dict(scale=0), dict(scale=float('inf')), dict(offset=float('nan'))]
)
def test_settings_of_the_intensity(settings):
    with pytest.raises(ValueError, match='IntensityFeature'):
        IntensityFeature(**settings)


def test_points_without_intensity():
    with pytest.raises(ValueError, match='3 columns and no intensity'):
        IntensityFeature()({'points': LiDARPoints(draw_sweep(9, 4, 1, RNG)[:, :3], points_dim=3)})


# -- LoadPointLabels -------------------------------------------------------------------------------


@pytest.fixture
def labelled(tmp_path):
    """Results with 32 points and a lidarseg file of all categories."""
    np.arange(32, dtype=np.uint8).tofile(tmp_path / 'labels.bin')
    points = LiDARPoints(draw_sweep(32, 4, 255, RNG), points_dim=4)
    return {
        'points': points,
        'label_format': 'lidarseg',
        'pts_semantic_mask_path': str(tmp_path / 'labels.bin'),
    }


def test_classes_of_the_points(labelled):
    classes = LoadPointLabels()(labelled)['pts_semantic_mask']
    assert classes.dtype == np.int64
    assert classes.tolist() == [LIDARSEG.class_of_raw[raw] for raw in range(32)]
    assert 'eval_ann_info' not in labelled


def test_scores_keep_the_labels_whatever_augmentation_does_to_them(labelled):
    results = LoadPointLabels()({**labelled, 'eval_ann_info': {}})
    expected = results['pts_semantic_mask'].copy()
    results['pts_semantic_mask'][:] = 16
    assert np.array_equal(results['eval_ann_info']['pts_semantic_mask'], expected)


def test_a_sample_without_labels_stays_as_it_is():
    results = {'points': None}
    assert LoadPointLabels()(results) is results == {'points': None}


def test_a_label_file_of_another_sweep(labelled):
    labelled['points'] = labelled['points'][:31]
    with pytest.raises(ValueError, match=r'labels\.bin has 32 labels, its sweep 31 points'):
        LoadPointLabels()(labelled)
