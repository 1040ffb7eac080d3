"""Samples of each class: how many, how likely, and what they weigh."""

import numpy as np
import pytest

from stslidr_studies.separability.class_samples import ClassSampler

COUNTS = np.array([700, 40, 0, 6])


def shown_rows():
    """Rows (id, class), in a random order, with some of the ignored classes 4 and 9."""
    classes = np.repeat([0, 1, 2, 3, 4, 9], [*COUNTS, 30, 5])
    rng = np.random.default_rng(1)
    classes = rng.permutation(classes)
    return np.stack([np.arange(len(classes)), classes], axis=1), classes


def draw(seed, limit=50, chunks=7):
    features, classes = shown_rows()
    sampler = ClassSampler(4, limit, seed)
    for part in np.array_split(np.arange(len(classes)), chunks):
        sampler.add(features[part], classes[part])
    return sampler.rows()


def test_kept_rows_are_distinct_rows_of_their_class():
    rows = draw(0)
    np.testing.assert_array_equal(rows.counts, COUNTS)
    np.testing.assert_array_equal(np.bincount(rows.classes, minlength=4), [50, 40, 0, 6])
    np.testing.assert_array_equal(rows.features[:, 1], rows.classes)
    assert len(np.unique(rows.features[:, 0])) == len(rows.features)
    np.testing.assert_array_equal(rows.features, draw(0).features)


def test_every_row_of_a_class_has_the_same_chance():
    """50 of 700 over 400 draws: each row 28.6 times, with a deviation of 5.2, early or late."""
    features, classes = shown_rows()
    times = np.zeros(len(classes))
    for seed in range(400):
        rows = draw(seed)
        times[rows.features[rows.classes == 0, 0]] += 1
    of_class = times[classes == 0]
    assert of_class.sum() == 400 * 50
    assert np.std(of_class) == pytest.approx(np.sqrt(400 * 1 / 14 * 13 / 14), rel=0.15)
    halves = of_class[:350].sum(), of_class[350:].sum()
    assert abs(halves[0] - halves[1]) < 4 * np.sqrt(400 * 50)


def test_weights_follow_the_prior():
    rows = draw(3)
    for prior, expected in ((1.0, COUNTS), (0.5, np.sqrt(COUNTS)), (0.0, COUNTS > 0)):
        weights = rows.weights(prior)
        assert weights.mean() == pytest.approx(1)
        totals = np.bincount(rows.classes, weights, 4)
        np.testing.assert_allclose(totals / totals.sum(), expected / expected.sum())


def test_span_leaves_absent_classes_out():
    assert draw(0).orders_of_magnitude() == pytest.approx(np.log10(700 / 6))


def test_no_labelled_row_is_an_error():
    sampler = ClassSampler(4, 10, 0)
    sampler.add(np.zeros((3, 2)), np.array([4, 4, 9]))
    with pytest.raises(ValueError, match='no labelled point'):
        sampler.rows()
