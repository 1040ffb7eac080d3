"""Whatever the composition: pairs show their pixel, ids stay, points keep their features."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mmdet3d.datasets.transforms import GlobalRotScaleTrans, RandomFlip3D
from mmdet3d.structures.points import LiDARPoints

from stslidr.core.pairing import PointPixelPairs
from stslidr.datasets.pipeline import PairedPipeline, Phase
from stslidr.datasets.transforms.cuboid_dropping import DropCuboids
from stslidr.datasets.transforms.image_augmentation import (
    RandomFlipImages,
    RandomResizedCropImages,
    ResizeImages,
)
from stslidr.datasets.transforms.packing import PackPairedSample
from stslidr.datasets.transforms.voxelization import VoxelizeSweep

NUM_POINTS = 200
NUM_SUPERPIXELS = 50

sides = st.tuples(st.integers(8, 90), st.integers(8, 90))
probabilities = st.floats(0, 1)
augmentations = st.one_of(
    st.builds(DropCuboids, max_fraction=st.floats(0.01, 1), min_pairs=st.integers(0, 30)),
    st.builds(
        RandomResizedCropImages,
        size=sides,
        min_pairs=st.integers(0, 80),
        min_fraction=st.floats(0, 0.99),
        max_tries=st.integers(1, 5),
    ),
    st.builds(ResizeImages, size=sides),
    st.builds(RandomFlipImages, prob=probabilities),
    st.builds(
        GlobalRotScaleTrans, rot_range=st.just([0, 2 * np.pi]), scale_ratio_range=st.just([1, 1])
    ),
    st.builds(
        RandomFlip3D,
        sync_2d=st.just(False),
        flip_ratio_bev_horizontal=probabilities,
        flip_ratio_bev_vertical=probabilities,
    ),
)


class PairAtRandom:
    """In place of reading and projecting: a sample in which everything carries its own name.

    A point's feature is its number; an image's red and green are the pixel's row and column.
    """

    phase = Phase.PAIR

    def __init__(self, image_sizes):
        self.image_sizes = image_sizes

    def __call__(self, results):
        sweep = np.random.normal(0, (20, 20, 2), (NUM_POINTS, 3))
        numbered = np.column_stack([sweep, np.arange(NUM_POINTS)]).astype(np.float32)
        images, labels, pairs = [], [], []
        for camera, (height, width) in enumerate(self.image_sizes):
            rows, columns = np.mgrid[:height, :width]
            image = np.stack([rows, columns, np.full_like(rows, camera)]).astype(np.uint8)
            images.append(torch.from_numpy(image))
            labels.append(torch.from_numpy((rows * width + columns) % NUM_SUPERPIXELS).int())
            seen = np.random.permutation(NUM_POINTS)[: np.random.randint(0, 150)]
            pixels = np.random.randint((1, 1), (height - 1, width - 1), (len(seen), 2))
            pairs.append(np.column_stack([seen, np.full_like(seen, camera), pixels]))
        pairs = np.concatenate(pairs)
        return {
            'points': LiDARPoints(numbered, points_dim=4),
            'images': images,
            'superpixels': labels,
            'image_sizes': np.array(self.image_sizes),
            'pairs': PointPixelPairs(pairs[:, 0], pairs[:, 1], pairs[:, 2:]),
        }


def assert_pairs_show_their_pixels(sample, original, blur):
    """`blur` (C, 2): by how many original pixels the resizes so far may have moved a pixel."""
    pairs = sample['pairs']
    numbers = sample['points'].tensor[pairs.points, 3].long().tolist()
    for number, camera, (row, column) in zip(
        numbers, pairs.images.tolist(), pairs.pixels.tolist(), strict=True
    ):
        red, green, blue = sample['images'][camera][:, row, column].tolist()
        assert round(blue) == camera
        off = np.abs(np.array([red, green]) - original[number, camera])
        assert (off <= blur[camera] + 1e-3).all()


def assert_points_keep_their_features(sample, sweep):
    numbers = sample['points'].tensor[:, 3].long()
    assert len(numbers.unique()) == len(numbers)
    old, new = sweep[numbers], sample['points'].tensor
    torch.testing.assert_close(new[:, 2:], old[:, 2:], rtol=0, atol=0)
    torch.testing.assert_close(new[:, :2].norm(dim=1), old[:, :2].norm(dim=1))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(augmentations, max_size=5),
    st.integers(0, 2**32 - 1),
    st.lists(st.tuples(st.integers(12, 120), st.integers(12, 120)), min_size=1, max_size=3),
)
def test_any_allowed_composition_keeps_pairs_ids_and_features(steps, seed, image_sizes):
    np.random.seed(seed)
    pipeline = PairedPipeline(
        [
            PairAtRandom(image_sizes),
            *steps,
            ResizeImages((16, 24)),
            VoxelizeSweep('cartesian', (2, 2, 2)),
            PackPairedSample(),
        ]
    )
    sample = pipeline.transforms[0]({})
    sweep = sample['points'].tensor.clone()
    original = {
        (point, image): pixel
        for point, image, pixel in zip(
            sample['pairs'].points, sample['pairs'].images, sample['pairs'].pixels, strict=True
        )
    }
    blur, pixel = np.zeros((len(image_sizes), 2)), np.ones((len(image_sizes), 2))
    for step in pipeline.transforms[1:-1]:
        before = sample['image_sizes']
        sample = step(sample)
        if isinstance(step, (ResizeImages, RandomResizedCropImages)):
            scale = before / sample['image_sizes']
            blur, pixel = blur + pixel * np.maximum(scale, 1), pixel * scale
        assert_pairs_show_their_pixels(sample, original, blur)
        assert_points_keep_their_features(sample, sweep)
        assert all(
            labels.min() >= 0 and labels.max() < NUM_SUPERPIXELS for labels in sample['superpixels']
        )
        shapes = [
            [list(grid.shape[-2:]) for grid in sample[key]] for key in ('images', 'superpixels')
        ]
        assert shapes == [sample['image_sizes'].tolist()] * 2
    inputs = PackPairedSample()(sample)['inputs']
    cells = torch.floor(sample['points'].tensor[sample['pairs'].points, :3] / 2).int()
    assert torch.equal(inputs['coors'][inputs['pair_voxels']], cells)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.one_of(st.builds(RandomFlipImages, prob=probabilities)), max_size=4),
    st.integers(0, 2**32 - 1),
)
def test_flips_move_images_superpixels_and_pairs_as_one(flips, seed):
    np.random.seed(seed)
    sample = PairAtRandom([(30, 41), (17, 12)])({})
    rows, columns = sample['pairs'].pixels.T
    cameras = sample['pairs'].images
    before = [
        int(sample['superpixels'][camera][row, column])
        for camera, row, column in zip(cameras, rows, columns, strict=True)
    ]
    for flip in flips:
        sample = flip(sample)
    rows, columns = sample['pairs'].pixels.T
    after = [
        int(sample['superpixels'][camera][row, column])
        for camera, row, column in zip(cameras, rows, columns, strict=True)
    ]
    assert after == before
