"""No way to a checkpoint runs what is in it: addresses, weights that a part names, config text."""

import pickle

import pytest
import torch
from mmengine.runner import CheckpointLoader, load_checkpoint
from torch import nn

import stslidr.plugin  # noqa: F401
from stslidr.errors import InputError, MissingFileError
from stslidr.running.launch import build_runner
from stslidr.running.safe_loading import load_checkpoints_safely
from support.tiny_run import forget_runs, tiny_config

ADDRESSES = (
    'http://localhost:1/x.pth',
    'https://localhost:1/x.pth',
    's3://bucket/x.pth',
    'open-mmlab://resnet50',
    'torchvision://resnet50',
    'modelzoo://resnet50',
    'file:///tmp/x.pth',
)


class Code:
    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return open, (str(self.marker), 'w')


@pytest.fixture(autouse=True)
def loaders():
    before = dict(CheckpointLoader._schemes)
    yield
    CheckpointLoader._schemes.clear()
    CheckpointLoader._schemes.update(before)


@pytest.fixture
def config(tiny_data, tmp_path):
    forget_runs()
    return tiny_config(tiny_data, tmp_path / 'work', epochs=1)


@pytest.mark.parametrize('resume', [False, True])
@pytest.mark.parametrize('address', ADDRESSES)
def test_an_address_is_refused_before_anything_is_built(config, address, resume):
    config.load_from, config.resume = address, resume
    with pytest.raises(InputError, match=r'is an address.*download the file'):
        build_runner(config)


@pytest.mark.parametrize('address', ADDRESSES[:-1])
def test_mmengines_own_loaders_refuse_it_too(address):
    load_checkpoints_safely()
    with pytest.raises(InputError, match=r'is an address'):
        load_checkpoint(nn.Linear(1, 1), address)


def test_weights_that_a_part_names_run_nothing(tmp_path):
    load_checkpoints_safely()
    torch.save({'state_dict': {}, 'x': Code(tmp_path / 'ran')}, tmp_path / 'evil.pth')
    (tmp_path / 'plain.pkl').write_bytes(pickle.dumps(Code(tmp_path / 'ran')))
    for name in ('evil.pth', 'plain.pkl'):
        with pytest.raises(InputError, match='more than plain data'):
            load_checkpoint(nn.Linear(1, 1), str(tmp_path / name))
    assert not (tmp_path / 'ran').exists()
    with pytest.raises(MissingFileError):
        load_checkpoint(nn.Linear(1, 1), str(tmp_path / 'none.pth'))


def test_good_weights_are_loaded(tmp_path):
    load_checkpoints_safely()
    source, target = nn.Linear(2, 3), nn.Linear(2, 3)
    torch.save({'state_dict': source.state_dict(), 'meta': {'config': '1/0'}}, tmp_path / 'a.pth')
    content = load_checkpoint(target, str(tmp_path / 'a.pth'))
    assert torch.equal(target.weight, source.weight) and content['meta'] == {}


def test_config_text_is_not_run_on_resuming_whatever_the_hook(tiny_data, tmp_path, config):
    build_runner(config).train()
    path = tmp_path / 'work' / 'epoch_1.pth'
    content = torch.load(path, weights_only=True)
    content['meta']['config'] = f'open({str(tmp_path / "ran")!r}, "w")'
    torch.save(content, path)
    forget_runs()
    again = tiny_config(tiny_data, tmp_path / 'work', epochs=2)
    again.default_hooks.checkpoint = dict(type='CheckpointHook', interval=1)
    again.load_from, again.resume = str(path), True
    runner = build_runner(again)
    runner.load_or_resume()
    assert runner.epoch == 1
    assert not (tmp_path / 'ran').exists()
