"""Evenly spread draws against counts."""

from __future__ import annotations

import numpy as np
import pytest

from stslidr_city.planning.chance import evenly_spread, generator, times_due
from stslidr_city.planning.rarities import RARITIES


@pytest.mark.parametrize('rate', [0.05, 0.11, 0.3, 1.0, 2.4])
def test_what_is_due_keeps_to_its_rate_in_every_window(rate):
    for seed in range(4):
        due = np.array([times_due(seed, 3, rate, turn) for turn in range(60)])
        for length in (1, 7, 10, 33):
            sums = np.convolve(due, np.ones(length, int), 'valid')
            assert (np.abs(sums - length * rate) < 1).all()


def test_the_sixteen_classes_are_due_in_every_ten_scenes():
    """Those that the streets do not hold anyway; each of these has a rate above one in ten."""
    for name in (
        'bicycle',
        'motorcycle',
        'bus_rigid',
        'bus_bendy',
        'trailer',
        'truck',
        'cone',
        'construction_vehicle',
        'barrier',
        'worker',
    ):
        number = list(RARITIES).index(name)
        due = [times_due(9, number, RARITIES[name].rate, turn) > 0 for turn in range(200)]
        assert all(any(due[first : first + 10]) for first in range(190)), name


def test_evenly_spread_draws_fill_the_range():
    """Twenty in a row leave no gap of a quarter, and depend on the seed."""
    for channel in range(4):
        draws = np.sort([evenly_spread(5, scene, channel) for scene in range(30, 50)])
        assert draws[0] >= 0 and draws[-1] < 1
        assert np.diff(np.concatenate([draws, [draws[0] + 1]])).max() < 0.25
    assert evenly_spread(5, 3, 0) != evenly_spread(6, 3, 0)


def test_generators_take_negative_numbers():
    draws = {generator(1, number).random() for number in range(-20, 20)}
    assert len(draws) == 40
    assert generator(1, -7).random() in draws
