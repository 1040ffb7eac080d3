"""PairedBatch: what it refuses, and that `to` moves everything."""

from __future__ import annotations

from dataclasses import fields

import pytest
import torch

from stslidr.core.batch import PairedBatch


def entries(**changes: object) -> dict:
    """Two sweeps with 3 voxels in all, 4 images of 5 x 7 and 6 pairs."""
    values = {
        'voxels': torch.rand(3, 1),
        'coors': torch.tensor([[0, 1, -2, 3], [0, 4, 5, 6], [1, 0, 0, 0]], dtype=torch.int32),
        'batch_size': 2,
        'images': torch.rand(4, 3, 5, 7),
        'superpixels': torch.randint(9, (4, 5, 7)),
        'num_superpixels': 9,
        'pair_voxels': torch.tensor([0, 1, 2, 2, 1, 0]),
        'pair_images': torch.tensor([0, 0, 1, 2, 3, 3]),
        'pair_pixels': torch.tensor([[0, 0], [4, 6], [1, 2], [3, 4], [2, 2], [0, 6]]),
        'seed': 7,
    }
    return {**values, **changes}


def test_a_batch_keeps_what_it_is_given():
    values = entries()
    batch = PairedBatch(**values)
    assert all(getattr(batch, name) is value for name, value in values.items())
    assert batch.num_pairs == 6
    assert batch.device == torch.device('cpu')


def test_no_pair_and_no_superpixels_are_fine():
    none = torch.zeros(0, dtype=torch.int64)
    batch = PairedBatch(
        **entries(superpixels=None, pair_voxels=none, pair_images=none, pair_pixels=none.view(0, 2))
    )
    assert batch.num_pairs == 0


@pytest.mark.parametrize('superpixels', [True, False])
def test_to_moves_every_tensor(superpixels):
    batch = PairedBatch(**entries(**({} if superpixels else {'superpixels': None})))
    moved = batch.to('meta')
    assert moved.device == torch.device('meta')
    for field in fields(PairedBatch):
        before, after = getattr(batch, field.name), getattr(moved, field.name)
        if isinstance(before, torch.Tensor):
            assert (after.device.type, after.shape, after.dtype) == (
                'meta',
                before.shape,
                before.dtype,
            )
        else:
            assert after == before


@pytest.mark.parametrize(
    ('name', 'wrong'),
    [
        ('voxels', torch.rand(3, 1, dtype=torch.float64)),
        ('voxels', torch.rand(3)),
        ('coors', torch.zeros(3, 4, dtype=torch.int64)),
        ('coors', torch.zeros(2, 4, dtype=torch.int32)),
        ('coors', torch.zeros(3, 3, dtype=torch.int32)),
        ('images', torch.zeros(4, 3, 5, 7, dtype=torch.uint8)),
        ('images', torch.rand(4, 1, 5, 7)),
        ('images', torch.rand(3, 5, 7)),
        ('superpixels', torch.zeros(4, 5, 7, dtype=torch.int32)),
        ('superpixels', torch.zeros(4, 7, 5, dtype=torch.int64)),
        ('pair_voxels', torch.zeros(5, dtype=torch.int64)),
        ('pair_images', torch.zeros(6, dtype=torch.int32)),
        ('pair_pixels', torch.zeros(6, 3, dtype=torch.int64)),
    ],
)
def test_a_wrong_shape_or_dtype_is_named(name, wrong):
    with pytest.raises(ValueError, match='PairedBatch'):
        PairedBatch(**entries(**{name: wrong}))


@pytest.mark.parametrize(
    ('name', 'row', 'wrong', 'said'),
    [
        ('coors', (2, 0), 2, r'coors\[:, 0\] spans 0..2, allowed is 0..1'),
        ('pair_voxels', (3,), 3, r'pair_voxels spans 0..3, allowed is 0..2'),
        ('pair_voxels', (3,), -1, r'pair_voxels spans -1..2'),
        ('pair_images', (0,), 4, r'pair_images spans 0..4, allowed is 0..3'),
        ('pair_pixels', (1, 0), 5, r'rows spans 0..5, allowed is 0..4'),
        ('pair_pixels', (1, 1), 7, r'columns spans 0..7, allowed is 0..6'),
        (
            'superpixels',
            (3, 4, 6),
            9,
            r'superpixels spans \d..9, allowed is 0..8 by num_superpixels = 9: raise it or create',
        ),
        ('superpixels', (0, 0, 0), -1, r'superpixels spans -1..\d, allowed is 0..8'),
    ],
)
def test_an_index_out_of_range_is_named(name, row, wrong, said):
    values = entries()
    values[name] = values[name].clone()
    values[name][row] = wrong
    with pytest.raises(ValueError, match=said):
        PairedBatch(**values)
