"""The frozen image encoder: its files, and that nothing ever changes it."""

from __future__ import annotations

import logging
from functools import partial

import mmengine.model
import pytest
import torch
from torch import nn

from stslidr.encoders.image_encoder import FrozenResNet50
from stslidr.encoders.resnet import ResNet50
from stslidr.encoders.weights import PUBLISHED, random_weights


@pytest.fixture(scope='module')
def weights():
    return random_weights(seed=5)


@pytest.fixture(scope='module')
def dino_file(tmp_path_factory, weights):
    path = tmp_path_factory.mktemp('dino') / 'dino_resnet50_pretrain.pth'
    torch.save(weights, path)
    yield path
    path.unlink()


@pytest.mark.parametrize(('dilated', 'stride'), [(True, 4), (False, 32)])
def test_computes_what_the_file_says(weights, dino_file, dilated, stride):
    encoder = FrozenResNet50('dino', dino_file, dilated=dilated)
    plain = ResNet50(dilated).eval()
    plain.load_state_dict(weights)
    images = torch.randn(2, 3, 64, 96)
    with torch.no_grad():
        expected = plain(images)
    assert torch.equal(encoder(images), expected)
    assert expected.shape == (2, encoder.out_channels, 64 // stride, 96 // stride)
    assert encoder.stride == stride


def test_the_published_name_in_checkpoints_is_the_default(tmp_path, monkeypatch, dino_file):
    monkeypatch.chdir(tmp_path)
    for layout, published in PUBLISHED.items():
        with pytest.raises(FileNotFoundError) as caught:
            FrozenResNet50(layout)
        message = str(caught.value)
        assert published.source in message
        assert f'folder {tmp_path / "checkpoints"}' in message
        assert published.file_name in message
    (tmp_path / 'checkpoints').mkdir()
    (tmp_path / 'checkpoints' / dino_file.name).symlink_to(dino_file)
    assert FrozenResNet50('dino').stride == 4


class Student(nn.Module):
    """A trained layer on frozen features, as a pretrainer has it."""

    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder
        self.head = nn.Sequential(nn.Conv2d(encoder.out_channels, 4, 1), nn.BatchNorm2d(4))


def test_training_steps_change_nothing(dino_file):
    model = Student(FrozenResNet50('dino', dino_file, dilated=False))
    before = {name: value.clone() for name, value in model.encoder.state_dict().items()}
    head_before = model.head[0].weight.clone()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9, weight_decay=1e-2)
    for _ in range(3):
        model.train()  # mmengine: at every epoch, or at every iteration
        assert model.head.training
        assert not any(module.training for module in model.encoder.modules())
        features = model.encoder(5 + 3 * torch.randn(2, 3, 64, 64, requires_grad=True))
        assert not features.requires_grad
        optimizer.zero_grad()
        model.head(features).square().mean().backward()
        optimizer.step()
    assert not torch.equal(model.head[0].weight, head_before)
    for name, value in model.encoder.state_dict().items():
        assert torch.equal(value, before[name]), name
    for parameter in model.encoder.parameters():
        assert parameter.grad is None
        assert not parameter.requires_grad
        assert parameter not in optimizer.state


@pytest.mark.parametrize(
    'convert',
    [
        nn.SyncBatchNorm.convert_sync_batchnorm,
        partial(mmengine.model.convert_sync_batchnorm, implementation='torch'),
    ],
)
def test_conversion_to_sync_batch_norm_changes_nothing(dino_file, convert):
    images = torch.randn(2, 3, 64, 64)
    model = Student(FrozenResNet50('dino', dino_file, dilated=False)).train()
    expected = model.encoder(images)
    before = {name: value.clone() for name, value in model.encoder.state_dict().items()}
    model = convert(model)  # mmengine builds new norms, in training mode, after the last train()
    assert isinstance(model.head[1], nn.SyncBatchNorm)
    assert torch.equal(model.encoder(images), expected)
    for name, value in model.encoder.state_dict().items():
        assert torch.equal(value, before[name]), name


def test_stays_out_of_the_graph_even_if_somebody_asks_for_gradients(dino_file):
    encoder = FrozenResNet50('dino', dino_file, dilated=False).requires_grad_(True)
    assert not encoder(torch.randn(1, 3, 32, 32)).requires_grad


def test_features_do_not_depend_on_the_rest_of_the_batch(dino_file):
    encoder = FrozenResNet50('dino', dino_file, dilated=False).train()
    images = torch.randn(3, 3, 64, 64)
    alone, together = encoder(images[:1]), encoder(images)[:1]
    assert (alone - together).abs().max() < 1e-3 * alone.abs().max()  # own statistics: near 1


def test_building_it_draws_nothing_from_the_global_generator(dino_file):
    before = torch.get_rng_state()
    FrozenResNet50('dino', dino_file)
    FrozenResNet50('random')
    assert torch.equal(torch.get_rng_state(), before)


def test_random_weights_warn_and_are_the_same_everywhere(caplog):
    with caplog.at_level(logging.WARNING):
        encoder, again = FrozenResNet50('random'), FrozenResNet50('random')
    assert 'UNTRAINED' in caplog.text
    expected = again.state_dict()
    assert all(torch.equal(value, expected[name]) for name, value in encoder.state_dict().items())


def test_wrong_arguments(dino_file):
    with pytest.raises(ValueError, match="weights='random' reads no file: drop checkpoint="):
        FrozenResNet50('random', dino_file)
    with pytest.raises(ValueError, match="'imagenet' are unknown; choose of moco_v1"):
        FrozenResNet50('imagenet')
    with pytest.raises(ValueError, match='fits the layout of dino'):
        FrozenResNet50('moco_v2', dino_file)
