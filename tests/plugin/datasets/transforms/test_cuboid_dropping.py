"""DropCuboids, and MMDetection3D's rotation and flips on a paired sample."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mmdet3d.structures.points import LiDARPoints

from stslidr.core.pairing import PointPixelPairs
from stslidr.datasets.transforms.cuboid_dropping import DropCuboids


def paired_sweep(pairs_per_camera=(1500, 1300), num_points=4000, seed=0):
    """A sweep whose feature is the number of the point; pixel (n, n) goes with point n."""
    rng = np.random.default_rng(seed)
    sweep = np.hstack(
        [rng.normal(0, (20, 20, 2), (num_points, 3)), np.arange(num_points)[:, None]]
    ).astype(np.float32)
    points = np.concatenate([rng.choice(num_points, count) for count in pairs_per_camera])
    images = np.repeat(np.arange(len(pairs_per_camera)), pairs_per_camera)
    return {
        'points': LiDARPoints(sweep, points_dim=4),
        'pairs': PointPixelPairs(points, images, np.stack([points, points], axis=1)),
        'images': [torch.zeros(3, 4, 4) for _ in pairs_per_camera],
    }


def assert_pairs_true(sample):
    """Each pair's point carries the number that its pixel carries."""
    features = sample['points'].tensor[:, 3].numpy()
    pairs = sample['pairs']
    np.testing.assert_array_equal(features[pairs.points], pairs.pixels[:, 0])


def test_a_cuboid_goes_with_its_pairs():
    sample, before = paired_sweep(), paired_sweep()
    np.random.seed(3)
    DropCuboids(max_fraction=0.2)(sample)
    assert 0 < len(before['points']) - len(sample['points']) < 0.5 * len(before['points'])
    assert_pairs_true(sample)
    left = sample['points'].tensor[:, 3].long()
    assert torch.equal(sample['points'].tensor, before['points'].tensor[left])
    survivors = np.isin(before['pairs'].pixels[:, 0], left.numpy())
    np.testing.assert_array_equal(sample['pairs'].pixels, before['pairs'].pixels[survivors])


def test_the_cuboid_has_the_drawn_side_and_centre():
    sample, before = paired_sweep(), paired_sweep()
    np.random.seed(2)
    DropCuboids(max_fraction=0.9, min_pairs=0)(sample)
    np.random.seed(2)
    fraction = np.random.random() * 0.9
    positions = before['points'].tensor[:, :3].double().numpy()
    centre = positions[np.random.randint(len(positions))]
    half = fraction * np.ptp(positions, axis=0) / 2
    inside = (np.abs(positions - centre) < half - 1e-4).all(axis=1)
    touched = (np.abs(positions - centre) < half + 1e-4).all(axis=1)
    dropped = np.ones(len(positions), dtype=bool)
    dropped[sample['points'].tensor[:, 3].long().numpy()] = False
    assert inside.sum() > 10
    assert (dropped >= inside).all()
    assert (dropped <= touched).all()


def dropped_with(min_pairs, pairs_per_camera=(1500, 1300)):
    """The sample after one and the same draw, under a limit."""
    sample = paired_sweep(pairs_per_camera)
    np.random.seed(3)
    return DropCuboids(min_pairs=min_pairs)(sample)


def test_it_is_undone_where_a_camera_would_keep_too_few():
    left = dropped_with(min_pairs=0)
    fewest = int(left['pairs'].count_per_image(2).min())
    assert fewest < 1300
    assert torch.equal(dropped_with(fewest)['points'].tensor, left['points'].tensor)
    undone, before = dropped_with(fewest + 1), paired_sweep()
    assert torch.equal(undone['points'].tensor, before['points'].tensor)
    np.testing.assert_array_equal(undone['pairs'].points, before['pairs'].points)


@pytest.mark.parametrize('pairs_per_camera', [(1500, 1000), (1500, 0), (0, 0)])
def test_a_camera_with_too_few_pairs_from_the_start_switches_it_off(pairs_per_camera):
    sample, before = dropped_with(1024, pairs_per_camera), paired_sweep(pairs_per_camera)
    assert torch.equal(sample['points'].tensor, before['points'].tensor)
    assert sample['pairs'].count_per_image(2).tolist() == list(pairs_per_camera)


def test_a_sweep_of_one_point_survives():
    sample = {
        'points': LiDARPoints(np.zeros((1, 4), dtype=np.float32), points_dim=4),
        'pairs': PointPixelPairs(np.array([0]), np.array([0]), np.array([[0, 0]])),
        'images': [torch.zeros(3, 4, 4)],
    }
    DropCuboids(max_fraction=1.0, min_pairs=0)(sample)
    assert len(sample['points']) == len(sample['pairs']) == 1


@pytest.mark.parametrize(
    'settings',
    [{'max_fraction': 0}, {'max_fraction': 1.5}, {'max_fraction': float('nan')}, {'min_pairs': -1}],
)
def test_senseless_settings_are_refused(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        DropCuboids(**settings)


@pytest.mark.parametrize('seed', range(4))
def test_mmdet3d_rotation_and_flips_keep_rows_features_and_images(seed):
    from mmdet3d.datasets.transforms import GlobalRotScaleTrans, RandomFlip3D

    sample, before = paired_sweep(), paired_sweep()
    np.random.seed(seed)
    images = sample['images']
    rotate = GlobalRotScaleTrans(rot_range=[0, 2 * np.pi], scale_ratio_range=[1, 1])
    flip = RandomFlip3D(sync_2d=False, flip_ratio_bev_horizontal=0.5, flip_ratio_bev_vertical=0.5)
    flip(rotate(sample))
    old, new = before['points'].tensor.double(), sample['points'].tensor.double()
    assert torch.equal(new[:, 2:], old[:, 2:]), 'height or features moved'
    angle = sample['pcd_rotation_angle']
    turned = old[:, :2] @ torch.tensor(
        [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
    )
    signs = torch.tensor(
        [
            -1.0 if sample['pcd_vertical_flip'] else 1.0,
            -1.0 if sample['pcd_horizontal_flip'] else 1.0,
        ]
    )
    torch.testing.assert_close(new[:, :2], turned * signs, atol=2e-5, rtol=1e-6)
    assert_pairs_true(sample)
    assert sample['images'] is images
