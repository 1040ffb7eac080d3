"""From projected cells to the mean unit embedding of each superpixel, forward and backward."""

from __future__ import annotations

from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from stslidr.core.upsampled_pooling import pool_unit_pixels
from stslidr_studies.benchmark.case import BenchmarkedPart, Case, relative_difference

CAMERAS, EMBEDDING, SCALE = 6, 64, 4
CELLS = (56, 104)
"""Of a crop of 224 x 416 at stride 4."""
GRID = (10, 15)
"""Rows and columns of superpixels: 150 an image."""


def published_means(cells: Tensor, labels: Tensor, num_superpixels: int) -> Tensor:
    """SLidR's: upsample, normalise each pixel, one sparse product of superpixels and pixels.

    Args:
        cells: (I, 64, h, w).
        labels: int64 (I, H, W).
        num_superpixels: an image.
    """
    pixels = F.interpolate(cells, scale_factor=SCALE, mode='bilinear', align_corners=True)
    pixels = F.normalize(pixels, p=2, dim=1)
    first = torch.arange(len(cells), device=cells.device) * num_superpixels
    slots = (labels + first[:, None, None]).flatten()
    places = torch.stack([slots, torch.arange(len(slots), device=cells.device)])
    size = (len(cells) * num_superpixels, len(slots))
    members = torch.sparse_coo_tensor(
        places, torch.ones(len(slots), device=cells.device), size, check_invariants=False
    )
    rows = pixels.permute(0, 2, 3, 1).flatten(0, 2)
    return (members @ rows) / (torch.sparse.sum(members, 1).to_dense()[:, None] + 1e-6)


def make_case(size: int, device: str) -> Case:
    """`size` keyframes of six images, superpixels with jagged borders."""
    generator = torch.Generator().manual_seed(size)
    images = size * CAMERAS
    cells = torch.randn(images, EMBEDDING, *CELLS, generator=generator).to(device).requires_grad_()
    height, width = (SCALE * length for length in CELLS)
    shift = torch.randint(0, 9, (images, 1, 1), generator=generator)
    rows = ((torch.arange(height)[:, None] + shift) * GRID[0] // (height + 9))[..., :]
    columns = (torch.arange(width) + shift) * GRID[1] // (width + 9)
    labels = (rows * GRID[1] + columns).expand(images, height, width).contiguous().to(device)
    number = GRID[0] * GRID[1]
    weights = torch.randn(images * number, EMBEDDING, generator=generator).to(device)

    def step(published: bool) -> tuple[Tensor, Tensor]:
        cells.grad = None
        if published:
            means = published_means(cells, labels, number)
        else:
            means = pool_unit_pixels(cells, labels, number)[0]
        (means * weights).sum().backward()
        assert cells.grad is not None
        return means.detach(), cells.grad

    return Case(partial(step, False), partial(step, True), compare)


def compare(ours: tuple[Tensor, Tensor], published: tuple[Tensor, Tensor]) -> dict[str, float]:
    """Of the means and of the gradient."""
    means, gradient = (relative_difference(*pair) for pair in zip(ours, published, strict=True))
    return {'means': means, 'gradient': gradient}


PIXEL_MEANS = BenchmarkedPart(
    'pixel-means',
    'pixel embeddings to superpixel means, forward and backward',
    'keyframes',
    8,
    (1, 2, 4, 8),
    make_case,
)
