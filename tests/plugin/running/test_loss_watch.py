"""A training that learns nothing, or has broken down, ends with the numbers."""

import re
from types import SimpleNamespace

import pytest
import torch
from mmengine.hooks import Hook

from stslidr.errors import InputError
from stslidr.files.infos import read_infos, write_infos
from stslidr.running.launch import build_runner
from stslidr.running.loss_watch import PATIENCE, SCALED_PATIENCE, LossWatchHook
from support.tiny_data import make_tiny_data
from support.tiny_run import forget_runs, tiny_config


def watch(losses, scaled=False, names=('loss', 'occupied_superpixels')):
    hook = LossWatchHook()
    wrapper = SimpleNamespace(get_lr=lambda: {'lr': [0.5, 0.25, 0.5]})
    if scaled:
        wrapper.loss_scaler = None
    runner = SimpleNamespace(optim_wrapper=wrapper, iter=0)
    for number, loss in enumerate(losses):
        runner.iter = number
        hook.after_train_iter(runner, 0, None, dict.fromkeys(names, torch.tensor(loss)))
    return hook


@pytest.mark.parametrize('loss', [float('nan'), float('inf'), -float('inf')])
def test_a_loss_that_is_no_number(loss):
    said = f'the loss of iteration 3 is {loss} (the last was 1.5; loss {loss}, occupied_superpixels'
    with pytest.raises(InputError, match=re.escape(said)) as caught:
        watch([2.0, 1.5, loss])
    assert 'learning rate 0.25, 0.5)' in str(caught.value)
    with pytest.raises(InputError, match='there was none before'):
        watch([loss])


def test_mixed_precision_skips_some_steps():
    watch([1.0, *[float('nan')] * (SCALED_PATIENCE - 1), 1.0, float('nan')], scaled=True)
    with pytest.raises(InputError, match='is nan'):
        watch([float('nan')] * SCALED_PATIENCE, scaled=True)


def test_the_first_batch_has_pairs():
    with pytest.raises(InputError, match=r'the first batch has nothing.*0 .*draw_keyframe\.py'):
        watch([0.0])
    with pytest.raises(InputError, match='no point has a label that counts'):
        watch([0.0], names=('loss', 'loss_ce'))


def test_later_some_batches_may_have_none(monkeypatch):
    said = []
    monkeypatch.setattr('stslidr.running.loss_watch.print_log', lambda text, **_: said.append(text))
    hook = watch([1.0, *[0.0] * (PATIENCE - 1), 1.0, 0.0])
    hook.after_train_epoch(None)
    assert said == [
        f'{PATIENCE} of {PATIENCE + 2} batches so far had nothing to learn from: their loss is 0'
    ]
    with pytest.raises(InputError, match=f'{PATIENCE} batches in a row have nothing to learn from'):
        watch([1.0, *[0.0] * PATIENCE])


def test_a_run_without_losses_passes():
    LossWatchHook().after_train_iter(None, 0, None, None)
    LossWatchHook().after_train_iter(None, 0, None, {'score': 1})
    LossWatchHook().after_train_epoch(None)


def test_pretraining_on_images_of_other_intrinsics_ends_at_once(tmp_path):
    data = make_tiny_data(tmp_path / 'data', num_keyframes=2)
    infos = read_infos(data.root / data.ann_file)
    for sample in infos['data_list']:
        for camera in sample['images'].values():
            for row in (0, 1):
                camera['cam2img'][row][2] = 100_000.0
    write_infos(data.root / data.ann_file, infos['metainfo'], infos['data_list'])
    forget_runs()
    config = tiny_config(data, tmp_path / 'work')
    with pytest.raises(InputError, match='first batch has nothing to learn from|pairs'):
        build_runner(config).train()
    assert not list((tmp_path / 'work').glob('*.pth'))


class Breaking(Hook):
    """Ruins a weight before the second iteration."""

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if runner.iter == 1:
            with torch.no_grad():
                next(runner.model.backbone.parameters()).fill_(float('nan'))


def test_a_broken_training_is_not_saved(tmp_path):
    data = make_tiny_data(tmp_path / 'data', num_keyframes=4)
    forget_runs()
    runner = build_runner(tiny_config(data, tmp_path / 'work'))
    runner.register_hook(Breaking())
    with pytest.raises(InputError, match=r'the loss of iteration 2 is nan \(the last was'):
        runner.train()
    assert not list((tmp_path / 'work').glob('*.pth'))


class BreakingLate(Hook):
    """Ruins a weight after the last iteration of an epoch."""

    def after_train_epoch(self, runner):
        with torch.no_grad():
            next(runner.model.backbone.parameters()).fill_(float('nan'))


def test_nan_weights_are_not_saved(tmp_path):
    data = make_tiny_data(tmp_path / 'data', num_keyframes=4)
    forget_runs()
    runner = build_runner(tiny_config(data, tmp_path / 'work'))
    runner.register_hook(BreakingLate())
    with pytest.raises(InputError, match='1 tensors of the model hold NaN or infinity'):
        runner.train()
    assert not list((tmp_path / 'work').glob('*.pth'))
