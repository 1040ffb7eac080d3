"""Checkpoints hold plain data, are written whole, and the old one goes last."""

from collections import OrderedDict, deque
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer

from stslidr.running.checkpoint_saving import AtomicLocalBackend, PlainCheckpointHook, to_plain


def test_to_plain_keeps_values_and_loads_without_an_allow_list(tmp_path):
    value = OrderedDict(
        number=np.float64(1.5),
        count=np.int64(3),
        flag=np.bool_(True),
        nothing=None,
        array=np.arange(6, dtype=np.float32).reshape(2, 3),
        names=np.array(['a', 'b']),
        nested=[(1, {2}), deque([4])],
        path=Path('x') / 'y',
        tensor=torch.ones(2),
    )
    plain = to_plain(value, 'meta')
    torch.save(plain, tmp_path / 'plain.pth')
    loaded = torch.load(tmp_path / 'plain.pth', weights_only=True)
    assert loaded['number'] == 1.5 and type(loaded['number']) is float
    assert loaded['count'] == 3 and loaded['flag'] is True and loaded['nothing'] is None
    assert torch.equal(loaded['array'], torch.arange(6.0).reshape(2, 3))
    assert loaded['names'] == ['a', 'b'] and loaded['nested'] == [(1, [2]), [4]]
    assert loaded['path'] == 'x/y' and torch.equal(loaded['tensor'], torch.ones(2))


def test_to_plain_names_the_place_of_what_it_cannot_store():
    with pytest.raises(ValueError, match=r'meta\.deep\.thing holds a object'):
        to_plain({'deep': {'thing': object()}}, 'meta')


def test_history_survives_saving_and_loading(tmp_path):
    buffer = HistoryBuffer([3.0, 2.0, 1.0], [1, 1, 2], max_length=3)
    checkpoint = dict(
        meta=dict(config='raise SystemExit', epoch=1, iter=5, seed=17),
        state_dict=OrderedDict(w=torch.ones(1)),
        message_hub=dict(
            log_scalars=OrderedDict({'train/loss': buffer}),
            runtime_info={},
            resumed_keys={'train/loss': True},
        ),
    )
    hook = PlainCheckpointHook()
    state_dict = checkpoint['state_dict']
    runner = FakeResume(5)
    hook.before_save_checkpoint(runner, checkpoint)
    assert checkpoint['state_dict'] is state_dict
    torch.save(checkpoint, tmp_path / 'full.pth')
    loaded = torch.load(tmp_path / 'full.pth', weights_only=True)
    hook.after_load_checkpoint(runner, loaded)
    again = loaded['message_hub']['log_scalars']['train/loss']
    assert again.mean(2) == buffer.mean(2) and again.data[0].tolist() == [3.0, 2.0, 1.0]
    again.update(7.0)
    assert again.data[0].tolist() == [2.0, 1.0, 7.0]
    assert 'config' not in loaded['meta'], 'text that mmengine would run as Python'
    assert runner.train_dataloader.sampler.seed == 17
    assert loaded['meta']['unapplied_batches'] == 1
    runner = FakeResume(4)
    with pytest.raises(ValueError, match='5 batches an epoch and there are 4 now'):
        hook.after_load_checkpoint(runner, loaded)
    runner._resume = False
    hook.after_load_checkpoint(runner, loaded)


class FakeResume:
    """A runner that resumes, with so many batches an epoch and a sampler of its own seed."""

    def __init__(self, num_batches):
        sampler = type('Sampler', (), dict(seed=None))()
        self.train_dataloader = type('Loader', (list,), dict(sampler=sampler))(range(num_batches))
        self._resume = True
        self.train_loop = None
        self.optim_wrapper = type('Optim', (), dict(_inner_count=5, _accumulative_counts=2))()


class FakeRunner:
    """As much of a runner as the hook touches."""

    def __init__(self, work_dir, fail_at=None):
        self.work_dir, self.fail_at = str(work_dir), fail_at
        self.epoch = self.iter = 0
        self.message_hub = type('Hub', (), dict(update_info=lambda *_: None))()

    def save_checkpoint(self, out_dir, name, **_):
        present = sorted(path.name for path in Path(out_dir).glob('*.pth'))
        if self.fail_at is not None and name == self.fail_at:
            raise OSError(f'no space left; present: {present}')
        AtomicLocalBackend().put(b'weights', Path(out_dir) / name)


def test_weights_alone_cannot_be_resumed():
    with pytest.raises(ValueError, match='no epoch, iter, seed.*load_from'):
        PlainCheckpointHook().after_load_checkpoint(FakeResume(3), dict(state_dict={}))


def make_hook(tmp_path, keep):
    hook = PlainCheckpointHook(interval=1, max_keep_ckpts=keep)
    hook.file_backend, hook.out_dir = AtomicLocalBackend(), str(tmp_path)
    hook.filename_tmpl, hook.keep_ckpt_ids = 'epoch_{}.pth', deque([], keep)
    return hook


def test_the_old_checkpoint_goes_only_when_the_new_one_stands(tmp_path):
    hook = make_hook(tmp_path, keep=1)
    hook._save_checkpoint_with_step(FakeRunner(tmp_path), 1, {})
    with pytest.raises(OSError, match=r"present: \['epoch_1.pth'\]"):
        hook._save_checkpoint_with_step(FakeRunner(tmp_path, fail_at='epoch_2.pth'), 2, {})
    assert Path(tmp_path, 'last_checkpoint').read_text() == str(tmp_path / 'epoch_1.pth')
    assert [path.name for path in tmp_path.glob('*.pth')] == ['epoch_1.pth']


def test_only_the_newest_are_kept(tmp_path):
    hook = make_hook(tmp_path, keep=2)
    for step in (1, 2, 3, 3, 4):
        hook._save_checkpoint_with_step(FakeRunner(tmp_path), step, {})
    assert sorted(p.name for p in tmp_path.glob('*.pth')) == ['epoch_3.pth', 'epoch_4.pth']
    assert Path(tmp_path, 'last_checkpoint').read_text().endswith('epoch_4.pth')


def test_a_failed_write_leaves_the_old_file_and_no_rest(tmp_path, monkeypatch):
    target = tmp_path / 'weights.pth'
    backend = AtomicLocalBackend()
    backend.put(b'old', target)

    def refuse(*_):
        raise OSError('disk full')

    monkeypatch.setattr('os.replace', refuse)
    monkeypatch.setattr('pathlib.Path.replace', refuse)
    with pytest.raises(OSError, match='disk full'):
        backend.put(b'new', target)
    monkeypatch.undo()
    assert target.read_bytes() == b'old' and list(tmp_path.iterdir()) == [target]


class BestRunner(FakeRunner):
    """A runner with scores; saves by keyword, as the hook does for the best checkpoint."""

    def __init__(self, work_dir, epoch, fail_at=None):
        super().__init__(work_dir, fail_at)
        self.epoch, self.iter = epoch, epoch
        self.logger = type('Logger', (), dict(info=lambda *_: None))()
        self.message_hub = type(
            'Hub',
            (),
            dict(
                update_info=lambda *_: None,
                runtime_info={'best_score': 1.0 / epoch},
                get_info=lambda hub, key: hub.runtime_info[key],
            ),
        )()

    def save_checkpoint(self, out_dir, filename, **_):
        super().save_checkpoint(out_dir, filename)


def test_the_old_best_goes_only_when_the_new_one_stands(tmp_path):
    hook = PlainCheckpointHook(interval=1, save_best='score', rule='greater')
    hook.file_backend, hook.out_dir = AtomicLocalBackend(), str(tmp_path)
    hook.filename_tmpl, hook.best_ckpt_path = 'epoch_{}.pth', None
    hook._save_best_checkpoint(BestRunner(tmp_path, 1), dict(score=2.0))
    assert [path.name for path in tmp_path.glob('best*')] == ['best_score_epoch_1.pth']
    with pytest.raises(OSError, match='no space'):
        failing = BestRunner(tmp_path, 2, fail_at='best_score_epoch_2.pth')
        hook._save_best_checkpoint(failing, dict(score=3.0))
    assert [path.name for path in tmp_path.glob('best*')] == ['best_score_epoch_1.pth']
    hook.best_ckpt_path = str(tmp_path / 'best_score_epoch_1.pth')
    hook._save_best_checkpoint(BestRunner(tmp_path, 3), dict(score=4.0))
    assert [path.name for path in tmp_path.glob('best*')] == ['best_score_epoch_3.pth']
