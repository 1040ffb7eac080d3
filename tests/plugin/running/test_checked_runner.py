"""The runner reads a checkpoint once, and tells what a config got wrong from a fault."""

import pytest
import torch
from mmengine.hooks import Hook

import stslidr.plugin  # noqa: F401
from stslidr.checkpoints import checkpoint as checkpoint_module
from stslidr.checkpoints.checkpoint import Checkpoint
from stslidr.errors import InputError, MissingFileError, UserError
from stslidr.files import folder_lock
from stslidr.running.launch import build_runner
from support.tiny_run import forget_runs, tiny_config


@pytest.fixture
def config(tiny_data, tmp_path):
    """A pretraining of the tiny data, of one epoch."""
    forget_runs()
    return tiny_config(tiny_data, tmp_path / 'work', epochs=1)


def save(runner, path, change=0.0):
    """Write the runner's weights, plus a number; return them."""
    weights = {
        name: value + change if value.is_floating_point() else value
        for name, value in runner.model.state_dict().items()
    }
    torch.save({'meta': {'epoch': 3}, 'state_dict': weights, 'more': [1, {'a': 2}]}, path)
    return weights


class Watch(Hook):
    """Keeps what is loaded, and changes it, as hooks may."""

    def after_load_checkpoint(self, runner, checkpoint):
        self.seen = dict(checkpoint)
        checkpoint['meta']['epoch'] = 99
        checkpoint['more'][1]['a'] = 99


def count_loads(monkeypatch):
    loads, load = [], torch.load
    monkeypatch.setattr(
        checkpoint_module.torch,
        'load',
        lambda path, **options: loads.append(str(path)) or load(path, **options),
    )
    return loads


def test_what_was_read_already_is_loaded_once_and_stays_as_it_is(config, tmp_path, monkeypatch):
    runner = build_runner(config)
    expected = save(runner, tmp_path / 'a.pth', change=1.0)
    loads = count_loads(monkeypatch)
    checkpoint = Checkpoint.read(tmp_path / 'a.pth')
    runner.start_from(checkpoint)
    watch = Watch()
    runner.register_hook(watch)
    content = runner.load_checkpoint(str(tmp_path / 'a.pth'))
    assert loads == [str(tmp_path / 'a.pth')]
    assert content['meta']['epoch'] == 99 and watch.seen['more'][0] == 1
    assert checkpoint.meta['epoch'] == 3 and checkpoint.content['more'][1]['a'] == 2
    for name, value in runner.model.state_dict().items():
        assert torch.equal(value, expected[name]), name
    assert runner._has_loaded


def test_the_kept_checkpoint_is_used_once_and_for_its_own_file_alone(config, tmp_path, monkeypatch):
    runner = build_runner(config)
    save(runner, tmp_path / 'a.pth')
    other = save(runner, tmp_path / 'b.pth', change=2.0)
    loads = count_loads(monkeypatch)
    runner.start_from(Checkpoint.read(tmp_path / 'a.pth'))
    runner.load_checkpoint(str(tmp_path / 'b.pth'))
    runner.load_checkpoint(str(tmp_path / 'a.pth'))
    runner.load_checkpoint(str(tmp_path / 'b.pth'))
    assert [path[-5:] for path in loads] == ['a.pth', 'b.pth', 'a.pth', 'b.pth']
    name = next(iter(other))
    assert torch.equal(runner.model.state_dict()[name], other[name])


def test_names_of_a_wrapped_model_are_unwrapped(config, tmp_path):
    runner = build_runner(config)
    weights = save(runner, tmp_path / 'a.pth', change=1.0)
    wrapped = {f'module.{name}': value for name, value in weights.items()}
    torch.save({'state_dict': wrapped}, tmp_path / 'a.pth')
    runner.load_checkpoint(str(tmp_path / 'a.pth'), strict=True)
    assert all(
        torch.equal(value, weights[name]) for name, value in runner.model.state_dict().items()
    )


def test_missing_and_damaged_files_are_the_users(config, tmp_path):
    runner = build_runner(config)
    with pytest.raises(MissingFileError, match='no such checkpoint'):
        runner.load_checkpoint(str(tmp_path / 'absent.pth'))
    (tmp_path / 'text').write_text('no checkpoint')
    with pytest.raises(InputError, match='truncated, no checkpoint'):
        runner.load_checkpoint(str(tmp_path / 'text'))


@pytest.mark.parametrize(
    ('change', 'says'),
    [
        (dict(optim_wrapper__optimizer__lr=-1.0), r'optim_wrapper\.optimizer: SGD: ValueError'),
        (dict(optim_wrapper__accumulative_counts=0), r'optim_wrapper: OptimWrapper: Assert'),
        (dict(train_dataloader__timeout=-1), 'train_dataloader: DataLoader: ValueError: timeout'),
        (dict(model__criterion__temperature=-1.0), r'model\.criterion: temperature must be'),
        (dict(default_hooks__logger__interval=-5), r'default_hooks\.logger: LoggerHook: '),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else '',
)
def test_what_a_component_refuses_is_named_with_its_place(tiny_data, tmp_path, change, says):
    forget_runs()
    config = tiny_config(tiny_data, tmp_path / 'work', epochs=1, **change)
    with pytest.raises(InputError, match=says):
        build_runner(config).train()


def test_a_bug_in_building_is_a_fault_of_ours(config, monkeypatch):
    def broken(*args, **kwargs):
        raise ValueError('too many values to unpack')

    monkeypatch.setattr('stslidr.encoders.res16unet.Res16UNet.__init__', broken)
    with pytest.raises(ValueError, match='too many values') as raised:
        build_runner(config)
    assert not isinstance(raised.value, UserError)


def test_two_runs_in_one_work_dir(tiny_data, tmp_path, monkeypatch):
    monkeypatch.setattr(folder_lock, 'PATIENCE', 0.2)
    forget_runs()
    runner = build_runner(tiny_config(tiny_data, tmp_path / 'work'))
    with (
        folder_lock.hold_folder(tmp_path / 'work', 'work dir'),
        pytest.raises(InputError, match=r'work dir .*work is in use: process \d+'),
    ):
        runner.train()


@pytest.mark.parametrize(
    ('change', 'says'),
    [
        ({'max_keep_ckpt': 2}, "takes no 'max_keep_ckpt'; is 'max_keep_ckpts' meant"),
        ({'type': 'CheckpointHook', 'intervall': 2}, "takes no 'intervall'; is 'interval' meant"),
        ({'max_keep_ckpts': 2.0}, 'max_keep_ckpts'),
        ({'max_keep_ckpts': '2'}, 'max_keep_ckpts'),
        ({'interval': None}, 'interval'),
    ],
)
def test_a_checkpoint_hook_that_would_fail_at_its_first_save(config, change, says):
    config.default_hooks.checkpoint.update(change)
    with pytest.raises(UserError, match=says):
        build_runner(config)


def test_two_checkpoint_hooks(config):
    config.custom_hooks = [dict(type='CheckpointHook', interval=1)]
    with pytest.raises(InputError, match='PlainCheckpointHook and CheckpointHook would both write'):
        build_runner(config)


@pytest.mark.parametrize('loop', ['ResumableTrainLoop', 'EpochBasedTrainLoop'])
@pytest.mark.parametrize(('name', 'value'), [('val_interval', 0), ('max_epochs', 0.5)])
def test_intervals_of_any_loop(config, loop, name, value):
    config.train_cfg.update({'type': loop, name: value})
    with pytest.raises(InputError, match=f'train_cfg.{name} is {value}: a whole number from 1 on'):
        build_runner(config)
