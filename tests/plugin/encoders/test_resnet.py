"""ResNet-50 against torchvision's own (fixture) and against what dilation means."""

from __future__ import annotations

import weakref

import numpy as np
import pytest
import torch

from stslidr.encoders.resnet import ResNet50
from stslidr.encoders.weights import random_weights


def made_value(generator, name, shape):
    """One weight as the fixture's README makes it."""
    if name.endswith('num_batches_tracked'):
        return np.zeros(shape, np.int64)
    if name.endswith('running_var'):
        return generator.uniform(0.5, 1.5, shape)
    if len(shape) == 4:
        return generator.standard_normal(shape) * np.sqrt(2 / np.prod(shape[1:]))
    if name.endswith(('running_mean', 'bias')):
        return 0.1 * generator.standard_normal(shape)
    return generator.uniform(0.2, 0.6, shape)


@pytest.fixture(scope='module')
def fixture(published):
    with np.load(published / 'resnet50.npz') as arrays:
        return dict(arrays)


@pytest.fixture(scope='module')
def made_weights(fixture):
    shapes = {name: tuple(value.shape) for name, value in ResNet50().state_dict().items()}
    weights = {}
    for index, name in enumerate(fixture['keys'].tolist()):
        generator = np.random.default_rng([int(fixture['seed']), index])
        value = torch.from_numpy(np.asarray(made_value(generator, name, shapes[name])))
        weights[name] = value if name.endswith('num_batches_tracked') else value.float()
    return weights


@pytest.mark.parametrize('dilated', [True, False])
def test_state_dict_has_torchvisions_keys_in_its_order(fixture, dilated):
    assert list(ResNet50(dilated).state_dict()) == fixture['keys'].tolist()


@pytest.mark.parametrize('dilated', [True, False], ids=['dilated', 'plain'])
def test_every_layer_equals_torchvision(fixture, made_weights, dilated):
    network = ResNet50(dilated).eval()
    network.load_state_dict(made_weights)
    layers = {}
    for index in range(1, 5):
        getattr(network, f'layer{index}').register_forward_hook(
            lambda module, inputs, output, index=index: layers.update({index: output})
        )
    with torch.no_grad():
        network(torch.from_numpy(fixture['image']))
    for index, layer in layers.items():
        name = f'{"dilated" if dilated else "plain"}/layer{index}'
        expected = fixture[name]
        assert tuple(layer.shape) == tuple(fixture[f'{name}_shape']), name
        kept = layer[:, :: layer.shape[1] // expected.shape[1]].numpy()
        np.testing.assert_allclose(kept, expected, rtol=1e-5, atol=1e-5 * expected.max())
        assert layer.double().sum().item() == pytest.approx(fixture[f'{name}_sum'].item(), rel=1e-6)


def test_dilated_features_hold_the_plain_ones():
    """A trous: at each 8th row and column the dilated network computes what the plain one does."""
    dilated, plain = ResNet50(dilated=True).eval(), ResNet50(dilated=False).eval()
    weights = random_weights()
    dilated.load_state_dict(weights)
    plain.load_state_dict(weights)
    images = torch.randn(2, 3, 64, 96)
    with torch.no_grad():
        fine, coarse = dilated(images), plain(images)
    assert coarse.abs().max() > 0.1
    torch.testing.assert_close(fine[:, :, ::8, ::8], coarse, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize('dilated', [True, False])
@pytest.mark.parametrize('size', [(32, 64), (33, 65), (45, 31)])
def test_reports_its_stride_and_channels(dilated, size):
    network = ResNet50(dilated).eval()
    with torch.no_grad():
        features = network(torch.zeros(1, 3, *size))
    rows, columns = (-(-length // network.stride) for length in size)
    assert features.shape == (1, network.out_channels, rows, columns)


def test_frees_a_feature_map_once_the_next_one_stands():
    network = ResNet50().eval()
    alive, freed = [], []
    network.layer1.register_forward_hook(lambda *call: alive.append(weakref.ref(call[2])))
    network.layer3.register_forward_hook(lambda *call: freed.append(alive[0]() is None))
    with torch.no_grad():
        network(torch.zeros(1, 3, 32, 32))
    assert freed == [True]
