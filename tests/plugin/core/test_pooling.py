from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from stslidr.core import pooling
from stslidr.core.pooling import (
    labels_to_stride,
    pair_slots,
    pool_image_map,
    pool_labelled_maps,
    pool_mean,
    superpixel_slots,
)

NUM_SUPERPIXELS = 7


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def random_labels(*shape, seed=0):
    """Labels 0 .. 5 of 7: slot 6 of every image stays empty."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, NUM_SUPERPIXELS - 1, shape, generator=generator)


def naive_mean(rows, slots, num_slots):
    """Means and counts in float64, one row after the other."""
    rows, slots = rows.detach().double().numpy(), slots.numpy()
    sums, counts = np.zeros((num_slots, rows.shape[1])), np.zeros(num_slots, dtype=int)
    for row, slot in zip(rows, slots, strict=True):
        sums[slot] += row
        counts[slot] += 1
    return sums / (counts + 1e-6)[:, None], counts


def naive_gradient(grad_means, slots, counts):
    """Each row gets its slot's gradient, divided by the slot's count."""
    grad_means = grad_means.double().numpy()
    return np.stack([grad_means[slot] / (counts[slot] + 1e-6) for slot in slots.numpy()])


def rows_of(feature_map):
    """(I, D, H, W) -> (I * H * W, D), in the order of slots.flatten()."""
    return feature_map.permute(0, 2, 3, 1).flatten(0, 2)


def assert_close(actual, expected):
    np.testing.assert_allclose(actual.detach().double().numpy(), expected, rtol=1e-5, atol=1e-6)


@pytest.fixture(params=['_sum_by_scatter', '_sum_by_matmul'])
def both_sums(request, monkeypatch):
    """Run a test with the sum for CPU and with the sum for CUDA, both on the CPU."""
    monkeypatch.setattr(pooling, '_sum_by_scatter', getattr(pooling, request.param))


@pytest.mark.parametrize('num_pairs', [0, 1, 500])
def test_pool_mean_equals_naive_loops(num_pairs):
    features, slots = normal(num_pairs, 5).requires_grad_(), random_labels(num_pairs)
    means, counts = pool_mean(features, slots, NUM_SUPERPIXELS)
    expected, expected_counts = naive_mean(features, slots, NUM_SUPERPIXELS)
    assert_close(means, expected)
    assert counts.dtype == torch.int64
    assert counts.tolist() == expected_counts.tolist()
    assert (means[counts == 0] == 0).all()

    grad_means = normal(NUM_SUPERPIXELS, 5, seed=1)
    means.backward(grad_means)
    if num_pairs:
        assert_close(features.grad, naive_gradient(grad_means, slots, expected_counts))


def test_a_mean_of_ones_is_short_by_the_published_epsilon():
    means, _ = pool_mean(torch.ones(1, 1, dtype=torch.float64), torch.zeros(1).long(), 1)
    assert means.item() == pytest.approx(1 / (1 + 1e-6), rel=1e-12)


@pytest.mark.usefixtures('both_sums')
@pytest.mark.parametrize('memory_format', [torch.contiguous_format, torch.channels_last])
def test_pool_image_map_equals_naive_loops(memory_format):
    feature_map = normal(3, 5, 8, 12).contiguous(memory_format=memory_format).requires_grad_()
    slots = superpixel_slots(random_labels(3, 8, 12), NUM_SUPERPIXELS)
    num_slots = 3 * NUM_SUPERPIXELS
    means, counts = pool_image_map(feature_map, slots, num_slots)
    expected, expected_counts = naive_mean(rows_of(feature_map), slots.flatten(), num_slots)
    assert_close(means, expected)
    assert counts.tolist() == expected_counts.tolist()
    assert (counts[NUM_SUPERPIXELS - 1 :: NUM_SUPERPIXELS] == 0).all()

    grad_means = normal(num_slots, 5, seed=1)
    means.backward(grad_means)
    expected = naive_gradient(grad_means, slots.flatten(), expected_counts)
    assert_close(rows_of(feature_map.grad), expected)


@pytest.mark.usefixtures('both_sums')
@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_half_features_are_summed_in_float32_also_under_autocast(dtype):
    feature_map = normal(2, 3, 40, 50).to(dtype)
    slots = superpixel_slots(random_labels(2, 40, 50), NUM_SUPERPIXELS)
    expected, _ = pool_image_map(feature_map.float(), slots, 2 * NUM_SUPERPIXELS)
    leaf = feature_map.clone().requires_grad_()
    with torch.autocast('cpu', dtype=torch.bfloat16):
        means, _ = pool_image_map(leaf, slots, 2 * NUM_SUPERPIXELS)
        pair_means, _ = pool_mean(rows_of(leaf), slots.flatten(), 2 * NUM_SUPERPIXELS)
    means.sum().backward()
    assert torch.equal(means, expected)
    torch.testing.assert_close(pair_means, expected)
    assert leaf.grad.dtype == dtype


def test_an_image_does_not_reach_another_images_slots():
    feature_map = torch.zeros(3, 2, 4, 4)
    feature_map[1] = 1.0
    slots = superpixel_slots(random_labels(3, 4, 4), NUM_SUPERPIXELS)
    means, counts = pool_image_map(feature_map, slots, 3 * NUM_SUPERPIXELS)
    touched = (means != 0).any(dim=1).view(3, NUM_SUPERPIXELS)
    assert touched[1].any() and not touched[[0, 2]].any()
    assert counts.view(3, -1).sum(dim=1).tolist() == [16, 16, 16]


@pytest.mark.parametrize('dtype', [torch.uint8, torch.int16, torch.int32, torch.int64])
def test_slots_never_wrap_in_the_dtype_of_the_labels(dtype):
    labels = torch.tensor([0, 100, 120], dtype=dtype).expand(400, 1, 3)
    slots = superpixel_slots(labels, 150)
    assert slots.dtype == torch.int64
    assert slots[399, 0].tolist() == [59850, 59950, 59970]


def test_superpixel_ids_above_255():
    labels = torch.tensor([[[0, 255, 256, 599]]] * 2, dtype=torch.int32)
    assert superpixel_slots(labels, 600)[1].tolist() == [[600, 855, 856, 1199]]


def test_numbering_the_slots_reads_no_value_back():
    """Meta tensors have no values: reading one, which on CUDA would synchronise, fails."""
    slots = superpixel_slots(torch.zeros(2, 3, 3, dtype=torch.int64, device='meta'), 150)
    assert slots.shape == (2, 3, 3)


def test_slots_of_another_image_are_refused():
    slots = superpixel_slots(random_labels(2, 4, 4), NUM_SUPERPIXELS).flip(0)
    with pytest.raises((RuntimeError, IndexError), match='out of bounds'):
        pool_image_map(torch.ones(2, 3, 4, 4), slots, 2 * NUM_SUPERPIXELS)


@pytest.mark.parametrize(
    ('size', 'small'),
    [((224, 416), (56, 104)), ((224, 416), (7, 13)), ((9, 17), (4, 5)), ((10, 10), (3, 7))],
)
def test_labels_to_stride_is_interpolate_nearest(size, small):
    labels = random_labels(2, *size)
    expected = functional.interpolate(labels[:, None].double(), size=small)[:, 0]
    assert torch.equal(labels_to_stride(labels, small), expected.long())


def test_a_whole_stride_takes_every_fourth_label():
    labels = random_labels(2, 224, 416) + 2**40  # beyond the integers that float32 holds
    assert torch.equal(labels_to_stride(labels, (56, 104)), labels[:, ::4, ::4])


@pytest.mark.parametrize(
    ('map_shape', 'slot_shape', 'num_slots', 'message'),
    [
        ((2, 3, 4, 4), (2, 4, 5), 14, 'labels_to_stride'),
        ((2, 3, 4, 4), (1, 4, 4), 14, 'labels_to_stride'),
        ((2, 3, 4, 4), (2, 4, 4), 15, 'shared out'),
        ((0, 3, 4, 4), (0, 4, 4), 0, 'shared out'),
    ],
)
def test_wrong_shapes_are_refused(map_shape, slot_shape, num_slots, message):
    with pytest.raises(ValueError, match=message):
        pool_image_map(torch.zeros(map_shape), torch.zeros(slot_shape).long(), num_slots)


def test_pairs_without_slots_are_refused():
    with pytest.raises(ValueError, match='one slot to each row'):
        pool_mean(torch.zeros(5, 3), torch.zeros(4).long(), 7)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason='no CUDA device')
def test_cuda_equals_cpu():
    slots = superpixel_slots(random_labels(3, 56, 104), NUM_SUPERPIXELS)
    results = []
    for device in ('cpu', 'cuda'):
        leaf = normal(3, 64, 56, 104).to(device).requires_grad_()
        means, _ = pool_image_map(leaf, slots.to(device), 3 * NUM_SUPERPIXELS)
        (means**2).sum().backward()
        results.append((means.detach().cpu(), leaf.grad.cpu()))
    for actual, expected in zip(results[1], results[0], strict=True):
        torch.testing.assert_close(actual, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize('size', [(24, 40), (6, 10), (3, 5)])
def test_labelled_maps_are_pooled_by_the_slots_at_their_stride(size):
    torch.manual_seed(0)
    maps, labels = torch.randn(3, 7, *size), torch.randint(0, 9, (3, 24, 40), dtype=torch.int32)
    slots = labels_to_stride(superpixel_slots(labels, 11), size)
    means, counts = pool_labelled_maps(maps, labels, 11)
    expected_means, expected_counts = pool_image_map(maps, slots, 33)
    assert torch.equal(means, expected_means) and torch.equal(counts, expected_counts)
    assert counts.view(3, 11)[:, 9:].sum() == 0 and counts.sum() == 3 * size[0] * size[1]


def test_a_pair_is_in_the_slot_of_its_pixel():
    torch.manual_seed(0)
    labels = torch.randint(0, 9, (3, 24, 40), dtype=torch.int32)
    images = torch.randint(0, 3, (50,))
    pixels = torch.stack([torch.randint(0, 24, (50,)), torch.randint(0, 40, (50,))], dim=1)
    slots = superpixel_slots(labels, 11)
    expected = [
        int(slots[i, v, u]) for i, (v, u) in zip(images.tolist(), pixels.tolist(), strict=True)
    ]
    found = pair_slots(labels, images, pixels, 11)
    assert found.dtype == torch.int64 and found.tolist() == expected
