"""Sizes of what is annotated beside nuScenes' published means and what is realistic."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from catalog_kinds import KINDS

DRAWS = 60
MEANS = {  # width, length, height in nuScenes, metres
    'car': (1.95, 4.62, 1.73),
    'truck': (2.51, 6.93, 2.84),
    'bus_rigid': (2.94, 11.2, 3.47),
    'bus_bendy': (2.90, 18.0, 3.40),
    'trailer': (2.87, 12.3, 3.87),
    'construction_vehicle': (2.73, 6.37, 3.19),
    'barrier': (2.53, 0.50, 0.98),
    'traffic_cone': (0.41, 0.41, 1.07),
}
MIXED_MEANS = {
    ('bicycle', 'ridden_bicycle'): (0.60, 1.70, 1.28),
    ('motorcycle', 'ridden_motorcycle'): (0.77, 2.11, 1.47),
    ('adult', 'standing_adult'): (0.67, 0.73, 1.77),
}
RANGES = {  # shortest and longest, lowest and highest, metres
    'car': (3.5, 5.8, 1.3, 2.4),
    'truck': (4.7, 9.2, 1.6, 3.9),
    'bus_rigid': (9.0, 13.5, 2.8, 4.9),
    'bus_bendy': (16.0, 20.0, 3.0, 3.8),
    'trailer': (9.5, 15.0, 3.0, 4.6),
    'construction_vehicle': (4.0, 9.0, 2.4, 4.3),
    'ambulance': (5.2, 7.2, 2.2, 3.1),
    'police_car': (4.0, 5.6, 1.4, 2.3),
    'bicycle': (1.5, 1.9, 0.9, 1.15),
    'ridden_bicycle': (1.5, 1.9, 1.5, 2.0),
    'motorcycle': (1.75, 2.3, 0.95, 1.35),
    'ridden_motorcycle': (1.75, 2.3, 1.4, 2.0),
    'adult': (0.3, 1.35, 1.45, 2.05),
    'standing_adult': (0.2, 0.7, 1.45, 2.05),
    'child': (0.2, 1.05, 0.9, 1.6),
    'construction_worker': (0.3, 1.35, 1.45, 2.05),
    'police_officer': (0.3, 1.35, 1.45, 2.05),
    'personal_mobility': (0.7, 1.2, 1.5, 2.25),
    'stroller': (0.6, 1.2, 0.85, 1.3),
    'wheelchair': (0.9, 1.3, 1.2, 1.6),
    'barrier': (0.4, 0.7, 0.75, 1.25),
    'traffic_cone': (0.25, 0.55, 0.65, 1.35),
    'debris': (0.2, 2.0, 0.1, 0.9),
    'pushable_pullable': (0.4, 1.4, 0.8, 1.6),
    'bicycle_rack': (0.7, 2.0, 0.75, 1.2),
    'animal': (0.4, 1.5, 0.35, 1.15),
}


@cache
def sizes(kind):
    """(DRAWS, 3): width, length, height."""
    bounds = np.stack([KINDS[kind][0](np.random.default_rng(seed)).bounds for seed in range(DRAWS)])
    return (bounds[:, 1] - bounds[:, 0])[:, [1, 0, 2]]


@pytest.mark.parametrize('kind', MEANS)
def test_means_are_within_a_tenth_of_nuscenes(kind):
    assert np.abs(sizes(kind).mean(axis=0) / MEANS[kind] - 1).max() < 0.10


@pytest.mark.parametrize('kinds', MIXED_MEANS, ids='+'.join)
def test_means_of_mixtures_are_within_an_eighth_of_nuscenes(kinds):
    """Bicycles with and without riders, people who walk and stand: half of each.

    A walking person is longer than nuScenes' mean and a standing one shorter: 25 % there.
    """
    mean = np.concatenate([sizes(kind) for kind in kinds]).mean(axis=0)
    off = np.abs(mean / MIXED_MEANS[kinds] - 1)
    assert off[0] < 0.125 and off[2] < 0.125
    assert off[1] < (0.25 if 'adult' in kinds else 0.125)


@pytest.mark.parametrize('kind', RANGES)
def test_no_draw_is_absurd_and_draws_differ(kind):
    drawn = sizes(kind)
    shortest, longest, lowest, highest = RANGES[kind]
    assert (drawn[:, 1] > shortest).all() and (drawn[:, 1] < longest).all()
    assert (drawn[:, 2] > lowest).all() and (drawn[:, 2] < highest).all()
    assert drawn[:, 2].std() > 0.01 * drawn[:, 2].mean()
