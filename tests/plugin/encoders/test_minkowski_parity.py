"""Res16UNet with published weights against what MinkowskiEngine itself computed with them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from spconv.pytorch import SparseConvTensor
from torch.nn import functional as F

from stslidr.encoders.minkowski_weights import convert_minkowski, load_minkowski
from stslidr.encoders.res16unet import Res16UNet

LAYERS = {
    'in_channels': 1,
    'stem_channels': 8,
    'planes': (8, 8, 16, 16, 16, 16, 8, 8),
    'blocks': (1,) * 8,
}
NUM_OUTPUTS = 16


def read(path):
    with np.load(path) as arrays:
        return {key: torch.from_numpy(arrays[key]) for key in arrays.files}


@pytest.fixture(scope='module')
def weights(minkowski):
    return read(minkowski / 'state_dict.npz')


@pytest.fixture
def unet(weights):
    network = Res16UNet(**LAYERS, out_channels=NUM_OUTPUTS)
    assert load_minkowski(network, weights) == {}
    return network.eval()


def stage_modules():
    """Stage name in the fixture -> name of our module whose output it is."""
    modules = {'conv0': 'stem.conv', 'bn0': 'stem.norm', 'relu0': 'stem', 'final_raw': 'final'}
    for index in range(4):
        stride = 2**index
        modules |= {
            f'conv{index + 1}p{stride}s2': f'encoder.{index}.down.conv',
            f'conv{index + 1}p{stride}s2_bnrelu': f'encoder.{index}.down',
            f'block{index + 1}': f'encoder.{index}',
            f'convtr{index + 4}p{16 // stride}s2': f'decoder.{index}.up.conv',
            f'convtr{index + 4}p{16 // stride}s2_bnrelu': f'decoder.{index}.up',
            f'block{index + 5}': f'decoder.{index}',
        }
    return modules


def record_stages(unet, coors, feats):
    """Output of each stage in one forward pass, by our module names, as (coordinates, features).

    Norms and the last layer, which know features only, work on the finest level.
    """
    outputs = {}

    def record(name):
        def hook(module, args, output):
            sparse = isinstance(output, SparseConvTensor)
            # Cloned: the ReLU that follows a norm works in place.
            features = (output.features if sparse else output).clone()
            outputs[name] = (output if sparse else outputs['stem.conv'][0], features)

        return hook

    handles = [
        unet.get_submodule(name).register_forward_hook(record(name))
        for name in stage_modules().values()
    ]
    with torch.no_grad():
        unet(feats, coors)
    for handle in handles:
        handle.remove()
    finest = outputs['stem'][0]
    origin = coors[0] - finest.indices[0]
    return {
        name: (
            x.indices * torch.tensor([1] + [finest.spatial_shape[0] // x.spatial_shape[0]] * 3)
            + origin,
            features,
        )
        for name, (x, features) in outputs.items()
    }


def in_order_of(coords, rows, row_coords):
    """Rows of a feature table, re-ordered to the cells `coords`; the cells must be the same."""
    where = {tuple(cell): index for index, cell in enumerate(row_coords.tolist())}
    assert len(where) == len(row_coords) == len(coords)
    return rows[[where[tuple(cell)] for cell in coords.tolist()]]


def assert_close(actual, expected, tolerance, name):
    error, scale = (actual - expected).abs().max().item(), expected.abs().max().item()
    assert error <= tolerance * scale, f'{name}: {error / scale:.1e} relative'


def test_every_stage_is_that_of_minkowski_engine(unet, minkowski):
    small = read(minkowski / 'small.npz')
    modules = stage_modules()
    assert {f'{stage}__feats' for stage in modules} == {
        key for key in small if key.endswith('__feats')
    }
    stages = record_stages(unet, small['in_coords'], small['in_feats'])
    for stage, module in modules.items():
        coords, feats = stages[module]
        expected = small[f'{stage}__feats']
        actual = in_order_of(small[f'{stage}__coords'], feats, coords)
        assert_close(actual, expected, 5e-6, stage)


@torch.no_grad()
def test_small_output(unet, minkowski):
    small = read(minkowski / 'small.npz')
    out = F.normalize(unet(small['in_feats'], small['in_coords']), dim=1)
    expected = in_order_of(small['in_coords'], small['out_feats'], small['out_coords'])
    assert_close(out, expected, 5e-6, 'output')


def test_every_gradient_and_buffer_of_a_training_step(unet, minkowski):
    step = read(minkowski / 'small_train.npz')
    unet.train()
    out = F.normalize(unet(step['in_feats'], step['in_coords']), dim=1)
    assert_close(
        out, in_order_of(step['in_coords'], step['out_feats'], step['out_coords']), 1e-5, 'output'
    )
    factor = in_order_of(step['in_coords'], step['R'], step['out_coords'])
    (out * factor).sum().backward()
    gradients, buffers = (
        convert_minkowski(
            {key.removeprefix(kind): value for key, value in step.items() if key.startswith(kind)}
        )
        for kind in ('grad:', 'buf:')
    )
    assert gradients.keys() == dict(unet.named_parameters()).keys()
    for name, parameter in unet.named_parameters():
        assert_close(parameter.grad, gradients[name], 2e-5, f'gradient of {name}')
    assert buffers.keys() == dict(unet.named_buffers()).keys()
    for name, buffer in unet.named_buffers():
        assert_close(buffer, buffers[name], 5e-6, name)


@torch.no_grad()
def test_real_sweep(unet, keyframe_root):
    """15,947 cylindrical voxels of a keyframe; axis 1 is the angle, from -180."""
    path = keyframe_root.parents[1] / 'fixtures' / 'minkowski' / 'real.npz'
    if not path.exists():
        pytest.skip(f'{path} is not there: no real sweep to compare on')
    real = read(path)
    out = F.normalize(unet(real['in_feats'], real['in_coords']), dim=1)
    expected = in_order_of(real['in_coords'], real['out_feats'], real['out_coords'])
    assert_close(out, expected, 1e-5, 'output')


def test_last_layer_is_handed_back_by_a_network_that_ends_with_its_decoder(weights):
    final = load_minkowski(Res16UNet(**LAYERS), weights)
    assert torch.equal(final['final.weight'], weights['final.kernel'].T)
    assert torch.equal(final['final.bias'], weights['final.bias'][0])
    assert final.keys() == {'final.weight', 'final.bias'}


def test_kernels_are_enumerated_along_axis_0_first(weights):
    kernel = torch.arange(27.0).reshape(27, 1, 1)
    converted = convert_minkowski({'conv0p1s1.kernel': kernel})['stem.conv.weight']
    for offset in range(27):
        cell = (offset % 3, offset // 3 % 3, offset // 9)
        assert converted[(0, *cell, 0)] == offset


def test_mismatches_are_listed(weights):
    broken = {key: value for key, value in weights.items() if key != 'bn3.bn.weight'}
    broken['block8.1.conv1.kernel'] = weights['block8.0.conv1.kernel']
    broken['conv1p1s2.kernel'] = torch.zeros(8, 8, 9)
    unet = Res16UNet(**LAYERS)
    before = {key: value.clone() for key, value in unet.state_dict().items()}
    with pytest.raises(ValueError) as error:
        load_minkowski(unet, broken)
    for problem in (
        'missing encoder.2.down.norm.weight',
        'unexpected decoder.3.blocks.1.conv1.weight',
        r'encoder.0.down.conv.weight has shape (9, 2, 2, 2, 8)',
    ):
        assert problem in str(error.value)
    assert all(torch.equal(before[key], value) for key, value in unet.state_dict().items())


@pytest.mark.parametrize(
    ('key', 'shape', 'message'),
    [
        ('layer1.0.conv1.weight', (1,), 'no key of the published'),
        ('convolution3.kernel', (8, 1, 1), 'no key of the published'),
        ('conv1p1s2.kernel', (64, 1, 1), 'no k2 or k3 kernel'),
        ('block1.0.conv1.kernel', (3, 3, 3, 1, 1), 'no k2 or k3 kernel'),
    ],
)
def test_foreign_keys_and_kernels_are_refused(key, shape, message):
    with pytest.raises(ValueError, match=message):
        convert_minkowski({key: torch.zeros(shape)})
