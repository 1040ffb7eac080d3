"""The label fraction that matches a score, against bisection on the drawn curve."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from stslidr_studies.study.cells import Cell
from stslidr_studies.study.label_saving import (
    LESS,
    MORE,
    label_fraction,
    matching_fraction,
    summarise_label_saving,
)
from stslidr_studies.study.study_file import LabelSaving

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
            bisect(curve, score), rel=1e-4
        )


def test_fractions_of_named_splits():
    assert label_fraction('1pct') == 0.01 and label_fraction('100pct') == 1
    with pytest.raises(ValueError, match='half.*1pct'):
        label_fraction('half')


def test_each_seed_is_matched_on_its_own_curve():
    """From 1 to 100 % the share at a fraction f of the way up is 0.01 * 100 ** f."""

    def score(*miou):
        return {'seeds': [3, 5], 'miou': list(miou), 'mean': sum(miou) / 2}

    study = SimpleNamespace(
        label_saving=LabelSaving('few', ('few', 'all')),
        baseline='scratch',
        methods={
            name: SimpleNamespace(name=name, pretrain=pretrain)
            for name, pretrain in (('scratch', None), ('good', 'p.py'), ('best', 'p.py'))
        },
    )
    notes = {
        Cell('scratch', 3, step, 's.py', {}): {'label_split': split, 'ended': 'now'}
        for step, split in (('few', '1pct'), ('all', '100pct'))
    }
    found = summarise_label_saving(
        study,
        {
            'scratch': {'few': score(0.2, 0.1), 'all': score(0.4, 0.5)},
            'good': {'few': score(0.3, 0.2)},
            'best': {'few': score(0.41, 0.05)},
        },
        notes,
    )['methods']
    assert [match['seed'] for match in found['good']['seeds']] == [3, 5]
    assert [match['fraction'] for match in found['good']['seeds']] == pytest.approx(
        [0.01 * 100 ** (1 / 2), 0.01 * 100 ** (1 / 4)]
    )
    assert found['good']['fraction'] == pytest.approx(0.01 * 100 ** (1 / 3))
    assert [match['beyond'] for match in found['best']['seeds']] == [MORE, LESS]
