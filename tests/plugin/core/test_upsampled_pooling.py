"""Means of unit pixels of an upsampled map, against the map itself in float64."""

import pytest
import torch
from torch.nn import functional

from stslidr.core import upsampled_pooling
from stslidr.core.pooling import pool_labelled_maps
from stslidr.core.upsampled_pooling import pool_unit_pixels, sum_unit_pixels
from support.largest_tensor import LargestTensor

SUPERPIXELS = 6
SIZES = [(5, 7, 4), (6, 4, 8), (2, 2, 1), (1, 1, 4), (1, 3, 2), (3, 1, 2), (4, 4, 32)]


def normal(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def labels_of(images, height, width, seed=0):
    """Ids 0 to 4 of 6: the last superpixel stays empty."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, SUPERPIXELS - 1, (images, height, width), generator=generator)


def upsampled(cells, size):
    """The unit rows, as the published code makes them, but for rows of zeros."""
    pixels = functional.interpolate(cells, size=size, mode='bilinear', align_corners=True)
    lengths = torch.linalg.vector_norm(pixels, dim=1, keepdim=True)
    return pixels / lengths.masked_fill(lengths == 0, 1)


def both(cells, labels):
    """Means and gradients, ours and those of the upsampled map in float64."""
    results = []
    weights = normal(len(cells) * SUPERPIXELS, cells.shape[1], seed=9)
    for dtype, pool in (
        (cells.dtype, lambda maps: pool_unit_pixels(maps, labels, SUPERPIXELS)),
        (
            torch.float64,
            lambda maps: pool_labelled_maps(upsampled(maps, labels.shape[1:]), labels, SUPERPIXELS),
        ),
    ):
        leaf = cells.detach().to(dtype).requires_grad_()
        means, counts = pool(leaf)
        (gradient,) = torch.autograd.grad((means * weights.to(dtype)).sum(), leaf)
        results.append((means.detach().double(), counts, gradient.double()))
    return results


@pytest.mark.parametrize('height, width, scale', SIZES)
def test_means_and_gradients_are_those_of_the_upsampled_map(height, width, scale):
    cells = normal(2, 3, height, width, seed=height)
    ours, expected = both(cells, labels_of(2, height * scale, width * scale))
    for one, other in zip(ours, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)


def test_float32_is_as_close_to_float64_as_the_map_in_float32():
    cells = normal(2, 16, 14, 26, dtype=torch.float32)
    labels = labels_of(2, 56, 104)
    ours, expected = both(cells, labels)
    direct = pool_labelled_maps(upsampled(cells, labels.shape[1:]), labels, SUPERPIXELS)[0]
    error = (ours[0] - expected[0]).abs().max()
    assert error <= 2 * (direct.double() - expected[0]).abs().max() and error < 1e-6
    torch.testing.assert_close(ours[2], expected[2], rtol=1e-4, atol=1e-6)


def test_any_size_of_labels_not_only_multiples():
    cells = normal(1, 3, 5, 6)
    ours, expected = both(cells, labels_of(1, 17, 23))
    torch.testing.assert_close(ours[0], expected[0])
    torch.testing.assert_close(ours[2], expected[2])


def test_gradcheck():
    cells, labels = normal(2, 3, 3, 4).requires_grad_(), labels_of(2, 6, 8)
    assert torch.autograd.gradcheck(lambda maps: sum_unit_pixels(maps, labels, 6), (cells,))


def test_neighbours_that_point_away_from_one_another():
    """Between them the length nearly vanishes, and most digits of its square cancel."""
    cells = normal(1, 8, 1, 2)
    cells[..., 1] = -cells[..., 0] * 0.7 + 1e-3 * normal(1, 8, 1, seed=1)
    ours, expected = both(cells, labels_of(1, 4, 400))
    torch.testing.assert_close(ours[0], expected[0], rtol=1e-8, atol=1e-10)
    torch.testing.assert_close(ours[2], expected[2], rtol=1e-6, atol=1e-8)


def test_what_vanishes_counts_as_zero():
    cells = torch.zeros(1, 4, 3, 3, dtype=torch.float64)
    cells[0, :, 0, 0] = 1.0
    cells[0, :, 2, 1], cells[0, :, 2, 2] = 1.0, -1.0  # exactly 0 in the middle between them
    ours, expected = both(cells, torch.zeros(1, 9, 9, dtype=torch.int64))
    torch.testing.assert_close(ours[0], expected[0])
    assert ours[2].isfinite().all()
    none = sum_unit_pixels(torch.zeros(1, 4, 3, 3), torch.zeros(1, 9, 9, dtype=torch.int64), 1)
    assert torch.equal(none, torch.zeros(1, 1, 4))


def test_images_share_nothing():
    cells, labels = normal(3, 4, 3, 4), labels_of(3, 12, 16)
    whole = sum_unit_pixels(cells, labels, SUPERPIXELS)
    for number in range(3):
        alone = sum_unit_pixels(cells[number : number + 1], labels[number : number + 1], 6)
        assert torch.equal(alone[0], whole[number])


def test_the_sum_for_cuda_is_that_for_the_cpu(monkeypatch):
    cells, labels = normal(2, 3, 5, 7), labels_of(2, 20, 28)
    expected = sum_unit_pixels(cells, labels, SUPERPIXELS)

    def by_sorting(keys, values, total):
        return values.new_zeros(total).index_put_((keys,), values, accumulate=True)

    monkeypatch.setattr(upsampled_pooling, '_sum_by_key', by_sorting)
    torch.testing.assert_close(sum_unit_pixels(cells, labels, SUPERPIXELS), expected)


def test_no_map_of_all_channels_is_made():
    cells = normal(2, 64, 14, 26, dtype=torch.float32).requires_grad_()
    labels = labels_of(2, 56, 104)
    with LargestTensor() as largest:
        pool_unit_pixels(cells, labels, SUPERPIXELS)[0].sum().backward()
    assert cells.numel() <= largest.elements < 64 * 56 * 104 / 4


def test_labels_of_other_images_are_refused():
    with pytest.raises(ValueError, match='labels of 3 images and maps of 2'):
        sum_unit_pixels(torch.zeros(2, 4, 3, 3), torch.zeros(3, 6, 6, dtype=torch.int64), 1)
