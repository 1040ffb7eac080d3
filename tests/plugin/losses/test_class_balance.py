from __future__ import annotations

import brute_force
import numpy as np
import pytest
import torch

from stslidr.core.feature_similarity import cosine_similarity
from stslidr.losses import tolerance
from stslidr.losses.class_balance import anchor_weights


def features_of(num_anchors, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(num_anchors, 12, generator=generator).relu()


@pytest.mark.parametrize('threshold', [0.0, 0.3, 0.5, 0.9])
@pytest.mark.parametrize('num_anchors', [2, 3, 30, 150])
def test_equals_brute_force(num_anchors, threshold):
    similarity = cosine_similarity(features_of(num_anchors))
    weights = anchor_weights(similarity, threshold)
    expected = brute_force.anchor_weights(similarity.numpy(), threshold)
    assert weights.dtype == torch.float32
    np.testing.assert_allclose(weights, expected, rtol=1e-5, atol=1e-7)


def test_a_similarity_equal_to_the_threshold_is_a_vote():
    similarity = torch.tensor([[1.0, 0.5, 0.0], [0.5, 1.0, 0.4999], [0.0, 0.4999, 1.0]])
    # Votes 1.5, 1.5, 1.
    assert anchor_weights(similarity, 0.5).tolist() == [0.0, 0.0, 1.0]


def test_a_crowd_weighs_less_than_a_loner():
    features = torch.eye(4)[[0, 0, 0, 1, 1, 2]]
    weights = anchor_weights(cosine_similarity(features))
    assert weights.tolist() == [0.0, 0.0, 0.0, 0.5, 0.5, 1.0]


def test_a_small_spread_of_votes_keeps_its_digits():
    """The votes differ in the fifth digit, which float32 sums would blur."""
    generator = torch.Generator().manual_seed(1)
    similarity = 0.9 + 1e-5 * torch.rand(500, 500, generator=generator)
    expected = brute_force.anchor_weights(similarity.numpy().astype(np.float64))
    assert 0 < np.ptp(similarity.double().sum(1).numpy()) < 1e-3
    np.testing.assert_allclose(anchor_weights(similarity), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    'features',
    [
        torch.eye(9),  # nobody resembles anybody
        torch.ones(9, 5),  # everybody resembles everybody
        torch.zeros(9, 5),  # no votes at all
        features_of(1),
        features_of(2),  # of two, each has the other's vote: equal but for rounding
        features_of(2, seed=7),
        features_of(3)[[0, 0, 1, 1, 2, 2]][:4],
    ],
)
def test_equal_votes_give_equal_weights(features):
    assert torch.equal(anchor_weights(cosine_similarity(features)), torch.ones(len(features)))


def test_equal_votes_up_to_rounding_give_equal_weights():
    similarity = torch.tensor([[1.0000001, 0.7], [0.7, 0.9999998]])
    assert anchor_weights(similarity).tolist() == [1.0, 1.0]


def test_a_zero_row_has_no_vote_and_so_the_largest_weight():
    features = torch.ones(5, 3)
    features[2] = 0.0
    assert anchor_weights(cosine_similarity(features)).tolist() == [0.0, 0.0, 1.0, 0.0, 0.0]


def test_no_superpixel_gives_no_weight():
    assert anchor_weights(torch.zeros(0, 0)).shape == (0,)


def test_blocks_change_nothing(monkeypatch):
    similarity = cosine_similarity(features_of(50))
    whole = anchor_weights(similarity)
    monkeypatch.setattr(tolerance, 'BLOCK_ELEMENTS', 7 * 50)
    assert torch.equal(anchor_weights(similarity), whole)
