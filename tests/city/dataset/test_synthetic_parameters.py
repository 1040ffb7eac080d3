"""Parameters within their limits, and nothing else."""

import pytest

from stslidr.core.seeding import MAX_SEED
from stslidr_city.dataset.layout import SCENE_PERIOD
from stslidr_city.dataset.parameters import (
    HIGHEST_SEED,
    MAX_KEYFRAMES,
    Parameters,
    parse_image_size,
)

GOOD = dict(scenes=1, keyframes=1, seed=0, image_size=(64, 36))


@pytest.mark.parametrize(
    'name, value, said',
    [
        ('scenes', 0, '--scenes 0'),
        ('scenes', 10_000, '--scenes 10000.*to 9999'),
        ('keyframes', -3, '--keyframes -3'),
        ('keyframes', 10**12, 'to 1000'),
        ('seed', -1, '--seed -1'),
        ('seed', 2**32, '--seed 4294967296'),
        ('image_size', (63, 900), '--image-size 63x900.*from 64x36'),
        ('image_size', (1600, 35), '1600x35'),
        ('image_size', (8193, 900), 'to 8192x8192'),
        ('image_size', (4096, 4096), '16,000,000 pixels'),
        ('image_size', (64, 400), 'aspect ratio'),
    ],
)
def test_out_of_range(name, value, said):
    Parameters(**GOOD)
    with pytest.raises(ValueError, match=said):
        Parameters(**{**GOOD, name: value})


@pytest.mark.parametrize(
    'text',
    [
        '',
        '1600',
        '1600x',
        'x900',
        '1600X900',
        '1600x900x3',
        '-64x36',
        '64.0x36',
        ' 64x36',
        '1e3x900',
        '٦٤x36',
        '9' * 5000 + 'x36',
    ],
)
def test_malformed_image_size(text):
    with pytest.raises(ValueError, match='WxH'):
        parse_image_size(text)


def test_image_size():
    assert parse_image_size('1600x900') == (1600, 900)


def test_limits_fit_what_they_stand_for():
    assert HIGHEST_SEED == MAX_SEED - 1
    assert 500_000 * MAX_KEYFRAMES < SCENE_PERIOD, 'scenes would overlap in time'
