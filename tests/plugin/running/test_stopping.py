"""A signal ends a training after its iteration, and what it has learnt is saved."""

import multiprocessing
import os
import signal

import pytest
import torch
from mmengine.hooks import Hook

from stslidr.errors import StoppedError
from stslidr.running.launch import build_runner
from support.tiny_data import make_tiny_data
from support.tiny_run import forget_runs, tiny_config, train

NO_VALIDATION = dict(val_cfg=None, val_dataloader=None, val_evaluator=None)


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    return make_tiny_data(tmp_path_factory.mktemp('data'), num_keyframes=6)


class SendSignal(Hook):
    """Sends signals to its own process within an iteration."""

    def __init__(self, at, *numbers):
        self.at, self.numbers = at, numbers

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if runner.iter == self.at:
            for number in self.numbers:
                for child in multiprocessing.active_children():  # as to a whole group
                    os.kill(child.pid, number)
                os.kill(os.getpid(), number)


class SendInValidation(Hook):
    """Sends a signal in the first validation."""

    def before_val_iter(self, runner, batch_idx, data_batch=None):
        os.kill(os.getpid(), signal.SIGTERM)


def stop(config, hook):
    forget_runs()
    runner = build_runner(config)
    runner.register_hook(hook)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    with pytest.raises(StoppedError) as stopped:
        runner.train()
    assert {number: signal.getsignal(number) for number in handlers} == handlers
    return stopped.value


@pytest.fixture(scope='module')
def whole(data, tmp_path_factory):
    """The weights of a run of two epochs of three iterations that nothing stopped."""
    return train(tiny_config(data, tmp_path_factory.mktemp('whole'), **NO_VALIDATION))['state_dict']


@pytest.mark.parametrize(
    ('number', 'at', 'workers'),
    [
        (signal.SIGTERM, 0, 0),
        (signal.SIGINT, 1, 2),
        (signal.SIGTERM, 1, 2),
        (signal.SIGTERM, 2, 0),  # the last of an epoch
        (signal.SIGINT, 5, 0),  # the last of all
    ],
)
def test_a_stopped_run_goes_on_to_the_same_weights(data, whole, tmp_path, number, at, workers):
    options = {**NO_VALIDATION, 'train_dataloader__num_workers': workers}
    config = tiny_config(data, tmp_path / 'work', **options)
    error = stop(config, SendSignal(at, number))
    assert error.status == 128 + number
    path = tmp_path / 'work' / f'iter_{at + 1}.pth'
    name = signal.Signals(number).name
    assert str(error) == (
        f'stopped by {name} after iteration {at + 1}, which {path} holds: --resume goes on from '
        'there'
    )
    again = tiny_config(data, tmp_path / 'work', **options)
    again.resume = True
    weights = train(again)['state_dict']
    assert all(torch.equal(value, weights[name]) for name, value in whole.items())


def test_a_second_signal_ends_at_once(data, tmp_path):
    config = tiny_config(data, tmp_path / 'work', **NO_VALIDATION)
    error = stop(config, SendSignal(1, signal.SIGTERM, signal.SIGINT))
    assert str(error) == 'stopped by SIGINT at the second signal, without saving'
    assert not list((tmp_path / 'work').glob('*.pth'))


def test_a_validation_is_not_waited_for(data, tmp_path):
    error = stop(tiny_config(data, tmp_path / 'work'), SendInValidation())
    assert str(error).startswith('stopped by SIGTERM in the validation')
    assert [path.name for path in (tmp_path / 'work').glob('*.pth')] == ['epoch_1.pth']


def test_the_stopped_iteration_is_removed_by_the_next_save(data, tmp_path):
    options = {**NO_VALIDATION, 'default_hooks__checkpoint__max_keep_ckpts': 1}
    stop(tiny_config(data, tmp_path / 'work', **options), SendSignal(1, signal.SIGTERM))
    (tmp_path / 'work' / 'best_epoch_1.pth').touch()
    again = tiny_config(data, tmp_path / 'work', **options)
    again.resume = True
    train(again)
    left = sorted(path.name for path in (tmp_path / 'work').glob('*.pth'))
    assert left == ['best_epoch_1.pth', 'epoch_2.pth']


def test_other_ways_to_save(data, tmp_path):
    config = tiny_config(data, tmp_path / 'work', **NO_VALIDATION)
    config.default_hooks.checkpoint = dict(type='CheckpointHook', interval=1)
    said = str(stop(config, SendSignal(4, signal.SIGTERM)))
    assert said.endswith(
        'after iteration 5; what CheckpointHook has saved last is what --resume takes'
    )
    config = tiny_config(data, tmp_path / 'other', **NO_VALIDATION)
    config.default_hooks.checkpoint = None
    assert 'no checkpoint hook' in str(stop(config, SendSignal(0, signal.SIGTERM)))
