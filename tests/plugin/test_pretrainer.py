"""The mmengine models: built from configs, asked in three modes."""

import copy

import pytest
import torch
from torch import nn

import stslidr.plugin  # noqa: F401
from stslidr.contracts.criterion import ContrastiveResult
from stslidr.errors import InputError
from stslidr.pretrainer import PARTS, SuperpixelPretrainer, build, build_parts
from support.tiny_batch import make_batch
from support.tiny_run import tiny_config


@pytest.fixture(scope='module')
def settings(tiny_data, tmp_path_factory):
    config = tiny_config(
        tiny_data,
        tmp_path_factory.mktemp('unused'),
        'demo_stslidr',
        model__image_encoder__weights='synthetic',
    )
    return {key: config.model[key] for key in PARTS}


class Bare(nn.Module):
    """Offers nothing."""


class Forgetful(nn.Module):
    needs_similarity = False

    def forward(self, points, pixels, similarity):
        return ContrastiveResult(points.sum(), {'top1_matching': points.new_tensor(0.0)})


def test_heads_follow_from_the_encoders(settings):
    parts = build_parts(settings)
    assert parts['point_head'].projection.in_features == parts['backbone'].out_channels == 4
    assert parts['image_head'].projection.in_channels == parts['image_encoder'].out_channels == 128
    assert parts['image_head'].scale == parts['image_encoder'].stride == 4


def test_a_module_is_taken_as_it_is():
    module = Bare()
    assert build(module) is module


@pytest.mark.parametrize('part', PARTS)
def test_a_missing_part_is_named(settings, part):
    with pytest.raises(InputError, match=f'the model config lacks {part}$'):
        build_parts({key: value for key, value in settings.items() if key != part})


@pytest.mark.parametrize(
    'part, lacking',
    [
        ('backbone', 'out_channels'),
        ('image_encoder', 'describe_weights, out_channels, stride'),
        ('criterion', 'needs_similarity'),
    ],
)
def test_a_part_that_breaks_its_contract_is_named(settings, part, lacking):
    with pytest.raises(InputError, match=f'^{part}: Bare has no {lacking}, '):
        build_parts({**settings, part: Bare()})


def test_loss_and_prediction_are_those_of_the_step(settings):
    model = SuperpixelPretrainer(**copy.deepcopy(settings)).eval()
    batch = make_batch()
    expected = model.distill(batch)
    logged = model(batch, mode='loss')
    assert list(logged)[:2] == ['loss', 'occupied_superpixels']
    assert torch.equal(logged.pop('loss'), expected.loss)
    assert logged.pop('occupied_superpixels') == expected.statistics['num_anchors']
    assert logged == {k: v for k, v in expected.statistics.items() if k != 'num_anchors'}
    (prediction,) = model(batch, mode='predict')
    assert prediction == {
        'loss': float(expected.loss),
        'top1_matching': float(expected.statistics['top1_matching']),
        'num_anchors': int(expected.statistics['num_anchors']),
    }
    assert torch.equal(model(batch), model.embed_voxels(batch))
    with pytest.raises(InputError, match="not 'train'"):
        model(batch, mode='train')


@pytest.mark.parametrize('mode', ['loss', 'predict'])
def test_a_loss_without_its_statistics_fails_at_its_first_call(settings, mode):
    model = SuperpixelPretrainer(**{**settings, 'criterion': Forgetful()})
    with pytest.raises(InputError, match='statistics of Forgetful lack num_anchors'):
        model(make_batch(), mode=mode)
