"""Pooling and losses against the published ST-SLidR code's own output; see fixtures' README."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from stslidr.core.feature_similarity import cosine_similarity
from stslidr.core.pooling import labels_to_stride, pool_image_map, pool_mean, superpixel_slots
from stslidr.losses.class_balance import anchor_weights
from stslidr.losses.contrastive import TolerantContrastiveLoss

FIXTURE = Path(__file__).parents[2] / 'fixtures' / 'published' / 'loss.npz'
BALANCED = dict(class_balance=True)
SETTINGS = {
    'slidr': {},
    'stslidr_quantile_0.01': dict(tolerance='quantile', min_quantile=0.01),
    'stslidr_quantile_0.2': dict(tolerance='quantile', min_quantile=0.2),
    'stslidr_soft': dict(tolerance='soft'),
    'stslidr_band_0.1_0.9': dict(tolerance='quantile', min_quantile=0.1, max_quantile=0.9),
    'balanced_quantile_0.01': dict(tolerance='quantile', min_quantile=0.01, **BALANCED),
    'balanced_quantile_0.2': dict(tolerance='quantile', min_quantile=0.2, **BALANCED),
    'balanced_soft': dict(tolerance='soft', **BALANCED),
    'balanced_only': BALANCED,
}
PARAMETERS = ('point_raw', 'conv_weight', 'conv_bias')


@functools.cache
def published():
    with np.load(FIXTURE) as arrays:
        return {name: torch.from_numpy(np.asarray(arrays[name])) for name in arrays.files}


class Step:
    """The forward pass up to the loss, on fresh leaves."""

    def __init__(self):
        data = published()
        self.leaves = [data[name].clone().requires_grad_() for name in PARAMETERS]
        point_raw, weight, bias = self.leaves
        self.points = functional.normalize(point_raw, dim=1)
        pixels = functional.conv2d(data['features'], weight[:, :, None, None], bias)
        pixels = functional.interpolate(pixels, scale_factor=4, mode='bilinear', align_corners=True)
        self.pixels = functional.normalize(pixels, dim=1)

        num_anchors = int(data['superpixel_slots'])
        num_slots = len(pixels) * num_anchors
        slots = superpixel_slots(data['superpixels'], num_anchors)
        images, rows, columns = data['pairing_images'].T
        self.k, num_points = pool_mean(
            self.points[data['pairing_points']], slots[images, rows, columns], num_slots
        )
        self.q, _ = pool_image_map(self.pixels, slots, num_slots)
        small_slots = labels_to_stride(slots, data['features'].shape[2:])
        self.f, num_pixels = pool_image_map(data['features'], small_slots, num_slots)
        self.occupied = num_points > 0
        self.vanished = num_pixels == 0


def check(case, leaves, loss):
    gradients = torch.autograd.grad(loss, leaves)
    expected = published()[f'{case}/loss']
    assert abs(loss.item() / expected.item() - 1) < 2e-6
    for name, gradient in zip(PARAMETERS, gradients, strict=True):
        expected = published()[f'{case}/grad_{name}']
        # Both sides are float32: of the bias, whose terms cancel, five digits are left.
        assert (gradient - expected).abs().max() < 1e-5 * expected.abs().max(), name


def test_pooled_embeddings_and_similarity():
    data, step = published(), Step()
    used = step.occupied
    assert torch.equal(used.nonzero()[:, 0], data['occupied'])
    assert (used & step.vanished).sum() == 2
    for actual, name in ((step.k, 'k'), (step.q, 'q'), (step.f, 'superpixel_features')):
        torch.testing.assert_close(actual[used], data[name], rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(
        cosine_similarity(step.f[used]), data['similarity'], rtol=0, atol=1e-6
    )


def test_anchor_weights():
    step = Step()
    weights = anchor_weights(cosine_similarity(step.f[step.occupied & ~step.vanished]))
    expected = published()['balance/anchor_weights']
    torch.testing.assert_close(weights, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize('case', SETTINGS)
def test_losses_and_gradients(case):
    step = Step()
    criterion = TolerantContrastiveLoss(temperature=0.07, **SETTINGS[case])
    # Vanished superpixels leave the losses that read the similarity, and only these.
    used = step.occupied & ~step.vanished if criterion.needs_similarity else step.occupied
    similarity = cosine_similarity(step.f[used]) if criterion.needs_similarity else None
    check(case, step.leaves, criterion(step.k[used], step.q[used], similarity).loss)


def test_ppkt():
    data, step = published(), Step()
    order = data['ppkt/order']
    images, rows, columns = data['pairing_images'][order].T
    points = step.points[data['pairing_points'][order]]
    pixels = step.pixels[images, :, rows, columns]
    check('ppkt', step.leaves, TolerantContrastiveLoss(temperature=0.07)(points, pixels).loss)
