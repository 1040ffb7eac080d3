from __future__ import annotations

import brute_force
import numpy as np
import pytest
import torch

from stslidr.core.feature_similarity import cosine_similarity
from stslidr.losses import tolerance
from stslidr.losses.tolerance import quantile_weights, row_quantile, soft_weights

QUANTILES = [(0.01, 1.0), (0.2, 1.0), (0.5, 1.0), (0.1, 0.9), (0.0, 0.7), (0.99, 1.0)]


def similarity_of(num_anchors, seed=0, signed=False, channels=24):
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(num_anchors, channels, generator=generator)
    return cosine_similarity(features if signed else features.relu())


def check_quantile_weights(similarity, min_quantile, max_quantile):
    weights = quantile_weights(similarity, min_quantile, max_quantile).numpy()
    expected, near_tie = brute_force.quantile_weights(
        similarity.numpy(), min_quantile, max_quantile
    )
    np.testing.assert_array_equal(weights[~near_tie], expected[~near_tie])
    return near_tie


@pytest.mark.parametrize('quantiles', QUANTILES)
@pytest.mark.parametrize('signed', [False, True])
@pytest.mark.parametrize('num_anchors', [1, 2, 3, 17, 120])
def test_quantile_weights_equal_brute_force(num_anchors, signed, quantiles):
    similarity = similarity_of(num_anchors, seed=num_anchors, signed=signed)
    check_quantile_weights(similarity, *quantiles)


def test_the_default_drops_one_percent_of_the_row_and_keeps_the_diagonal():
    weights = quantile_weights(similarity_of(401))
    assert weights.dtype == torch.bool
    # Rank 0.01 * 400 = 4 in float64: the four smallest distances, the anchor's own among them.
    dropped = (~weights).sum(dim=1)
    assert ((dropped >= 3) & (dropped <= 4)).all()
    assert weights.diagonal().all()


def test_duplicates_stay_dropped_even_if_they_fill_the_quantile():
    similarity = torch.full((40, 40), 0.25)
    similarity[:20, :20] = 1.0
    weights = quantile_weights(similarity, 0.01)
    expected = torch.ones(40, 40, dtype=torch.bool)
    expected[:20, :20] = torch.eye(20, dtype=torch.bool)
    assert torch.equal(weights, expected)


def test_a_cosine_above_one_is_a_duplicate():
    similarity = torch.tensor([[1.0, 1.0000001, 0.5], [1.0000001, 1.0, 0.5], [0.5, 0.5, 1.0]])
    expected = torch.tensor([[1, 0, 1], [0, 1, 1], [1, 1, 1]], dtype=torch.bool)
    assert torch.equal(quantile_weights(similarity, 0.01), expected)


def test_rows_of_zeros_keep_every_negative():
    similarity = similarity_of(12).clone()
    similarity[3], similarity[:, 3] = 0.0, 0.0
    check_quantile_weights(similarity, 0.2, 1.0)
    assert quantile_weights(similarity, 0.2)[3].all()


def test_near_ties_change_only_their_own_weights():
    similarity = similarity_of(60, seed=5).double()
    for row in similarity:
        # A bunch of entries within 1e-6 around the row's 0.2 quantile.
        middle = row.sort(descending=True).values[8:16].mean()
        bunch = row.argsort(descending=True)[8:16]
        row[bunch] = middle + torch.linspace(-4e-7, 4e-7, 8, dtype=row.dtype)
    similarity = similarity.float()
    near_tie = check_quantile_weights(similarity, 0.2, 1.0)
    assert near_tie.sum() > 60  # the case is what it claims to be


@pytest.mark.parametrize('dtype', [torch.float32, torch.float64])
@pytest.mark.parametrize('columns', [1, 2, 3, 10, 57, 1000, 7200])
def test_row_quantile_is_torch_quantile_bit_for_bit(columns, dtype):
    values = torch.rand(33, columns, generator=torch.Generator().manual_seed(columns), dtype=dtype)
    values[:, ::3] = values[:, :1].clone()  # ties
    for share in [0.0, 1e-3, 0.01, 0.1, 0.2, 1 / 3, 0.5, 0.7, 0.9, 0.99, 1.0]:
        expected = torch.quantile(values, share, dim=1, keepdim=True)
        assert torch.equal(row_quantile(values, share), expected), share


def test_blocks_change_nothing(monkeypatch):
    similarity = similarity_of(50)
    whole = quantile_weights(similarity, 0.1, 0.9)
    monkeypatch.setattr(tolerance, 'BLOCK_ELEMENTS', 7 * 50)
    assert torch.equal(quantile_weights(similarity, 0.1, 0.9), whole)


@pytest.mark.parametrize('signed', [False, True])
@pytest.mark.parametrize('num_anchors', [1, 2, 30])
def test_soft_weights_equal_brute_force(num_anchors, signed):
    similarity = similarity_of(num_anchors, signed=signed)
    before = similarity.clone()
    weights = soft_weights(similarity)
    np.testing.assert_allclose(weights, brute_force.soft_weights(similarity.numpy()), atol=1e-7)
    assert weights.min() >= 0 and weights.max() <= 1
    assert torch.equal(similarity, before)


def test_no_superpixel_gives_no_weights():
    nothing = torch.zeros(0, 0)
    assert quantile_weights(nothing).shape == (0, 0)
    assert soft_weights(nothing).shape == (0, 0)
    assert cosine_similarity(torch.zeros(0, 8)).shape == (0, 0)


def test_cosine_similarity_equals_brute_force_and_keeps_zero_rows():
    features = torch.randn(20, 40, generator=torch.Generator().manual_seed(0))
    features[4] = 0.0
    features[7] = 3.0 * features[8]
    features.requires_grad_()
    similarity = cosine_similarity(features)
    assert not similarity.requires_grad
    expected = brute_force.cosine(features.detach().numpy())
    np.testing.assert_allclose(similarity, expected, atol=1e-6)
    assert (similarity[4] == 0).all() and (similarity[:, 4] == 0).all()


def test_cosine_similarity_is_float32_under_autocast():
    features = torch.rand(20, 40, generator=torch.Generator().manual_seed(0))
    with torch.autocast('cpu', dtype=torch.bfloat16):
        similarity = cosine_similarity(features)
    assert torch.equal(similarity, cosine_similarity(features))
    assert cosine_similarity(features.bfloat16()).dtype == torch.float32
