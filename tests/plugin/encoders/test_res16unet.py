"""Res16UNet against the same network written densely, its configuration and its contract."""

from __future__ import annotations

import copy

import pytest
import torch
from dense_reference import DenseUNet, random_voxels
from torch import nn

from stslidr.encoders.res16unet import Res16UNet, VoxelNorm
from stslidr.encoders.sparse import SparseConv

SMALL = {
    'in_channels': 2,
    'stem_channels': 4,
    'planes': (5, 4, 6, 7, 6, 5, 6, 3),
    'blocks': (1, 2, 1, 1, 1, 1, 2, 1),
}


def small_unet(seed=0, **changes):
    """A float64 network whose norms are not the identity."""
    torch.manual_seed(seed)
    unet = Res16UNet(**{**SMALL, **changes}).double()
    for module in unet.modules():
        if isinstance(module, nn.BatchNorm1d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias)
            nn.init.normal_(module.running_mean)
            nn.init.uniform_(module.running_var, 0.5, 2)
    return unet


def assert_same(actual, expected, name='', tolerance=1e-9):
    error, scale = (actual - expected).abs().max(), expected.abs().max()
    assert scale > 0, name
    assert error <= tolerance * scale, f'{name}: {error / scale:.1e} relative'


@pytest.mark.parametrize('training', [False, True])
@pytest.mark.parametrize('levels', [1, 4])
def test_unet_equals_dense_unet(training, levels):
    unet = small_unet(planes=(5, 4), blocks=(2, 1)) if levels == 1 else small_unet()
    unet.train(training)
    before = copy.deepcopy(unet)
    voxels, coors = random_voxels(200, 2, seed=levels)
    x = voxels.clone().requires_grad_()
    out = unet(x, coors)

    tensors = {key: value.clone() for key, value in before.state_dict().items()}
    for key, _ in before.named_parameters():
        tensors[key].requires_grad_()
    dense = DenseUNet(tensors, training)
    y = voxels.clone().requires_grad_()
    expected = dense(y, coors, levels)
    assert_same(out, expected, 'output')

    factor = torch.randn_like(out)
    (out * factor).sum().backward()
    (expected * factor).sum().backward()
    assert_same(x.grad, y.grad, 'gradient of the voxels', 1e-8)
    for key, parameter in unet.named_parameters():
        assert_same(parameter.grad, tensors[key].grad, f'gradient of {key}', 1e-8)
    if training:
        assert_same_buffers(unet, before, dense.batch_statistics)


def assert_same_buffers(unet, before, batch_statistics):
    """running <- (1 - momentum) running + momentum batch, with the unbiased batch variance."""
    norms = {
        name: module for name, module in unet.named_modules() if isinstance(module, nn.BatchNorm1d)
    }
    assert norms.keys() == batch_statistics.keys()
    for name, (mean, var, rows) in batch_statistics.items():
        momentum = 0.1 if name.endswith(('norm1', 'norm2')) else 0.05
        old = before.get_submodule(name)
        for buffer, batch in (('running_mean', mean), ('running_var', var * rows / (rows - 1))):
            expected = (1 - momentum) * getattr(old, buffer) + momentum * batch
            assert_same(getattr(norms[name], buffer), expected, f'{name}.{buffer}')


def test_float32_is_as_exact_as_float32_can_be():
    unet = small_unet().eval()
    voxels, coors = random_voxels(200, 2, seed=5)
    expected = unet(voxels, coors)
    assert_same(unet.float()(voxels.float(), coors), expected, tolerance=1e-5)


@pytest.mark.parametrize('shift', [(-16, 0, 160), (48, -1600, 16)])
def test_shift_by_a_multiple_of_16_changes_nothing(shift):
    unet = small_unet().eval()
    voxels, coors = random_voxels(150, 2, seed=2)
    moved = coors + torch.tensor([0, *shift])
    assert_same(unet(voxels, moved), unet(voxels, coors))
    by_one = coors + torch.tensor([0, 1, 0, 0])
    assert (unet(voxels, by_one) - unet(voxels, coors)).abs().max() > 1e-3


def test_rows_come_back_in_input_order():
    unet = small_unet()
    voxels, coors = random_voxels(150, 2, seed=2)
    order = torch.randperm(len(coors))
    assert_same(unet(voxels[order], coors[order]), unet(voxels, coors)[order])


def test_samples_of_a_batch_do_not_touch():
    """Also where one shift serves samples that lie far from each other."""
    unet = small_unet().eval()
    voxels, coors = random_voxels(150, 2, seed=3)
    coors[coors[:, 0] == 1, 1:] += torch.tensor([100, -50, 7])
    together = unet(voxels, coors)
    for sample in range(2):
        rows = coors[:, 0] == sample
        alone = coors[rows] * torch.tensor([0, 1, 1, 1])
        assert_same(together[rows], unet(voxels[rows], alone))


def test_default_is_res16unet34c():
    unet = Res16UNet()
    assert (unet.in_channels, unet.out_channels, unet.num_levels) == (1, 96, 4)
    stages = [*unet.encoder, *unet.decoder]
    assert [len(stage.blocks) for stage in stages] == [2, 3, 4, 6, 2, 2, 2, 2]
    assert [stage.blocks[-1].conv2.out_channels for stage in stages] == [
        32,
        64,
        128,
        256,
        256,
        128,
        96,
        96,
    ]
    assert [stage.down.conv.weight.shape[::4] for stage in unet.encoder] == [
        (32, 32),
        (32, 32),
        (64, 64),
        (128, 128),
    ]
    assert [stage.blocks[0].conv1.in_channels for stage in unet.decoder] == [
        256 + 128,
        128 + 64,
        96 + 32,
        96 + 32,
    ]
    identities = [isinstance(stage.blocks[0].shortcut, nn.Identity) for stage in stages]
    assert identities == [True] + [False] * 7
    assert not any(conv.bias is not None for conv in unet.modules() if isinstance(conv, nn.Linear))
    # 37.85 million parameters, counted layer by layer from the table of the published network.
    widths = [
        (32, 32, 2),
        (32, 64, 3),
        (64, 128, 4),
        (128, 256, 6),
        (384, 256, 2),
        (192, 128, 2),
        (128, 96, 2),
        (128, 96, 2),
    ]
    count = 27 * 32 + 2 * 32
    for width, plane, blocks in widths:
        count += 27 * (width + (2 * blocks - 1) * plane) * plane + 4 * blocks * plane
        count += (width + 2) * plane if width != plane else 0
    count += sum(8 * c * c + 2 * c for c in (32, 32, 64, 128))
    count += sum(8 * a * b + 2 * b for a, b in ((256, 256), (256, 128), (128, 96), (96, 96)))
    assert sum(p.numel() for p in unet.parameters()) == count


def test_norms_and_initial_weights():
    for name, module in Res16UNet(bn_eps=1e-3).named_modules():
        if isinstance(module, nn.BatchNorm1d):
            in_block = name.endswith(('norm1', 'norm2'))
            assert (module.eps, module.momentum) == (1e-3, 0.1 if in_block else 0.05), name
            assert (module.weight == 1).all() and (module.bias == 0).all()
        elif isinstance(module, nn.Linear):
            bound = module.in_features**-0.5
            assert 0.98 * bound < module.weight.abs().max() <= bound, name


def test_momenta_are_config_keys():
    unet = Res16UNet(**SMALL, bn_momentum=0.02, block_bn_momentum=0.3)
    momenta = {
        name: module.momentum
        for name, module in unet.named_modules()
        if isinstance(module, nn.BatchNorm1d)
    }
    assert momenta.pop('stem.norm') == momenta['encoder.0.blocks.0.shortcut.1'] == 0.02
    assert momenta['encoder.0.blocks.0.norm1'] == momenta['decoder.3.blocks.0.norm2'] == 0.3


def test_out_channels_add_a_linear_layer_with_bias():
    plain, ending = small_unet(), small_unet(out_channels=11)
    ending.load_state_dict(plain.state_dict(), strict=False)
    voxels, coors = random_voxels(60, 2, seed=2)
    assert (plain.out_channels, ending.out_channels) == (3, 11)
    expected = plain(voxels, coors) @ ending.final.weight.T + ending.final.bias
    assert_same(ending(voxels, coors), expected)


@pytest.mark.parametrize(
    ('config', 'message'),
    [
        ({'planes': (8, 8, 8)}, 'planes must hold .* even number'),
        ({'planes': ()}, 'planes must hold'),
        ({'planes': (8, 0)}, 'planes must consist of positive integers'),
        ({'planes': 8}, 'planes must consist'),
        ({'planes': 'abcdefgh'}, 'planes must consist'),
        ({'blocks': (1, 1)}, r'blocks must be as many as planes \(8\), got 2'),
        ({'blocks': (0,) * 8}, 'blocks must consist'),
        ({'blocks': (1.0,) * 8}, 'blocks must consist'),
        ({'in_channels': 0}, 'in_channels must consist'),
        ({'stem_channels': True}, 'stem_channels must consist'),
        ({'out_channels': 0}, 'out_channels must consist'),
    ],
)
def test_wrong_config_is_refused(config, message):
    with pytest.raises(ValueError, match=message):
        Res16UNet(**config)


def test_config_lists_stay_as_they_are():
    planes, blocks = [4, 4, 4, 4], [1, 1, 1, 1]
    first, second = (Res16UNet(1, 4, planes, blocks) for _ in range(2))
    assert (planes, blocks) == ([4] * 4, [1] * 4)
    assert first.state_dict().keys() == second.state_dict().keys()


@pytest.mark.parametrize('training', [False, True])
def test_empty_batch_has_a_graph_through_every_parameter(training):
    unet = small_unet().train(training)
    before = copy.deepcopy(unet.state_dict())
    out = unet(torch.zeros(0, 2, dtype=torch.float64), torch.zeros(0, 4, dtype=torch.int32))
    assert out.shape == (0, 3)
    out.sum().backward()
    assert all((parameter.grad == 0).all() for parameter in unet.parameters())
    assert all(torch.equal(before[key], value) for key, value in unet.state_dict().items())


def test_a_sweep_with_one_voxel_on_the_coarsest_level_trains_on():
    """The norms with one row use and keep their running statistics, the others are as ever."""
    voxels = torch.rand(2, 2, dtype=torch.float64)
    coors = torch.tensor([[0, 0, 0, 0], [0, 1, 1, 9]])  # 16 cells become one on the last level
    unet = small_unet().train()
    before = copy.deepcopy(unet.state_dict())
    out = unet(voxels, coors)
    out.square().sum().backward()
    assert out.isfinite().all()
    assert all(parameter.grad.isfinite().all() for parameter in unet.parameters())
    for name, module in unet.named_modules():
        if isinstance(module, nn.BatchNorm1d):
            kept = torch.equal(module.running_var, before[f'{name}.running_var'])
            assert kept == name.startswith('encoder.3'), name
            assert module.num_batches_tracked == (not kept), name


def test_one_row_is_normalised_as_in_eval_mode():
    norm = VoxelNorm(3, eps=1e-3)
    nn.init.normal_(norm.running_mean)
    nn.init.uniform_(norm.weight)
    row = torch.randn(1, 3)
    assert torch.equal(norm.train()(row), norm.eval()(row))
    rows = torch.randn(2, 3)
    plain = nn.BatchNorm1d(3, eps=1e-3)
    plain.load_state_dict(norm.state_dict())
    assert torch.equal(norm.train()(rows), plain(rows))
    assert torch.equal(norm.running_var, plain.running_var)
    assert type(nn.SyncBatchNorm.convert_sync_batchnorm(norm)) is nn.SyncBatchNorm


def test_raw_features_stay_out_of_half_precision():
    unet = small_unet()
    assert [
        name
        for name, conv in unet.named_modules()
        if isinstance(conv, SparseConv) and not conv.autocast
    ] == ['stem.conv']


@pytest.mark.parametrize(
    ('voxels', 'coors', 'message'),
    [
        (torch.zeros(3, 1), torch.zeros(3, 4).int(), r'voxels must be \(V, in_channels=2\)'),
        (torch.zeros(0, 2), torch.zeros(3, 4).int(), r'coors must be \(0, 4\)'),
        (torch.zeros(0, 2), torch.zeros(0, 3).int(), r'coors must be \(0, 4\)'),
        (torch.zeros(3, 2), torch.zeros(3, 4).int(), '2 of 3 voxels repeat'),
        (torch.zeros(3, 2), torch.zeros(3, 4), 'coors must be integers'),
    ],
)
def test_wrong_input_is_refused(voxels, coors, message):
    with pytest.raises(ValueError, match=message):
        small_unet()(voxels, coors)


def test_every_kernel_loads_from_a_plain_dict():
    source, target = small_unet(seed=0), small_unet(seed=1)
    renamed = {f'backbone.{key}': value for key, value in source.state_dict().items()}
    target.load_state_dict({key.removeprefix('backbone.'): v for key, v in renamed.items()})
    for (name, loaded), given in zip(target.named_parameters(), source.parameters(), strict=True):
        assert torch.equal(loaded, given), name


def test_forward_and_backward_are_reproducible():
    voxels, coors = random_voxels(200, 2, seed=8)
    gradients = []
    for _ in range(2):
        unet = small_unet()
        unet(voxels, coors).square().sum().backward()
        gradients.append([parameter.grad for parameter in unet.parameters()])
    assert all(torch.equal(a, b) for a, b in zip(*gradients, strict=True))
