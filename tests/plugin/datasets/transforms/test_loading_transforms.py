"""LoadSweep, LoadCameras and LoadSuperpixels: columns, scales, sizes, settings."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mmdet3d.structures.points import LiDARPoints

from stslidr.datasets.transforms.loading import LoadCameras, LoadSuperpixels, LoadSweep


@pytest.fixture
def sweep(tmp_path):
    """A sweep of 7 points and 6 columns, and what the dataset says of it."""
    values = np.random.default_rng(0).normal(size=(7, 6)).astype('<f4')
    values.tofile(tmp_path / 'sweep.bin')
    return values, {'lidar_path': str(tmp_path / 'sweep.bin'), 'num_points': 7, 'num_pts_feats': 6}


@pytest.mark.parametrize(
    ('use_dim', 'columns'),
    [
        (4, [0, 1, 2, 3]),
        (6, [0, 1, 2, 3, 4, 5]),
        ([0, 1, 2, 5], [0, 1, 2, 5]),
        ([1, 0, 2, 4, 3], [1, 0, 2, 4, 3]),
        ((0, 1, 2, 2), [0, 1, 2, 2]),
    ],
)
def test_columns_are_those_asked_for(sweep, use_dim, columns):
    values, sample = sweep
    points = LoadSweep(load_dim=6, use_dim=use_dim)(sample)['points']
    assert isinstance(points, LiDARPoints)
    np.testing.assert_array_equal(points.tensor.numpy(), values[:, columns])


def test_intensity_alone_is_scaled_then_moved(sweep):
    values, sample = sweep
    points = LoadSweep(6, use_dim=5, intensity_scale=255, intensity_offset=1)(sample)['points']
    expected = values[:, :5].copy()
    expected[:, 3] = expected[:, 3] * 255 + 1
    np.testing.assert_allclose(points.tensor.numpy(), expected, rtol=1e-6)


def test_counts_that_the_info_file_does_not_state_are_not_checked(sweep):
    values, sample = sweep
    sample.update(num_points=None, num_pts_feats=None)
    assert LoadSweep(6)(sample)['points'].shape == (7, 4)
    sample['num_points'] = 8
    with pytest.raises(ValueError, match=r'sweep\.bin has 7 points .* states 8'):
        LoadSweep(6)(sample)


@pytest.mark.parametrize(
    ('settings', 'said'),
    [
        ({'use_dim': 3}, 'use_dim'),
        ({'use_dim': [0, 1, 2]}, 'use_dim'),
        ({'use_dim': [0, 1, 2, 5]}, 'load_dim 5'),
        ({'use_dim': [0, 1, 2, -1]}, 'use_dim'),
        ({'intensity_scale': 0.0}, 'intensity_scale'),
        ({'intensity_scale': float('nan')}, 'intensity_scale'),
        ({'intensity_offset': float('inf')}, 'intensity_offset'),
    ],
)
def test_senseless_sweep_settings_are_refused(settings, said):
    with pytest.raises(ValueError, match=said):
        LoadSweep(**{'load_dim': 5, **settings})


def test_images_and_superpixels_of_cameras_of_several_sizes(make_rig):
    sizes = [(90, 160), (64, 64), (200, 120)]
    sample = make_rig(sizes).dataset().get_data_info(0)
    LoadSuperpixels('superpixels', num_superpixels=256)(LoadCameras()(sample))
    assert sample['image_sizes'].tolist() == [list(size) for size in sizes]
    for camera, (image, labels) in enumerate(
        zip(sample['images'], sample['superpixels'], strict=True)
    ):
        rows, columns = torch.meshgrid(*map(torch.arange, sizes[camera]), indexing='ij')
        expected = torch.stack([rows, columns, torch.full_like(rows, camera)]).byte()
        assert torch.equal(image, expected)
        assert torch.equal(labels, (rows // 20 * 16 + columns // 20).int())


def test_the_superpixel_folder_may_be_absolute(make_rig):
    rig = make_rig()
    sample = LoadCameras()(rig.dataset().get_data_info(0))
    absolute = LoadSuperpixels(str(rig.root / 'superpixels'), 256)
    assert len(absolute({**sample, 'data_root': 'elsewhere'})['superpixels']) == 2


def test_as_many_slots_as_the_highest_id_needs(make_rig):
    rig = make_rig([(90, 160)])  # ids up to 4 * 16 + 7
    sample = LoadCameras()(rig.dataset().get_data_info(0))
    assert LoadSuperpixels('superpixels', num_superpixels=72)(sample)['num_superpixels'] == 72
    with pytest.raises(ValueError, match=r's0c00\.png has ids up to 71'):
        LoadSuperpixels('superpixels', num_superpixels=71)(sample)


def test_a_label_map_without_slots_is_refused():
    with pytest.raises(ValueError, match='num_superpixels 0'):
        LoadSuperpixels('superpixels', num_superpixels=0)
