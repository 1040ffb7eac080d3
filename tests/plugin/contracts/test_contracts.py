"""Our parts meet their contracts; a part that does not is refused by name."""

import inspect

import pytest
import torch
from torch import nn
from typing_extensions import get_protocol_members

from stslidr.contracts.checks import check_part, check_result
from stslidr.contracts.criterion import ContrastiveResult, Criterion, Statistics
from stslidr.contracts.dataset import KeyframeSample, PackedInputs, PretrainingDataset
from stslidr.contracts.encoders import ImageEncoder, PointBackbone
from stslidr.contracts.superpixels import SuperpixelGenerator
from stslidr.datasets.pretraining import CameraLidarDataset
from stslidr.encoders.image_encoder import FrozenSmallResNet
from stslidr.errors import InputError
from stslidr.losses.contrastive import TolerantContrastiveLoss
from stslidr.preparation.superpixel_methods import Grid, Slic
from support.tiny_batch import make_backbone
from support.tiny_run import fit_to_tiny_data, tiny_config

PARTS = [
    (make_backbone, PointBackbone, 'forward'),
    (lambda: FrozenSmallResNet('synthetic'), ImageEncoder, 'forward'),
    (TolerantContrastiveLoss, Criterion, 'forward'),
    (Slic, SuperpixelGenerator, '__call__'),
    (Grid, SuperpixelGenerator, '__call__'),
]


def parameter_names(function):
    return list(inspect.signature(function).parameters)


@pytest.mark.parametrize('build, contract, called', PARTS)
def test_our_parts_offer_what_their_contracts_say(build, contract, called):
    part = build()
    assert check_part(part, contract, 'a part') is part
    expected = parameter_names(contract.__call__)[1:]
    assert parameter_names(getattr(part, called)) == expected


@pytest.mark.parametrize(
    'contract, lacking',
    [
        (PointBackbone, 'out_channels'),
        (ImageEncoder, 'describe_weights, out_channels, stride'),
        (Criterion, 'needs_similarity'),
    ],
)
def test_a_part_that_lacks_something_is_named_with_it(contract, lacking):
    message = f'^there: Identity has no {lacking}, which every {contract.__name__} must have'
    with pytest.raises(InputError, match=message):
        check_part(nn.Identity(), contract, 'there')


def test_the_dataset_gives_samples_of_its_contract(tiny_data, tmp_path):
    config = tiny_config(tiny_data, tmp_path).val_dataloader.dataset
    fit_to_tiny_data(config, tiny_data)
    config.pop('type')
    dataset = CameraLidarDataset(**config)
    assert all(hasattr(dataset, name) for name in get_protocol_members(PretrainingDataset))
    assert dataset.get_data_info(0).keys() == KeyframeSample.__required_keys__
    assert dataset[0].keys() == {'inputs'}
    assert dataset[0]['inputs'].keys() == PackedInputs.__required_keys__
    assert 'voxel_grid' in dataset.metainfo


def test_statistics_that_are_missing_are_named():
    whole = Statistics(num_anchors=torch.tensor(3.0), top1_matching=torch.tensor(0.5))
    result = ContrastiveResult(torch.tensor(1.0), whole)
    assert check_result(result, nn.Identity()) is result
    for name in whole:
        less = {key: value for key, value in whole.items() if key != name}
        with pytest.raises(InputError, match=f'statistics of Identity lack {name}: see docs/ext'):
            check_result(result._replace(statistics=less), nn.Identity())


def test_a_bare_loss_is_no_result():
    with pytest.raises(InputError, match='Identity returned Tensor, not ContrastiveResult'):
        check_result(torch.tensor(1.0), nn.Identity())
