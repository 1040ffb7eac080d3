"""Whole runs on made-up data: every method, determinism, resuming, checkpoints, validation."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.hooks import Hook

from support.tiny_data import TinyData, make_tiny_data
from support.tiny_run import (
    assert_same_weights,
    build_runner,
    forget_runs,
    last_checkpoint,
    tiny_config,
    train,
)


@pytest.fixture(scope='module')
def reference(tiny_data, tmp_path_factory):
    """An uninterrupted run: 3 epochs of 3 batches."""
    config = tiny_config(tiny_data, tmp_path_factory.mktemp('reference'), epochs=3)
    return train(config), Path(config.work_dir)


def scalars(work_dir):
    (path,) = work_dir.glob('*/vis_data/scalars.json')
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_log_and_validation(reference):
    _, work_dir = reference
    entries = scalars(work_dir)
    steps = [entry for entry in entries if 'lr' in entry]
    assert [entry['iter'] for entry in steps] == list(range(1, 10))
    for entry in steps:
        assert entry.keys() >= {
            'loss',
            'occupied_superpixels',
            'dropped_negatives',
            'positive_cosine',
            'negative_cosine',
            'anchor_weight',
            'top1_matching',
        }
        assert 0 < entry['occupied_superpixels'] <= 2 * 2 * 12
    cosine = [0.5, 0.375, 0.125]
    assert [round(entry['lr'], 6) for entry in steps[::3]] == cosine
    validations = [entry for entry in entries if 'pretrain/loss' in entry]
    assert len(validations) == 3 and all(0 <= v['pretrain/top1_matching'] <= 1 for v in validations)


@pytest.mark.parametrize(
    'name', ['slidr_dino', 'stslidr_moco_nobalance', 'stslidr_dino_soft', 'ppkt_moco']
)
def test_every_method_runs_and_changes_the_student_only(tiny_data, tmp_path, name):
    checkpoint = train(tiny_config(tiny_data, tmp_path, name, epochs=1))
    forget_runs()
    runner = build_runner(tiny_config(tiny_data, tmp_path / 'fresh', name))
    runner.model.init_weights()
    start = runner.model.state_dict()
    assert start.keys() == checkpoint['state_dict'].keys()
    for key, value in start.items():
        same = torch.equal(value, checkpoint['state_dict'][key])
        assert same == key.startswith('image_encoder'), key
    trained = {key for key in start if key.startswith('backbone')}
    assert sum('weight' in key for key in trained) > 20


def test_workers_change_nothing(tiny_data, tmp_path, reference):
    config = tiny_config(
        tiny_data,
        tmp_path,
        epochs=3,
        train_dataloader__num_workers=2,
        train_dataloader__persistent_workers=True,
    )
    assert_same_weights(train(config), reference[0])


def test_another_seed_changes_the_run(tiny_data, tmp_path, reference):
    other = train(tiny_config(tiny_data, tmp_path, epochs=1, randomness__seed=1))
    weights = [run['state_dict'] for run in (other, reference[0])]
    (key,) = [key for key in weights[0] if key.startswith('point_head') and 'weight' in key]
    assert not torch.equal(*(state[key] for state in weights))


def test_no_label_is_read(tiny_data, tmp_path):
    with_labels = TinyData(tmp_path / 'with', tiny_data.num_keyframes, tiny_data.num_points)
    shutil.copytree(tiny_data.root, with_labels.root)
    for index in range(tiny_data.num_keyframes):
        (with_labels.root / f'{index}_labels.bin').write_bytes(bytes(range(200)))
    assert not list(tiny_data.root.glob('*_labels.bin'))
    one = train(tiny_config(with_labels, tmp_path / 'one', epochs=1))
    other = train(tiny_config(tiny_data, tmp_path / 'other', epochs=1))
    assert_same_weights(one, other)


class Interrupt(Hook):
    """Stops the run before a given iteration, as a crash would."""

    def __init__(self, iteration):
        self.iteration = iteration

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if runner.iter == self.iteration:
            raise KeyboardInterrupt


@pytest.mark.parametrize('stop_at', [3, 4])
def test_a_resumed_run_is_the_uninterrupted_one(tiny_data, tmp_path, reference, stop_at):
    options = dict(
        epochs=3, default_hooks__checkpoint__by_epoch=False, default_hooks__checkpoint__interval=1
    )
    forget_runs()
    runner = build_runner(tiny_config(tiny_data, tmp_path, **options))
    runner.register_hook(Interrupt(stop_at))
    with pytest.raises(KeyboardInterrupt):
        runner.train()
    assert last_checkpoint(tmp_path)['meta']['iter'] == stop_at
    resumed = train(tiny_config(tiny_data, tmp_path, resume=True, **options))
    assert resumed['meta']['iter'] == 9
    assert_same_weights(resumed, reference[0])
    history = resumed['message_hub']['log_scalars']['train/loss']['history']
    expected = reference[0]['message_hub']['log_scalars']['train/loss']['history']
    assert torch.equal(history, expected), 'the logged history goes on'


def test_resuming_with_another_batch_size_in_mid_epoch_is_refused(tiny_data, tmp_path):
    options = dict(
        epochs=1, default_hooks__checkpoint__by_epoch=False, default_hooks__checkpoint__interval=1
    )
    forget_runs()
    runner = build_runner(tiny_config(tiny_data, tmp_path, **options))
    runner.register_hook(Interrupt(2))
    with pytest.raises(KeyboardInterrupt):
        runner.train()
    other = tiny_config(tiny_data, tmp_path, resume=True, train_dataloader__batch_size=6, **options)
    with pytest.raises(ValueError, match='batches an epoch'):
        train(other)


def test_a_loader_without_a_batch_is_an_error(tiny_data, tmp_path):
    with pytest.raises(ValueError, match='would yield no batch: 6 samples.*batch_size 7'):
        train(tiny_config(tiny_data, tmp_path, train_dataloader__batch_size=7))


def test_an_incomplete_last_batch_resumes_at_the_end_of_its_epoch(tiny_data, tmp_path):
    options = dict(
        epochs=2,
        train_dataloader__drop_last=False,
        train_dataloader__batch_size=4,
        default_hooks__checkpoint__by_epoch=False,
        default_hooks__checkpoint__interval=1,
    )
    whole = train(tiny_config(tiny_data, tmp_path / 'whole', **options))
    forget_runs()
    runner = build_runner(tiny_config(tiny_data, tmp_path / 'stopped', **options))
    runner.register_hook(Interrupt(2))
    with pytest.raises(KeyboardInterrupt):
        runner.train()
    moved = (tmp_path / 'stopped').rename(tmp_path / 'moved')
    resumed = train(tiny_config(tiny_data, moved, resume=True, **options))
    assert_same_weights(whole, resumed)


def test_a_validation_without_a_batch_is_an_error(tiny_data, tmp_path):
    options = dict(val_dataloader__batch_size=7, val_dataloader__drop_last=True)
    with pytest.raises(ValueError, match='val_dataloader would yield no batch'):
        train(tiny_config(tiny_data, tmp_path, **options))


def test_a_foreign_sampler_is_an_error(tiny_data, tmp_path):
    config = tiny_config(tiny_data, tmp_path)
    config.train_dataloader.sampler = dict(type='DefaultSampler', shuffle=True)
    with pytest.raises(ValueError, match='SeededSampler'):
        train(config)


def test_a_batch_without_any_pair_leaves_the_run_alive(tmp_path):
    data = make_tiny_data(tmp_path / 'data', num_keyframes=4)
    path = sorted((data.root / 'sweeps').glob('*.bin'))[1]  # neither the first nor the last
    points = np.fromfile(path, dtype=np.float32).reshape(-1, 4)
    points[:, 0] *= 0.01  # turns the sweep away from both cameras
    points.tofile(path)
    checkpoint = train(
        tiny_config(data, tmp_path / 'run', epochs=1, train_dataloader__batch_size=1)
    )
    history = checkpoint['message_hub']['log_scalars']
    pairs = history['train/occupied_superpixels']['history']
    losses = history['train/loss']['history']
    assert ((pairs == 0) == (losses == 0)).all()
    assert (pairs == 0).sum() == 1 and pairs[0] > 0
    assert (
        '1 of 4 batches so far had nothing to learn from'
        in next((tmp_path / 'run').glob('*/*.log')).read_text()
    )
    assert all(torch.isfinite(v).all() for v in checkpoint['state_dict'].values())


def test_the_mean_gradient_scale_follows_auto_scale_lr(tiny_data, tmp_path):
    config = tiny_config(tiny_data, tmp_path, epochs=1, auto_scale_lr__enable=True)
    train(config)
    (first, *_) = scalars(tmp_path)
    assert first['lr'] == pytest.approx(0.5 * 2 / 16)


def test_testing_a_checkpoint_gives_the_validation_of_its_epoch(tiny_data, tmp_path, reference):
    _, work_dir = reference
    last = [entry for entry in scalars(work_dir) if 'pretrain/loss' in entry][-1]
    config = tiny_config(tiny_data, tmp_path)
    config.load_from = str(work_dir / 'epoch_3.pth')
    config.test_dataloader = config.val_dataloader
    forget_runs()
    metrics = build_runner(config).test()
    assert metrics['pretrain/loss'] == pytest.approx(last['pretrain/loss'], rel=1e-6)
    assert metrics['pretrain/top1_matching'] == pytest.approx(last['pretrain/top1_matching'])


def test_a_run_without_a_seed_resumes_with_the_one_it_drew(tiny_data, tmp_path):
    options = dict(
        epochs=2,
        default_hooks__checkpoint__by_epoch=False,
        randomness__seed=None,
        default_hooks__checkpoint__interval=1,
    )
    forget_runs()
    runner = build_runner(tiny_config(tiny_data, tmp_path, **options))
    runner.register_hook(Interrupt(4))
    with pytest.raises(KeyboardInterrupt):
        runner.train()
    drawn = last_checkpoint(tmp_path)['meta']['seed']
    forget_runs()
    runner = build_runner(tiny_config(tiny_data, tmp_path, resume=True, **options))
    runner.train()
    assert runner.train_dataloader.sampler.seed == drawn
    assert last_checkpoint(tmp_path)['meta']['seed'] == drawn


def test_the_best_checkpoint_is_plain_as_well(tiny_data, tmp_path):
    config = tiny_config(
        tiny_data,
        tmp_path,
        epochs=2,
        default_hooks__checkpoint__save_best='pretrain/loss',
        default_hooks__checkpoint__rule='less',
        default_hooks__checkpoint__max_keep_ckpts=1,
    )
    train(config)
    (best,) = tmp_path.glob('best_*.pth')
    assert torch.load(best, weights_only=True)['state_dict']
    assert [path.name for path in tmp_path.glob('epoch_*.pth')] == ['epoch_2.pth']
