"""Blocks of rows: the same values as whole matrices, and no whole matrix anywhere."""

import pytest
import torch

from stslidr.core.feature_similarity import CosineRows, cosine_similarity
from stslidr.losses import fused_contrast
from stslidr.losses.contrastive import TolerantContrastiveLoss
from support.largest_tensor import LargestTensor

SETTINGS = {
    'plain': {},
    'balanced': dict(class_balance=True),
    'soft': dict(tolerance='soft', class_balance=True),
    'quantile': dict(tolerance='quantile', min_quantile=0.1, class_balance=True),
    'excluded': dict(tolerance='quantile', min_quantile=0.2, dropped_pairs='excluded'),
}
each_setting = pytest.mark.parametrize('settings', SETTINGS.values(), ids=SETTINGS)


def random_case(num_anchors, dtype=torch.float64, features=12):
    generator = torch.Generator().manual_seed(num_anchors)

    def unit(width):
        drawn = torch.randn(num_anchors, width, generator=generator, dtype=dtype)
        return torch.nn.functional.normalize(drawn, dim=1)

    return unit(8), unit(8), unit(features).relu()


def evaluate(settings, points, pixels, similarity):
    """All scalars and both gradients."""
    points, pixels = points.clone().requires_grad_(), pixels.clone().requires_grad_()
    result = TolerantContrastiveLoss(0.1, **settings)(points, pixels, similarity)
    (result.loss * 3.0).backward()
    return [result.loss.detach(), *result.statistics.values(), points.grad, pixels.grad]


@each_setting
@pytest.mark.parametrize('elements', [1, 3 * 41, 40 * 41, 41 * 41])
def test_blocks_of_any_size_give_the_same(monkeypatch, settings, elements):
    points, pixels, features = random_case(41)
    whole = evaluate(settings, points, pixels, cosine_similarity(features))
    monkeypatch.setattr(fused_contrast, 'BLOCK_ELEMENTS', elements)
    for similarity in (cosine_similarity(features), CosineRows(features)):
        for one, other in zip(whole, evaluate(settings, points, pixels, similarity), strict=True):
            torch.testing.assert_close(other, one, rtol=1e-12, atol=1e-14)


@each_setting
@pytest.mark.parametrize('num_anchors', [1, 2, 9])
def test_gradients_are_those_of_the_loss(monkeypatch, settings, num_anchors):
    points, pixels, features = random_case(num_anchors)
    monkeypatch.setattr(fused_contrast, 'BLOCK_ELEMENTS', 2 * num_anchors)
    criterion = TolerantContrastiveLoss(0.3, **settings)
    inputs = (points.requires_grad_(), pixels.requires_grad_())
    assert torch.autograd.gradcheck(lambda k, q: criterion(k, q, CosineRows(features)).loss, inputs)


def test_only_one_side_may_want_a_gradient():
    points, pixels, features = random_case(9)
    criterion = TolerantContrastiveLoss(**SETTINGS['quantile'])
    both = points.clone().requires_grad_(), pixels.clone().requires_grad_()
    criterion(*both, CosineRows(features)).loss.backward()
    one = points.clone().requires_grad_()
    criterion(one, pixels, CosineRows(features)).loss.backward()
    assert torch.equal(one.grad, both[0].grad)
    assert not criterion(points, pixels, CosineRows(features)).loss.requires_grad


def test_votes_that_are_large_and_nearly_equal_lose_no_digits(monkeypatch):
    """Votes near 60 that differ by thousandths: the sums by vote must not cancel."""
    points, pixels, features = random_case(64, torch.float32)
    features = torch.cat([torch.full((64, 1), 30.0), features], dim=1)
    monkeypatch.setattr(fused_contrast, 'BLOCK_ELEMENTS', 10 * 64)
    similarity = cosine_similarity(features.double())
    assert similarity.min() > 0.99
    exact = evaluate(SETTINGS['balanced'], points.double(), pixels.double(), similarity)
    found = evaluate(SETTINGS['balanced'], points, pixels, similarity)
    for one, other in zip(exact, found, strict=True):
        assert (one - other).abs().max() <= 1e-5 * one.abs().max()


@each_setting
def test_no_matrix_of_all_pairs_is_made(monkeypatch, settings):
    num_anchors, block = 300, 20 * 300
    points, pixels, features = random_case(num_anchors, torch.float32)
    monkeypatch.setattr(fused_contrast, 'BLOCK_ELEMENTS', block)
    criterion = TolerantContrastiveLoss(**settings)
    with LargestTensor() as largest:
        loss = criterion(points.requires_grad_(), pixels.requires_grad_(), CosineRows(features))
        loss.loss.backward()
    inputs = max(points.numel() * 2, features.numel())
    assert inputs <= largest.elements <= max(block, inputs) < num_anchors**2 / 10


def test_a_similarity_of_other_rows_is_refused():
    points, pixels, features = random_case(9)
    with pytest.raises(ValueError, match=r'similarity \(8, 8\) must be \(M, M\) for M = 9'):
        TolerantContrastiveLoss(tolerance='soft')(points, pixels, CosineRows(features[:8]))
