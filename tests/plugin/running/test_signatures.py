"""What constructors take, and which values fit which annotations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Optional, Union

import pytest
from torch import Tensor, nn

from stslidr.running.signatures import fits, is_number, signature_of, type_name


class Base:
    def __init__(self, size: int, name: str = 'x') -> None:
        pass


class Passes(Base):
    def __init__(self, more: float, **kwargs: Any) -> None:
        pass


class PassesAll(Base):
    def __init__(self, optimizer, *args, **kwargs):
        pass


class TakesAny:
    def __init__(self, first=1, **kwargs):
        pass


class Plain:
    pass


def test_keywords_that_go_to_the_next_constructor():
    found = signature_of(Passes, follow=True)
    assert found.names == {'more', 'size', 'name'}
    assert found.required == {'more', 'size'} and not found.takes_any
    assert found.hints == {'more': float, 'size': int, 'name': str, 'kwargs': Any}


def test_keywords_that_are_not_followed_take_anything():
    found = signature_of(Passes, follow=False)
    assert found.names == {'more'} and found.takes_any
    assert signature_of(TakesAny, follow=False).takes_any


def test_what_passes_all_its_arguments_on_is_followed_anyway():
    found = signature_of(PassesAll, follow=False)
    assert found.names == {'optimizer', 'size', 'name'} and not found.takes_any


class Anything(Base):
    def __init__(self, *args, **kwargs):
        pass


def test_what_names_no_argument_takes_anything():
    assert signature_of(Anything, follow=True).takes_any
    assert signature_of(Anything, follow=False).takes_any


def test_a_class_without_a_constructor_and_a_function():
    assert signature_of(Plain, follow=True).names == frozenset()

    def make(a, b=2):
        pass

    found = signature_of(make, follow=False)
    assert found.names == {'a', 'b'} and found.required == {'a'} and not found.takes_any


@pytest.mark.parametrize(
    ('value', 'hint', 'expected'),
    [
        (3, int, True),
        (3.0, int, False),
        (True, int, False),
        ('3', int, False),
        (3, float, True),
        (True, float, False),
        ('abc', float, False),
        (True, bool, True),
        (1, bool, False),
        ('a', str, True),
        (None, str, False),
        (None, None, True),
        (None, int | None, True),
        (None, Optional[int], True),  # noqa: UP045
        ('a', Union[int, str], True),  # noqa: UP007
        ('a', int | None, False),
        ('a', Literal['a', 'b'], True),
        ('c', Literal['a', 'b'], False),
        ([1, 2], Sequence[int], True),
        ((1, 2), Sequence[int], True),
        ([1, 'b'], Sequence[int], False),
        ('12', Sequence[int], False),
        ([1], list, True),
        ([1, 2.5], tuple[int, float], True),
        ([1], tuple[int, float], False),
        ([1, 2, 3], tuple[int, ...], True),
        (dict(a=1), dict, True),
        (dict(a=1), Mapping[str, int], True),
        (3, dict, False),
        (3, nn.Module, False),
        (dict(type='A'), nn.Module, True),
        ('a/b', Path, True),
        (3, Any, True),
        (dict(type='A'), Callable, True),
        ([dict(type='A')], Sequence[dict | Callable], True),
    ],
)
def test_which_values_fit(value, hint, expected):
    assert fits(value, hint) is expected


def test_types_of_numbers_and_their_names():
    assert all(map(is_number, (int, float, bool, int | None, float | Tensor)))
    assert not any(map(is_number, (str, int | str, dict, Any)))
    assert type_name(int) == 'int' and type_name(Sequence[int]) == 'Sequence[int]'
    assert type_name(int | None) == 'int | None'
