"""What may be stored is kept, value by value and type by type; what may not is named."""

import enum
from collections import OrderedDict, defaultdict, deque, namedtuple
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
import torch
from mmengine.config import ConfigDict
from torch import nn

from stslidr.checkpoints.plain_data import to_plain
from stslidr.errors import InputError


class Level(enum.IntEnum):
    LOW = 1


Pair = namedtuple('Pair', 'left right')


@pytest.mark.parametrize(
    ('value', 'expected'),
    [
        (True, True),
        (3, 3),
        (1.5, 1.5),
        ('a', 'a'),
        (None, None),
        (np.float64(0.1), 0.1),
        (np.float32(0.5), 0.5),
        (np.int16(-3), -3),
        (np.bool_(False), False),
        (np.str_('b'), 'b'),
        (Level.LOW, 1),
        (float('inf'), float('inf')),
        (Pair(1, np.int64(2)), (1, 2)),
        ([1, [2, (3,)]], [1, [2, (3,)]]),
        (deque([1, 2], maxlen=5), [1, 2]),
        (frozenset({4}), [4]),
        (Path('a') / 'b', 'a/b'),
        (OrderedDict(a=1), {'a': 1}),
        (defaultdict(list, a=[1]), {'a': [1]}),
        (ConfigDict(a=dict(b=1)), {'a': {'b': 1}}),
        ({np.int64(3): 'x', (1, 2): 'y'}, {3: 'x', (1, 2): 'y'}),
        (np.array(['a', None], dtype=object), ['a', None]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_become_pythons_own_types(value, expected, tmp_path):
    plain = to_plain(value, 'here')
    assert plain == expected and type(plain) is type(expected)
    torch.save(plain, tmp_path / 'plain.pth')
    loaded = torch.load(tmp_path / 'plain.pth', weights_only=True)
    assert loaded == expected and type(loaded) is type(expected)


def test_types_at_every_depth_are_plain():
    plain = to_plain(OrderedDict(a=[Pair(Level.LOW, np.float64(2))], b=ConfigDict(c={5})), 'x')
    assert type(plain) is dict and type(plain['b']) is dict and type(plain['b']['c']) is list
    assert type(plain['a'][0]) is tuple
    assert [type(item) for item in plain['a'][0]] == [int, float]


@pytest.mark.parametrize('kind', ['?', 'u1', 'i2', 'i8', 'f2', 'f4', 'f8'])
def test_arrays_become_tensors_of_their_type_which_share_no_memory(kind):
    array = np.array([[0, 1], [1, 0]]).astype(kind)
    tensor = to_plain(array, 'here')
    assert isinstance(tensor, torch.Tensor) and tensor.numpy().dtype == array.dtype
    assert tensor.tolist() == array.tolist()
    array[:] = 1
    assert tensor.tolist() == [[0, 1], [1, 0]]


def test_arrays_with_gaps_and_backwards_are_copied_whole():
    array = np.arange(12.0).reshape(3, 4)
    assert to_plain(array[::-1, ::2], 'here').tolist() == array[::-1, ::2].tolist()
    assert to_plain(np.zeros((0, 3)), 'here').shape == (0, 3)


def test_tensors_stay_themselves():
    tensor = nn.Parameter(torch.ones(3))
    assert to_plain({'a': [tensor]}, 'here')['a'][0] is tensor


class Thing:
    """No plain data."""


@pytest.mark.parametrize(
    ('value', 'says'),
    [
        (Thing(), '^meta holds a Thing, which no plain checkpoint can store$'),
        ({'a': {'b': [1, Thing()]}}, r'^meta\.a\.b holds a Thing'),
        ({'a': (Thing(),)}, r'^meta\.a holds a Thing'),
        ({Thing(): 1}, '^meta holds a Thing'),
        ({'f': len}, r'^meta\.f holds a builtin_function'),
        (np.array([Thing()], dtype=object), '^meta holds a Thing'),
        (1j, '^meta holds a complex'),
        ({'path': PurePosixPath('a')}, r'^meta\.path holds a PurePosixPath'),
        (b'bytes', '^meta holds a bytes'),
    ],
    ids=lambda value: str(value)[:24],
)
def test_what_cannot_be_stored_is_named_with_its_place(value, says):
    with pytest.raises(InputError, match=says):
        to_plain(value, 'meta')
