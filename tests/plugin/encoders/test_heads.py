"""The two projections against float64 computations written from their formulas."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from stslidr.encoders.heads import ImageHead, PointHead, l2_normalize


def interpolate_align_corners(maps, scale):
    """Bilinear upsampling, corners aligned, of (I, C, h, w) in float64, pixel by pixel."""
    *lead, height, width = maps.shape
    result = np.zeros((*lead, height * scale, width * scale))
    for row in range(height * scale):
        y = row * (height - 1) / (height * scale - 1)
        top = min(int(y), height - 2)
        for column in range(width * scale):
            x = column * (width - 1) / (width * scale - 1)
            left = min(int(x), width - 2)
            a, b = y - top, x - left
            corner = maps[..., top : top + 2, left : left + 2]
            result[..., row, column] = (
                (1 - a) * (1 - b) * corner[..., 0, 0]
                + (1 - a) * b * corner[..., 0, 1]
                + a * (1 - b) * corner[..., 1, 0]
                + a * b * corner[..., 1, 1]
            )
    return result


def double(tensor):
    return tensor.detach().double().numpy()


@pytest.mark.parametrize('scale', [1.0, 1e-12, 1e12])
def test_l2_norm_has_no_epsilon(scale):
    features = scale * torch.randn(50, 64)
    expected = double(features) / np.linalg.norm(double(features), axis=1, keepdims=True)
    np.testing.assert_allclose(double(l2_normalize(features, 1)), expected, rtol=1e-5, atol=1e-7)


def test_l2_norm_gradient_and_zero_rows():
    features = torch.randn(6, 8)
    features[2] = 0
    features.requires_grad_(True)
    upstream = torch.randn(6, 8)
    result = l2_normalize(features, 1)
    result.backward(upstream)
    assert torch.equal(result[2], torch.zeros(8))
    assert features.grad.isfinite().all()
    rows = [0, 1, 3, 4, 5]
    x, g = double(features)[rows], double(upstream)[rows]
    norm = np.linalg.norm(x, axis=1, keepdims=True)
    y = x / norm
    expected = (g - y * (y * g).sum(axis=1, keepdims=True)) / norm
    np.testing.assert_allclose(double(features.grad)[rows], expected, rtol=1e-4, atol=1e-6)


def test_point_head_is_a_linear_layer_of_unit_length():
    head = PointHead()
    features = torch.randn(100, 96)
    raw = double(features) @ double(head.projection.weight).T + double(head.projection.bias)
    expected = raw / np.linalg.norm(raw, axis=1, keepdims=True)
    np.testing.assert_allclose(double(head(features)), expected, atol=1e-6)


def test_point_head_on_nothing_and_on_zero_embeddings():
    head = PointHead(8, 4)
    assert head(torch.zeros(0, 8)).shape == (0, 4)
    torch.nn.init.zeros_(head.projection.bias)
    embeddings = head(torch.zeros(3, 8))
    embeddings.sum().backward()
    assert torch.equal(embeddings, torch.zeros(3, 4))
    assert all(parameter.grad.isfinite().all() for parameter in head.parameters())


@pytest.mark.parametrize(('scale', 'size'), [(4, (5, 7)), (32, (2, 3)), (2, (3, 2))])
def test_image_head_convolves_upsamples_and_normalises(scale, size):
    head = ImageHead(16, 6, scale)
    features = torch.randn(2, 16, *size)
    weight, bias = double(head.projection.weight)[:, :, 0, 0], double(head.projection.bias)
    raw = np.einsum('ec,ichw->iehw', weight, double(features)) + bias[:, None, None]
    raw = interpolate_align_corners(raw, scale)
    expected = raw / np.linalg.norm(raw, axis=1, keepdims=True)
    embeddings = head(features)
    assert embeddings.shape == (2, 6, scale * size[0], scale * size[1])
    np.testing.assert_allclose(double(embeddings), expected, atol=2e-6)


def test_image_head_equals_the_published_decoder(published):
    """Up to the L2 norm the pooled embeddings of the published code are linear in these pixels."""
    with np.load(published / 'loss.npz') as arrays:
        fixture = {name: arrays[name] for name in arrays.files if '/' not in name}
    head = ImageHead(24, 64, scale=4)
    with torch.no_grad():
        head.projection.weight.copy_(torch.from_numpy(fixture['conv_weight'])[:, :, None, None])
        head.projection.bias.copy_(torch.from_numpy(fixture['conv_bias']))
        features = torch.from_numpy(fixture['features'])
        pixels = head(features)
    slots = int(fixture['superpixel_slots'])
    labels = fixture['superpixels'].astype(int) + slots * np.arange(4)[:, None, None]
    pooled = np.zeros((4 * slots, 64))
    np.add.at(pooled, labels, np.moveaxis(double(pixels), 1, -1))
    pooled /= np.bincount(labels.ravel(), minlength=4 * slots)[:, None] + 1e-6
    q = fixture['q']
    occupied = fixture['occupied']
    occupied = np.flatnonzero(occupied) if occupied.dtype == bool else occupied
    np.testing.assert_allclose(pooled[occupied], q, atol=2e-6)
    ids = torch.from_numpy(fixture['superpixels'].astype(np.int64))
    np.testing.assert_allclose(double(head.pool(features, ids, slots))[occupied], q, atol=2e-6)


@pytest.mark.parametrize('head', [PointHead(96, 64), ImageHead(96, 64, 4)], ids=['point', 'image'])
def test_initial_values_are_uniform_within_one_over_sqrt_channels(head):
    weight, bias = head.projection.weight.detach().flatten(), head.projection.bias.detach()
    bound = 96**-0.5
    for values in (weight, bias):
        assert values.abs().max() <= bound
        assert values.abs().max() > 0.9 * bound
    assert weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.03)
    quartiles = torch.quantile(weight, torch.tensor([0.25, 0.5, 0.75]))
    torch.testing.assert_close(
        quartiles, bound * torch.tensor([-0.5, 0.0, 0.5]), rtol=0.1, atol=0.05 * bound
    )


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float32])
def test_heads_compute_in_float32_under_autocast(dtype):
    point, image = PointHead(96, 64), ImageHead(32, 64, 4)
    voxels, features = torch.randn(50, 96).to(dtype), torch.randn(2, 32, 4, 5).to(dtype)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        rows, pixels = point(voxels), image(features)
    assert rows.dtype == pixels.dtype == torch.float32
    assert torch.equal(rows, point(voxels.float()))
    assert torch.equal(pixels, image(features.float()))
    torch.testing.assert_close(pixels.norm(dim=1), torch.ones(2, 16, 20), rtol=1e-5, atol=1e-5)
