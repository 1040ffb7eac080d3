"""Resilience rate and corruption error against the published tables."""

import numpy as np
import pytest

from stslidr.corruptions.profiles import SEVERITIES
from stslidr.corruptions.robustness_scores import (
    corruption_errors,
    mean_corruption_error,
    mean_resilience_rate,
    resilience_rates,
)

# Robo3D's tables of SemanticKITTI-C: three severities of MinkUNet-18, the baseline, and of
# MinkUNet-34, then CE and RR of the latter, per cent
PUBLISHED = {
    'fog': ((61.71, 58.32, 47.59), (61.84, 56.66, 42.12), 105.28, 83.94),
    'wet_ground': ((58.38, 52.38, 51.21), (59.76, 52.42, 50.64), 99.39, 85.09),
    'snow': ((55.50, 53.70, 50.65), (53.32, 50.29, 46.91), 106.66, 78.66),
    'motion_blur': ((42.78, 31.62, 24.35), (45.62, 31.44, 24.33), 98.69, 52.99),
    'beam_missing': ((60.70, 56.78, 51.47), (61.42, 57.96, 52.66), 97.64, 89.92),
    'crosstalk': ((59.87, 58.47, 56.68), (60.45, 58.53, 56.16), 99.90, 91.53),
    'incomplete_echo': ((57.89, 54.68, 50.72), (57.92, 54.82, 51.89), 99.01, 86.05),
    'cross_sensor': ((57.53, 52.08, 28.53), (58.07, 52.63, 30.16), 98.33, 73.61),
}
CLEAN = 0.6378


def table(column):
    return {
        kind: {severity: row[column][i] / 100 for i, severity in enumerate(SEVERITIES)}
        for kind, row in PUBLISHED.items()
    }


def test_the_published_scores():
    errors, rates = corruption_errors(table(1), table(0)), resilience_rates(table(1), CLEAN)
    for kind, (_, _, error, rate) in PUBLISHED.items():
        # the tables' come from means rounded to 0.01
        assert 100 * errors[kind] == pytest.approx(error, abs=0.02)
        assert 100 * rates[kind] == pytest.approx(rate, abs=0.01)
    assert 100 * mean_corruption_error(table(1), table(0)) == pytest.approx(100.61, abs=0.01)
    assert 100 * mean_resilience_rate(table(1), CLEAN) == pytest.approx(80.22, abs=0.01)


def test_a_baseline_is_as_good_as_itself():
    assert all(np.isclose(error, 1) for error in corruption_errors(table(0), table(0)).values())


def test_some_corruptions_are_compared_with_a_baseline_of_all():
    some = {kind: levels for kind, levels in table(1).items() if kind in ('fog', 'snow')}
    assert 100 * mean_corruption_error(some, table(0)) == pytest.approx(
        (105.28 + 106.66) / 2, abs=0.01
    )


def changed(**severities):
    return {**table(1), 'fog': {**table(1)['fog'], **severities}}


@pytest.mark.parametrize(
    'results, said',
    [
        ({}, 'no results'),
        (changed(heavy=47.59), 'heavy: mIoU 47.59'),
        (changed(light=float('nan')), 'nan'),
        (changed(extreme=0.1), 'extreme'),
        ({'fog': {'light': 0.5}}, 'there are light'),
        ({'fog': {}}, 'there are none'),
    ],
)
def test_results_that_are_not_comparable_are_refused(results, said):
    with pytest.raises(ValueError, match=said):
        resilience_rates(results, CLEAN)
    with pytest.raises(ValueError, match=said):
        corruption_errors(results, table(0))


@pytest.mark.parametrize('clean', [0, 63.78, float('nan')])
def test_a_clean_score_must_be_one(clean):
    with pytest.raises(ValueError, match='clean'):
        resilience_rates(table(1), clean)


def test_a_baseline_must_allow_the_comparison():
    lacking = {kind: levels for kind, levels in table(0).items() if kind != 'snow'}
    with pytest.raises(ValueError, match='snow'):
        corruption_errors(table(1), lacking)
    perfect = {**table(0), 'snow': dict.fromkeys(SEVERITIES, 1.0)}
    with pytest.raises(ValueError, match='snow: the baseline makes no error'):
        corruption_errors(table(1), perfect)
