"""PairedDataPreprocessor: offsets, normalisation, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mmengine.dataset import pseudo_collate

from stslidr.core.seeding import derive_seed
from stslidr.datasets.paired_preprocessor import PairedDataPreprocessor
from stslidr.errors import InputError


def packed_sample(rng, voxels, cameras, pairs, size=(6, 8), superpixels=True, features=1):
    """A packed sample of random content."""
    height, width = size
    integers = lambda high, shape: torch.from_numpy(rng.integers(0, high, shape))  # noqa: E731
    return {
        'inputs': {
            'voxels': torch.from_numpy(rng.random((voxels, features), dtype=np.float32)),
            'coors': torch.from_numpy(rng.integers(-9, 9, (voxels, 3)).astype(np.int32)),
            'images': torch.from_numpy(rng.random((cameras, 3, *size), dtype=np.float32) * 255),
            'superpixels': integers(9, (cameras, *size)).int() if superpixels else None,
            'num_superpixels': 9 if superpixels else 0,
            'pair_voxels': integers(voxels, pairs),
            'pair_images': integers(cameras, pairs),
            'pair_pixels': torch.stack([integers(height, pairs), integers(width, pairs)], dim=1),
            'seed': int(rng.integers(2**31)),
        }
    }


def batch_of(samples, **settings):
    """What the model gets of these samples."""
    result = PairedDataPreprocessor(**settings)(pseudo_collate(samples), training=True)
    assert result['data_samples'] is None
    return result['inputs']


def test_every_pair_still_shows_its_own_voxel_and_pixel():
    rng = np.random.default_rng(0)
    shapes = [(5, 1, 40), (9, 7, 0), (3, 3, 25)]  # voxels, cameras, pairs of each sample
    samples = [packed_sample(rng, *shape, features=2) for shape in shapes]
    batch = batch_of(samples, mean=(0, 0, 0), std=(1, 1, 1))
    assert batch.batch_size == 3
    assert batch.coors[:, 0].tolist() == [0] * 5 + [1] * 9 + [2] * 3
    row = 0
    for sample in (sample['inputs'] for sample in samples):
        for pair, voxel in enumerate(sample['pair_voxels'].tolist()):
            image, (y, x) = int(sample['pair_images'][pair]), sample['pair_pixels'][pair].tolist()
            joined, (v, u) = int(batch.pair_images[row]), batch.pair_pixels[row].tolist()
            assert torch.equal(batch.voxels[batch.pair_voxels[row]], sample['voxels'][voxel])
            assert torch.equal(batch.coors[batch.pair_voxels[row], 1:], sample['coors'][voxel])
            shown = sample['images'][image, :, y, x] / 255
            torch.testing.assert_close(batch.images[joined, :, v, u], shown)
            assert batch.superpixels[joined, v, u] == sample['superpixels'][image, y, x]
            row += 1
    assert row == batch.num_pairs == 65


def test_images_are_normalised_as_torchvision_normalises_them():
    rng = np.random.default_rng(1)
    sample = packed_sample(rng, 2, 2, 3)
    given = sample['inputs']['images'].clone()
    images = batch_of([sample]).images
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    expected = (given.double().numpy() / 255 - mean[:, None, None]) / std[:, None, None]
    np.testing.assert_allclose(images.numpy(), expected, rtol=1e-5, atol=1e-6)
    assert torch.equal(sample['inputs']['images'], given), 'the sample itself was changed'


def test_the_seed_follows_from_the_seeds_of_the_samples():
    rng = np.random.default_rng(2)
    samples = [packed_sample(rng, 2, 1, 3) for _ in range(2)]
    seeds = [sample['inputs']['seed'] for sample in samples]
    assert batch_of(samples).seed == derive_seed(*seeds)
    assert batch_of(samples[::-1]).seed != derive_seed(*seeds)


def test_superpixels_of_all_samples_or_of_none():
    rng = np.random.default_rng(3)
    with_maps, without = packed_sample(rng, 2, 1, 3), packed_sample(rng, 2, 1, 3, superpixels=False)
    batch = batch_of([without, without])
    assert (batch.superpixels, batch.num_superpixels) == (None, 0)
    batch = batch_of([with_maps, with_maps])
    assert (batch.superpixels.dtype, batch.num_superpixels) == (torch.int64, 9)
    with pytest.raises(ValueError, match='1 of 2 samples of a batch have no superpixels'):
        batch_of([with_maps, without])


def test_images_of_unequal_size_are_refused():
    rng = np.random.default_rng(4)
    samples = [packed_sample(rng, 2, 1, 3), packed_sample(rng, 2, 1, 3, size=(6, 9))]
    with pytest.raises(ValueError, match=r'differ in size, \[\(6, 8\), \(6, 9\)\]'):
        batch_of(samples)


def test_an_entry_that_samples_lack_is_named():
    sample = packed_sample(np.random.default_rng(4), 2, 1, 3)
    del sample['inputs']['coors'], sample['inputs']['seed']
    with pytest.raises(InputError, match='the packed samples lack coors, seed: see'):
        batch_of([sample])


def test_the_batch_lands_on_the_models_device():
    preprocessor = PairedDataPreprocessor().to('meta')
    rng = np.random.default_rng(5)
    batch = preprocessor(pseudo_collate([packed_sample(rng, 2, 1, 3)]))['inputs']
    assert batch.images.device.type == batch.coors.device.type == 'meta'


def test_no_state_is_saved():
    assert not PairedDataPreprocessor().state_dict()


@pytest.mark.parametrize(
    ('mean', 'std'),
    [
        ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375)),  # of images in 0..255
        ((0.5, 0.5), (0.5, 0.5)),
        ((0.5, 0.5, 0.5), (0.5, 0.0, 0.5)),
        ((-0.1, 0.5, 0.5), (0.5, 0.5, 0.5)),
    ],
)
def test_senseless_statistics_are_refused(mean, std):
    with pytest.raises(ValueError, match='mean and std'):
        PairedDataPreprocessor(mean, std)
