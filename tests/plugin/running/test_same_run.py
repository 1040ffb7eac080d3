"""A run that is resumed with another optimiser, schedule or data than it had is refused."""

import pytest
import torch

from stslidr.errors import InputError
from stslidr.running.launch import build_runner
from stslidr.running.same_run import DATA_KEY, OPTIMIZER_KEY, fingerprint_samples
from support.tiny_data import make_tiny_data
from support.tiny_run import forget_runs, tiny_config, train


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    return make_tiny_data(tmp_path_factory.mktemp('data'), num_keyframes=6)


@pytest.fixture(scope='module')
def half(data, tmp_path_factory):
    """A run of two epochs, as it was after the first."""
    config = tiny_config(data, tmp_path_factory.mktemp('half'), val_cfg=None, **NO_VALIDATION)
    train(config)
    return f'{config.work_dir}/epoch_1.pth'


NO_VALIDATION = {'val_dataloader': None, 'val_evaluator': None}


def resumed(data, half, tmp_path, **options):
    """The second epoch, with other options."""
    config = tiny_config(data, tmp_path / 'again', **{'val_cfg': None, **NO_VALIDATION, **options})
    config.load_from, config.resume = str(half), True
    forget_runs()
    runner = build_runner(config)
    runner.train()
    return runner


def changed(half, tmp_path, change):
    content = torch.load(half, weights_only=True)
    change(content)
    torch.save(content, tmp_path / 'changed.pth')
    return tmp_path / 'changed.pth'


def test_the_same_run_goes_on(data, half, tmp_path):
    meta = torch.load(half, weights_only=True)['meta']
    assert meta[OPTIMIZER_KEY] == 'SGD' and len(meta[DATA_KEY]) == 64
    assert resumed(data, half, tmp_path).epoch == 2


def test_a_checkpoint_of_before_goes_on(data, half, tmp_path):
    def forget(content):
        del content['meta'][OPTIMIZER_KEY], content['meta'][DATA_KEY]

    assert resumed(data, changed(half, tmp_path, forget), tmp_path).epoch == 2


@pytest.mark.parametrize(
    ('options', 'said'),
    [
        ({'optim_wrapper.optimizer.lr': 0.125}, 'initial_lr 0.5 in it, 0.125 in the config'),
        ({'optim_wrapper.optimizer.weight_decay': 0.5}, 'weight_decay 0.0001 in it, 0.5 in the'),
        ({'train_cfg.max_epochs': 3}, 'param_scheduler.0: T_max is 2 in it, 3 in the config'),
        ({'param_scheduler': []}, '1 schedules in it, 0 in the config'),
        (
            {'optim_wrapper.optimizer': dict(type='AdamW', lr=0.5, _delete_=True)},
            'optimiser SGD in it, AdamW in the config',
        ),
        (
            {'train_dataloader.dataset.indices': [0, 1, 2, 3, 5, 4]},
            'other samples to train on: the SHA-256 of their names is ',
        ),
    ],
)
def test_another_run_is_refused(data, half, tmp_path, options, said):
    options = {key.replace('.', '__'): value for key, value in options.items()}
    with pytest.raises(InputError) as caught:
        resumed(data, half, tmp_path, **options)
    assert f'cannot resume {half}, another run: ' in str(caught.value)
    assert said in str(caught.value) and '--work-dir' in str(caught.value)


def drop_optimizer(content):
    del content['optimizer']


def leave_epoch(content):
    content['meta']['iter'] = 7


def make_adam(content):
    del content['meta'][OPTIMIZER_KEY]
    for group in content['optimizer']['param_groups']:
        del group['dampening']
        group['betas'] = (0.9, 0.999)


def scale_loss(content):
    content['optimizer']['loss_scaler'] = {}


@pytest.mark.parametrize(
    ('change', 'said'),
    [
        (drop_optimizer, 'it has no optimiser state'),
        (leave_epoch, 'iteration 7 is not in epoch 1, of 3 batches'),
        (make_adam, 'another optimiser than SGD, by its betas, dampening'),
        (scale_loss, 'it was trained with mixed precision'),
    ],
)
def test_a_checkpoint_that_cannot_be_gone_on_from(data, half, tmp_path, change, said):
    with pytest.raises(InputError, match=said):
        resumed(data, changed(half, tmp_path, change), tmp_path)


class Samples:
    """Not a data set of mmengine's."""


def test_names_of_samples(data, tmp_path):
    config = tiny_config(data, tmp_path)
    forget_runs()
    dataset = build_runner(config).train_dataloader.dataset
    assert fingerprint_samples(dataset) == fingerprint_samples(dataset)
    assert fingerprint_samples(Samples()) is None
