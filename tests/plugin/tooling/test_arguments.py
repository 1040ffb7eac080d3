"""Values of options: what is taken, and what is refused with its reason."""

import argparse
from pathlib import Path

import pytest

from stslidr.tooling.arguments import SEEDS, named_path, whole_number


def test_paths():
    assert named_path('a/b') == Path('a/b')


@pytest.mark.parametrize('text', ['', ' '])
def test_an_empty_path(text):
    with pytest.raises(argparse.ArgumentTypeError, match='empty'):
        named_path(text)


@pytest.mark.parametrize('text, number', [('0', 0), (' 7 ', 7), (str(2**32 - 1), 2**32 - 1)])
def test_numbers(text, number):
    assert whole_number(SEEDS)(text) == number


@pytest.mark.parametrize('text', ['-1', str(2**32), '1.5', 'abc', '', 'nan', '1e3'])
def test_other_numbers(text):
    with pytest.raises(argparse.ArgumentTypeError, match='no whole number|not from 0 to'):
        whole_number(SEEDS)(text)
