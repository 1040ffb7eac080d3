"""The table of statistics and its JSON: ratios, marks, digits, what is not known."""

import json
import math

import pytest

from stslidr.inspection.statistics_table import (
    is_unlike,
    ratio,
    statistics_as_json,
    statistics_table,
)

NAN = math.nan


@pytest.mark.parametrize(
    ('value', 'other', 'expected', 'unlike'),
    [
        (1.3, 1.0, 1.3, False),
        (1.31, 1.0, 1.31, True),
        (0.7, 1.0, 0.7, False),
        (0.69, 1.0, 0.69, True),
        (0.0, 0.0, 1.0, False),
        (0.0, 2.0, 0.0, True),
        (2.0, 0.0, NAN, True),
        (-1.0, -1.0, 1.0, False),
        (-1.0, 1.0, -1.0, True),
        (NAN, 1.0, NAN, False),
        (1.0, NAN, NAN, False),
        (NAN, 0.0, NAN, False),
    ],
)
def test_ratios_and_which_values_are_unlike(value, other, expected, unlike):
    assert ratio(value, other) == pytest.approx(expected, nan_ok=True)
    assert is_unlike(value, other) is unlike


def cells(table):
    return [[cell.strip() for cell in row.strip('|').split('|')] for row in table.splitlines()]


@pytest.mark.parametrize(
    ('value', 'shown'),
    [
        (34720.4, '34,720'),
        (100.0, '100'),
        (99.96, '100'),
        (12.345, '12.3'),
        (0.001234, '0.00123'),
        (0.0, '0'),
        (-2500.0, '-2,500'),
        (NAN, '-'),
    ],
)
def test_digits(value, shown):
    assert cells(statistics_table({'a': value}))[2] == ['a', shown]


def test_one_data_set():
    table = statistics_table({'points': 1234.0, 'pairs': 0.5}, names=('mine', 'unused'))
    assert cells(table) == [
        ['quantity', 'mine'],
        ['--', '--:'],
        ['points', '1,234'],
        ['pairs', '0.5'],
    ]


def test_two_data_sets_with_quantities_that_one_lacks():
    table = statistics_table(
        {'a': 2.0, 'b': 1.0, 'only this': 3.0}, {'b': 1.1, 'a': 1.0, 'only that': 4.0}
    )
    assert cells(table) == [
        ['quantity', 'this', 'against', 'ratio', ''],
        ['--', '--:', '--:', '--:', '--:'],
        ['a', '2', '1', '2.00', '!'],
        ['b', '1', '1.1', '0.91', ''],
        ['only this', '3', '-', '-', ''],
        ['only that', '-', '4', '-', ''],
    ]
    assert len({row.count('|') for row in table.splitlines()}) == 1


def test_json_knows_no_nan():
    found = statistics_as_json({'a': 2.0, 'b': NAN, 'c': 1.0}, {'a': 4.0, 'b': 1.0, 'd': 0.0})
    assert found == {
        'measures': {'a': 2.0, 'b': None, 'c': 1.0},
        'against': {'a': 4.0, 'b': 1.0, 'd': 0.0},
        'ratios': {'a': 0.5, 'b': None},
    }
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert statistics_as_json({'a': 1.0}) == {'measures': {'a': 1.0}}
