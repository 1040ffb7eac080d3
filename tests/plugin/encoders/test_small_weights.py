"""The small ResNet's weights: the repository's file, files made like it, wrong ones refused."""

from __future__ import annotations

import configparser
import hashlib
import re
from functools import partial

import pytest
import torch

from stslidr.encoders import small_weights
from stslidr.encoders.image_encoder import FrozenSmallResNet
from stslidr.encoders.resnet import BasicBlock, SmallResNet
from stslidr.encoders.small_weights import (
    SMALL_WEIGHTS_FILE,
    SMALL_WEIGHTS_SHA256,
    load_small_weights,
    save_small_weights,
)
from stslidr.encoders.weights import random_weights
from support.commands import ROOT


@pytest.fixture(scope='module')
def weights():
    return random_weights(3, partial(SmallResNet, 32))


@pytest.fixture
def made(tmp_path, weights):
    save_small_weights(tmp_path / 'made.pth', weights)
    return tmp_path / 'made.pth'


def test_the_repositorys_file_is_the_one_noted_and_small():
    content = SMALL_WEIGHTS_FILE.read_bytes()
    assert hashlib.sha256(content).hexdigest() == SMALL_WEIGHTS_SHA256
    assert len(content) < 2_000_000
    stored = torch.load(SMALL_WEIGHTS_FILE, weights_only=True)
    assert {value.dtype for value in stored.values()} == {torch.float16, torch.int64}


def test_an_installed_package_has_the_file():
    config = configparser.ConfigParser()
    config.read(ROOT / 'setup.cfg')
    listed = config['options.package_data']['stslidr.encoders'].split()
    package = ROOT / 'projects/STSLidR/stslidr/encoders'
    assert [package / name for name in listed] == [SMALL_WEIGHTS_FILE]


def test_the_repositorys_file_is_trained():
    """Statistics of many batches; no weight is the one that training starts from."""
    weights = load_small_weights()
    assert weights['bn1.num_batches_tracked'] > 100
    assert weights['layer4.1.bn2.weight'].std() > 0


def test_writes_what_is_read_again(tmp_path, weights):
    digest = save_small_weights(tmp_path / 'a.pth', weights)
    assert digest == hashlib.sha256((tmp_path / 'a.pth').read_bytes()).hexdigest()
    assert digest == save_small_weights(tmp_path / 'folder/b.pth', weights)
    read = load_small_weights(tmp_path / 'a.pth')
    assert list(read) == list(weights)
    for name, value in read.items():
        assert value.dtype == weights[name].dtype
        torch.testing.assert_close(value, weights[name], rtol=1e-3, atol=1e-6)


def test_what_float16_cannot_hold_is_not_written(tmp_path, weights):
    with pytest.raises(ValueError, match='layer3.0.bn1.running_var is not finite'):
        save_small_weights(
            tmp_path / 'a.pth', {**weights, 'layer3.0.bn1.running_var': torch.full((64,), 1e5)}
        )
    assert not list(tmp_path.iterdir())


def test_a_changed_repository_file_is_refused(monkeypatch, made):
    monkeypatch.setattr(small_weights, 'SMALL_WEIGHTS_FILE', made)
    with pytest.raises(ValueError, match=f'{made} has the SHA-256 [0-9a-f]{{64}}, not'):
        load_small_weights()
    made.unlink()
    with pytest.raises(FileNotFoundError, match='belongs to the repository'):
        load_small_weights()


def test_every_unmatched_weight_is_listed(tmp_path, weights):
    state = {name: value for name, value in weights.items() if not name.startswith('layer2.1')}
    state['fc.weight'] = torch.zeros(3)
    state['conv1.weight'] = torch.zeros(64, 3, 7, 7)
    torch.save(state, tmp_path / 'wrong.pth')
    with pytest.raises(ValueError) as caught:
        load_small_weights(tmp_path / 'wrong.pth')
    message = str(caught.value)
    assert message.count('is missing') == len(weights) - len(state) + 1 == 12
    assert 'fc.weight is unknown' in message
    assert 'conv1.weight has shape (64, 3, 7, 7), not (16, 3, 7, 7)' in message


@pytest.mark.parametrize('content', [b'', b'no archive', b'PK\x03\x04'])
def test_what_is_no_checkpoint_is_refused(tmp_path, content):
    (tmp_path / 'x.pth').write_bytes(content)
    with pytest.raises(ValueError, match=r'x.pth cannot be read with torch.load\(weights_only'):
        load_small_weights(tmp_path / 'x.pth')


def test_code_in_a_file_does_not_run(tmp_path):
    torch.save({'conv1.weight': partial(print, 'ran')}, tmp_path / 'x.pth')
    with pytest.raises(ValueError, match='UnpicklingError'):
        load_small_weights(tmp_path / 'x.pth')


@pytest.mark.parametrize('content', [[1], torch.zeros(2)])
def test_what_is_no_state_dict_is_refused(tmp_path, content):
    torch.save(content, tmp_path / 'x.pth')
    with pytest.raises(ValueError, match=r'holds (list|Tensor), not the weights of SmallResNet'):
        load_small_weights(tmp_path / 'x.pth')


@pytest.mark.parametrize(('dilated', 'stride'), [(True, 4), (False, 32)])
def test_the_frozen_encoder_computes_what_the_file_says(made, dilated, stride):
    encoder = FrozenSmallResNet('synthetic', made, dilated=dilated).train()
    plain = SmallResNet(stride).eval()
    plain.load_state_dict(load_small_weights(made))
    images = torch.randn(2, 3, 64, 96)
    with torch.no_grad():
        expected = plain(images)
    features = encoder(images)
    assert torch.equal(features, expected)
    assert features.shape == (2, encoder.out_channels, 64 // stride, 96 // stride)
    assert encoder.out_channels == 128
    assert encoder.stride == stride
    assert features.min() >= 0
    assert not any(module.training for module in encoder.modules())
    assert not any(parameter.requires_grad for parameter in encoder.parameters())


def test_untrained_weights_warn_and_give_features_of_order_one(caplog):
    before = torch.get_rng_state()
    encoder = FrozenSmallResNet('random')
    assert torch.equal(torch.get_rng_state(), before)
    assert re.search('UNTRAINED.*choose one of synthetic', caplog.text)
    assert 0.1 < encoder(torch.randn(4, 3, 64, 96)).std() < 10


def test_wrong_arguments(made):
    with pytest.raises(ValueError, match="weights='random' reads no file: drop checkpoint="):
        FrozenSmallResNet('random', made)
    with pytest.raises(ValueError, match="'dino' of the small ResNet are unknown; choose of synth"):
        FrozenSmallResNet('dino')
    with pytest.raises(FileNotFoundError, match='nowhere.pth is missing: make it with tools/train'):
        FrozenSmallResNet('synthetic', 'nowhere.pth')


def test_the_number_of_parameters_is_as_said():
    assert sum(value.numel() for value in SmallResNet().parameters()) == 702_096


@pytest.mark.parametrize('stride', [4, 8, 16])
def test_each_stride_computes_what_the_plain_network_does(weights, stride):
    """A trous: at the cells that strides share."""
    fine, plain = SmallResNet(stride).eval(), SmallResNet(32).eval()
    fine.load_state_dict(weights)
    plain.load_state_dict(weights)
    images = torch.randn(1, 3, 96, 64)
    step = 32 // stride
    with torch.no_grad():
        assert fine(images).shape[2:] == (96 // stride, 64 // stride)
        torch.testing.assert_close(
            fine(images)[:, :, ::step, ::step], plain(images), rtol=1e-4, atol=1e-4
        )


def test_an_unknown_stride_is_refused():
    with pytest.raises(ValueError, match=r'stride 2 is not one of \(4, 8, 16, 32\)'):
        SmallResNet(2)


def test_a_basic_block_adds_its_shortcut():
    block = BasicBlock(4, 4, 1, 1, 1).eval()
    torch.nn.init.zeros_(block.bn2.weight)
    inputs = torch.randn(1, 4, 5, 6)
    assert torch.equal(block(inputs), inputs.relu())
    wider = BasicBlock(4, 8, 2, 1, 1).eval()
    torch.nn.init.zeros_(wider.bn2.weight)
    with torch.no_grad():
        assert torch.equal(wider(inputs), wider.downsample(inputs).relu())
