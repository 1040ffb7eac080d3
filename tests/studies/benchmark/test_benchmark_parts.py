"""Both formulations of each part agree, at sizes that take no time."""

import pytest

from stslidr_studies.benchmark.case import FLOOR, OURS, PUBLISHED
from stslidr_studies.benchmark.measuring import measure
from stslidr_studies.benchmark.parts import PLACES, find_part

TINY = {'loss': 96, 'pixel-means': 1, 'pairing': 3000, 'info-file': 20}
LARGEST = {
    'loss': 1e-6,
    'gradients': 1e-5,
    'means': 1e-5,
    'gradient': 1e-5,
    'pairs': 0.0,
    'samples': 0.0,
}
"""Difference that rounding in float32 explains."""


@pytest.mark.parametrize('name', PLACES)
def test_both_formulations_agree(name):
    part = find_part(name)
    found = measure(part, TINY[name], 'cpu', rounds=2, with_memory=False)
    assert found.differences
    for quantity, difference in found.differences.items():
        assert difference <= LARGEST[quantity], quantity
    sides = {OURS, PUBLISHED} | ({FLOOR} if part.floor else set())
    assert found.seconds.keys() == sides
    assert all(len(own) == 2 and min(own) > 0 for own in found.seconds.values())
    middle, lowest, highest = found.ratio
    assert 0 < lowest <= middle <= highest


@pytest.mark.parametrize('name', PLACES)
def test_sizes_rise_and_hold_the_first_table(name):
    part = find_part(name)
    assert list(part.growth) == sorted(set(part.growth)) and part.size in part.growth


def test_a_wrong_formulation_is_seen(monkeypatch):
    """The columns of agreement must be able to say no."""
    from stslidr_studies.benchmark import loss_step

    monkeypatch.setattr(loss_step, 'TEMPERATURE', 0.08)
    assert measure(find_part('loss'), 96, 'cpu', 1, False).differences['loss'] <= 1e-6
    case = find_part('loss').make(96, 'cpu')
    monkeypatch.setattr(loss_step, 'TEMPERATURE', 0.09)  # of the published side alone, by now
    assert case.compare(case.ours(), case.published())['loss'] > 1e-3
