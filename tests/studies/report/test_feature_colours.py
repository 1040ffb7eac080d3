"""Features as colours: principal components, scaled so that strays do not matter."""

import numpy as np
import pytest

from stslidr_studies.report.feature_colours import colour_features


def make_features(rng, count=400, channels=10):
    """Features that vary most along known, mixed directions, around a mean far from 0."""
    mixing = np.linalg.qr(rng.normal(size=(channels, channels)))[0]
    scales = np.array([9.0, 5.0, 3.0] + [0.2] * (channels - 3))
    return (rng.normal(size=(count, channels)) * scales) @ mixing.T + 100


def test_the_colours_are_the_singular_vectors_scores():
    features = make_features(np.random.default_rng(0))
    colours, explained = colour_features(features)
    centred = features - features.mean(axis=0)
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    for channel in range(3):
        scores = left[:, channel] * values[channel]
        low, high = np.percentile(scores, (2, 98))
        expected = np.clip((scores - low) / (high - low), 0, 1) * 255
        given = colours[:, channel].astype(float)
        assert min(np.abs(given - expected).max(), np.abs(given - (255 - expected)).max()) <= 0.51
    assert explained == pytest.approx((values[:3] ** 2).sum() / (values**2).sum(), abs=1e-9)
    assert colours.dtype == np.uint8 and colours.shape == (400, 3)


def test_the_sign_is_fixed_by_the_largest_loading():
    features = np.zeros((101, 4))
    features[:, 0] = np.linspace(-1, 1, 101)
    features[:, 1] = features[:, 0] * -0.5
    red = colour_features(features).colours[:, 0]
    assert red[0] == 0 and red[-1] == 255, 'the larger loading, of feature 0, is positive'


def test_the_order_of_points_changes_nothing():
    features = make_features(np.random.default_rng(1))
    order = np.random.default_rng(2).permutation(len(features))
    assert (
        np.abs(
            colour_features(features[order]).colours.astype(int)
            - colour_features(features).colours[order]
        ).max()
        <= 1
    )


def test_a_stray_point_does_not_wash_the_others_out():
    features = make_features(np.random.default_rng(3))
    features[7] = 100 + (features[7] - 100) * 5
    assert colour_features(features).colours.std(axis=0).min() > 50


def test_features_without_variation_are_grey():
    colours, explained = colour_features(np.full((6, 5), 3.0, dtype=np.float32))
    assert (colours == 128).all() and explained == 1.0


@pytest.mark.parametrize(
    'features, said',
    [
        (np.ones((4, 2)), r'\(4, 2\)'),
        (np.ones((0, 5)), r'\(0, 5\)'),
        (np.ones(5), r'\(5,\)'),
        (np.array([[0.0, 1.0, np.nan]] * 4), 'diverged'),
    ],
)
def test_what_cannot_be_shown_is_refused(features, said):
    with pytest.raises(ValueError, match=said):
        colour_features(features)
