"""The label fraction that matches a score, against bisection on the drawn curve."""

import math

import numpy as np
import pytest

from stslidr.study.label_saving import LESS, MORE, label_fraction, matching_fraction

CURVE = [(0.1, 0.3), (0.01, 0.2), (1.0, 0.6)]


def bisect(curve, score):
    """First place at which a line through the points over log fraction reaches the score."""
    fractions, values = zip(*sorted(curve), strict=True)
    grid = np.linspace(math.log(fractions[0]), math.log(fractions[-1]), 200_001)
    drawn = np.interp(grid, np.log(fractions), values)
    return math.exp(grid[np.argmax(drawn >= score)])


@pytest.mark.parametrize('score', [0.2001, 0.25, 0.3, 0.31, 0.45, 0.5999, 0.6])
def test_between_the_ends(score):
    found = matching_fraction(CURVE, score)
    assert found.beyond is None
    assert found.fraction == pytest.approx(bisect(CURVE, score), rel=1e-4)


def test_half_way_in_the_logarithm():
    assert matching_fraction(CURVE, 0.25).fraction == pytest.approx(math.sqrt(0.001))
    assert matching_fraction(CURVE, 0.2).fraction == 0.01


@pytest.mark.parametrize('score, beyond', [(0.19, LESS), (0.61, MORE)])
def test_beyond_the_ends(score, beyond):
    found = matching_fraction(CURVE, score)
    assert (found.fraction, found.beyond) == (None, beyond)


def test_a_curve_that_falls_is_met_where_it_first_gets_there():
    curve = [(0.01, 0.2), (0.1, 0.4), (0.5, 0.1), (1.0, 0.6)]
    for score in (0.3, 0.4, 0.5):
        assert matching_fraction(curve, score).fraction == pytest.approx(
            bisect(curve, score), rel=1e-4)


def test_fractions_of_named_splits():
    assert label_fraction('1pct') == 0.01 and label_fraction('100pct') == 1
    with pytest.raises(ValueError, match='half.*1pct'):
        label_fraction('half')
