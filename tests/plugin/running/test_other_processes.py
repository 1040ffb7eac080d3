"""Resuming with another number of processes: the rest of the epoch is shared anew, in words."""

import warnings

import pytest
import torch
from mmengine.optim import OptimWrapper
from mmengine.optim.scheduler import CosineAnnealingLR, LinearLR, MultiStepLR
from torch.utils.data import DataLoader

from stslidr.running.launch import build_runner
from stslidr.running.loops import ResumableTrainLoop
from stslidr.running.other_processes import advance
from stslidr.running.samplers import SeededSampler
from support.tiny_data import make_tiny_data
from support.tiny_run import forget_runs, last_checkpoint, tiny_config, train

WORLD = 'mmengine.dataset.sampler.get_dist_info'


def keys_of(monkeypatch, size, world, skipped=0, round_up=True):
    """Indices that each of so many ranks draws."""
    drawn = []
    for rank in range(world):
        monkeypatch.setattr(WORLD, lambda r=rank: (r, world))
        sampler = SeededSampler(range(size), seed=4, round_up=round_up)
        sampler.skip(skipped)
        drawn.append([key.index for key in sampler])
        assert len(drawn[-1]) == sampler.count_left(skipped)
    return drawn


@pytest.mark.parametrize('size', [7, 12, 30])
@pytest.mark.parametrize('before, after', [(1, 2), (2, 1), (2, 4), (4, 3), (3, 3)])
@pytest.mark.parametrize('batches', [0, 1, 2])
@pytest.mark.parametrize('round_up', [True, False])
def test_each_sample_of_an_epoch_once(monkeypatch, size, before, after, batches, round_up):
    first = keys_of(monkeypatch, size, before, round_up=round_up)
    seen = [index for own in first for index in own[:batches]]
    rest = keys_of(monkeypatch, size, after, min(len(seen), size), round_up)
    lengths = {len(own) for own in rest}
    repeated = sum(map(len, rest)) - (size - min(len(seen), size))
    assert set(seen) | {index for own in rest for index in own} == set(range(size))
    if round_up:
        assert len(lengths) == 1 and 0 <= repeated < after, 'all ranks alike'
    else:
        assert repeated == 0 and not set(seen) & {index for own in rest for index in own}


class LoopOnly(ResumableTrainLoop):
    """The counting of the loop, without a runner."""

    def __init__(self, loader, world):
        self.dataloader, self.world = loader, world
        self._epoch, self._seen, self._ahead = 0, None, 0

    @property
    def samples_per_batch(self):
        return self.dataloader.batch_size * self.world


@pytest.mark.parametrize('drop_last', [True, False])
@pytest.mark.parametrize('size, batch, world', [(10, 2, 1), (11, 2, 2), (9, 4, 3)])
def test_batches_that_are_left(monkeypatch, size, batch, world, drop_last):
    monkeypatch.setattr(WORLD, lambda: (0, world))
    sampler = SeededSampler(range(size), seed=1)
    loader = DataLoader(range(size), batch, sampler=sampler, drop_last=drop_last)
    loader.collate_fn = list
    loop = LoopOnly(loader, world)
    for seen in range(size + 1):
        sampler.skip(seen)
        assert loop.count_left(seen) == len(list(loader.batch_sampler)), seen


def test_samples_are_counted_through_an_interruption():
    loader = DataLoader(range(20), 2, sampler=SeededSampler(range(20), seed=1))
    loop = LoopOnly(loader, 1)
    assert [loop.count_seen(0, iteration) for iteration in (0, 1, 5, 10)] == [0, 2, 10, 20]
    assert loop.count_seen(1, 10) == 0 and loop.count_seen(1, 13) == 6
    assert loop.start_behind(7) == 7 and loop.start_behind(99) == 20
    loop._ahead = 3  # as after a resumption in which 3 more were seen than iterations tell
    assert [loop.count_seen(0, iteration) for iteration in (1, 5, 10)] == [5, 13, 20]
    assert loop.count_seen(1, 13) == 6, 'in that epoch alone'


def schedules(batches):
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=0.4)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        made = [
            LinearLR(optimizer, 0.1, by_epoch=False, begin=0, end=5),
            CosineAnnealingLR(optimizer, T_max=6 * batches, by_epoch=False, begin=5),
            MultiStepLR(optimizer, milestones=[2], gamma=0.5),
        ]
    return parameter, optimizer, made


@pytest.mark.parametrize('iterations', [0, 3, 8, 9, 20])
def test_schedules_are_where_a_training_would_have_them(iterations):
    batches = 4
    parameter, optimizer, trained = schedules(batches)
    wrapper = OptimWrapper(optimizer)
    for iteration in range(1, iterations + 1):
        wrapper.update_params((parameter**2).sum())
        for schedule in trained:
            if not schedule.by_epoch or iteration % batches == 0:
                schedule.step()
    _, other, fresh = schedules(batches)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        advance(fresh, iterations, iterations // batches, batches)
    assert other.param_groups[0]['lr'] == optimizer.param_groups[0]['lr']
    assert [one.last_step for one in fresh] == [one.last_step for one in trained]


def test_a_run_of_four_goes_on_alone(tmp_path, monkeypatch):
    """The checkpoint says four processes: one goes on with the samples that are left."""
    data = make_tiny_data(tmp_path / 'data', num_keyframes=11)
    options = dict(
        val_cfg=None,
        val_dataloader=None,
        val_evaluator=None,
        train_dataloader__batch_size=1,
        default_hooks__checkpoint__by_epoch=False,
        default_hooks__checkpoint__interval=1,
        epochs=1,
    )
    train(tiny_config(data, tmp_path / 'work', **options))
    path = tmp_path / 'work/iter_1.pth'
    checkpoint = torch.load(path, weights_only=True)
    meta = checkpoint['meta']
    assert (meta['processes'], meta['samples_seen'], meta['batches_per_epoch']) == (1, 1, 11)
    meta.update(processes=4, samples_seen=4, batches_per_epoch=3)  # as after one batch of four
    checkpoint['param_schedulers'][0]['T_max'] = 3
    torch.save(checkpoint, path)

    config = tiny_config(data, tmp_path / 'again', **options)
    config.load_from, config.resume = str(path), True
    forget_runs()
    runner = build_runner(config)
    runner._train_loop = runner.build_train_loop(runner._train_loop)
    dataset, drawn = runner.train_dataloader.dataset, []
    plain = type(dataset).__getitem__

    def draw(self, key):
        drawn.append(key.index)
        return plain(self, key)

    monkeypatch.setattr(type(dataset), '__getitem__', draw)
    runner.train()
    sampler = SeededSampler(range(11), seed=meta['seed'])
    assert drawn == [key.index for key in sampler][4:]
    ended = last_checkpoint(tmp_path / 'again')['meta']
    assert (ended['iter'], ended['processes'], ended['batches_per_epoch']) == (11, 1, 11)
    halfway = torch.load(tmp_path / 'again/iter_6.pth', weights_only=True)
    assert halfway['meta']['samples_seen'] == 6
    lr = halfway['optimizer']['param_groups'][0]['lr']
    whole = torch.load(tmp_path / 'work/iter_6.pth', weights_only=True)
    assert lr == pytest.approx(whole['optimizer']['param_groups'][0]['lr'], rel=1e-12)
    (log,) = (tmp_path / 'again').glob('*/*.log')
    said = log.read_text()
    assert 'resuming with 1 processes what was trained with 4: 4 of 11 samples of epoch 1' in said
    assert 'An epoch has 11 batches of 1 samples instead of 3' in said
