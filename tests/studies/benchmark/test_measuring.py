"""Medians, ratios, growth, and memory of a process of its own."""

import multiprocessing
import os

import numpy as np
import pytest

from stslidr.errors import WorkerDiedError
from stslidr_studies.benchmark.case import BenchmarkedPart, Case, relative_difference
from stslidr_studies.benchmark.measuring import Measured, growth_exponent, measure, peak_memory

MIB = 2**20


def make_eater(size, device):
    """Ours takes `size` MiB, the published side three times as much."""

    def eat(times):
        return int(np.ones(times * size * MIB, dtype=np.uint8)[:: 2**12].sum())

    return Case(lambda: eat(1), lambda: eat(3), lambda ours, published: {'none': 0.0})


def make_dying(size, device):
    return Case(lambda: os._exit(9), lambda: None, lambda ours, published: {})


def part_of(make):
    return BenchmarkedPart('eater', 'eats', 'MiB', 64, (32, 64), make)


def test_memory_is_that_of_the_call():
    for side, expected in (('ours', 64), ('published', 192)):
        assert peak_memory(part_of(make_eater), side, 64, 'cpu') == pytest.approx(expected, abs=12)
    assert not multiprocessing.active_children()


def test_a_process_that_dies_is_an_error():
    with pytest.raises(WorkerDiedError, match='eater: .* ended with status 9'):
        peak_memory(part_of(make_dying), 'ours', 64, 'cpu')


def test_medians_and_ratios():
    seconds = {'ours': [1.0, 2.0, 4.0], 'published': [3.0, 8.0, 4.0]}
    found = Measured('a', 1, seconds, {}, {})
    assert found.median('ours') == 2.0 and found.ratio == (3.0, 1.0, 4.0)


def test_sides_take_turns():
    calls = []
    case = Case(
        lambda: calls.append('o'),
        lambda: calls.append('p'),
        lambda one, other: {},
        lambda: calls.append('f'),
    )
    measure(part_of(lambda size, device: case), 1, 'cpu', 2, with_memory=False)
    assert ''.join(calls) == 'op' + 'opf' * 2


@pytest.mark.parametrize('power', [0.5, 1, 2])
def test_growth(power):
    sizes = [10, 20, 40, 80]
    assert growth_exponent(sizes, [3 * size**power for size in sizes]) == pytest.approx(power)


def test_differences_are_relative_to_the_largest():
    assert relative_difference(np.array([1.0, 4.0]), np.array([2.0, -8.0])) == 1.5
    assert relative_difference(np.zeros(2), np.zeros(2)) == 0.0
