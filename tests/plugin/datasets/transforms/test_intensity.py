"""Rules about the intensity that several transforms share."""

import numpy as np
import pytest

from stslidr.datasets.transforms.intensity import check_columns, check_scaling, is_within
from stslidr.errors import InputError

NAN, INF = float('nan'), float('inf')


@pytest.mark.parametrize(('scale', 'offset'), [(1, 0), (-0.5, 3.0), (1e-9, -1e9)])
def test_scalings_that_keep_the_intensity(scale, offset):
    check_scaling(scale, offset, 'T')


@pytest.mark.parametrize(
    ('scale', 'offset'), [(0, 1), (0.0, 0), (NAN, 0), (INF, 0), (1, NAN), (1, -INF)]
)
def test_scalings_that_lose_it(scale, offset):
    with pytest.raises(
        InputError, match=rf'^T: intensity_scale {scale} .* intensity_offset {offset}'
    ):
        check_scaling(scale, offset, 'T', 'intensity_')


@pytest.mark.parametrize(
    ('values', 'expected'),
    [
        ([], True),
        ([0, 255], True),
        ([0.1, 3], True),
        ([-0.1], False),
        ([255.1], False),
        ([NAN], False),
    ],
)
def test_a_range_with_its_ends(values, expected):
    assert is_within(np.array(values, np.float32), 0, 255) is expected


def test_columns_are_compared_where_they_are_stated():
    check_columns('a.bin', None, 4, 'T')
    check_columns('a.bin', 4, 4, 'T')
    with pytest.raises(
        InputError, match='^a.bin: the info file states 5 columns, T has load_dim=4'
    ):
        check_columns('a.bin', 5, 4, 'T')
