"""Shares and lists of names as a person reads them."""

import math

import pytest

from stslidr.text import percent, shorten


@pytest.mark.parametrize(
    'share, text', [(0.0, '0.00'), (0.12346, '12.35'), (1.0, '100.00'), (math.nan, '-')]
)
def test_a_share_has_two_decimals_and_nothing_is_a_dash(share, text):
    assert percent(share) == text


@pytest.mark.parametrize(
    'names, shown, text',
    [
        ([], 3, ''),
        (['a', 'b', 'c'], 3, 'a, b, c'),
        (['a', 'b', 'c', 'd'], 3, 'a, b, c, ...'),
        (range(5), 2, '0, 1, ...'),
    ],
)
def test_long_lists_of_names_are_cut(names, shown, text):
    assert shorten(names, shown) == text
