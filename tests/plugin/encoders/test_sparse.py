"""Sparse layers against dense convolutions, and the grid that they stand on."""

from __future__ import annotations

import copy
import math

import dense_reference
import pytest
import torch
from dense_reference import coarser, gather, random_voxels, to_dense
from spconv.core import ConvAlgo
from spconv.pytorch import SparseModule

from stslidr.encoders import sparse
from stslidr.encoders.sparse import (
    MAX_CELLS,
    SparseConv,
    down_conv,
    float16_autocast,
    sparse_tensor,
    submanifold_conv,
    up_conv,
)


def voxel_coors(x, coors, stride):
    """Coordinates of the rows of a sparse tensor, back in those of the voxels."""
    origin = coors.amin(0) // 16 * 16
    origin[0] = 0
    scale = torch.tensor([1, stride, stride, stride])
    return x.indices.long() * scale + origin


def by_cell(coors):
    return {tuple(row): index for index, row in enumerate(coors.tolist())}


def assert_same(actual, expected, tolerance=1e-12):
    scale = expected.abs().max()
    assert scale > 0
    assert (actual - expected).abs().max() <= tolerance * scale


def assert_same_with_gradients(sparse_out, dense_out, pairs, tolerance=1e-12):
    """Compare values, and the gradients of (sparse leaf, dense leaf) pairs for a random loss."""
    assert_same(sparse_out, dense_out, tolerance)
    factor = torch.randn_like(dense_out)
    (sparse_out * factor).sum().backward()
    (dense_out * factor).sum().backward()
    for sparse_leaf, dense_leaf in pairs:
        assert_same(sparse_leaf.grad, dense_leaf.grad, tolerance)


def leaf(tensor):
    return tensor.detach().clone().requires_grad_()


@pytest.mark.parametrize('seed', range(3))
@pytest.mark.parametrize('channels', [(1, 8), (5, 3)])
def test_submanifold_conv_equals_masked_dense_conv(seed, channels):
    voxels, coors = random_voxels(300, channels[0], seed)
    conv = submanifold_conv(*channels, level=0).double()
    x, y, weight = leaf(voxels), leaf(voxels), leaf(conv.weight)
    out = conv(sparse_tensor(x, coors, levels=4)).features
    dense, mask = to_dense(y, coors)
    expected = gather(dense_reference.subm_conv(dense, weight, mask), coors)
    assert_same_with_gradients(out, expected, [(x, y), (conv.weight, weight)])


@pytest.mark.parametrize('seed', range(3))
def test_down_conv_equals_dense_conv_on_every_parent(seed):
    voxels, coors = random_voxels(300, 5, seed)
    conv = down_conv(5, 3, level=0).double()
    x, y, weight = leaf(voxels), leaf(voxels), leaf(conv.weight)
    out = conv(sparse_tensor(x, coors, levels=4))
    parents = voxel_coors(out, coors, stride=2)
    expected_parents = coors.clone()
    expected_parents[:, 1:] = torch.floor(coors[:, 1:] / 2).long() * 2
    assert by_cell(parents).keys() == by_cell(expected_parents).keys()
    assert len(by_cell(parents)) == len(parents)
    dense, mask = to_dense(y, coors)
    expected = gather(dense_reference.down_conv(dense, weight, coarser(mask)), parents, stride=2)
    assert_same_with_gradients(out.features, expected, [(x, y), (conv.weight, weight)])


@pytest.mark.parametrize('seed', range(3))
def test_up_conv_equals_dense_transposed_conv_on_every_voxel(seed):
    voxels, coors = random_voxels(300, 4, seed)
    down, up = down_conv(4, 4, level=0).double(), up_conv(4, 6, level=0).double()
    x, y, weight = leaf(voxels), leaf(voxels), leaf(up.weight)
    out = up(down(sparse_tensor(x, coors, levels=4)))
    assert torch.equal(voxel_coors(out, coors, stride=1), coors)
    dense, mask = to_dense(y, coors)
    coarse = dense_reference.down_conv(dense, down.weight.detach(), coarser(mask))
    expected = gather(dense_reference.up_conv(coarse, weight, mask), coors)
    assert (out.features.abs().sum(1) > 0).all(), 'an up convolution left voxels without features'
    assert_same_with_gradients(out.features, expected, [(x, y), (up.weight, weight)])


@pytest.mark.parametrize('size', [1, 7, 15, 17])
@pytest.mark.parametrize('start', [-33, -16, -1, 0, 5, 1000])
def test_no_voxel_is_lost_through_four_levels(size, start):
    """A whole row of voxels: each parent is there on each level, and each voxel comes back."""
    coors = torch.zeros(size, 4, dtype=torch.int32)
    coors[:, 1] = torch.arange(start, start + size)
    x = sparse_tensor(torch.ones(size, 1), coors, levels=4)
    downs = [down_conv(1, 1, level) for level in range(4)]
    ups = [up_conv(1, 1, level) for level in range(4)]
    for conv in downs + ups:
        torch.nn.init.ones_(conv.weight)
    for level, conv in enumerate(downs):
        x = conv(x)
        assert len(x.indices) == len({c // 2 ** (level + 1) for c in range(start, start + size)})
    counts = x
    for conv in reversed(ups):
        counts = conv(counts)
    siblings = [
        sum(d // 16 == c // 16 for d in range(start, start + size))
        for c in range(start, start + size)
    ]
    assert counts.features.flatten().tolist() == siblings


@pytest.mark.parametrize('levels', [1, 3, 4])
def test_grid_is_shifted_and_rounded_by_one_multiple(levels):
    voxels, coors = random_voxels(50, 1, seed=0)
    x = sparse_tensor(voxels, coors, levels)
    cell = 2**levels
    shift = coors - x.indices
    assert (shift == shift[0]).all() and (shift[0] % cell == 0).all() and shift[0, 0] == 0
    assert all(extent % cell == 0 for extent in x.spatial_shape)
    highest = x.indices.amax(0)[1:]
    assert (x.indices >= 0).all() and (x.indices.amin(0)[1:] < cell).all()
    assert (highest < torch.tensor(x.spatial_shape)).all()
    assert (highest >= torch.tensor(x.spatial_shape) - cell).all()
    assert x.batch_size == 2 and torch.equal(x.features, voxels)


@pytest.mark.parametrize('dtype', [torch.int8, torch.int16, torch.int64])
def test_any_integer_type_serves(dtype):
    voxels, coors = random_voxels(50, 1, seed=0)
    x, y = (sparse_tensor(voxels, c, levels=4) for c in (coors.int(), coors.to(dtype)))
    assert torch.equal(x.indices, y.indices) and y.indices.dtype == torch.int32


def test_sample_without_voxels_keeps_its_place():
    voxels, coors = random_voxels(60, 2, seed=1)
    conv = submanifold_conv(2, 3, level=0).double()
    expected = conv(sparse_tensor(voxels, coors, levels=4)).features
    apart = coors * torch.tensor([3, 1, 1, 1])
    x = sparse_tensor(voxels, apart, levels=4)
    assert x.batch_size == 4
    assert_same(conv(x).features, expected)


def far_apart(shape):
    """Two k3 neighbourhoods in opposite corners of a grid of `shape` cells."""
    near = torch.cartesian_prod(*[torch.arange(2)] * 3)
    coors = torch.cat([near, near + torch.tensor(shape) - 2])
    return torch.cat([torch.zeros(16, 1, dtype=torch.long), coors], dim=1)


def test_largest_allowed_grid_is_right():
    coors = far_apart([2048, 2048, 1024])
    voxels = torch.randn(16, 3, dtype=torch.float64)
    subm, down = submanifold_conv(3, 4, level=0).double(), down_conv(3, 4, level=0).double()
    x = sparse_tensor(voxels, coors, levels=4)
    assert math.prod(x.spatial_shape) * x.batch_size == MAX_CELLS
    # The same two cubes, but as neighbours that do not touch: offsets 0 and 16.
    close = coors.clone()
    close[8:, 1:] += 16 + 2 - torch.tensor([2048, 2048, 1024])
    y = sparse_tensor(voxels, close, levels=4)
    assert_same(subm(x).features, subm(y).features)
    assert_same(down(x).features.sum(0), down(y).features.sum(0))
    assert len(down(x).features) == 2


@pytest.mark.parametrize('change', ['one more slice', 'one more sample', 'far outlier'])
def test_larger_grid_is_refused_with_a_way_out(change):
    coors = far_apart([2048, 2048, 1024])
    if change == 'one more slice':
        coors[-1, 1] += 1
    elif change == 'one more sample':
        coors[-1, 0] = 1
    else:
        coors[-1, 1:] = 2**40
    with pytest.raises(ValueError, match='fewer samples a batch or larger voxels'):
        sparse_tensor(torch.zeros(16, 1), coors, levels=4)


def test_duplicate_voxels_are_refused():
    voxels, coors = random_voxels(50, 1, seed=0)
    coors[7] = coors[3]
    with pytest.raises(ValueError, match='1 of 5. voxels repeat'):
        sparse_tensor(voxels, coors, levels=4)


@pytest.mark.parametrize(
    ('voxels', 'coors', 'message'),
    [
        (torch.zeros(3, 1), torch.zeros(3, 4), 'must be integers'),
        (torch.zeros(3, 1), torch.zeros(3, 4, dtype=torch.bool), 'must be integers'),
        (torch.zeros(3, 1), torch.zeros(3, 3, dtype=torch.int32), r'must be \(3, 4\)'),
        (torch.zeros(3, 1), torch.zeros(2, 4, dtype=torch.int32), r'must be \(3, 4\)'),
        (torch.zeros(3), torch.zeros(3, 4, dtype=torch.int32), r'must be float \(V, C\)'),
        (torch.zeros(3, 1).int(), torch.zeros(3, 4, dtype=torch.int32), 'must be float'),
        (torch.zeros(1, 1), torch.tensor([[-1, 0, 0, 0]]), 'batch index'),
        (torch.zeros(3, 1), torch.zeros(3, 4, dtype=torch.int32, device='meta'), 'coors on meta'),
    ],
)
def test_wrong_input_is_refused(voxels, coors, message):
    with pytest.raises(ValueError, match=message):
        sparse_tensor(voxels, coors, levels=4)


@pytest.mark.parametrize(
    ('make', 'fan'), [(submanifold_conv, 24 * 27), (down_conv, 24 * 8), (up_conv, 48 * 8)]
)
def test_initial_weights(make, fan):
    weight = make(24, 48, level=0).weight.detach()
    bound = 1 / math.sqrt(fan)
    assert weight.abs().max() <= bound
    deciles = torch.histc(weight / bound, bins=10, min=-1, max=1) / weight.numel()
    assert (deciles - 0.1).abs().max() < 0.02


def test_algorithm_follows_the_device():
    """spconv's default needs CUDA; the layer is built the same and decides when it runs."""
    conv = submanifold_conv(1, 2, level=0)
    conv(sparse_tensor(torch.ones(1, 1), torch.zeros(1, 4, dtype=torch.int32), levels=1))
    assert conv.algo is ConvAlgo.Native
    clone = copy.deepcopy(conv)
    assert clone._cuda_algo is conv._cuda_algo
    assert torch.equal(clone.weight, conv.weight)


def test_eval_mode_keeps_gradients():
    voxels, coors = random_voxels(20, 2, seed=0)
    conv = submanifold_conv(2, 3, level=0).double().eval()
    conv(sparse_tensor(voxels, coors, levels=4)).features.sum().backward()
    assert conv.weight.grad.abs().sum() > 0


def test_cpu_autocast_leaves_convolutions_in_float32():
    voxels, coors = random_voxels(20, 2, seed=0)
    conv = submanifold_conv(2, 3, level=0)
    expected = conv(sparse_tensor(voxels.float(), coors, levels=4)).features
    with torch.autocast('cpu', torch.bfloat16):
        out = conv(sparse_tensor(voxels.float(), coors, levels=4)).features
    assert torch.equal(out, expected)


def test_loading_does_not_depend_on_state_dict_metadata(monkeypatch):
    """MMDetection3D replaces `SparseModule`'s loading by one that permutes kernels when the state
    dict has lost its `_metadata`; our layers are not reached by it."""

    def permuting(*args, **kwargs):
        raise AssertionError('a kernel was loaded through the patched SparseModule')

    monkeypatch.setattr(SparseModule, '_load_from_state_dict', permuting)
    source, target = (submanifold_conv(3, 3, level=0) for _ in range(2))
    plain = {key: value.clone() for key, value in source.state_dict().items()}
    assert not hasattr(plain, '_metadata')
    target.load_state_dict(plain)
    assert torch.equal(target.weight, source.weight)


@pytest.fixture
def cuda_autocast():
    """Switch CUDA autocast on without CUDA, where `torch.autocast` would refuse."""
    before = torch.is_autocast_enabled('cuda'), torch.get_autocast_dtype('cuda')

    def switch(enabled, dtype):
        torch.set_autocast_enabled('cuda', enabled)
        torch.set_autocast_dtype('cuda', dtype)

    yield switch
    switch(*before)


@pytest.mark.parametrize(
    ('enabled', 'dtype', 'device', 'expected'),
    [
        (True, torch.float16, 'cuda', True),
        (True, torch.float16, 'cpu', False),
        (True, torch.bfloat16, 'cuda', False),
        (False, torch.float16, 'cuda', False),
    ],
)
def test_only_float16_autocast_on_cuda_is_spconvs(cuda_autocast, enabled, dtype, device, expected):
    cuda_autocast(enabled, dtype)
    assert float16_autocast(torch.device(device)) is expected


@pytest.mark.parametrize(
    ('half', 'autocast', 'expected'),
    [(False, True, False), (True, False, False), (True, True, True)],
)
def test_where_spconv_meets_autocast(monkeypatch, half, autocast, expected):
    """Elsewhere the convolution runs with autocast off, in the precision of its weight."""
    met = []

    def convolve(self, training, inputs, weight, bias):
        met.append((torch.is_autocast_enabled('cpu'), inputs.features.dtype))
        return inputs

    monkeypatch.setattr(SparseConv, '_conv_forward', convolve)
    monkeypatch.setattr(sparse, 'float16_autocast', lambda device: half)
    voxels, coors = random_voxels(20, 2, seed=0)
    conv = submanifold_conv(2, 3, level=0, autocast=autocast)
    with torch.autocast('cpu', torch.bfloat16):
        conv(sparse_tensor(voxels.bfloat16(), coors, levels=1))
    assert met == [(expected, torch.bfloat16 if expected else torch.float32)]
