"""The registered transforms against what the published ones made of the same draws."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from mmdet3d.structures.points import LiDARPoints

from stslidr.core.pairing import PointPixelPairs
from stslidr.datasets.transforms import image_augmentation as image_transforms
from stslidr.datasets.transforms.cuboid_dropping import DropCuboids
from stslidr.datasets.transforms.image_augmentation import (
    RandomFlipImages,
    RandomResizedCropImages,
    ResizeImages,
)

FIXTURE = Path(__file__).parents[2] / 'fixtures' / 'published' / 'transforms.npz'


@pytest.fixture(scope='module')
def published():
    with np.load(FIXTURE) as arrays:
        return dict(arrays)


def sample_of(published, prefix=''):
    """The transforms' input (no prefix), or one transform's published output."""
    images = published[f'{prefix}images']
    located = published[f'{prefix}pairing_images']
    sweep = np.hstack([published['points'], published['intensity']])
    return {
        'points': LiDARPoints(sweep, points_dim=4),
        'images': list(torch.from_numpy(images)),
        'image_sizes': np.array([images.shape[2:]] * len(images)),
        'superpixels': list(torch.from_numpy(published[f'{prefix}superpixels'].astype(np.int32))),
        'pairs': PointPixelPairs(
            published.get(f'{prefix}pairing_points', np.arange(len(located))),
            located[:, 0],
            located[:, 1:],
        ),
    }


def assert_same_images(sample, published, prefix):
    np.testing.assert_allclose(
        torch.stack(sample['images']).numpy(), published[f'{prefix}images'], rtol=1e-6
    )
    labels = torch.stack(sample['superpixels']).numpy()
    np.testing.assert_array_equal(labels, published[f'{prefix}superpixels'])
    located = np.column_stack([sample['pairs'].images, sample['pairs'].pixels])
    np.testing.assert_array_equal(located, published[f'{prefix}pairing_images'])


def test_drop_cuboids(published, monkeypatch):
    fraction, centre = float(published['cuboid/fraction']), int(published['cuboid/centre_index'])
    monkeypatch.setattr(np.random, 'random', lambda: fraction / 0.2)
    monkeypatch.setattr(np.random, 'randint', lambda high: centre)
    dropped = DropCuboids()(sample_of(published))
    points = dropped['points'].tensor.numpy()
    np.testing.assert_array_equal(points[:, :3], published['cuboid/points'])
    feature = {
        tuple(row): value
        for row, value in zip(
            published['points'].tolist(), published['intensity'][:, 0].tolist(), strict=True
        )
    }
    assert [feature[tuple(row)] for row in points[:, :3].tolist()] == points[:, 3].tolist()
    np.testing.assert_array_equal(dropped['pairs'].points, published['cuboid/pairing_points'])
    located = np.column_stack([dropped['pairs'].images, dropped['pairs'].pixels])
    np.testing.assert_array_equal(located, published['cuboid/pairing_images'])


def test_resized_crop(published, monkeypatch):
    boxes = iter(published['crop/boxes_top_left_h_w'].tolist())
    monkeypatch.setattr(image_transforms, 'draw_crop_box', lambda *given: next(boxes))
    crop = RandomResizedCropImages(size=published['crop/size'].tolist(), min_pairs=100)
    cropped = crop(sample_of(published))
    assert next(boxes, None) is None, 'a given box was refused'
    assert_same_images(cropped, published, 'crop/')
    np.testing.assert_array_equal(cropped['pairs'].points, published['crop/pairing_points'])
    assert cropped['image_sizes'].tolist() == [published['crop/size'].tolist()] * 2


def test_flip(published, monkeypatch):
    draws = np.where(published['flip/flipped'], 0.49, 0.5)
    monkeypatch.setattr(np.random, 'random', lambda count: draws)
    flipped = RandomFlipImages()(sample_of(published, 'crop/'))
    assert_same_images(flipped, published, 'flip/')
    np.testing.assert_array_equal(flipped['pairs'].points, published['crop/pairing_points'])


def test_cropping_uint8_images_agrees_with_the_published_order():
    """Published: the whole image to float32 in 0..1, then the crop, then the normalisation."""
    image = np.random.default_rng(0).integers(0, 256, (90, 160, 3), dtype=np.uint8)
    no_pairs = np.zeros(0, dtype=np.int64)
    sample = {
        'images': [torch.from_numpy(image).permute(2, 0, 1)],
        'image_sizes': np.array([[90, 160]]),
        'pairs': PointPixelPairs(no_pairs[:1], no_pairs[:1], no_pairs.reshape(0, 2)),
    }
    ours = ResizeImages(size=(56, 104))(sample)['images'][0] / 255
    scaled = torch.from_numpy(image).permute(2, 0, 1).contiguous()[None] / 255
    theirs = torch.nn.functional.interpolate(scaled, (56, 104), mode='bilinear')[0]
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=0)
