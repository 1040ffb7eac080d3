"""One component of a config against its class: what is found, what is asked for, what is said."""

import pytest
from mmengine.config import ConfigDict
from mmengine.registry import DefaultScope, Registry

import stslidr.plugin  # noqa: F401
from stslidr.errors import InputError, UnknownKeyError
from stslidr.losses.contrastive import TolerantContrastiveLoss
from stslidr.running.component_arguments import ArgumentCheck, is_ours, look_up, scope_of

ROOT = Registry('gadget', scope='mmengine')
CHILD = Registry('gadget', parent=ROOT, scope='gadgets')
CHECK = ArgumentCheck('here.py')


class Turn:
    """Of another library."""

    def __init__(self, angle: float, name: str = 'x', *, module=None) -> None:
        self.angle = angle


class Own:
    """As one of this project would be."""

    def __init__(self, angle: float, steps: int | None = None) -> None:
        self.angle = angle


class OwnMore(Own):
    """Passes what it does not know to the next constructor."""

    def __init__(self, more: str = '', **kwargs) -> None:
        super().__init__(**kwargs)


def make(angle, optimizer):
    """A function is a component too."""


Own.__module__ = OwnMore.__module__ = 'projects.STSLidR.stslidr.made_up'
for part in (Turn, Own, OwnMore, make):
    ROOT.register_module(module=part)
CHILD.register_module(module=Turn, name='ChildTurn')


def check(settings, place='model.part'):
    return CHECK.check(ROOT, ConfigDict(settings), place)


@pytest.mark.parametrize(
    ('settings', 'found'),
    [
        (dict(type='Turn', angle=1), Turn),
        (dict(type=Turn, angle=1), Turn),
        (dict(type='Turn', angle='not checked elsewhere? no: a number', name=3), None),
        (dict(type='Own', angle=1, steps=None), Own),
        (dict(type='OwnMore', angle=1, more='a'), OwnMore),
        (dict(type='gadgets.ChildTurn', angle=1), Turn),
        (dict(type='ChildTurn', _scope_='gadgets', angle=1), Turn),
        (dict(type='Turn', _scope_='gadgets', angle=1), Turn),
    ],
)
def test_a_component_is_found_by_name_class_and_scope(settings, found):
    if found is None:
        with pytest.raises(InputError, match=r'part\.angle is .*expected float'):
            check(settings)
    else:
        assert check(settings) is found


@pytest.mark.parametrize(
    ('settings', 'kind', 'says'),
    [
        (3, InputError, r'must be a dict, not 3 \(int\)'),
        (dict(angle=1), InputError, 'has no type'),
        (dict(type='Trun', angle=1), UnknownKeyError, "no gadget of the type 'Trun'; is 'Turn' m"),
        (dict(type=None), UnknownKeyError, 'no gadget of the type None'),
        (dict(type='ChildTurn', angle=1), UnknownKeyError, "of the type 'ChildTurn'"),
        (dict(type='Turn'), InputError, 'Turn needs angle'),
        (dict(type='Turn', angle=1, nmae=2), UnknownKeyError, "takes no 'nmae'; is 'name' meant"),
        (dict(type='Turn', angle=1, q=2), UnknownKeyError, 'it takes angle, module, name$'),
        (dict(type='Own', angle='x'), InputError, r'angle is .x. \(str\), expected float'),
        (dict(type='Own', angle=1, steps=1.5), InputError, r'steps is 1\.5 \(float\)'),
        (dict(type='OwnMore', angle=1, stesp=1), UnknownKeyError, "is 'steps' meant"),
        (dict(type='OwnMore', more='a'), InputError, 'OwnMore needs angle'),
        (dict(type='make', angle=1), InputError, 'make needs optimizer'),
    ],
)
def test_what_is_wrong_is_said_with_file_and_place(settings, kind, says):
    node = ConfigDict(settings) if isinstance(settings, dict) else settings
    with pytest.raises(kind, match=rf'^here\.py: model\.part.*{says}'):
        CHECK.check(ROOT, node, 'model.part')


@pytest.mark.parametrize(
    ('place', 'given'),
    [('optim_wrapper', True), ('param_scheduler.0', True), ('param_scheduler', True), ('x', False)],
)
def test_what_a_builder_gives_need_not_stand_there(place, given):
    node = ConfigDict(type='make', angle=1)
    if given:
        assert CHECK.check(ROOT, node, place) is make
    else:
        with pytest.raises(InputError, match='needs optimizer'):
            CHECK.check(ROOT, node, place)


@pytest.mark.parametrize(
    ('place', 'key', 'read'),
    [
        ('custom_hooks.0', 'priority', True),
        ('default_hooks.timer', 'priority', True),
        ('param_scheduler.1', 'convert_to_iter_based', True),
        ('custom_hooks.0', 'convert_to_iter_based', False),
        ('model.part', 'priority', False),
    ],
)
def test_keys_that_the_runner_takes_away(place, key, read):
    node = ConfigDict({'type': 'Turn', 'angle': 1, key: 1})
    if read:
        assert CHECK.check(ROOT, node, place) is Turn
    else:
        with pytest.raises(UnknownKeyError, match=f"takes no '{key}'"):
            CHECK.check(ROOT, node, place)


def test_arguments_of_a_part_that_its_owner_completes():
    CHECK.check_arguments(Own, ConfigDict(type='Own'), 'model.part', complete=False)
    with pytest.raises(InputError, match='Own needs angle'):
        CHECK.check_arguments(Own, ConfigDict(type='Own'), 'model.part', complete=True)
    with pytest.raises(UnknownKeyError, match="takes no 'angel'; is 'angle' meant"):
        CHECK.check_arguments(Own, ConfigDict(angel=1), 'model.part', complete=False)


def test_functions_without_a_signature_are_let_through():
    CHECK.check_arguments(dict, ConfigDict(anything=1), 'here', complete=True)


def test_ours_are_known_by_their_package_under_any_name():
    assert is_ours(TolerantContrastiveLoss) and is_ours(Own) and is_ours(OwnMore)
    assert not any(map(is_ours, (Turn, make, dict, 3, 'stslidr')))


def scope():
    current = DefaultScope.get_current_instance()
    return current and current.scope_name


def test_the_scope_is_put_back():
    with DefaultScope.overwrite_default_scope('mmengine'):
        with scope_of({'_scope_': 'gadgets'}):
            assert scope() == 'gadgets' and look_up(ROOT, 'ChildTurn') is Turn
        assert scope() == 'mmengine' and look_up(ROOT, 'ChildTurn') is None
        with scope_of({}):
            assert scope() == 'mmengine'
