"""A run gets the weights that it names, or ends."""

import logging

import pytest
import torch
from torch import nn

from stslidr.checkpoints.checkpoint import Checkpoint
from stslidr.errors import InputError
from stslidr.running.loaded_weights import check_fit


def saved(folder, weights):
    torch.save({'state_dict': weights}, folder / 'some.pth')
    return Checkpoint.read(folder / 'some.pth')


def test_weights_of_another_network_are_refused(tmp_path):
    other = saved(tmp_path, {'conv.weight': torch.ones(3, 2), 'weight': torch.ones(5)})
    with pytest.raises(InputError, match=r'some\.pth: none of its 2 tensors fits the model.*conv'):
        check_fit(other, nn.Linear(2, 3), resumed=False)


def test_what_fits_is_counted(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    part = saved(tmp_path, {'weight': torch.ones(3, 2), 'other': torch.ones(1)})
    check_fit(part, nn.Linear(2, 3), resumed=False)
    with pytest.raises(InputError, match='1 tensors are missing or of another shape, as bias'):
        check_fit(part, nn.Linear(2, 3), resumed=True)


@pytest.mark.parametrize('resumed', [True, False])
@pytest.mark.parametrize('value', [float('nan'), float('inf')])
def test_broken_weights_are_refused(tmp_path, resumed, value):
    weights = nn.Linear(2, 3).state_dict()
    weights['bias'][1] = value
    with pytest.raises(InputError, match='1 tensors hold NaN or infinity, as bias: the training'):
        check_fit(saved(tmp_path, weights), nn.Linear(2, 3), resumed)


def test_a_wrapper_prefix_is_left_out(tmp_path):
    weights = {f'module.{name}': value for name, value in nn.Linear(2, 3).state_dict().items()}
    check_fit(saved(tmp_path, weights), nn.Linear(2, 3), resumed=True)
