"""Which errors of a build are a user's, and which are faults of ours."""

import pytest
import torch
from mmengine.registry import HOOKS, Registry
from torch.utils.data import DataLoader

from stslidr.errors import FileAccessError, InputError, MissingFileError, UserError
from stslidr.running.refused_builds import refusals_as_mistakes

PARTS = Registry('part of a test')


class Foreign:
    """Of another library."""

    def __init__(self, size, raises=None):
        if raises is not None:
            raise raises
        if size < 0:
            raise ValueError(f'bad size {size}')


class Ours(Foreign):
    """As one of this project would be."""


class Builds(Foreign):
    """Of another library, and builds a part."""

    def __init__(self, part):
        self.part = PARTS.build(part)


Ours.__module__ = 'stslidr.made_up'
for component in (Foreign, Ours, Builds):
    PARTS.register_module(module=component)


def build(settings, section='model', config=None):
    with refusals_as_mistakes(section, config or {'model': settings}):
        return PARTS.build(settings)


def test_what_can_be_built_is_built():
    assert isinstance(build(dict(type='Foreign', size=3)), Foreign)


@pytest.mark.parametrize(
    ('settings', 'says'),
    [
        (dict(type='Foreign', size=-1), r'^model: Foreign: ValueError: bad size -1$'),
        (dict(type='Foreign', size='a'), r'^model: Foreign: TypeError: '),
        (dict(type='Foreign'), r'^model: Foreign: TypeError: .*missing 1 required .*size'),
        (dict(type='Ours', sise=3), r'^model: Ours: TypeError: .*sise'),
        (dict(type='Absent'), r'^model: Absent: KeyError: .*not in the'),
    ],
)
def test_what_the_registry_or_another_library_refuses_is_the_users(settings, says):
    with pytest.raises(InputError, match=says):
        build(settings)


def test_a_part_is_named_with_its_place_and_added_arguments_do_not_hide_it():
    config = {'model': dict(type='Builds', part=dict(type='Foreign', size=-1)), 'other': [1]}
    with pytest.raises(InputError, match=r'^model\.part: Foreign: ValueError'):
        build(config['model'], config=config)
    config = {'list': [dict(type='Foreign', size=2), dict(type='Foreign', size=-2)]}
    with (
        pytest.raises(InputError, match=r'^list\.1: Foreign'),
        refusals_as_mistakes('list', config),
    ):
        PARTS.build({**config['list'][1], 'raises': None})


def test_what_one_of_our_own_raises_is_a_fault_of_ours():
    with pytest.raises(ValueError, match='^bad size -1$') as raised:
        build(dict(type='Ours', size=-1))
    assert not isinstance(raised.value, UserError)


def test_what_is_raised_beside_a_build_is_a_fault_of_ours():
    with (
        pytest.raises(ValueError, match='too many values') as raised,
        refusals_as_mistakes('model', {}),
    ):
        _, _ = range(3)
    assert not isinstance(raised.value, UserError)


@pytest.mark.parametrize('error', [RuntimeError('x'), OSError('x'), ZeroDivisionError('x')])
def test_errors_that_refuse_no_argument_go_through(error):
    with pytest.raises(type(error), match='^x$'):
        build(dict(type='Foreign', size=1, raises=error))


def test_a_users_mistake_keeps_its_kind_and_gets_its_place():
    with pytest.raises(InputError, match=r'^model: size must be even$'):
        build(dict(type='Ours', size=1, raises=InputError('size must be even')))
    for error in (MissingFileError('no file'), FileAccessError('no access')):
        with pytest.raises(type(error), match=f'^{error}$'):
            build(dict(type='Ours', size=1, raises=error))


def test_torchs_loader_refuses_its_arguments():
    with (
        pytest.raises(InputError, match=r'^train_dataloader: DataLoader: ValueError: timeout'),
        refusals_as_mistakes('train_dataloader', {}),
    ):
        DataLoader(torch.arange(3), timeout=-1)


def test_hooks_of_mmengine():
    config = {'default_hooks': {'logger': dict(type='LoggerHook', interval='x')}}
    with (
        pytest.raises(InputError, match=r'^default_hooks\.logger: LoggerHook: TypeError: interval'),
        refusals_as_mistakes('default_hooks', config),
    ):
        HOOKS.build(config['default_hooks']['logger'])
