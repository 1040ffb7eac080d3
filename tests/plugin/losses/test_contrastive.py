from __future__ import annotations

import brute_force
import numpy as np
import pytest
import torch

from stslidr.core.feature_similarity import cosine_similarity
from stslidr.losses.contrastive import STATISTICS, TolerantContrastiveLoss
from stslidr.losses.tolerance import quantile_weights

TEMPERATURE = 0.07
QUANTILE = dict(tolerance='quantile')
TOLERANCES = {
    'none': {},
    'soft': dict(tolerance='soft'),
    'quantile_default': QUANTILE,
    'quantile_0.2': dict(QUANTILE, min_quantile=0.2),
    'quantile_0.5': dict(QUANTILE, min_quantile=0.5),
    'band': dict(QUANTILE, min_quantile=0.1, max_quantile=0.9),
    'upper_only': dict(QUANTILE, min_quantile=0.0, max_quantile=0.7),
    'excluded_0.2': dict(QUANTILE, min_quantile=0.2, dropped_pairs='excluded'),
    'excluded_band': dict(QUANTILE, min_quantile=0.1, max_quantile=0.9, dropped_pairs='excluded'),
}
BALANCES = {
    'all_alike': {},
    'balanced': dict(class_balance=True),
    'balanced_0.8': dict(class_balance=True, balance_threshold=0.8),
}


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def random_case(num_anchors, seed=0):
    """Embeddings shorter than 1, as means of unit vectors are, and non-negative features."""
    points = 0.9 * torch.nn.functional.normalize(normal(num_anchors, 16, seed=seed), dim=1)
    pixels = 0.8 * torch.nn.functional.normalize(normal(num_anchors, 16, seed=seed + 1), dim=1)
    return points, pixels, normal(num_anchors, 24, seed=seed + 2).relu()


def case_of(name):
    points, pixels, features = random_case(20, seed=3)
    if name == 'random':
        return random_case(40)
    if name == 'matched':  # a trained state: large logits, small losses
        points = 0.95 * torch.nn.functional.normalize(pixels + 0.3 * points, dim=1)
    elif name == 'solved':  # losses of about 1e-5, probabilities that round to 1
        points = pixels = torch.eye(20)
    elif name == 'signed features':
        features = normal(20, 24)
    elif name in ('one', 'two', 'three'):
        return random_case(('one', 'two', 'three').index(name) + 1)
    elif name == 'duplicate features':
        features = torch.eye(24)[torch.arange(20) % 7]
    elif name == 'all the same':
        features, points = torch.eye(24)[:1].expand(20, 24), points[:1].expand(20, 16)
    elif name == 'equal votes':
        features = torch.eye(20)
    elif name == 'zero rows':
        points, pixels, features = points.clone(), pixels.clone(), features.clone()
        points[3], pixels[5], features[7], features[8] = 0.0, 0.0, 0.0, 0.0
    return points, pixels, features


CASES = ['random', 'matched', 'signed features', 'one', 'two', 'three', 'duplicate features']
CASES += ['all the same', 'equal votes', 'zero rows', 'solved']


def expected_weights(settings, similarity):
    """Brute-force weights; at a near-tie, and only there, the weight that float32 decided on."""
    s = similarity.numpy()
    if settings.get('tolerance') == 'soft':
        return brute_force.soft_weights(s)
    if settings.get('tolerance') != 'quantile':
        return np.ones(s.shape)
    share = settings.get('min_quantile', 0.01), settings.get('max_quantile', 1.0)
    weights, near_tie = brute_force.quantile_weights(s, *share)
    return np.where(near_tie, quantile_weights(similarity, *share).numpy(), weights)


def relative_error(actual, expected):
    scale = np.abs(expected).max()
    error = np.abs(actual.numpy() - expected).max()
    return error / scale if scale else error


@pytest.mark.parametrize('case', CASES)
@pytest.mark.parametrize('balance', BALANCES)
@pytest.mark.parametrize('tolerance', TOLERANCES)
def test_loss_and_gradients_equal_float64_brute_force(tolerance, balance, case):
    settings = TOLERANCES[tolerance] | BALANCES[balance]
    points, pixels, features = (tensor.clone() for tensor in case_of(case))
    similarity = cosine_similarity(features)
    weights = expected_weights(settings, similarity)
    anchors = None
    if settings.get('class_balance'):
        threshold = settings.get('balance_threshold', 0.5)
        anchors = brute_force.anchor_weights(similarity.numpy(), threshold)
    excluded = settings.get('dropped_pairs') == 'excluded'
    loss, grad_points, grad_pixels = brute_force.contrastive_loss(
        points.numpy(), pixels.numpy(), TEMPERATURE, weights, anchors, excluded
    )

    result = TolerantContrastiveLoss(TEMPERATURE, **settings)(
        points.requires_grad_(), pixels.requires_grad_(), similarity
    )
    result.loss.backward()

    assert result.loss.dtype == torch.float32
    assert relative_error(result.loss.detach(), np.float64(loss)) < 1e-5
    assert relative_error(points.grad, grad_points) < 1e-5
    assert relative_error(pixels.grad, grad_pixels) < 1e-5
    off_diagonal = len(weights) - weights.sum(axis=1)
    assert result.statistics['dropped_negatives'].item() == pytest.approx(
        off_diagonal.mean(), rel=1e-5, abs=1e-5
    )
    expected_anchor = 1.0 if anchors is None else anchors.mean()
    assert result.statistics['anchor_weight'].item() == pytest.approx(expected_anchor, rel=1e-5)


@pytest.mark.parametrize('excluded', [False, True])
def test_brute_force_gradients_are_those_of_its_loss(excluded):
    points, pixels, features = random_case(6)
    k, q = points.double().numpy(), pixels.double().numpy()
    s = cosine_similarity(features).numpy()
    weights, _ = brute_force.quantile_weights(s, 0.3)
    settings = weights, brute_force.anchor_weights(s), excluded
    _, *gradients = brute_force.contrastive_loss(k, q, 0.5, *settings)
    for array, gradient in zip((k, q), gradients, strict=True):
        for index in np.ndindex(array.shape):
            losses, middle = [], array[index]
            for step in (1e-5, -1e-5):
                array[index] = middle + step
                losses.append(brute_force.contrastive_loss(k, q, 0.5, *settings)[0])
            array[index] = middle
            assert (losses[0] - losses[1]) / 2e-5 == pytest.approx(gradient[index], abs=1e-9)


@pytest.mark.parametrize('settings', [{}, TOLERANCES['soft'], TOLERANCES['excluded_band']])
def test_no_superpixel_gives_zero_with_a_graph(settings):
    parent = torch.randn(3, 16, requires_grad=True)
    criterion = TolerantContrastiveLoss(**settings, class_balance=True)
    loss, statistics = criterion(parent[:0], 2.0 * parent[3:], torch.zeros(0, 0))
    loss.backward()
    assert loss.item() == 0.0
    assert torch.equal(parent.grad, torch.zeros(3, 16))
    assert set(statistics) == set(STATISTICS)
    assert all(value.item() == 0.0 for value in statistics.values())


def test_without_negatives_the_loss_is_zero():
    points, pixels, _ = random_case(30)
    points.requires_grad_()
    criterion = TolerantContrastiveLoss(**TOLERANCES['excluded_0.2'])
    loss = criterion(points, pixels, torch.ones(30, 30)).loss
    loss.backward()
    assert loss.item() == 0.0
    assert torch.equal(points.grad, torch.zeros(30, 16))


def test_closed_forms():
    unit = torch.eye(8)
    matched = TolerantContrastiveLoss(0.5)(unit, unit).loss
    assert matched.item() == pytest.approx(np.log(1 + 7 * np.exp(-2)), rel=1e-6)
    nothing_known = TolerantContrastiveLoss()(torch.zeros(8, 4), torch.zeros(8, 4)).loss
    assert nothing_known.item() == pytest.approx(np.log(8), rel=1e-6)
    # Seven dropped negatives: exp(0) each in the denominator, or none at all.
    kept = TolerantContrastiveLoss(0.5, **QUANTILE)(unit, unit, torch.ones(8, 8)).loss
    assert kept.item() == pytest.approx(np.log(1 + 7 * np.exp(-2)), rel=1e-6)


def test_embedding_statistics_equal_naive_loops():
    points, pixels, _ = case_of('zero rows')
    statistics = TolerantContrastiveLoss()(points, pixels).statistics
    cosines = np.zeros((20, 20))
    for i, k in enumerate(points.double().numpy()):
        for j, q in enumerate(pixels.double().numpy()):
            cosines[i, j] = k @ q / max(np.linalg.norm(k) * np.linalg.norm(q), 1e-12)
    assert statistics['num_anchors'] == 20
    assert statistics['positive_cosine'].item() == pytest.approx(np.diag(cosines).mean(), abs=1e-6)
    others = cosines[~np.eye(20, dtype=bool)].mean()
    assert statistics['negative_cosine'].item() == pytest.approx(others, abs=1e-6)
    products = points.double() @ pixels.double().T
    share = np.mean([row.argmax() == i for i, row in enumerate(products.numpy())])
    assert statistics['top1_matching'].item() == pytest.approx(share)
    assert not any(value.requires_grad for value in statistics.values())


def test_top1_matching_is_one_when_matched_and_chance_when_collapsed():
    points, pixels, _ = random_case(50)
    matched = TolerantContrastiveLoss()(pixels, pixels).statistics
    assert matched['top1_matching'] == 1.0
    collapsed = TolerantContrastiveLoss()(points[:1].expand(50, 16), pixels[:1].expand(50, 16))
    assert collapsed.statistics['top1_matching'].item() == pytest.approx(1 / 50)


@pytest.mark.parametrize('settings', [{}, TOLERANCES['soft'], TOLERANCES['band']])
def test_autocast_and_half_inputs_leave_float32_arithmetic(settings):
    points, pixels, features = random_case(30)
    points, pixels = points.bfloat16(), pixels.bfloat16()
    criterion = TolerantContrastiveLoss(**settings)
    similarity = cosine_similarity(features)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        loss = criterion(points, pixels, similarity).loss
    assert loss.dtype == torch.float32
    assert loss == criterion(points.float(), pixels.float(), similarity).loss


def test_inputs_are_left_as_they_were():
    points, pixels, features = random_case(30)
    similarity = cosine_similarity(features)
    before = [tensor.clone() for tensor in (points, pixels, similarity)]
    for settings in TOLERANCES.values():
        TolerantContrastiveLoss(**settings, class_balance=True)(points, pixels, similarity)
    for tensor, copy in zip((points, pixels, similarity), before, strict=True):
        assert torch.equal(tensor, copy)


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        (dict(temperature=0.0), 'temperature'),
        (dict(temperature=float('nan')), 'temperature'),
        (dict(tolerance='hard'), "'none', 'quantile', 'soft'"),
        (dict(min_quantile=0.01), 'min_quantile would not be read'),
        (dict(tolerance='soft', max_quantile=0.9), 'max_quantile would not be read'),
        (dict(tolerance='soft', dropped_pairs='excluded'), 'dropped_pairs would not be read'),
        (dict(balance_threshold=0.5), 'balance_threshold would not be read'),
        (dict(QUANTILE, min_quantile=-0.1), 'min_quantile'),
        (dict(QUANTILE, max_quantile=1.1), 'max_quantile'),
        (dict(QUANTILE, min_quantile=0.6, max_quantile=0.5), 'min_quantile'),
        (dict(QUANTILE, min_quantile=0.0), 'drop nothing'),
        (dict(QUANTILE, dropped_pairs='zero'), "'unit', 'excluded'"),
        (dict(class_balance=True, balance_threshold=1.5), 'balance_threshold'),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        TolerantContrastiveLoss(**settings)


@pytest.mark.parametrize(
    ('points', 'pixels', 'similarity', 'message'),
    [
        ((4, 8), (5, 8), (4, 4), 'points'),
        ((4, 8), (4, 9), (4, 4), 'points'),
        ((8,), (8,), (8, 8), 'points'),
        ((4, 8), (4, 8), (4, 5), 'similarity'),
        ((4, 8), (4, 8), None, 'needs the similarity'),
    ],
)
def test_wrong_shapes_are_refused(points, pixels, similarity, message):
    similarity = None if similarity is None else torch.ones(similarity)
    with pytest.raises(ValueError, match=message):
        TolerantContrastiveLoss(tolerance='soft')(
            torch.ones(points), torch.ones(pixels), similarity
        )


def test_needs_similarity_only_where_it_is_read():
    assert not TolerantContrastiveLoss().needs_similarity
    assert TolerantContrastiveLoss(class_balance=True).needs_similarity
    assert TolerantContrastiveLoss(tolerance='soft').needs_similarity


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason='no CUDA device')
@pytest.mark.parametrize('tolerance', TOLERANCES)
def test_cuda_equals_cpu(tolerance):
    points, pixels, features = case_of('random')
    similarity = cosine_similarity(features)
    criterion = TolerantContrastiveLoss(**TOLERANCES[tolerance], class_balance=True)
    losses, gradients = [], []
    for device in ('cpu', 'cuda'):
        leaf = points.to(device).requires_grad_()
        losses.append(criterion(leaf, pixels.to(device), similarity.to(device)).loss)
        losses[-1].backward()
        gradients.append(leaf.grad.cpu())
    torch.testing.assert_close(losses[1].cpu(), losses[0], rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(gradients[1], gradients[0], rtol=1e-4, atol=1e-6)
