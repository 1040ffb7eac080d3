"""A bug in one of our classes keeps its traceback wherever it is built; a user's mistake does not.

Errors are planted into constructors that the configs call, in every kind of component.
"""

import importlib

import pytest
from mmengine.hooks import Hook
from mmengine.registry import HOOKS
from torch.optim import SGD

import stslidr.plugin  # noqa: F401
from stslidr.errors import InputError, MissingFileError, UserError
from stslidr.running.launch import build_runner
from support.tiny_run import forget_runs, tiny_config
from support.tools import assert_mistake, status_of

OURS = [
    'stslidr.pretrainer.SuperpixelPretrainer',
    'stslidr.encoders.res16unet.Res16UNet',
    'stslidr.encoders.heads.PointHead',
    'stslidr.losses.contrastive.TolerantContrastiveLoss',
    'stslidr.datasets.paired_preprocessor.PairedDataPreprocessor',
    'stslidr.datasets.pretraining.CameraLidarDataset',
    'stslidr.datasets.transforms.loading.LoadSweep',
    'stslidr.running.samplers.SeededSampler',
    'stslidr.running.loops.ResumableTrainLoop',
    'stslidr.running.checkpoint_saving.PlainCheckpointHook',
    'stslidr.evaluation.matching_metric.MatchingMetric',
]


def constructor(place):
    module, _, name = place.rpartition('.')
    return getattr(importlib.import_module(module), name)


def unpack(*args, **kwargs):
    first, second = range(3)
    return first, second


def call_wrongly(*args, **kwargs):
    return len(1, 2)


def look_up(*args, **kwargs):
    return {}['absent']


def call_a_library_wrongly(*args, **kwargs):
    return SGD([], lr=-1.0)


BUGS = [unpack, call_wrongly, look_up, call_a_library_wrongly]


def build(config):
    """Build all that training builds, without a step."""
    forget_runs()
    runner = build_runner(config)
    runner._train_loop = runner.build_train_loop(runner._train_loop)
    runner.optim_wrapper = runner.build_optim_wrapper(runner.optim_wrapper)
    runner._val_loop = runner.build_val_loop(runner._val_loop)
    return runner


@pytest.fixture
def config(tiny_data, tmp_path):
    return tiny_config(tiny_data, tmp_path / 'work', epochs=1)


@pytest.mark.parametrize('place', OURS, ids=lambda place: place.rpartition('.')[2])
def test_a_bug_in_the_constructor_of_any_kind_of_component(config, monkeypatch, place):
    monkeypatch.setattr(constructor(place), '__init__', unpack)
    with pytest.raises(ValueError, match='too many values to unpack') as raised:
        build(config)
    assert not isinstance(raised.value, UserError)


@pytest.mark.parametrize('bug', BUGS, ids=lambda bug: bug.__name__)
def test_bugs_that_look_like_a_refusal_of_arguments(config, monkeypatch, bug):
    monkeypatch.setattr(constructor(OURS[3]), '__init__', bug)
    with pytest.raises((ValueError, TypeError, KeyError)) as raised:
        build(config)
    assert not isinstance(raised.value, UserError)


@pytest.mark.parametrize(
    ('place', 'kind'), [(OURS[3], InputError), (OURS[5], MissingFileError), (OURS[9], InputError)]
)
def test_a_users_mistake_that_a_constructor_finds_keeps_its_kind(config, monkeypatch, place, kind):
    def refuse(*args, **kwargs):
        raise kind('no such thing')

    monkeypatch.setattr(constructor(place), '__init__', refuse)
    with pytest.raises(kind, match='no such thing'):
        build(config)


@HOOKS.register_module()
class Foreign(Hook):
    """A user's own hook, which refuses its argument."""

    def __init__(self, size):
        if size < 0:
            raise ValueError(f'bad size {size}')


@pytest.mark.parametrize(
    ('settings', 'says'),
    [
        (dict(size='x'), r'^custom_hooks\.0: Foreign: TypeError: .*not supported'),
        (dict(size=-1), r'^custom_hooks\.0: Foreign: ValueError: bad size -1$'),
        (dict(), r'^custom_hooks\.0: Foreign: TypeError: .*missing 1 required'),
        (dict(size=1, more=2), r'^custom_hooks\.0: Foreign: TypeError: .*more'),
    ],
)
def test_what_a_foreign_class_refuses_is_the_users(config, settings, says):
    config.custom_hooks = [dict(type='Foreign', **settings)]
    with pytest.raises(InputError, match=says):
        build(config)


def test_the_tool_ends_with_70_1_and_1(config, tmp_path, monkeypatch, capsys):
    config.custom_hooks = []
    config.dump(tmp_path / 'config.py')
    arguments = ('train.py', tmp_path / 'config.py', '--work-dir', tmp_path / 'work')
    loss = constructor(OURS[3])
    with monkeypatch.context() as patch:
        patch.setattr(loss, '__init__', unpack)
        assert status_of(*arguments) == 70
        said = capsys.readouterr().err
        assert 'Traceback' in said and said.splitlines()[-1].startswith('ValueError: too many')

    def refuse(*args, **kwargs):
        raise InputError('no such loss')

    with monkeypatch.context() as patch:
        patch.setattr(loss, '__init__', refuse)
        assert_mistake(capsys, r'model\.criterion: no such loss', *arguments)
    wrong = 'optim_wrapper.optimizer.nesterov=True'
    options = ('--cfg-options', wrong, 'optim_wrapper.optimizer.momentum=0')
    assert_mistake(capsys, r'optim_wrapper\.optimizer: SGD: ValueError', *arguments, *options)
