"""Shares, points, lists and tables as they are written for people."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslidr.text import brief_percent, markdown_table, percent, points, shorten


def test_shares_in_per_cent():
    assert percent(0.12345) == '12.35' and percent(0.12345, 1) == '12.3' and percent(1, 0) == '100'
    assert percent(math.nan) == percent(None) == '-' and percent(None, gap='none') == 'none'


def test_shares_in_three_digits():
    assert [brief_percent(share) for share in (0.001, 1 / 3, 1, 0.0123456)] == [
        '0.1 %',
        '33.3 %',
        '100 %',
        '1.23 %',
    ]


def test_points_have_their_sign():
    assert points(0.1) == '+10.00' and points(-0.0512, 1) == '-5.1' and points(0.0, 1) == '+0.0'


@given(st.floats(-10, 10), st.integers(0, 4))
def test_a_share_is_within_half_a_unit_of_its_last_digit(share, decimals):
    for text in (percent(share, decimals), points(share, decimals)):
        assert abs(float(text) - 100 * share) <= 0.5 * 10**-decimals + 1e-9
        assert len(text.partition('.')[2]) == decimals


def test_long_lists_are_shortened():
    assert shorten([]) == '' and shorten('abc') == 'a, b, c' and shorten('abcd') == 'a, b, c, ...'
    assert shorten(range(9), shown=1) == '0, ...'


def test_a_table():
    rows = [('car', '1.0'), ('bus', '-')]
    assert markdown_table(('class', 'IoU'), rows, numbers=True).splitlines() == [
        '| class | IoU |',
        '| -- | --: |',
        '| car | 1.0 |',
        '| bus | - |',
    ]
    assert markdown_table(('a', 'b'), iter(rows)).splitlines()[1] == '| -- | -- |'
    assert markdown_table(('a',), []).splitlines() == ['| a |', '| -- |']


@given(st.lists(st.lists(st.text('a|\n\\'), min_size=2, max_size=2)))
def test_no_cell_breaks_a_table(rows):
    """As many lines as rows, and as many bars that are not escaped as columns have edges."""
    lines = markdown_table(('a', 'b'), rows).split('\n')
    assert len(lines) == 2 + len(rows)
    for line, row in zip(lines[2:], rows, strict=True):
        assert line.count('|') - line.count('\\|') <= 3
        assert line.count('|') == 3 + sum(cell.count('|') for cell in row)


@pytest.mark.parametrize('numbers', [True, False])
def test_the_first_column_is_text(numbers):
    assert markdown_table(('a', 'b', 'c'), [], numbers).splitlines()[1].startswith('| -- |')
